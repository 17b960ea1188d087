//! Classic instances: small documents in, the facts and diagnostics they give out.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::parse;
use crate::Error;
use crate::model::Instance;

/// Facts and diagnostics of an instance with context `c`, unit `u` and this content.
fn check(content: &str, expected: Expect) {
    let text = format!(
        r#"<xbrl xmlns="http://www.xbrl.org/2003/instance" xmlns:g="http://g" xmlns:link="http://www.xbrl.org/2003/linkbase"
  xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xml:lang="en">
<context id="c"><entity><identifier scheme="s">1</identifier></entity><period><instant>2024-09-28</instant></period></context>
<unit id="u"><measure>pure</measure></unit>
{content}</xbrl>"#
    );
    let (instance, diagnostics) = parse("folder/t.xml", text.as_bytes()).unwrap();
    let mut found = facts(&instance);
    for reference in instance.schema_refs.iter().chain(&instance.linkbase_refs) {
        writeln!(found, "-> {reference}").unwrap();
    }
    for diagnostic in diagnostics {
        writeln!(found, "{diagnostic}").unwrap();
    }
    expected.assert_eq(&found);
}

/// One fact a line.
pub(crate) fn facts(instance: &Instance) -> String {
    let mut out = String::new();
    for fact in &instance.facts {
        let (id, context, unit) = (fact.id.as_deref().unwrap_or("-"), fact.context, fact.unit);
        let kind = if fact.is_numeric { "numeric" } else { "text" };
        write!(out, "{id} {} {context:?} {unit:?} {kind} {:?}", fact.concept, fact.value).unwrap();
        if let Some(decimals) = &fact.decimals {
            write!(out, " decimals={decimals}").unwrap();
        }
        if let Some(language) = fact.language.as_deref().filter(|language| *language != "en") {
            write!(out, " lang={language}").unwrap();
        }
        writeln!(out, " line {}", fact.line).unwrap();
    }
    out
}

#[test]
fn ordinary_facts() {
    check(
        r#"<g:a id="f1" contextRef="c" unitRef="u" decimals=" -6 ">0123.50</g:a>
<g:b contextRef="c">  text &lt;p&gt;&#160;  </g:b>
<g:c contextRef="c" unitRef="u" xsi:nil="true" decimals="INF"/>
<g:d contextRef="c" xsi:nil="1"></g:d><g:e contextRef=" c " xml:lang="fr"/>"#,
        expect![[r#"
            f1 {http://g}a Some(0) Some(0) numeric Number("123.5") decimals=-6 line 5
            - {http://g}b Some(0) None text Text("  text <p>\u{a0}  ") line 6
            - {http://g}c Some(0) Some(0) numeric Nil decimals=INF line 7
            - {http://g}d Some(0) None text Nil line 8
            - {http://g}e Some(0) None text Text("") lang=fr line 8
        "#]],
    );
}

#[test]
fn odd_facts_are_kept() {
    check(
        r#"<g:a contextRef="x" unitRef="y">1</g:a>
<g:b contextRef="c" unitRef="u">1,234</g:b>
<g:c contextRef="c" unitRef="u"/>
<undeclared:d contextRef="c">x</undeclared:d>
<g:e>no context</g:e>
<g:f unitRef="u">5</g:f>
<link:footnoteLink xlink:type="extended"><link:footnote>no fact</link:footnote></link:footnoteLink>"#,
        expect![[r#"
            - {http://g}a None None numeric Number("1") line 5
            - {http://g}b Some(0) Some(0) numeric Text("1,234") line 6
            - {http://g}c Some(0) Some(0) numeric Text("") line 7
            - {}undeclared:d Some(0) None text Text("x") line 8
            - {http://g}e None None text Text("no context") line 9
            - {http://g}f None Some(0) numeric Number("5") line 10
            folder/t.xml:5: {http://g}a refers to context "x", which is not there [context-missing]
            folder/t.xml:5: {http://g}a refers to unit "y", which is not there [unit-missing]
            folder/t.xml:6: the value "1,234" of {http://g}b is no number [number-invalid]
            folder/t.xml:7: the value "" of {http://g}c is no number [number-invalid]
            folder/t.xml:9: {http://g}e has no contextRef [context-missing]
            folder/t.xml:10: {http://g}f has no contextRef [context-missing]
            folder/t.xml:11: no fact has the footnote "no fact" [footnote-unused]
        "#]],
    );
}

#[test]
fn tuples_give_their_facts_and_late_contexts_are_found() {
    check(
        r#"<g:tuple>
  <g:a contextRef="late">1</g:a>
  <g:inner><g:b contextRef="c">2</g:b></g:inner><g:empty/>
</g:tuple>
<context id="late"><entity><identifier scheme="s">1</identifier></entity><period><forever/></period></context>
<context id="late"><entity><identifier scheme="s">2</identifier></entity><period><forever/></period></context>
<context id="bad"/><g:c contextRef="bad">3</g:c>"#,
        expect![[r#"
            - {http://g}a Some(1) None text Text("1") line 6
            - {http://g}b Some(0) None text Text("2") line 7
            - {http://g}c None None text Text("3") line 11
            folder/t.xml:10: context "late" is there twice; the first counts [context-duplicate]
            folder/t.xml:11: context "bad" has no entity identifier [context-entity-missing]
        "#]],
    );
}

#[test]
fn elements_in_a_fact_become_markup() {
    check(
        r#"<g:a contextRef="c">1 &lt; 2 <p class="x">&amp;<br/></p><td></td></g:a>"#,
        expect![[r#"
            - {http://g}a Some(0) None text Text("1 &lt; 2 <p class=\"x\">&amp;<br/></p><td></td>") line 5
        "#]],
    );
}

#[test]
fn numbers_that_are_no_decimals_and_nil_tuples() {
    check(
        r#"<g:a contextRef="c" unitRef="u"><numerator>1</numerator><denominator> 3.0 </denominator></g:a>
<g:b contextRef="c" unitRef="u">INF</g:b><g:c contextRef="c" unitRef="u"> -INF</g:c>
<g:d contextRef="c" unitRef="u"><numerator>1</numerator></g:d><g:tuple xsi:nil="true"/>"#,
        expect![[r#"
            - {http://g}a Some(0) Some(0) numeric Text("1/3") line 5
            - {http://g}b Some(0) Some(0) numeric Number("INF") line 6
            - {http://g}c Some(0) Some(0) numeric Number("-INF") line 6
            - {http://g}d Some(0) Some(0) numeric Text("<numerator>1</numerator>") line 7
            folder/t.xml:5: {http://g}a: a fraction is kept as the text of its terms [number-invalid]
            folder/t.xml:7: the value "<numerator>1</numerator>" of {http://g}d is no number [number-invalid]
        "#]],
    );
}

#[test]
fn references_are_absolute() {
    check(
        r#"<link:schemaRef xlink:href="t.xsd"/><link:schemaRef xlink:href="http://h/a.xsd"/>
<link:linkbaseRef xml:base="sub/" xlink:href="t_lab.xml"/><link:schemaRef/>"#,
        expect![[r#"
            -> folder/t.xsd
            -> http://h/a.xsd
            -> folder/sub/t_lab.xml
            folder/t.xml:6: <link:schemaRef> has no xlink:href [reference-missing]
        "#]],
    );
}

#[test]
fn what_is_no_instance() {
    for text in ["<html/>", "<xbrl/>", "<schema xmlns='http://www.w3.org/2001/XMLSchema'/>"] {
        assert!(matches!(parse("t.xml", text.as_bytes()), Err(Error::NotXbrl { .. })), "{text}");
    }
    let root = r#"<xbrl xmlns="http://www.xbrl.org/2003/instance">"#;
    for text in ["", root, &format!("{root}<a></b></xbrl>"), &format!("{root}\u{0}<a")] {
        assert!(matches!(parse("t.xml", text.as_bytes()), Err(Error::Malformed { .. })), "{text}");
    }
}
