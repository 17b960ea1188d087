//! Candidates by tables: the files of a filing and its primary document, and what may be read.

use super::*;

const CLASSIC: &str =
    "<?xml version='1.0'?><!-- <a> --><x:xbrl xmlns:x='http://www.xbrl.org/2003/instance'/>";
const UNPREFIXED: &str = "<xbrl\nxmlns='http://www.xbrl.org/2003/instance'></xbrl>";
const LINKBASE: &str = "<linkbase xmlns='http://www.xbrl.org/2003/linkbase'/>";
const PAGE: &str = "<html>http://www.xbrl.org/2003/instance</html>";
/// A page that declares Inline XBRL and uses none.
const DECLARES: &str = "<html xmlns:ix='http://www.xbrl.org/2013/inlineXBRL'><p/></html>";
/// A document that leaves the header to others of its set.
const HEADLESS: &str = "<html xmlns:ix='http://www.xbrl.org/2013/inlineXBRL'><ix:nonNumeric/></html>";

/// A document whose header names a schema.
fn of(schema: &str) -> String {
    format!(
        "<html xmlns:ix='http://www.xbrl.org/2013/inlineXBRL' xmlns:link='http://www.xbrl.org/2003/linkbase' \
         xmlns:xlink='http://www.w3.org/1999/xlink'><ix:header><ix:references><link:schemaRef xlink:href='{schema}'/>\
         </ix:references></ix:header></html>"
    )
}

/// Each candidate as its documents joined by `+`.
#[track_caller]
fn check(files: &[(&str, &str)], primary: &str, expected: &[&str]) {
    let files: Vec<(String, Bytes)> =
        files.iter().map(|(name, text)| ((*name).into(), Bytes::copy_from_slice(text.as_bytes()))).collect();
    let found: Vec<String> = candidates(&files, primary)
        .iter()
        .map(|candidate| format!("{} {}", candidate.kind.as_str(), candidate.documents.join("+")))
        .collect();
    assert_eq!(found, expected, "{files:?}");
}

#[test]
fn what_was_filed_comes_before_what_edgar_made_of_it() {
    let a = of("a.xsd");
    check(&[("a.htm", &a), ("a.xsd", ""), ("a_htm.xml", CLASSIC)], "a.htm", &["inline a.htm"]);
    check(&[("other_htm.xml", CLASSIC), ("a_lab.xml", LINKBASE)], "a.htm", &["instance other_htm.xml"]);
    check(&[("a_htm.xml", CLASSIC), ("a.xml", CLASSIC)], "a.htm", &["instance a.xml"]);
    check(&[("a.htm", PAGE), ("b.xml", UNPREFIXED)], "a.htm", &["instance b.xml"]);
    check(
        &[("a.xml", CLASSIC), ("z.xml", CLASSIC), ("z.xsd", "")],
        "a.htm",
        &["instance z.xml", "instance a.xml"],
    );
}

#[test]
fn documents_of_one_schema_are_one_set() {
    let (a, fees) = (of("a.xsd"), of("https://xbrl.example/ffd.xsd"));
    check(&[("a.htm", &a), ("b.htm", &a), ("ex.htm", PAGE)], "b.htm", &["inline b.htm+a.htm"]);
    check(&[("b.htm", &a), ("a.htm", &a)], "missing.htm", &["inline a.htm+b.htm"]);
    check(&[("a.htm", &a), ("fees.htm", &fees)], "a.htm", &["inline a.htm", "inline fees.htm"]);
    check(&[("a.htm", &fees), ("b.htm", &a)], "b.htm", &["inline b.htm", "inline a.htm"]);
}

#[test]
fn a_document_without_a_header_is_of_the_primary_documents_set() {
    let (a, plan) = (of("a.xsd"), of("plan.xsd"));
    check(
        &[("a.htm", &a), ("a_d2.htm", HEADLESS), ("ex.htm", &plan)],
        "a.htm",
        &["inline a.htm+a_d2.htm", "inline ex.htm"],
    );
    check(&[("a.htm", HEADLESS), ("b.htm", &a)], "a.htm", &["inline a.htm+b.htm"]);
    check(&[("a.htm", HEADLESS), ("b.htm", HEADLESS)], "a.htm", &["inline a.htm+b.htm"]);
}

#[test]
fn a_page_that_only_declares_the_namespace_is_no_document() {
    let a = of("a.xsd");
    check(&[("a.htm", &a), ("ex.htm", DECLARES)], "a.htm", &["inline a.htm"]);
    check(&[("a.htm", DECLARES), ("b.htm", DECLARES)], "a.htm", &[]);
    // An instance beside it is the report; the page shows itself when it is read.
    check(&[("a.htm", DECLARES), ("a.xml", CLASSIC)], "a.htm", &["inline a.htm", "instance a.xml"]);
}

#[test]
fn a_filing_without_facts_has_no_candidate() {
    check(&[("a.htm", PAGE), ("a_lab.xml", LINKBASE)], "a.htm", &[]);
    check(&[], "a.htm", &[]);
}
