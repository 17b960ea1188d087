//! Inline documents: small documents in, the facts and diagnostics they give out.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::{outline, parse, parse_target};
use crate::Error;
use crate::instance::tests::facts;
use crate::model::Source;

const ROOT: &str = r#"<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"
 xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:g="http://g"
 xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xml:lang="en"
 xmlns:ixt="http://www.xbrl.org/inlineXBRL/transformation/2020-02-12"><body>"#;
const HEADER: &str = r#"<div style="display:none"><ix:header><ix:references><link:schemaRef xlink:href="t.xsd"/></ix:references><ix:resources>
<xbrli:context id="c"><xbrli:entity><xbrli:identifier scheme="s">1</xbrli:identifier></xbrli:entity><xbrli:period><xbrli:forever/></xbrli:period></xbrli:context>
<xbrli:unit id="u"><xbrli:measure>xbrli:pure</xbrli:measure></xbrli:unit></ix:resources></ix:header></div>"#;

fn document(content: &str) -> String {
    format!("{ROOT}\n{content}\n</body></html>")
}

/// Facts and diagnostics of a document with context `c`, unit `u` and this content from line 8.
fn check(content: &str, expected: Expect) {
    check_set(&[&document(&format!("{HEADER}\n{content}"))], expected);
}

fn check_set(documents: &[&str], expected: Expect) {
    let names: Vec<_> = (1..=documents.len()).map(|number| format!("d{number}.htm")).collect();
    let set: Vec<_> =
        names.iter().zip(documents).map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let (instance, diagnostics) = parse(&set).unwrap();
    assert_eq!(instance.source, Source::Inline);
    assert_eq!(instance.schema_refs.iter().map(|href| &**href).collect::<Vec<_>>(), ["t.xsd"]);
    let mut found = facts(&instance);
    for diagnostic in diagnostics {
        writeln!(found, "{diagnostic}").unwrap();
    }
    expected.assert_eq(&found);
}

#[test]
fn numbers() {
    check(
        r#"<ix:nonFraction id="f1" name="g:a" contextRef="c" unitRef="u" decimals="-6" scale="6" format="ixt:num-dot-decimal">31,683</ix:nonFraction>
<ix:nonFraction name="g:b" contextRef="c" unitRef="u" scale="-2" sign="-" format="ixt:num-dot-decimal">1<b>2</b>.50</ix:nonFraction>
<ix:nonFraction name="g:c" contextRef="c" unitRef="u" format="ixt:fixed-zero">&#8212;</ix:nonFraction>
<ix:nonFraction name="g:d" contextRef="c" unitRef="u" xsi:nil="true"/>
<ix:nonFraction name="g:e" contextRef="c" unitRef="u"> 7.0 </ix:nonFraction>
<ix:nonFraction name="g:f" contextRef="c" unitRef="u" scale="3"><ix:nonFraction name="g:g" contextRef="c" unitRef="u" scale="3">5</ix:nonFraction></ix:nonFraction>
<ix:fraction name="g:h" contextRef="c" unitRef="u"><ix:numerator>1</ix:numerator>/<ix:denominator scale="1">3</ix:denominator></ix:fraction>"#,
        expect![[r#"
            f1 {http://g}a Some(0) Some(0) numeric Number("31683000000") decimals=-6 line 8
            - {http://g}b Some(0) Some(0) numeric Number("-0.125") line 9
            - {http://g}c Some(0) Some(0) numeric Number("0") line 10
            - {http://g}d Some(0) Some(0) numeric Nil line 11
            - {http://g}e Some(0) Some(0) numeric Number("7") line 12
            - {http://g}f Some(0) Some(0) numeric Number("5000") line 13
            - {http://g}g Some(0) Some(0) numeric Number("5000") line 13
            - {http://g}h Some(0) Some(0) numeric Text("1/30") line 14
            d1.htm:14: {http://g}h: a fraction is kept as the text of its terms [number-invalid]
        "#]],
    );
}

#[test]
fn text_and_markup() {
    check(
        r#"<ix:nonNumeric name="g:a" contextRef="c">a <b>&amp;</b> &nbsp;b</ix:nonNumeric>
<ix:nonNumeric name="g:b" contextRef="c" escape="true">x &lt; y<p style="a:'b'" title='say "&amp;"'>1<br />2<td/></p></ix:nonNumeric>
<ix:nonNumeric name="g:c" contextRef="c" escape="true"><p>Note <ix:nonFraction name="g:d" contextRef="c" unitRef="u" format="ixt:num-dot-decimal">1,000</ix:nonFraction></p></ix:nonNumeric>
<ix:nonNumeric name="g:e" contextRef="c" format="ixt:date-monthname-day-year-en" xml:lang="fr">March
 29, <i>2025</i></ix:nonNumeric>
<ix:nonNumeric name="g:f" contextRef="c" format="ixt:fixed-empty">none</ix:nonNumeric>
<ix:nonNumeric name="g:g" contextRef="c" xsi:nil="true"/>"#,
        expect![[r#"
            - {http://g}a Some(0) None text Text("a & \u{a0}b") line 8
            - {http://g}b Some(0) None text Text("x &lt; y<p style=\"a:'b'\" title=\"say &quot;&amp;&quot;\">1<br/>2<td></td></p>") line 9
            - {http://g}c Some(0) None text Text("<p>Note 1,000</p>") line 10
            - {http://g}d Some(0) Some(0) numeric Number("1000") line 10
            - {http://g}e Some(0) None text Text("2025-03-29") lang=fr line 11
            - {http://g}f Some(0) None text Text("") line 13
            - {http://g}g Some(0) None text Nil line 14
        "#]],
    );
}

#[test]
fn exclusions_belong_to_the_tags_around_them() {
    check(
        r#"<ix:nonNumeric name="g:a" contextRef="c">one<ix:exclude> page <ix:exclude>9</ix:exclude><ix:nonNumeric name="g:b" contextRef="c">in<ix:exclude>-</ix:exclude>side</ix:nonNumeric></ix:exclude> two<ix:exclude/></ix:nonNumeric>
<ix:nonNumeric name="g:c" contextRef="c" escape="true"><p>a</p><ix:exclude><p>9</p></ix:exclude><p>b</p></ix:nonNumeric>"#,
        expect![[r#"
            - {http://g}a Some(0) None text Text("one two") line 8
            - {http://g}b Some(0) None text Text("inside") line 8
            - {http://g}c Some(0) None text Text("<p>a</p><p>b</p>") line 9
        "#]],
    );
}

#[test]
fn continuations() {
    check(
        r#"<ix:continuation id="b2"> early</ix:continuation>
<ix:nonNumeric name="g:a" contextRef="c" continuedAt="a1" escape="true"><b>1</b></ix:nonNumeric>
<ix:nonNumeric name="g:b" contextRef="c" continuedAt="b1">first</ix:nonNumeric>
<ix:continuation id="a1" continuedAt="a2"><p>2<ix:exclude>x</ix:exclude></p><ix:continuation id="b1" continuedAt="b2"><i> second</i></ix:continuation></ix:continuation>
<ix:continuation id="a2">3</ix:continuation>"#,
        expect![[r#"
            - {http://g}a Some(0) None text Text("<b>1</b><p>2</p><i> second</i>3") line 9
            - {http://g}b Some(0) None text Text("first second early") line 10
        "#]],
    );
}

#[test]
fn broken_continuations() {
    check(
        r#"<ix:nonNumeric name="g:a" contextRef="c" continuedAt="a1">1</ix:nonNumeric>
<ix:continuation id="a1" continuedAt="a2">2</ix:continuation><ix:continuation id="a2" continuedAt="a1">3</ix:continuation>
<ix:nonNumeric name="g:b" contextRef="c" continuedAt="nowhere">1</ix:nonNumeric>
<ix:nonNumeric name="g:c" contextRef="c" continuedAt="a2">1</ix:nonNumeric>
<ix:continuation id="z">lost</ix:continuation><ix:continuation id="z">twice</ix:continuation>
<ix:footnote id="fn" continuedAt="f1">no fact</ix:footnote><ix:continuation id="f1">nor this</ix:continuation>"#,
        expect![[r#"
            - {http://g}a Some(0) None text Text("123") line 8
            - {http://g}b Some(0) None text Text("1") line 10
            - {http://g}c Some(0) None text Text("1") line 11
            d1.htm:8: {http://g}a goes on at "a1", which is used already [continuation-shared]
            d1.htm:10: {http://g}b goes on at "nowhere", which is not there [continuation-missing]
            d1.htm:11: {http://g}c goes on at "a2", which is used already [continuation-shared]
            d1.htm:12: continuation "z" is there twice; the first counts [continuation-duplicate]
            d1.htm:12: no fact goes on at "z" [continuation-unused]
            d1.htm:13: no fact has the footnote "no factnor this" [footnote-unused]
        "#]],
    );
}

#[test]
fn odd_facts_are_kept() {
    check(
        r#"<ix:nonFraction name="g:a" contextRef="x" unitRef="y" format="ixt:num-dot-decimal">(5)</ix:nonFraction>
<ix:nonFraction name="g:b" scale="1.5">5</ix:nonFraction>
<ix:nonFraction name="h:c" contextRef="c" unitRef="u" format="ixt:no-such">5</ix:nonFraction>
<ix:nonNumeric name="g:d" contextRef="c" format="zzz:x">as is</ix:nonNumeric>
<ix:nonNumeric name="g:e" contextRef="c" format="ixt:date-month-day">soon</ix:nonNumeric>
<ix:nonFraction name="g:f" contextRef="c" unitRef="u" scale="99999">5</ix:nonFraction>
<ix:numerator>1</ix:numerator><ix:surprise>2</ix:surprise>"#,
        expect![[r#"
            - {http://g}a None None numeric Text("(5)") line 8
            - {http://g}b None None numeric Number("5") line 9
            - {}h:c Some(0) Some(0) numeric Number("5") line 10
            - {http://g}d Some(0) None text Text("as is") line 11
            - {http://g}e Some(0) None text Text("soon") line 12
            - {http://g}f Some(0) Some(0) numeric Text("5") line 13
            d1.htm:8: {http://g}a refers to context "x", which is not there [context-missing]
            d1.htm:8: {http://g}a refers to unit "y", which is not there [unit-missing]
            d1.htm:8: {http://g}a: num-dot-decimal does not accept "(5)" [transform-failed]
            d1.htm:9: the scale "1.5" of {http://g}b is no integer; taken as 0 [scale-invalid]
            d1.htm:9: {http://g}b has no contextRef [context-missing]
            d1.htm:9: {http://g}b is numeric and has no unitRef [unit-missing]
            d1.htm:10: the concept "h:c" is no name in scope [concept-invalid]
            d1.htm:10: {}h:c: no transformation {http://www.xbrl.org/inlineXBRL/transformation/2020-02-12}no-such [transform-unknown]
            d1.htm:11: {http://g}d: the prefix of format "zzz:x" is not declared [transform-unknown]
            d1.htm:12: {http://g}e: date-month-day does not accept "soon" [transform-failed]
            d1.htm:13: {http://g}f: "5" is no number [number-invalid]
            d1.htm:14: a numerator or denominator outside a fraction [fraction-invalid]
            d1.htm:14: <surprise> is no element of Inline XBRL [inline-element-unknown]
        "#]],
    );
}

#[test]
fn signs_scales_and_numbers_without_a_format() {
    check(
        r#"<ix:nonFraction name="g:a" contextRef="c" unitRef="u" sign="-" scale="-3" format="ixt:num-dot-decimal">1,234.50</ix:nonFraction>
<ix:nonFraction name="g:b" contextRef="c" unitRef="u" sign="+" scale="+2">7</ix:nonFraction>
<ix:nonFraction name="g:c" contextRef="c" unitRef="u" sign="">7</ix:nonFraction>
<ix:nonFraction name="g:d" contextRef="c" unitRef="u">-7</ix:nonFraction>
<ix:nonFraction name="g:e" contextRef="c" unitRef="u" sign="-">-7</ix:nonFraction>
<ix:nonFraction name="g:f" contextRef="c" unitRef="u" sign="-">(7)</ix:nonFraction>
<ix:nonFraction name="g:g" contextRef="c" unitRef="u">7e2</ix:nonFraction>
<ix:nonFraction name="g:h" contextRef="c" unitRef="u" sign="-"> +.50 </ix:nonFraction>
<ix:nonFraction name="g:i" contextRef="c" unitRef="u">1,234</ix:nonFraction>
<ix:nonFraction name="g:j" contextRef="c" unitRef="u" scale="6" format="ixt:num-comma-decimal">1,234.50</ix:nonFraction>
<ix:nonFraction name="g:k" contextRef="c" unitRef="u" sign="-" format="ixt:num-dot-decimal">-7</ix:nonFraction>
<ix:nonFraction name="g:l" contextRef="c" unitRef="u" scale="6" sign="-" format="sec:numinf" xmlns:sec="http://www.sec.gov/inlineXBRL/transformation/2015-08-31">unlimited</ix:nonFraction>
<ix:nonNumeric name="g:m" contextRef="c" format="ixt:date-monthname-day-year-en">February 29, 2023</ix:nonNumeric>"#,
        expect![[r#"
            - {http://g}a Some(0) Some(0) numeric Number("-1.2345") line 8
            - {http://g}b Some(0) Some(0) numeric Number("700") line 9
            - {http://g}c Some(0) Some(0) numeric Number("7") line 10
            - {http://g}d Some(0) Some(0) numeric Number("-7") line 11
            - {http://g}e Some(0) Some(0) numeric Text("-7") line 12
            - {http://g}f Some(0) Some(0) numeric Text("(7)") line 13
            - {http://g}g Some(0) Some(0) numeric Number("700") line 14
            - {http://g}h Some(0) Some(0) numeric Number("-0.5") line 15
            - {http://g}i Some(0) Some(0) numeric Text("1,234") line 16
            - {http://g}j Some(0) Some(0) numeric Text("1,234.50") line 17
            - {http://g}k Some(0) Some(0) numeric Text("-7") line 18
            - {http://g}l Some(0) Some(0) numeric Number("-INF") line 19
            - {http://g}m Some(0) None text Text("February 29, 2023") line 20
            d1.htm:9: the sign "+" of {http://g}b is no "-"; taken as none [sign-invalid]
            d1.htm:10: the sign "" of {http://g}c is no "-"; taken as none [sign-invalid]
            d1.htm:11: {http://g}d: "-7" has a minus, which belongs in the attribute sign [number-invalid]
            d1.htm:12: {http://g}e: "-7" has a minus, which belongs in the attribute sign [number-invalid]
            d1.htm:13: {http://g}f: "(7)" is no number [number-invalid]
            d1.htm:14: {http://g}g: "7e2" has an exponent [number-invalid]
            d1.htm:16: {http://g}i: "1,234" is no number [number-invalid]
            d1.htm:17: {http://g}j: num-comma-decimal does not accept "1,234.50" [transform-failed]
            d1.htm:18: {http://g}k: num-dot-decimal does not accept "-7" [transform-failed]
            d1.htm:20: {http://g}m: date-monthname-day-year-en does not accept "February 29, 2023" [transform-failed]
        "#]],
    );
}

#[test]
fn tuples_hidden_facts_and_targets() {
    check(
        r#"<div><ix:header><ix:hidden><ix:nonNumeric name="g:a" contextRef="c">hidden</ix:nonNumeric></ix:hidden>
<ix:references target="t"><link:schemaRef xlink:href="other.xsd"/></ix:references>
<ix:resources><ix:relationship fromRefs="a" toRefs="b"/></ix:resources></ix:header></div>
<ix:tuple name="g:t" tupleID="1"><ix:nonNumeric name="g:b" contextRef="c" order="1">in a tuple</ix:nonNumeric></ix:tuple>
<ix:nonNumeric name="g:c" contextRef="c" target="t">x<ix:nonNumeric name="g:d" contextRef="c" target="">y</ix:nonNumeric></ix:nonNumeric>
<ix:nonFraction name="g:e" contextRef="c" unitRef="u" target="t">1</ix:nonFraction>"#,
        expect![[r#"
            - {http://g}a Some(0) None text Text("hidden") line 8
            - {http://g}b Some(0) None text Text("in a tuple") line 11
            - {http://g}d Some(0) None text Text("y") line 12
            d1.htm:10: a footnote leads from "a", which is no fact [footnote-fact-missing]
        "#]],
    );
}

#[test]
fn a_target_is_a_report_of_its_own() {
    let text = document(&format!(
        r#"{HEADER}<ix:nonNumeric name="g:a" contextRef="c">default</ix:nonNumeric>
<ix:nonNumeric name="g:b" contextRef="c" target=" t ">of t</ix:nonNumeric>
<ix:fraction name="g:c" contextRef="c" unitRef="u" target="t"><ix:numerator>1</ix:numerator>/<ix:denominator>3</ix:denominator></ix:fraction>"#
    ));
    let read = |target| {
        let (instance, diagnostics) = parse_target(&[("d.htm", text.as_bytes())], target).expect("parses");
        let facts: Vec<String> = instance.facts.iter().map(|fact| fact.concept.local.to_string()).collect();
        let others: Vec<(String, usize)> =
            instance.other_targets.iter().map(|(target, facts)| (target.to_string(), *facts)).collect();
        let codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        (facts.join(" "), others, codes)
    };
    let one = |target: &str, facts| vec![(target.to_owned(), facts)];
    assert_eq!(read(""), ("a".to_owned(), one("t", 2), vec![]));
    let (facts, others, _) = read("t");
    assert_eq!((facts.as_str(), others), ("b c", one("", 1)));
}

#[test]
fn an_outline_names_the_schemas_of_a_report() {
    let header = |schema: &str| {
        format!(
            r#"<ix:header><ix:references><link:schemaRef xlink:href="{schema}"/></ix:references></ix:header>"#
        )
    };
    let schemas = |content: &str| {
        let found = outline("http://h/a/d.htm", document(content).as_bytes()).expect("well-formed");
        found.map(|outline| outline.schema_refs.iter().map(|href| href.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(schemas(&header("b.xsd")), Some(vec!["http://h/a/b.xsd".to_owned()]));
    // A header without references leaves them to one that comes later.
    let late = format!("<ix:header><ix:hidden/></ix:header>{}", header("c.xsd"));
    assert_eq!(schemas(&late), Some(vec!["http://h/a/c.xsd".to_owned()]));
    assert_eq!(schemas(r#"<ix:nonNumeric name="g:a" contextRef="c">x</ix:nonNumeric>"#), Some(vec![]));
    assert_eq!(schemas("<p>it declares Inline XBRL, no more</p>"), None);
}

#[test]
fn a_set_shares_contexts_units_and_continuations() {
    let first = document(
        r#"<ix:nonFraction name="g:a" contextRef="c" unitRef="u">1</ix:nonFraction>
<ix:nonNumeric name="g:b" contextRef="c" continuedAt="x">here</ix:nonNumeric>"#,
    );
    let second = document(&format!("{HEADER}<p><ix:continuation id=\"x\"> and there</ix:continuation></p>"));
    check_set(
        &[&first, &second],
        expect![[r#"
            - {http://g}a Some(0) Some(0) numeric Number("1") line 5
            - {http://g}b Some(0) None text Text("here and there") line 6
        "#]],
    );
}

#[test]
fn inline_1_0() {
    let text = document(&format!(
        r#"{HEADER}<ix:nonFraction name="g:a" contextRef="c" unitRef="u" format="t:numcommadot" xmlns:t="http://www.xbrl.org/inlineXBRL/transformation/2010-04-20">1,234.5</ix:nonFraction>"#
    ))
    .replace("2013/inlineXBRL", "2008/inlineXBRL");
    check_set(
        &[&text],
        expect![[r#"
            - {http://g}a Some(0) Some(0) numeric Number("1234.5") line 7
        "#]],
    );
}

#[test]
fn what_is_not_inline() {
    assert!(matches!(parse(&[]), Err(Error::NotXbrl { .. })));
    assert!(matches!(parse(&[("a.htm", b"<html><body/></html>")]), Err(Error::NotXbrl { .. })));
    assert!(matches!(parse(&[("a.htm", b"<HTML><P>x</HTML>")]), Err(Error::Malformed { .. })));
}

/// Cut anywhere, a document gives an error and never a panic.
#[test]
fn truncated_documents() {
    let text = document(&format!(
        "{HEADER}<ix:nonNumeric name='g:a' contextRef='c' escape='true'>é<b>&#160;</b></ix:nonNumeric>"
    ));
    for end in 0..text.len() {
        assert!(parse(&[("a.htm", &text.as_bytes()[..end])]).is_err(), "cut at {end}");
    }
}
