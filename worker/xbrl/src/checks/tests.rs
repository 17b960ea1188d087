//! Small filings, and what is said of each: tables of an instance's body and the codes of its diagnostics with the
//! lines they are on.

mod calculations;
mod facts;

use super::check;
use crate::taxonomy::{self, Dts};
use crate::{Tally, instance, value};

const HEAD: &str = r#"xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xbrldt="http://xbrl.org/2005/xbrldt" xmlns:xbrldi="http://xbrl.org/2006/xbrldi" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:iso4217="http://www.xbrl.org/2003/iso4217" xmlns:t="http://t" xmlns:u="http://u" xmlns:nowhere="http://nowhere""#;

/// A schema for `http://t` that leads to `l.xml`. Elements are written `name group type periodType attributes`, one
/// on a line.
fn schema(elements: &str, more: &str) -> String {
    let mut content = String::new();
    for element in elements.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = element.splitn(5, ' ').collect();
        let [name, group, item_type, period] = words[..4] else { panic!("four words: {element}") };
        let attributes = words.get(4).unwrap_or(&"");
        content += &format!(
            r#"<xs:element name="{name}" id="t_{name}" substitutionGroup="{group}" type="xbrli:{item_type}ItemType" xbrli:periodType="{period}" nillable="true" {attributes}/>"#
        );
    }
    format!(
        r#"<xs:schema {HEAD} targetNamespace="http://t"><xs:annotation><xs:appinfo><link:linkbaseRef xlink:type="simple" xlink:href="l.xml"/></xs:appinfo></xs:annotation>{more}{content}</xs:schema>"#
    )
}

/// An extended link of role `r` with a locator for each of `names`, and arcs written `from to attributes`.
fn link(kind: &str, arcrole: &str, names: &str, arcs: &[&str]) -> String {
    let mut content = String::new();
    for name in names.split(' ') {
        content +=
            &format!(r#"<link:loc xlink:type="locator" xlink:label="{name}" xlink:href="t.xsd#t_{name}"/>"#);
    }
    for arc in arcs {
        let words: Vec<&str> = arc.splitn(3, ' ').collect();
        let (from, to, attributes) = (words[0], words[1], words.get(2).unwrap_or(&""));
        content += &format!(
            r#"<link:{kind}Arc xlink:type="arc" xlink:arcrole="{arcrole}" xlink:from="{from}" xlink:to="{to}" {attributes}/>"#
        );
    }
    format!(r#"<link:{kind}Link xlink:type="extended" xlink:role="r">{content}</link:{kind}Link>"#)
}

/// The DTS of a schema and what its linkbase contains.
fn dts(schema: &str, links: &str) -> Dts {
    let linkbase = format!("<link:linkbase {HEAD}>{links}</link:linkbase>");
    taxonomy::tests::dts(&[("t.xsd", schema), ("l.xml", &linkbase)])
}

/// A context with what its segment holds.
fn context(id: &str, period: &str, segment: &str) -> String {
    let period = match period.split_once('/') {
        Some((start, end)) => {
            format!("<xbrli:startDate>{start}</xbrli:startDate><xbrli:endDate>{end}</xbrli:endDate>")
        }
        None if period == "forever" => "<xbrli:forever/>".to_owned(),
        None => format!("<xbrli:instant>{period}</xbrli:instant>"),
    };
    let segment = match segment {
        "" => String::new(),
        segment => format!("<xbrli:segment>{segment}</xbrli:segment>"),
    };
    format!(
        r#"<xbrli:context id="{id}"><xbrli:entity><xbrli:identifier scheme="s">1</xbrli:identifier>{segment}</xbrli:entity><xbrli:period>{period}</xbrli:period></xbrli:context>"#
    )
}

/// What is said of an instance whose elements stand on lines of their own, from line 2.
fn checked(dts: &Dts, elements: &[String]) -> Tally {
    let body = elements.join("\n");
    let text = format!("<xbrli:xbrl {HEAD}>\n{body}</xbrli:xbrl>");
    let (mut instance, diagnostics) = instance::parse("i.xml", text.as_bytes()).expect("an instance");
    assert_eq!(diagnostics, []);
    value::by_type(&mut instance, dts);
    check(&instance, dts)
}

/// Diagnostics as `code:line`.
fn codes(tally: &Tally) -> String {
    let shown = tally.kept().iter().map(|diagnostic| format!("{}:{}", diagnostic.code, diagnostic.line));
    shown.collect::<Vec<_>>().join(" ")
}
