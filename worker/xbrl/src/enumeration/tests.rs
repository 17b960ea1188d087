//! Values that name elements, by tables of small cases.

use super::read;
use crate::taxonomy::{self, Dts};
use crate::{inline, instance};

const HEAD: &str = r#"xmlns="http://www.xbrl.org/2003/instance" xmlns:xbrli="http://www.xbrl.org/2003/instance"
 xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:t="http://t" xmlns:gone="http://gone""#;
const CONTEXT: &str = r#"<xbrli:context id="c"><xbrli:entity><xbrli:identifier scheme="s">1</xbrli:identifier></xbrli:entity><xbrli:period><xbrli:forever/></xbrli:period></xbrli:context>"#;

/// A schema that declares `t:q`, `t:n`, `t:s` of the three types, `t:derived` of one made of such, `t:text`, `t:odd` of a
/// type that is not there, and elements to name; it imports one that is missing.
fn dts() -> Dts {
    let element = |name: &str, of: &str| {
        format!(
            r#"<xs:element name="{name}" id="t_{name}" type="{of}" substitutionGroup="xbrli:item" xbrli:periodType="duration"/>"#
        )
    };
    let elements = [
        ("q", "e1:enumerationItemType"),
        ("n", "e2:enumerationItemType"),
        ("s", "e2:enumerationSetItemType"),
        ("derived", "t:some"),
        ("text", "xbrli:stringItemType"),
        ("odd", "gone:oddItemType"),
        ("A", "xbrli:stringItemType"),
        ("B", "xbrli:stringItemType"),
    ];
    let elements: String = elements.map(|(name, of)| element(name, of)).concat();
    let schema = format!(
        r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:t="http://t"
         xmlns:gone="http://gone" xmlns:e1="http://xbrl.org/2014/extensible-enumerations"
         xmlns:e2="http://xbrl.org/2020/extensible-enumerations-2.0" targetNamespace="http://t">
         <xs:import namespace="http://gone" schemaLocation="gone.xsd"/>
         <xs:complexType name="some"><xs:simpleContent><xs:restriction base="e2:enumerationSetItemType"/></xs:simpleContent></xs:complexType>
         {elements}</xs:schema>"#
    );
    taxonomy::tests::dts(&[("t.xsd", &schema)])
}

/// What the facts of a document name, `fact:name,name`, and the codes of what is wrong.
fn named(document: &str) -> String {
    let parsed = if document.starts_with("<html") {
        inline::parse(&[("d.htm", document.as_bytes())])
    } else {
        instance::parse("t.xml", document.as_bytes())
    };
    let (instance, _) = parsed.unwrap();
    let (named, diagnostics) = read(&instance, &dts());
    let elements = named.iter().map(|named| {
        let names: Vec<String> = named.elements.iter().map(crate::QName::uri).collect();
        format!("{}:{}", named.fact, names.join(","))
    });
    elements.chain(diagnostics.iter().map(|found| found.code.to_owned())).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(facts: &str, expected: &str) {
    assert_eq!(named(&format!("<xbrl {HEAD}>{CONTEXT}{facts}</xbrl>")), expected, "{facts}");
}

#[test]
fn addresses_of_elements_by_type() {
    for (concept, value, expected) in [
        ("n", " http://t#A\n", "0:http://t#A"),
        ("s", "http://t#B  http://t#A", "0:http://t#B,http://t#A"),
        ("derived", "http://t#A", "0:http://t#A"),
        ("s", "", ""),
        ("s", "http://t#A http://t#A", "0:http://t#A enumeration-value-repeated"),
        ("s", "http://t#A http://t#C", "0:http://t#A enumeration-value-unknown"),
        ("n", "Yes", "enumeration-value-invalid"),
        ("n", "http://t#A http://t#B", "enumeration-value-invalid"),
        // A schema that is not there may declare it.
        ("s", "http://gone#X", "0:http://gone#X"),
        ("text", "http://t#A", ""),
    ] {
        check(&format!(r#"<t:{concept} contextRef="c">{value}</t:{concept}>"#), expected);
    }
}

#[test]
fn of_an_unknown_type_is_only_what_can_be_nothing_else() {
    for (value, expected) in [
        ("http://t#A http://t#B", "0:http://t#A,http://t#B"),
        ("http://gone#X", "0:http://gone#X"),
        ("http://t#C", ""),
        ("http://t#A and http://t#B", ""),
        ("http://example.com/page#top", ""),
        ("", ""),
    ] {
        check(&format!(r#"<gone:fact contextRef="c">{value}</gone:fact>"#), expected);
        check(&format!(r#"<t:odd contextRef="c">{value}</t:odd>"#), expected);
    }
}

#[test]
fn a_prefix_means_what_it_means_at_the_fact() {
    check(r#"<t:q contextRef="c"> t:A </t:q>"#, "0:http://t#A");
    check(r#"<t:text contextRef="c">t:A</t:text><t:q contextRef="c">t:B</t:q>"#, "1:http://t#B");
    check(r#"<o:q xmlns:o="http://t" xmlns:t="http://gone" contextRef="c">t:A</o:q>"#, "0:http://gone#A");
    check(r#"<t:q xmlns:here="http://t" contextRef="c">here:B</t:q>"#, "0:http://t#B");
    check(r#"<t:q xmlns="http://t" contextRef="c">B</t:q>"#, "0:http://t#B");
    check(r#"<t:q contextRef="c">t:C</t:q>"#, "enumeration-value-unknown");
    check(r#"<t:q contextRef="c">nowhere:A</t:q>"#, "enumeration-value-invalid");
    check(r#"<t:q contextRef="c">Yes</t:q>"#, "enumeration-value-invalid");
}

#[test]
fn inline_facts_have_the_scope_of_their_tags() {
    let head = r#"xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL" xmlns:xbrli="http://www.xbrl.org/2003/instance""#;
    let document = format!(
        r#"<html {head} xmlns:t="http://t"><body><ix:header><ix:resources>{CONTEXT}</ix:resources></ix:header>
        <ix:nonNumeric name="t:text" contextRef="c">the <ix:nonNumeric name="t:q" contextRef="c" xmlns:p="http://t"> p:<b>A</b></ix:nonNumeric></ix:nonNumeric>
        <ix:nonNumeric name="t:s" contextRef="c">http://t#B http://t#A</ix:nonNumeric></body></html>"#
    );
    assert_eq!(named(&document), "1:http://t#A 2:http://t#B,http://t#A");
}
