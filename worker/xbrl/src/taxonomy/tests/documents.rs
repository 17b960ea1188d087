//! One document on its own.

use super::{linkbase, schema};
use crate::Error;
use crate::taxonomy::{Content, Document, LinkKind, parse};

fn parsed(xml: &str) -> (Document, Vec<&'static str>) {
    let (document, diagnostics) = parse("http://h/a/d.xml", xml.as_bytes()).expect("parses");
    (document, diagnostics.into_iter().map(|diagnostic| diagnostic.code).collect())
}

#[test]
fn elements_keep_what_they_declare() {
    let (document, codes) = parsed(&schema(
        r##"<xs:element name="A" id="t_A" type="xbrli:monetaryItemType" substitutionGroup="xbrli:item"
               xbrli:periodType="instant" xbrli:balance="credit" nillable="true" abstract=" 1 "/>
           <xs:element name="Axis" id="t_Axis" xbrldt:typedDomainRef="#t_D" substitutionGroup="xbrldt:dimensionItem"/>
           <xs:element name="Anonymous"><xs:complexType><xs:simpleContent>
               <xs:restriction base="xbrli:pureItemType"/></xs:simpleContent></xs:complexType></xs:element>"##,
    ));
    assert_eq!(codes, [""; 0]);
    let schema = document.schema().expect("a schema");
    assert_eq!(schema.prefix().map(|prefix| &**prefix), Some("t"));
    let a = schema.element("A").expect("declared");
    assert!(a.is_abstract && a.is_nillable);
    assert_eq!(a.type_name.as_ref().map(|name| &*name.local), Some("monetaryItemType"));
    assert_eq!(a.balance.map(|balance| balance.as_str()), Some("credit"));
    assert_eq!(a.period_type.map(|period| period.as_str()), Some("instant"));
    let axis = schema.element_by_id("t_Axis").expect("declared");
    assert_eq!(
        axis.typed_domain.as_ref().map(|href| (&*href.document, &*href.fragment)),
        Some(("http://h/a/d.xml", "t_D"))
    );
    let anonymous = schema.element("Anonymous").expect("declared");
    assert_eq!(
        anonymous.anonymous_type.as_ref().and_then(|made| made.base.as_ref()).map(|name| &*name.local),
        Some("pureItemType")
    );
    assert_eq!(anonymous.position, 3);
}

#[test]
fn a_type_is_made_from_its_outermost_derivation() {
    for (content, base) in [
        (r#"<xs:simpleContent><xs:extension base="xs:date"/></xs:simpleContent>"#, Some("date")),
        (
            r#"<xs:simpleContent><xs:restriction base="xs:a"><xs:simpleType><xs:restriction base="xs:b"/></xs:simpleType>
               </xs:restriction></xs:simpleContent>"#,
            Some("a"),
        ),
        (r#"<xs:complexContent><xs:extension base="xs:c"/></xs:complexContent>"#, Some("c")),
        // What an element inside is made from says nothing about the type around it.
        (
            r#"<xs:sequence><xs:element name="x"><xs:simpleType><xs:restriction base="xs:b"/></xs:simpleType>
               </xs:element></xs:sequence>"#,
            None,
        ),
        (
            r#"<xs:attribute name="x"><xs:simpleType><xs:restriction base="xs:b"/></xs:simpleType></xs:attribute>"#,
            None,
        ),
    ] {
        let (document, _) =
            parsed(&schema(&format!(r#"<xs:complexType name="T">{content}</xs:complexType>"#)));
        let declaration =
            document.schema().and_then(|schema| schema.type_declaration("T")).expect("declared");
        assert_eq!(declaration.base.as_ref().map(|name| &*name.local), base, "{content}");
    }
}

#[test]
fn references_are_distinct_absolute_and_in_document_order() {
    let (document, _) = parsed(&schema(
        r##"<xs:import namespace="http://x" schemaLocation="x.xsd"/>
           <xs:annotation xml:base="sub/"><xs:appinfo>
             <link:linkbaseRef xlink:href="l.xml"/>
             <link:linkbase><link:roleRef roleURI="r" xlink:href="roles.xsd#r"/>
               <link:labelLink xlink:type="extended" xlink:role="r">
                 <link:loc xlink:type="locator" xlink:label="a" xlink:href="../x.xsd#x_A"/>
                 <link:loc xlink:type="locator" xlink:label="a" xlink:href="#t_A"/>
               </link:labelLink></link:linkbase></xs:appinfo></xs:annotation>
           <xs:include schemaLocation="i.xsd"/>"##,
    ));
    let urls: Vec<_> = document.references.iter().map(|leads| &*leads.url).collect();
    assert_eq!(
        urls,
        ["http://h/a/x.xsd", "http://h/a/sub/l.xml", "http://h/a/sub/roles.xsd", "http://h/a/i.xsd"]
    );
    assert_eq!(document.linkbases()[0].links[0].kind, LinkKind::Label);
}

#[test]
fn roles_say_where_they_may_be_used() {
    let (document, codes) = parsed(&schema(
        r#"<xs:annotation><xs:appinfo><link:roleType roleURI="http://r" id="r">
             <link:definition> 01 - Statement - Income </link:definition>
             <link:usedOn>link:presentationLink</link:usedOn><link:usedOn>unbound:x</link:usedOn>
           </link:roleType></xs:appinfo></xs:annotation>"#,
    ));
    assert_eq!(codes, ["name-unresolved"]);
    let role = document.schema().and_then(|schema| schema.role_type("http://r")).expect("declared");
    assert_eq!(role.definition.as_deref(), Some("01 - Statement - Income"));
    assert_eq!(role.used_on.iter().map(|name| &*name.local).collect::<Vec<_>>(), ["presentationLink"]);
}

#[test]
fn resources_become_text() {
    for (content, text, parts) in [
        (" Total \n assets ", "Total \n assets", 0),
        (
            r#"<p xmlns="http://www.w3.org/1999/xhtml">One <b>bold</b>
              word.</p><p xmlns="http://www.w3.org/1999/xhtml">Two<br/>lines</p>"#,
            "One bold word.\nTwo\nlines",
            0,
        ),
        ("<t:Name>FAS</t:Name> <t:Number> 128 </t:Number>", "FAS\n128", 2),
        ("&lt;a&gt; &amp; b", "<a> & b", 0),
        ("", "", 0),
    ] {
        let (document, _) = parsed(&linkbase(&format!(
            r#"<link:labelLink xlink:type="extended" xlink:role="r" xml:lang="de">
                 <link:label xlink:type="resource" xlink:label="a">{content}</link:label></link:labelLink>"#
        )));
        let resource = &document.linkbases()[0].links[0].resources[0];
        assert_eq!(&*resource.text, text);
        assert_eq!(resource.parts.len(), parts, "{content}");
        assert_eq!(resource.language.as_deref(), Some("de"));
    }
}

#[test]
fn odd_input_is_reported_and_read_on() {
    for (xml, expected) in [
        (schema(r#"<xs:element/>"#), "declaration-unnamed"),
        (schema(r#"<xs:element name="A" type="nowhere:x"/>"#), "name-unresolved"),
        (schema(r#"<xs:element name="A" xbrli:periodType="sometimes"/>"#), "period-type-unknown"),
        (schema(r#"<xs:element name="A" xbrli:balance="both"/>"#), "balance-unknown"),
        (schema(r#"<xs:annotation><link:linkbaseRef/></xs:annotation>"#), "href-missing"),
        (linkbase(r#"<x xlink:type="extended"/>"#), "link-role-missing"),
        (
            linkbase(r#"<x xlink:type="extended" xlink:role="r"><y xlink:type="locator"/></x>"#),
            "href-missing",
        ),
        (linkbase(r#"<x xlink:type="extended" xlink:role="r"><y xlink:type="arc"/></x>"#), "arcrole-missing"),
        (
            linkbase(
                r#"<x xlink:type="extended" xlink:role="r"><y xlink:type="arc" xlink:arcrole="a" order="one"/></x>"#,
            ),
            "arc-number",
        ),
        (linkbase(r#"<link:labelLink xlink:role="r"/>"#), "xlink-type-missing"),
        (
            linkbase(r#"<x xlink:type="extended" xlink:role="r"><link:loc xlink:href="a#b"/></x>"#),
            "xlink-type-missing",
        ),
        (linkbase(r#"<x xlink:type="extended" xlink:role="r"><link:labelArc/></x>"#), "xlink-type-missing"),
        (
            linkbase(r#"<x xlink:type="extended" xlink:role="r"><link:label>A</link:label></x>"#),
            "xlink-type-missing",
        ),
    ] {
        assert_eq!(parsed(&xml).1, [expected], "{xml}");
    }
    // Documentation has no type, and titles are nothing of ours.
    let sound = linkbase(
        r#"<link:documentation>x</link:documentation><x xlink:type="extended" xlink:role="r">
           <link:documentation>x</link:documentation><link:title xlink:type="title">x</link:title></x>"#,
    );
    assert!(parsed(&sound).1.is_empty());
}

#[test]
fn what_is_no_taxonomy_is_refused() {
    assert!(matches!(parse("a.htm", b"<html/>"), Err(Error::NotXbrl { .. })));
    assert!(matches!(parse("a.xsd", b""), Err(Error::Malformed { .. })));
    let cut = linkbase("<link:labelLink>").replace("</link:linkbase>", "");
    assert!(matches!(parse("a.xml", cut.as_bytes()), Err(Error::Malformed { .. })));
    let empty = parse("a.xml", linkbase("").as_bytes()).expect("an empty linkbase is one").0;
    assert!(matches!(empty.content, Content::Linkbase(_)));
}
