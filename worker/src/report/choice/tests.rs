//! Choices by tables: the reports in a filing's documents and its form, and which is read.

use bytes::Bytes;

use super::*;
use crate::filing::candidates;

const HEAD: &str = r#"xmlns:ix="http://www.xbrl.org/2013/inlineXBRL" xmlns:xbrli="http://www.xbrl.org/2003/instance"
    xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink"
    xmlns:dei="http://xbrl.sec.gov/dei/2024" xmlns:t="urn:t""#;
const CONTEXT: &str = r#"<xbrli:context id="c"><xbrli:entity><xbrli:identifier scheme="s">1</xbrli:identifier>
    </xbrli:entity><xbrli:period><xbrli:forever/></xbrli:period></xbrli:context>"#;

/// An inline document of a report: its schema, and facts as `name=value` or `name@target=value`.
fn page(schema: &str, facts: &[&str]) -> String {
    let header = format!(
        r#"<ix:header><ix:references><link:schemaRef xlink:href="{schema}"/></ix:references><ix:resources>{CONTEXT}
        </ix:resources></ix:header>"#
    );
    format!("<html {HEAD}>{}{}</html>", if schema.is_empty() { "" } else { &header }, tags(facts))
}

fn tags(facts: &[&str]) -> String {
    let tag = |fact: &&str| {
        let (name, value) = fact.split_once('=').expect("a value");
        let (name, target) = name.split_once('@').unwrap_or((name, ""));
        let target = if target.is_empty() { String::new() } else { format!("target='{target}'") };
        format!("<ix:nonNumeric name='{name}' contextRef='c' {target}>{value}</ix:nonNumeric>")
    };
    facts.iter().map(tag).collect()
}

fn classic(document_type: &str) -> String {
    format!(
        "<xbrli:xbrl {HEAD}>{CONTEXT}<dei:DocumentType contextRef='c'>{document_type}</dei:DocumentType></xbrli:xbrl>"
    )
}

/// The documents that were chosen with the number of facts, and the others by name; or what is wrong.
fn choose(files: &[(&str, String)], form: &str) -> Result<(String, Vec<String>), String> {
    let files: Vec<(String, Bytes)> =
        files.iter().map(|(name, text)| ((*name).to_owned(), Bytes::from(text.clone()))).collect();
    let own = OwnFiles::new("edgar://filing/a/", &files);
    let choice = read("a", &own, &candidates(&files, "a.htm"), form).map_err(|failure| failure.message)?;
    let said = choice.diagnostics.iter().filter(|said| said.code == "report-not-loaded").count();
    assert_eq!(said, choice.source.others.len(), "each is said once: {:?}", choice.diagnostics);
    let chosen = format!("{} {}", choice.source.documents.join("+"), choice.instance.facts.len());
    Ok((chosen, choice.source.others.iter().map(ToString::to_string).collect()))
}

#[track_caller]
fn check(files: &[(&str, String)], form: &str, chosen: &str, others: &[&str]) {
    assert_eq!(
        choose(files, form),
        Ok((chosen.to_owned(), others.iter().map(|it| (*it).to_owned()).collect()))
    );
}

#[test]
fn the_report_of_the_filings_form_is_read_and_the_others_are_named() {
    let annual = page("a.xsd", &["dei:DocumentType=10-K", "t:A=1"]);
    let fees = page("ffd.xsd", &["t:Fee=1"]);
    let plan = page("plan.xsd", &["dei:DocumentType=11-K"]);
    check(
        &[("a.htm", annual.clone()), ("ex107.htm", fees.clone()), ("plan.htm", plan.clone())],
        "10-K",
        "a.htm 2",
        &["ex107.htm: of no document type, 1 facts", "plan.htm: 11-K, 1 facts"],
    );
    // Whatever EDGAR calls the primary document.
    check(
        &[("a.htm", plan.clone()), ("b.htm", annual.clone())],
        "10-K",
        "b.htm 2",
        &["a.htm: 11-K, 1 facts"],
    );
    check(&[("a.htm", plan), ("b.htm", annual.clone())], "10-K/A", "b.htm 2", &["a.htm: 11-K, 1 facts"]);
    // A form that nobody says: the primary document's report.
    check(&[("a.htm", fees), ("b.htm", annual)], "", "a.htm 1", &["b.htm: 10-K, 2 facts"]);
}

#[test]
fn statements_in_another_document_of_the_set_are_read_with_it() {
    let cover = page("a.xsd", &["dei:DocumentType=10-K"]);
    check(&[("a.htm", cover), ("a_d2.htm", page("", &["t:A=1", "t:B=2"]))], "10-K", "a.htm+a_d2.htm 3", &[]);
}

#[test]
fn targets_are_reports_of_their_own() {
    let two = page("a.xsd", &["dei:DocumentType=10-K", "t:A@x=1", "t:B@x=2"]);
    check(&[("a.htm", two)], "10-K", "a.htm 1", &["a.htm (target \"x\"): of no document type, 2 facts"]);
    let other = page("a.xsd", &["t:A=1", "dei:DocumentType@x=10-K"]);
    check(&[("a.htm", other)], "10-K", "a.htm 1", &["a.htm: of no document type, 1 facts"]);
    // Nobody tagged anything for the default target.
    check(&[("a.htm", page("a.xsd", &["t:A@x=1"]))], "10-K", "a.htm 1", &[]);
    let many: Vec<String> = (0..20).map(|n| format!("t:A@x{n}=1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let refused = choose(&[("a.htm", page("a.xsd", &many))], "10-K").unwrap_err();
    assert_eq!(refused, "a.htm: 20 targets, the limit is 10");
}

#[test]
fn a_second_instance_is_named() {
    let files = [("a.xml", classic("10-K")), ("b.xml", classic("11-K"))];
    check(&files, "10-K", "a.xml 1", &["b.xml: 11-K, 1 facts"]);
    check(&files, "11-K", "b.xml 1", &["a.xml: 10-K, 1 facts"]);
}

#[test]
fn what_cannot_be_read_stops_a_filing_only_where_it_may_be_its_report() {
    let torn = "<xbrl xmlns='http://www.xbrl.org/2003/instance'><x></xbrl>".to_owned();
    let choice = choose(&[("a.xml", classic("10-K")), ("b.xml", torn.clone())], "10-Q");
    let refused = choice.unwrap_err();
    assert!(refused.starts_with("a/b.xml:1: malformed XML"), "it may be the 10-Q: {refused}");
    let files = [("a.xml", classic("10-K")), ("b.xml", torn)]
        .map(|(name, text)| (name.to_owned(), Bytes::from(text)));
    let own = OwnFiles::new("edgar://filing/a/", &files);
    let choice = read("a", &own, &candidates(&files, "a.htm"), "10-K").unwrap();
    let said: Vec<&str> = choice.diagnostics.iter().map(|said| said.message.as_str()).collect();
    assert!(said.len() == 1 && said[0].starts_with("a report that cannot be read: a/b.xml:1"), "{said:?}");
}

#[test]
fn a_page_that_only_declares_inline_xbrl_is_no_report() {
    let declares = format!("<html {HEAD}><p/></html>");
    check(&[("a.htm", declares.clone()), ("a.xml", classic("10-K"))], "10-K", "a.xml 1", &[]);
    let nothing = choose(&[("a.htm", declares), ("a_lab.xml", "<linkbase/>".to_owned())], "10-K");
    assert_eq!(nothing, Err("filing a has no XBRL instance: found a.htm, a_lab.xml".to_owned()));
}
