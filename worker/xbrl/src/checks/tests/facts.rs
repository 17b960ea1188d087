//! Contexts, facts, dimensions, duplicates, roles.

use super::{checked, codes, context, dts, link, schema};
use crate::instance;
use crate::tally::KEPT_PER_CODE;

const ELEMENTS: &str = r##"
    Assets xbrli:item monetary instant
    Sales xbrli:item monetary duration
    Name xbrli:item string duration
    Ratio xbrli:item fraction duration
    Flag xbrli:item boolean duration
    Day xbrli:item date duration
    Axis xbrldt:dimensionItem string duration abstract="true"
    Typed xbrldt:dimensionItem string duration abstract="true" xbrldt:typedDomainRef="#t_Value"
    Table xbrldt:hypercubeItem string duration abstract="true"
    All xbrli:item string duration abstract="true"
    East xbrli:item string duration
    Derived t:East string duration
    Strange u:group string duration
"##;
const VALUE: &str = r#"<xs:element name="Value" id="t_Value" type="xs:string"/><xs:element name="Plain" id="t_Plain" type="xs:string"/>"#;
const DEFAULT: &str = "http://xbrl.org/int/dim/arcrole/dimension-default";
const UNIT: &str = r#"<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>"#;

/// Checks one body beside a unit and the contexts `i`, `d` and `f`, which stand on line 2, as line 3.
fn said(body: &str) -> String {
    let links = link("definition", DEFAULT, "Axis All East", &["Axis All"]);
    let dts = dts(&schema(ELEMENTS, VALUE), &links);
    let contexts = context("i", "2024-12-31", "")
        + &context("d", "2024-01-01/2024-12-31", "")
        + &context("f", "forever", "");
    codes(&checked(&dts, &[contexts + UNIT, body.to_owned()]))
}

fn number(concept: &str, context: &str, attributes: &str, value: &str) -> String {
    format!(r#"<{concept} contextRef="{context}" unitRef="usd" {attributes}>{value}</{concept}>"#)
}

#[test]
fn one_fact_by_itself() {
    for (fact, expected) in [
        (number("t:Sales", "d", r#"decimals="0""#, "1"), ""),
        (number("t:Sales", "d", r#"precision="3""#, "1"), ""),
        (number("t:Sales", "d", "", "1"), "accuracy-missing:3"),
        (number("t:Sales", "d", r#"decimals="0" precision="3""#, "1"), "accuracy-double:3"),
        (number("t:Sales", "d", r#"xsi:nil="true""#, ""), ""),
        (
            number(
                "t:Ratio",
                "d",
                "",
                "<xbrli:numerator>1</xbrli:numerator><xbrli:denominator>3</xbrli:denominator>",
            ),
            "",
        ),
        (number("t:Sales", "i", r#"decimals="0""#, "1"), "period-type-wrong:3"),
        (number("t:Assets", "d", r#"decimals="0""#, "1"), "period-type-wrong:3"),
        (number("t:Assets", "f", r#"decimals="0""#, "1"), "period-type-wrong:3"),
        (number("t:Assets", "i", r#"decimals="0""#, "1"), ""),
        (r#"<t:Name contextRef="f">x</t:Name>"#.to_owned(), ""),
        (
            r#"<t:Nobody contextRef="d">x</t:Nobody><t:Nobody contextRef="d">x</t:Nobody>"#.to_owned(),
            "concept-undeclared:3",
        ),
        (r#"<u:A contextRef="d">x</u:A><u:B contextRef="d">x</u:B>"#.to_owned(), "concept-undeclared:3"),
    ] {
        // A fraction is said to be kept as text when it is read.
        if !fact.contains("numerator") {
            assert_eq!(said(&fact), expected, "{fact}");
        }
    }
}

#[test]
fn fractions_have_no_accuracy() {
    let dts = dts(&schema(ELEMENTS, VALUE), "");
    let fraction = number(
        "t:Ratio",
        "d",
        "",
        "<xbrli:numerator>1</xbrli:numerator><xbrli:denominator>3</xbrli:denominator>",
    );
    let head = super::HEAD;
    let context = context("d", "2024-01-01/2024-12-31", "");
    let text = format!("<xbrli:xbrl {head}>{context}{UNIT}{fraction}</xbrli:xbrl>");
    let (instance, _) = instance::parse("i.xml", text.as_bytes()).expect("an instance");
    assert_eq!(instance.facts.len(), 1);
    assert_eq!(codes(&super::check(&instance, &dts)), "");
}

#[test]
fn periods_end_after_they_start() {
    for (period, expected) in [
        ("2024-01-01/2024-12-31", ""),
        ("2024-01-01/2024-01-01", ""),
        ("2024-01-01/2023-12-31", "period-reversed:3"),
        ("2024-02-01/2024-01-15", "period-reversed:3"),
        ("2024-01-01T00:00:00/2024-01-01T00:00:00", "period-reversed:3"),
        ("2024-01-01T08:00:00/2024-01-01T09:30:00", ""),
        ("2024-01-01T09:30:00/2024-01-01T08:00:00", "period-reversed:3"),
        ("2024-01-01T24:00:00/2024-01-02", ""),
    ] {
        assert_eq!(said(&context("p", period, "")), expected, "{period}");
    }
}

#[test]
fn axes_and_members_are_what_they_are_declared_as() {
    let explicit = |axis: &str, member: &str| {
        format!(r#"<xbrldi:explicitMember dimension="{axis}">{member}</xbrldi:explicitMember>"#)
    };
    let typed = |axis: &str, value: &str| {
        format!(r#"<xbrldi:typedMember dimension="{axis}">{value}</xbrldi:typedMember>"#)
    };
    for (dimension, expected) in [
        (explicit("t:Axis", "t:East"), ""),
        (explicit("t:Axis", "t:Derived"), ""),
        (explicit("t:Axis", "t:All"), "member-default:3"),
        (explicit("t:Axis", "t:Nobody"), "member-undeclared:3"),
        (explicit("t:Axis", "nowhere:A"), "member-undeclared:3"),
        (explicit("t:Axis", "t:Axis"), "member-wrong-kind:3"),
        (explicit("t:Axis", "t:Table"), "member-wrong-kind:3"),
        (explicit("t:Axis", "t:Sales"), "member-wrong-kind:3"),
        (explicit("t:Axis", "t:Plain"), "member-wrong-kind:3"),
        // Its substitution group is not at hand.
        (explicit("t:Axis", "t:Strange"), ""),
        (explicit("t:East", "t:East"), "axis-wrong-kind:3"),
        (explicit("t:Nobody", "t:East"), "axis-undeclared:3"),
        (explicit("t:Typed", "t:East"), "member-wrong-kind:3"),
        (typed("t:Axis", "<t:Value>1</t:Value>"), "member-wrong-kind:3"),
        (typed("t:Typed", "<t:Value>1</t:Value>"), ""),
        (typed("t:Typed", "<t:Plain>1</t:Plain>"), "member-wrong-kind:3"),
    ] {
        assert_eq!(said(&context("p", "2024-12-31", &dimension)), expected, "{dimension}");
    }
    // A number that is in a domain is a member of it.
    const DOMAIN: &str = "http://xbrl.org/int/dim/arcrole/dimension-domain";
    const MEMBER: &str = "http://xbrl.org/int/dim/arcrole/domain-member";
    let links = link("definition", DOMAIN, "Axis All", &["Axis All"])
        + &link("definition", MEMBER, "All East Sales Assets", &["All East", "East Sales", "Assets All"]);
    let dts = dts(&schema(ELEMENTS, VALUE), &links);
    for (member, expected) in [("t:Sales", ""), ("t:Assets", "member-wrong-kind:2")] {
        let context = context("p", "2024-12-31", &explicit("t:Axis", member));
        assert_eq!(codes(&checked(&dts, &[context])), expected, "{member}");
    }
    // A faulty name is said once, an explicit default wherever it stands.
    let both = |member: &str| {
        let dimension = explicit("t:Axis", member);
        context("p", "2024-12-31", &dimension) + &context("q", "2023-12-31", &dimension)
    };
    assert_eq!(said(&both("t:Nobody")), "member-undeclared:3");
    assert_eq!(said(&both("t:All")), "member-default:3 member-default:3");
}

#[test]
fn what_a_missing_schema_would_declare_is_no_fault() {
    let facts = r#"<u:A contextRef="d">x</u:A><t:Nobody contextRef="d">x</t:Nobody><nowhere:A contextRef="d">x</nowhere:A>"#;
    let context = context("d", "2024-01-01/2024-12-31", "");
    let import = |namespace: &str, location: &str| {
        format!(r#"<xs:import namespace="{namespace}" schemaLocation="{location}"/>"#)
    };
    for (schemas, expected) in [
        (String::new(), "concept-undeclared:2 concept-undeclared:2 concept-undeclared:2"),
        // It may lead to any namespace, but not add to one that is whole.
        (import("http://u", "u.xsd"), "concept-undeclared:2"),
        (import("http://other", "o.xsd"), "concept-undeclared:2"),
        (import("http://t", "more.xsd"), ""),
        (r#"<xs:include schemaLocation="more.xsd"/>"#.to_owned(), ""),
    ] {
        let dts = dts(&schema(ELEMENTS, &schemas), "");
        assert_eq!(codes(&checked(&dts, &[context.clone() + facts])), expected, "{schemas}");
    }
}

#[test]
fn facts_that_say_something_else_of_the_same_thing() {
    let sales =
        |decimals: &str, value: &str| number("t:Sales", "d", &format!(r#"decimals="{decimals}""#), value);
    let name = |language: &str, value: &str| {
        format!(r#"<t:Name contextRef="d" xml:lang="{language}">{value}</t:Name>"#)
    };
    let day = |value: &str| format!(r#"<t:Day contextRef="d">{value}</t:Day>"#);
    let flag = |value: &str| format!(r#"<t:Flag contextRef="d">{value}</t:Flag>"#);
    let nil = r#"<t:Sales contextRef="d" unitRef="usd" xsi:nil="true"/>"#.to_owned();
    const CODE: &str = "duplicates-inconsistent:3";
    for (facts, expected) in [
        (vec![sales("0", "100"), sales("0", "100.0")], ""),
        (vec![sales("-2", "1200"), sales("0", "1234")], ""),
        (vec![sales("-2", "1200"), sales("0", "1251")], CODE),
        (vec![sales("-2", "1200"), sales("0", "1250")], ""),
        // Each may be rounded from what each other may be, but all three from nothing.
        (vec![sales("-1", "100"), sales("-2", "200"), sales("0", "106")], CODE),
        (vec![sales("-2", "100"), sales("-3", "0"), sales("0", "104")], ""),
        // Nothing rounds to two values of one accuracy.
        (vec![sales("0", "3"), sales("0", "4")], CODE),
        (vec![sales("0", "3"), sales("1", "3.1"), sales("0", "3.2")], CODE),
        (vec![sales("INF", "0.1"), sales("INF", "0.10000000000000001")], CODE),
        (vec![sales("0", "1"), nil.clone()], CODE),
        (vec![nil.clone(), nil], ""),
        (vec![sales("x", "1"), sales("0", "5")], ""),
        (
            vec![
                sales("0", "100"),
                sales("0", "100").replace("100", "200").replace("\"usd\"", "\"dollars\""),
            ],
            CODE,
        ),
        (vec![sales("0", "100"), sales("0", "200").replace("\"d\"", "\"same\"")], CODE),
        (vec![sales("0", "100"), sales("0", "200").replace("\"d\"", "\"other\"")], ""),
        (vec![sales("0", "100"), sales("0", "200").replace("\"usd\"", "\"eur\"")], ""),
        (vec![name("en", "a  b"), name("en", " a b")], ""),
        (vec![name("en", "a"), name("en", "b")], CODE),
        (vec![name("en", "a"), name("fr", "b")], ""),
        (vec![flag("1"), flag(" true")], ""),
        (vec![flag("0"), flag("true")], CODE),
        (vec![day("2024-12-31"), day(" 2024-12-31Z")], ""),
        (vec![day("2024-12-31"), day("2023-12-31")], CODE),
        (
            vec![r#"<u:A contextRef="d">a</u:A>"#.to_owned(), r#"<u:A contextRef="d">b</u:A>"#.to_owned()],
            "concept-undeclared:3",
        ),
    ] {
        let more = context("same", "2024-01-01/2024-12-31", "")
            + &context("other", "2024-01-01/2024-12-30", "")
            + &UNIT.replace("\"usd\"", "\"dollars\"")
            + &UNIT.replace("usd", "eur").replace("USD", "EUR");
        assert_eq!(said(&(more + &facts.concat())), expected, "{facts:?}");
    }
    let dts = dts(&schema(ELEMENTS, ""), "");
    let facts =
        [("0", "1"), ("0", "2"), ("0", "1"), ("INF", "3")].map(|(decimals, value)| sales(decimals, value));
    let context = context("d", "2024-01-01/2024-12-31", "") + UNIT;
    let tally = checked(&dts, &[context, facts.join("\n")]);
    let messages: Vec<&str> = tally.kept().iter().map(|diagnostic| &*diagnostic.message).collect();
    assert_eq!(
        messages,
        [
            "t:Sales is stated differently for context \"d\": 1 (line 3, decimals 0), 2 (line 4, decimals 0), 3 (line 6, decimals INF)"
        ]
    );
}

#[test]
fn facts_in_tuples_are_no_duplicates() {
    let elements = format!("{ELEMENTS}\n Line xbrli:tuple string duration");
    let dts = dts(&schema(&elements, ""), "");
    let line = |value: &str| format!("<t:Line>{}</t:Line>", number("t:Sales", "d", r#"decimals="0""#, value));
    let context = context("d", "2024-01-01/2024-12-31", "") + UNIT;
    assert_eq!(codes(&checked(&dts, &[context + &line("1") + &line("2")])), "");
}

#[test]
fn target_roles_lead_somewhere() {
    const MEMBER: &str = "http://xbrl.org/int/dim/arcrole/domain-member";
    let role_ref = r##"<link:roleRef xlink:type="simple" roleURI="s" xlink:href="t.xsd#s"/>"##;
    let goes_on = link("definition", MEMBER, "All East", &[r#"All East xbrldt:targetRole="s""#]);
    let there = link("definition", MEMBER, "East Derived", &["East Derived"]).replace("\"r\"", "\"s\"");
    let elsewhere = there.replace(MEMBER, "http://elsewhere");
    for (links, expected) in [
        (vec![role_ref, &goes_on, &there], ""),
        (vec![&goes_on, &there], "target-role-unresolved:1"),
        (vec![role_ref, &goes_on], "target-role-unresolved:1"),
        (vec![role_ref, &goes_on, &elsewhere], "target-role-unresolved:1"),
        (vec![&goes_on, &goes_on], "target-role-unresolved:1"),
        (
            vec![
                &goes_on.replace("\"s\"", "\"http://www.xbrl.org/2003/role/link\""),
                &there.replace("\"s\"", "\"http://www.xbrl.org/2003/role/link\""),
            ],
            "",
        ),
    ] {
        let dts = dts(&schema(ELEMENTS, ""), &links.concat());
        assert_eq!(codes(&checked(&dts, &[])), expected, "{links:?}");
    }
}

#[test]
fn a_fault_of_every_fact_is_counted_and_not_kept_every_time() {
    let dts = dts(&schema(ELEMENTS, ""), "");
    let context = context("d", "2024-01-01/2024-12-31", "") + UNIT;
    let facts = number("t:Sales", "d", "", "1").repeat(1_000);
    let tally = checked(&dts, &[context, facts]);
    assert_eq!(tally.counts()["accuracy-missing"], 1_000);
    assert_eq!(tally.kept().len() as u64, KEPT_PER_CODE);
}
