//! Small documents that ask for much: entities, and schemas without end.

use std::sync::Arc;

use edgraph_xbrl::inline;
use edgraph_xbrl::instance;
use edgraph_xbrl::taxonomy::{self, Loader, MAX_DOCUMENTS};

const INSTANCE: &str = "<xbrl xmlns='http://www.xbrl.org/2003/instance'>";
const SCHEMA: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='n'>";
const LAUGHS: &str = "<!DOCTYPE a [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>";

#[test]
fn no_entity_of_a_document_s_own_is_expanded_or_fetched() {
    let own = "uses an entity of its own";
    let unknown = "malformed XML";
    let external = "<!DOCTYPE a [<!ENTITY x SYSTEM 'http://h/x'>]>";
    let parameter = "<!DOCTYPE a [<!ENTITY % p '<!ENTITY y \"z\">'>%p;]>";
    for (document, part) in [
        (format!("{LAUGHS}{INSTANCE}<f contextRef='c'>&c;</f></xbrl>"), own),
        (
            format!(
                "{LAUGHS}{INSTANCE}<context id='c'><entity><identifier>&a;</identifier></entity></context></xbrl>"
            ),
            own,
        ),
        (format!("{LAUGHS}{INSTANCE}<f contextRef='&c;'/></xbrl>"), unknown),
        (format!("{external}{INSTANCE}<f contextRef='c'>&x;</f></xbrl>"), own),
        // What a parameter entity would have declared is not known.
        (format!("{parameter}{INSTANCE}<f contextRef='c'>&y;</f></xbrl>"), own),
        (format!("<!DOCTYPE a SYSTEM 'http://h/a.dtd'>{INSTANCE}<f contextRef='c'>&x;</f></xbrl>"), unknown),
    ] {
        let error = instance::parse("f.xml", document.as_bytes()).expect_err(&document).to_string();
        assert!(error.contains(part), "{document}: {error}");
    }
    let tagged = "<html xmlns:ix='http://www.xbrl.org/2013/inlineXBRL'><ix:nonNumeric name='a'>&c;</ix:nonNumeric></html>";
    let error = inline::parse(&[("f.htm", format!("{LAUGHS}{tagged}").as_bytes())]).unwrap_err().to_string();
    assert!(error.contains(own), "{error}");
    let schema = format!(
        "{LAUGHS}{SCHEMA}<xs:annotation><xs:documentation>&c;</xs:documentation></xs:annotation></xs:schema>"
    );
    let error = taxonomy::parse("f.xsd", schema.as_bytes()).unwrap_err().to_string();
    assert!(error.contains(own), "{error}");
    // Declared and not used, they cost nothing.
    let unused = format!("{LAUGHS}{INSTANCE}</xbrl>");
    assert!(instance::parse("f.xml", unused.as_bytes()).is_ok());
}

/// Loads what a host would serve that answers every URL, and says how many documents it took.
fn load(serve: impl Fn(usize) -> String) -> (usize, Vec<&'static str>) {
    let mut loader = Loader::new(["http://h/0.xsd"]);
    loop {
        let needed = loader.needed();
        if needed.is_empty() {
            break;
        }
        for url in needed {
            let number = url.trim_start_matches("http://h/").trim_end_matches(".xsd").parse().unwrap();
            let (document, _) = taxonomy::parse(&url, serve(number).as_bytes()).unwrap();
            loader.feed(&url, Arc::new(document));
        }
    }
    let dts = loader.finish(|_| true);
    (dts.documents().len(), dts.diagnostics().iter().map(|diagnostic| diagnostic.code).collect())
}

#[test]
fn schemas_without_end_come_to_one() {
    let imports = |numbers: &[usize]| {
        let import = |number| format!("<xs:import namespace='n{number}' schemaLocation='{number}.xsd'/>");
        format!("{SCHEMA}{}</xs:schema>", numbers.iter().map(import).collect::<String>())
    };
    assert_eq!(load(|_| imports(&[0])), (1, vec![]));
    assert_eq!(load(|number| imports(&[1 - number])), (2, vec![]));
    assert_eq!(load(|number| imports(&[(number + 1) % 50, (number + 7) % 50])), (50, vec![]));
    // Each leads to the next, or to the next two.
    assert_eq!(load(|number| imports(&[number + 1])), (MAX_DOCUMENTS, vec!["too-many-documents"]));
    let doubling = load(|number| imports(&[2 * number + 1, 2 * number + 2]));
    assert_eq!(doubling, (MAX_DOCUMENTS, vec!["too-many-documents"]));
}

#[test]
fn circles_of_types_and_groups_end() {
    let schema = format!(
        "{SCHEMA}<xs:element name='e' type='a' substitutionGroup='f'/><xs:element name='f' substitutionGroup='e'/>\
         <xs:complexType name='a'><xs:simpleContent><xs:extension base='b'/></xs:simpleContent></xs:complexType>\
         <xs:complexType name='b'><xs:simpleContent><xs:extension base='a'/></xs:simpleContent></xs:complexType></xs:schema>"
    )
    .replace("<xs:schema ", "<xs:schema xmlns='n' ");
    let (document, _) = taxonomy::parse("http://h/f.xsd", schema.as_bytes()).unwrap();
    let mut loader = Loader::new(["http://h/f.xsd"]);
    loader.feed("http://h/f.xsd", Arc::new(document));
    let dts = loader.finish(|_| true);
    let concept = dts.concept(&edgraph_xbrl::QName::new("n", "e")).expect("declared");
    assert_eq!((concept.substitution, concept.item_type.is_complete), (None, false));
}
