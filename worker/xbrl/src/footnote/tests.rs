//! Footnotes of classic and inline documents, by small cases.

use expect_test::{Expect, expect};

use crate::model::Instance;
use crate::{Diagnostic, Error, inline, instance};

const HEAD: &str = r#"xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:link="http://www.xbrl.org/2003/linkbase"
 xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:g="http://g" xml:lang="en""#;
const CONTEXT: &str = r#"<xbrli:context id="c"><xbrli:entity><xbrli:identifier scheme="s">1</xbrli:identifier></xbrli:entity><xbrli:period><xbrli:forever/></xbrli:period></xbrli:context>"#;
const FACTS: &str = r#"<g:a id="f1" contextRef="c">1</g:a><g:b id="f2" contextRef="c">2</g:b><g:t id="t1"><g:c id="f3" contextRef="c">3</g:c></g:t>"#;

/// Footnotes, arcs as `fact-note order`, codes of what is wrong.
fn shown(parsed: Result<(Instance, Vec<Diagnostic>), Error>) -> String {
    let (instance, diagnostics) = parsed.unwrap();
    let mut out = String::new();
    for note in &instance.footnotes {
        let (role, language) =
            (note.role.rsplit('/').next().unwrap(), note.language.as_deref().unwrap_or("-"));
        out += &format!("{:?} {role} {language}", note.text);
        out += &note.markup.as_ref().map_or_else(String::new, |markup| format!(" {markup:?}"));
        out += &format!(" line {}\n", note.line);
    }
    for arc in &instance.footnote_arcs {
        let arcrole = arc.arcrole.rsplit('/').next().unwrap();
        out += &format!("{}-{} {arcrole} {}\n", arc.fact, arc.footnote, arc.order);
    }
    for found in diagnostics {
        out += &format!("{found}\n");
    }
    out
}

/// An instance with facts `f1`, `f2`, `f3` in a tuple `t1`, and these links from line 3.
fn check(links: &str, expected: Expect) {
    let text = format!("<xbrli:xbrl {HEAD}>{CONTEXT}{FACTS}\n{links}</xbrli:xbrl>");
    expected.assert_eq(&shown(instance::parse("folder/t.xml", text.as_bytes())));
}

/// A link with locators `1`, `2`, `t`, `x` (which is nowhere), footnotes `n` and `m`, and these arcs.
fn link(arcs: &[&str]) -> String {
    let locator = |(label, href): (&str, &str)| {
        format!(r#"<link:loc xlink:type="locator" xlink:label="{label}" xlink:href="{href}"/>"#)
    };
    let locators = [("1", "#f1"), ("2", "./t.xml#f2"), ("t", "#t1"), ("x", "#f9")].map(locator).concat();
    let arcs: String = arcs
        .iter()
        .map(|arc| {
            let mut words = arc.splitn(3, ' ');
            let (from, to) = (words.next().unwrap(), words.next().unwrap());
            let more = words.next().unwrap_or_default();
            format!(r#"<link:footnoteArc xlink:type="arc" xlink:arcrole="http://www.xbrl.org/2003/arcrole/fact-footnote" xlink:from="{from}" xlink:to="{to}" {more}/>"#)
        })
        .collect();
    format!(
        r#"<link:footnoteLink xlink:type="extended" xlink:role="http://www.xbrl.org/2003/role/link">{locators}
<link:footnote xlink:type="resource" xlink:label="n" xlink:role="r/footnote" id="N" xml:lang="fr">  Une
 note </link:footnote>
<link:footnote xlink:type="resource" xlink:label="m"><p xmlns="http://www.w3.org/1999/xhtml">Two <b>words</b></p></link:footnote>{arcs}</link:footnoteLink>"#
    )
}

#[test]
fn a_fact_may_have_many_and_a_footnote_many_facts() {
    check(
        &link(&["1 n order=\"2\"", "2 n", "1 m order=\"1.5\"", "1 n order=\"2\"", "t m"]),
        expect![[r#"
            "Une note" footnote fr line 4
            "Two words" footnote en "<p>Two <b>words</b></p>" line 6
            0-0 fact-footnote 2
            1-0 fact-footnote 1
            0-1 fact-footnote 1.5
        "#]],
    );
}

#[test]
fn what_leads_nowhere_is_reported() {
    check(
        &link(&["1 n", "x n", "1 q", "n n", "1 2"]),
        expect![[r#"
            "Une note" footnote fr line 4
            "Two words" footnote en "<p>Two <b>words</b></p>" line 6
            0-0 fact-footnote 1
            folder/t.xml:6: nothing in its link bears the label "q" of a footnote's arc [footnote-label-missing]
            folder/t.xml:6: a footnote leads from "f9", which is no fact [footnote-fact-missing]
            folder/t.xml:6: a footnote leads from one of its link, which is a footnote itself [footnote-fact-missing]
            folder/t.xml:6: "f1" leads to "f2", which is no footnote [footnote-missing]
            folder/t.xml:6: no fact has the footnote "Two words" [footnote-unused]
        "#]],
    );
    let between = r#"<link:footnoteArc xlink:arcrole="r/explains" xlink:from="n" xlink:to="m"/><link:footnoteArc xlink:arcrole="r/explains" xlink:from="1" xlink:to="2"/></link:footnoteLink>"#;
    check(
        &link(&["1 n"]).replace("</link:footnoteLink>", between),
        expect![[r#"
        "Une note" footnote fr line 4
        "Two words" footnote en "<p>Two <b>words</b></p>" line 6
        0-0 fact-footnote 1
    "#]],
    );
    check(
        r#"<link:footnoteLink><link:footnote xlink:label="n"> <b/> </link:footnote></link:footnoteLink>"#,
        expect![[r#"
            folder/t.xml:3: a footnote says nothing [footnote-empty]
        "#]],
    );
}

#[test]
fn a_prohibition_takes_back_its_equals() {
    let prohibits = r##"<link:footnoteLink><link:loc xlink:type="locator" xlink:label="f" xlink:href="#element(f1)"/><link:loc xlink:label="n" xlink:href="#N"/>
<link:footnoteArc xlink:from="f" xlink:to="n" use="prohibited" priority="1"/></link:footnoteLink>"##;
    check(
        &(link(&["1 n", "1 m", "2 n"]) + prohibits),
        expect![[r#"
            "Une note" footnote fr line 4
            "Two words" footnote en "<p>Two <b>words</b></p>" line 6
            0-1 fact-footnote 1
            1-0 fact-footnote 1
        "#]],
    );
}

const IX: &str =
    r#"<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL""#;

/// An inline document with facts `f1` and `f2` and this content from line 3.
fn check_inline(relationships: &str, content: &str, expected: Expect) {
    let text = format!(
        r#"{IX} {HEAD}><body><ix:header><ix:resources>{CONTEXT}{relationships}</ix:resources></ix:header>
<ix:nonNumeric id="f1" name="g:a" contextRef="c">1</ix:nonNumeric><ix:nonNumeric id="f2" name="g:b" contextRef="c">2</ix:nonNumeric>
{content}</body></html>"#
    );
    expected.assert_eq(&shown(inline::parse(&[("d.htm", text.as_bytes())])));
}

#[test]
fn relationships_join_inline_facts_and_footnotes() {
    check_inline(
        r#"<ix:relationship fromRefs="f1  f2" toRefs="n1" order="3"/><ix:relationship fromRefs="f1" toRefs="n2 f2 n9"/>
<ix:relationship fromRefs="f8 o1" toRefs="n1"/>"#,
        r#"<p>All of it: <ix:footnote id="n1" xml:lang="de">Ein <i>Wort</i><ix:exclude> page 1</ix:exclude> &amp; <ix:nonNumeric name="g:c" contextRef="c">mehr</ix:nonNumeric></ix:footnote></p>
<ix:footnote id="n2" footnoteRole="r/special" continuedAt="k">Starts here</ix:footnote><ix:continuation id="k"><table><tr><td>a</td><td>1</td></tr></table></ix:continuation>
<ix:nonNumeric id="o1" target="other" name="g:a" contextRef="c">1</ix:nonNumeric><ix:footnote id="n3">Nobody's</ix:footnote><ix:footnote id="n4"/>"#,
        expect![[r#"
            "Ein Wort & mehr" footnote de "Ein <i>Wort</i> &amp; mehr" line 5
            "Starts here\na 1" special en "Starts here<table><tr><td>a</td><td>1</td></tr></table>" line 6
            "Nobody's" footnote en line 7
            0-0 fact-footnote 3
            1-0 fact-footnote 3
            0-1 fact-footnote 1
            d.htm:2: "f1" leads to "f2", which is no footnote [footnote-missing]
            d.htm:2: "f1" leads to footnote "n9", which is not there [footnote-missing]
            d.htm:3: a footnote leads from "f8", which is no fact [footnote-fact-missing]
            d.htm:7: the facts of target "other" are left out; only the default target is read [target-skipped]
            d.htm:7: a footnote says nothing [footnote-empty]
            d.htm:7: no fact has the footnote "Nobody's" [footnote-unused]
        "#]],
    );
}

#[test]
fn facts_of_inline_1_0_name_their_footnotes() {
    let text = format!(
        r#"<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2008/inlineXBRL" {HEAD}><body><ix:header><ix:resources>{CONTEXT}</ix:resources></ix:header>
<ix:nonNumeric name="g:a" contextRef="c" footnoteRefs="n2 n1">1</ix:nonNumeric><ix:nonNumeric name="g:b" contextRef="c" footnoteRefs="n1 n7">2</ix:nonNumeric>
<ix:footnote footnoteID="n1" xml:lang="en">One</ix:footnote><ix:footnote footnoteID="n2" arcrole="r/other" footnoteRole="r/role">Two</ix:footnote></body></html>"#
    );
    expect![[r#"
        "One" footnote en line 4
        "Two" role en line 4
        0-1 other 1
        0-0 fact-footnote 1
        1-0 fact-footnote 1
        d.htm:3: a fact leads to footnote "n7", which is not there [footnote-missing]
    "#]]
    .assert_eq(&shown(inline::parse(&[("d.htm", text.as_bytes())])));
}

#[test]
fn a_few_labels_cannot_ask_for_billions_of_pairs() {
    let locators = r##"<link:loc xlink:type="locator" xlink:label="f" xlink:href="#f1"/>"##.repeat(2_000);
    let notes = r#"<link:footnote xlink:label="n">x</link:footnote>"#.repeat(2_000);
    let arc = r#"<link:footnoteArc xlink:from="f" xlink:to="n"/>"#;
    let text = format!(
        "<xbrli:xbrl {HEAD}><link:footnoteLink>{locators}{notes}{arc}</link:footnoteLink></xbrli:xbrl>"
    );
    assert!(matches!(instance::parse("t.xml", text.as_bytes()), Err(Error::Limit { .. })));
}
