//! Documents joined: discovery, names, types.

use std::sync::Arc;

use super::{dts, items, linkbase, schema};
use crate::QName;
use crate::taxonomy::{Loader, MAX_DOCUMENTS, Purpose, Substitution, parse};

fn imports(urls: impl IntoIterator<Item = String>) -> String {
    let imports =
        urls.into_iter().map(|url| format!(r#"<xs:import namespace="{url}" schemaLocation="{url}"/>"#));
    schema(&imports.collect::<String>())
}

fn feed(loader: &mut Loader, url: &str, xml: &str) {
    loader.feed(url, Arc::new(parse(url, xml.as_bytes()).expect("parses").0));
}

#[test]
fn a_document_under_http_and_https_is_one() {
    let root =
        imports(["http://x/x.xsd".to_owned(), "https://x/x.xsd".to_owned(), "https://H/t.xsd".to_owned()]);
    let mut loader = Loader::new(["http://h/t.xsd", "https://h/t.xsd#fragment"]);
    assert_eq!(loader.needed().len(), 1);
    feed(&mut loader, "https://h/t.xsd", &root);
    assert_eq!(loader.needed().iter().map(|url| &**url).collect::<Vec<_>>(), ["http://x/x.xsd"]);
    feed(&mut loader, "https://x/x.xsd", &schema(""));
    assert!(loader.needed().is_empty());
    let dts = loader.finish(|url| url.starts_with("http://h/"));
    let urls: Vec<_> = dts.documents().iter().map(|loaded| (&*loaded.url, loaded.is_own)).collect();
    assert_eq!(urls, [("http://h/t.xsd", true), ("http://x/x.xsd", false)]);
}

#[test]
fn plain_file_names_do() {
    let mut loader = Loader::new(["t.xsd"]);
    feed(&mut loader, "t.xsd", &items("A"));
    assert_eq!(loader.needed().iter().map(|url| &**url).collect::<Vec<_>>(), ["l.xml"]);
    loader.missing("l.xml");
    assert_eq!(loader.finish(|_| true).missing()[0].purpose, Purpose::Content);
}

#[test]
fn order_does_not_depend_on_answers() {
    let url = |name: &str| format!("http://h/{name}.xsd");
    let order = |answers: [&str; 2]| {
        let mut loader = Loader::new([url("t")]);
        feed(&mut loader, &url("t"), &imports([url("a"), url("b")]));
        for name in answers {
            feed(&mut loader, &url(name), &imports([url(&format!("{name}1"))]));
        }
        assert_eq!(loader.needed().len(), 2);
        // An answer nobody asked for changes nothing.
        loader.missing("http://h/unheard-of.xsd");
        let dts = loader.finish(|_| true);
        let documents: Vec<_> = dts.documents().iter().map(|loaded| loaded.url.clone()).collect();
        (documents, dts.missing().to_vec())
    };
    assert_eq!(order(["a", "b"]), order(["b", "a"]));
    assert_eq!(order(["a", "b"]).1.len(), 2);
}

#[test]
fn what_only_roles_lead_to_is_told_apart() {
    let linkbase = linkbase(
        r#"<link:roleRef roleURI="a" xlink:href="roles.xsd#a"/><link:roleRef roleURI="b" xlink:href="x.xsd#b"/>
           <link:labelLink xlink:type="extended" xlink:role="r">
             <link:loc xlink:type="locator" xlink:label="a" xlink:href="x.xsd#x_A"/></link:labelLink>"#,
    );
    let dts = dts(&[("t.xsd", &items("")), ("l.xml", &linkbase)]);
    let missing: Vec<_> = dts.missing().iter().map(|missing| (&*missing.url, missing.purpose)).collect();
    let expected = [("http://h/roles.xsd", Purpose::RoleDeclarations), ("http://h/x.xsd", Purpose::Content)];
    assert_eq!(missing, expected);
}

#[test]
fn a_dts_is_bounded() {
    let urls = (0..MAX_DOCUMENTS + 5).map(|number| format!("http://x/{number}.xsd"));
    let dts = dts(&[("t.xsd", &imports(urls))]);
    assert_eq!(dts.documents().len() + dts.missing().len(), MAX_DOCUMENTS);
    assert_eq!(dts.diagnostics()[0].code, "too-many-documents");
}

#[test]
fn types_are_walked_through_the_dts() {
    let types = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:u="http://types" targetNamespace="http://types"
            xmlns:xbrli="http://www.xbrl.org/2003/instance">
        <xs:complexType name="percentItemType"><xs:simpleContent><xs:restriction base="xbrli:pureItemType"/></xs:simpleContent></xs:complexType>
        <xs:complexType name="ratioItemType"><xs:simpleContent><xs:restriction base="u:percentItemType"/></xs:simpleContent></xs:complexType>
        <xs:complexType name="textBlockItemType"><xs:simpleContent><xs:restriction base="xbrli:stringItemType"/></xs:simpleContent></xs:complexType>
        <xs:complexType name="listItemType"><xs:simpleContent><xs:restriction base="xbrli:tokenItemType">
            <xs:enumeration value="a"/></xs:restriction></xs:simpleContent></xs:complexType>
        <xs:complexType name="circularItemType"><xs:simpleContent><xs:restriction base="u:circularItemType"/></xs:simpleContent></xs:complexType>
      </xs:schema>"#;
    let check = |type_name: &str, types: Option<&str>, expected: &str| {
        let content = format!(
            r#"<xs:import namespace="http://types" schemaLocation="types.xsd"/>
               <xs:element name="A" type="{type_name}" xmlns:u="http://types"/>"#
        );
        let schema = schema(&content);
        let documents = [("t.xsd", schema.as_str()), ("types.xsd", types.unwrap_or_default())];
        let dts = dts(&documents[..1 + usize::from(types.is_some())]);
        let found = dts.concept(&QName::new("http://t", "A")).expect("declared").item_type;
        let base = found.base.as_ref().map_or("-", |(name, _)| &*name.local);
        let flag = |name: &str, flag: Option<bool>| match flag {
            Some(true) => format!(" {name}"),
            Some(false) => String::new(),
            None => format!(" {name}?"),
        };
        let text = [
            base.to_owned(),
            flag("numeric", found.is_numeric()),
            flag("integer", found.is_integer()),
            flag("shares", found.is_shares()),
            flag("block", found.is_text_block()),
            flag("domain", found.is_domain()),
            flag("list", found.is_enumeration()),
        ];
        assert_eq!(text.concat(), expected, "{type_name}");
    };
    check("xbrli:monetaryItemType", None, "monetaryItemType numeric");
    check("xbrli:sharesItemType", None, "sharesItemType numeric shares");
    check("xbrli:nonNegativeIntegerItemType", None, "nonNegativeIntegerItemType numeric integer");
    check("xbrli:dateItemType", None, "dateItemType");
    check("xs:date", None, "-");
    check("u:percentItemType", Some(types), "pureItemType numeric");
    check("u:ratioItemType", Some(types), "pureItemType numeric");
    check("u:textBlockItemType", Some(types), "stringItemType block");
    check("u:listItemType", Some(types), "tokenItemType list");
    // Without the schema of the types a yes is still a yes; everything else is unknown.
    check("u:textBlockItemType", None, "- numeric? integer? shares? block domain? list?");
    check("u:circularItemType", Some(types), "- numeric? integer? shares? block? domain? list?");
}

#[test]
fn substitution_groups_are_walked_to_their_heads() {
    let dts = dts(&[(
        "t.xsd",
        &schema(
            r#"<xs:element name="Item" substitutionGroup="xbrli:item"/>
               <xs:element name="Deep" substitutionGroup="t:Item"/>
               <xs:element name="Table" substitutionGroup="xbrldt:hypercubeItem"/>
               <xs:element name="Axis" substitutionGroup="xbrldt:dimensionItem"/>
               <xs:element name="Tuple" substitutionGroup="xbrli:tuple"/>
               <xs:element name="Part" substitutionGroup="link:part"/>
               <xs:element name="Circular" substitutionGroup="t:Circular"/>
               <xs:element name="Plain"/>"#,
        ),
    )]);
    for (name, expected) in [
        ("Item", Some(Substitution::Item)),
        ("Deep", Some(Substitution::Item)),
        ("Table", Some(Substitution::Hypercube)),
        ("Axis", Some(Substitution::Dimension)),
        ("Tuple", Some(Substitution::Tuple)),
        ("Part", None),
        ("Circular", None),
        ("Plain", None),
    ] {
        assert_eq!(
            dts.concept(&QName::new("http://t", name)).expect("declared").substitution,
            expected,
            "{name}"
        );
    }
}

#[test]
fn concepts_have_names_even_without_their_schema() {
    let root = schema(
        r#"<xs:import namespace="http://x" schemaLocation="https://x/x.xsd" xmlns:x="http://x"/>
           <xs:import namespace="http://long" schemaLocation="long.xsd"/>
           <xs:element name="A" id="t_A"/><xs:element name="Odd" id="other"/>"#,
    )
    .replace("<xs:schema", r#"<xs:schema xmlns:my_long="http://long""#);
    let dts = dts(&[("t.xsd", &root)]);
    for (url, fragment, name, is_declared, code) in [
        ("http://h/t.xsd", "t_A", "{http://t}A", true, None),
        ("https://h/t.xsd", "other", "{http://t}Odd", true, None),
        ("http://h/t.xsd", "element(/1/3)", "{http://t}A", true, None),
        ("http://h/t.xsd", "element(/1/9)element(other)", "{http://t}Odd", true, None),
        ("http://h/t.xsd", "t_None", "{http://t}None", false, Some("href-unresolved")),
        ("http://x/x.xsd", "x_B", "{http://x}B", false, None),
        ("http://x/x.xsd", "x_B_C", "{http://x}B_C", false, None),
        ("http://x/x.xsd", "NoPrefix", "{http://x}NoPrefix", false, None),
        ("http://h/long.xsd", "my_long_D", "{http://long}D", false, None),
        ("http://y/y.xsd", "y_E", "{http://y/y.xsd}E", false, Some("namespace-unknown")),
    ] {
        let (resolved, diagnostic) = dts.concept_by_href(url, fragment);
        assert_eq!(resolved.name.to_string(), name);
        assert_eq!(resolved.is_declared, is_declared, "{fragment}");
        assert_eq!(diagnostic.map(|diagnostic| diagnostic.code), code, "{fragment}");
    }
}

#[test]
fn an_included_schema_joins_its_includers_namespace() {
    let part = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xbrli="http://www.xbrl.org/2003/instance">
        <xs:element name="B" id="B" type="own"/>
        <xs:complexType name="own"><xs:simpleContent><xs:restriction base="xbrli:pureItemType"/></xs:simpleContent></xs:complexType>
      </xs:schema>"#;
    let dts = dts(&[("t.xsd", &schema(r#"<xs:include schemaLocation="part.xsd"/>"#)), ("part.xsd", part)]);
    let concept = dts.concept(&QName::new("http://t", "B")).expect("declared");
    assert_eq!(concept.prefixed_name(), "t:B");
    assert_eq!(concept.item_type.is_numeric(), Some(true));
    assert_eq!(dts.concept_by_href("http://h/part.xsd", "B").0.name, QName::new("http://t", "B"));
}
