//! Totals and their items.

use super::{checked, codes, context, dts, link, schema};
use crate::taxonomy::Dts;

const RULES_2_1: &str = "http://www.xbrl.org/2003/arcrole/summation-item";
const RULES_1_1: &str = "https://xbrl.org/2023/arcrole/summation-item";
const ELEMENTS: &str = "
    T xbrli:item monetary duration
    A xbrli:item monetary duration
    B xbrli:item monetary duration
    C xbrli:item monetary duration
";

fn summing(arcrole: &str, arcs: &[&str]) -> Dts {
    dts(&schema(ELEMENTS, ""), &link("calculation", arcrole, "T A B C", arcs))
}

/// Facts on one line, each `concept value decimals`, perhaps with `@context`; `p3` is a precision, `nil` a value.
fn facts(written: &str) -> String {
    let mut out = context("d", "2024-01-01/2024-12-31", "")
        + &context("same", "2024-01-01/2024-12-31", "")
        + &context("e", "2023-01-01/2023-12-31", "")
        + r#"<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>"#;
    for fact in written.split(',').map(str::trim) {
        let words: Vec<&str> = fact.split(' ').collect();
        let [concept, value, accuracy] = words[..3] else { panic!("three words: {fact}") };
        let context = words.get(3).map_or("d", |context| context.trim_start_matches('@'));
        let accuracy = match accuracy.strip_prefix('p') {
            Some(precision) => format!(r#"precision="{precision}""#),
            None if value == "nil" => r#"xsi:nil="true""#.to_owned(),
            None => format!(r#"decimals="{accuracy}""#),
        };
        let value = if value == "nil" { "" } else { value };
        out +=
            &format!(r#"<t:{concept} contextRef="{context}" unitRef="usd" {accuracy}>{value}</t:{concept}>"#);
    }
    out
}

#[test]
fn both_sets_of_rules() {
    const WRONG: &str = "calculation-inconsistent:2";
    const ROUNDING: &str = "calculation-rounding:2";
    const DUPLICATES: &str = "duplicates-inconsistent:2";
    let (old, new) = (
        summing(RULES_2_1, &[r#"T A weight="1""#, r#"T B weight="1""#, r#"T C weight="-1""#]),
        summing(RULES_1_1, &[r#"T A weight="1""#, r#"T B weight="1""#, r#"T C weight="-1""#]),
    );
    for (written, by_2_1, by_1_1) in [
        ("T 5 0, A 2 0, B 3 0", "", ""),
        ("T 4 0, A 2 0, B 3 0, C 1 0", "", ""),
        ("T 5 0, A 2 0, B 5 0", WRONG, WRONG),
        ("T 0.3 INF, A 0.1 INF, B 0.2 INF", "", ""),
        ("T 0.3 INF, A 0.1 INF, B 0.20000000000000001 INF", WRONG, WRONG),
        // Rounded items need not add up to the rounded total.
        ("T 6 0, A 2 0, B 3 0", ROUNDING, ""),
        ("T 7 0, A 2 0, B 3 0", WRONG, WRONG),
        ("T 1000 -3, A 600 -2, B 700 -2", "", ""),
        ("T 1234 0, A 600 -2, B 600 -2", ROUNDING, ""),
        // Half to even: 2.5 is 2.
        ("T 2 0, A 1.2 1, B 1.3 1", "", ""),
        ("T 3 0, A 1.2 1, B 1.3 1", ROUNDING, ""),
        // A precision says how many decimals.
        ("T 1230 p3, A 1229 0, B 3 0", "", ""),
        ("T 5 p0, A 5 0", WRONG, ""),
        ("T 5 0, A 5 p0", WRONG, ""),
        // Nothing to compare.
        ("T 5 0", "", ""),
        ("A 5 0, B 1 0", "", ""),
        ("T nil 0, A 5 0", "", ""),
        ("T 5 0, A nil 0", "", ""),
        ("T 5 0, A 3 0, B nil 0", WRONG, WRONG),
        ("T 5 0, A 3 0 @e", "", ""),
        ("T 5 0, A 5 x", "", ""),
        // Contexts that are equal are one.
        ("T 5 0, A 3 0 @same", WRONG, WRONG),
        ("T 5 0 @e, A 3 0 @e, T 5 0, A 5 0", WRONG, WRONG),
        // Duplicates that agree are one, the most accurate; others bind nothing.
        ("T 1200 -2, T 1234 0, A 1234 0", "", ""),
        ("T 1200 -2, T 1234 0, A 1233 0", ROUNDING, ""),
        ("T 1200 -2, T 1234 0, A 1232 0", WRONG, WRONG),
        ("T 5 0, T 9 0, A 1 0", DUPLICATES, DUPLICATES),
        ("T 5 0, A 1 0, A 2.1 1", DUPLICATES, DUPLICATES),
        // What all duplicates allow counts, by the rules of 1.1.
        ("T 102 0, A 100 -1, A 150 -2", ROUNDING, ""),
        ("T 97 0, A 100 -1, A 150 -2", WRONG, WRONG),
        ("T 97 0, A 100 -1", ROUNDING, ""),
    ] {
        for (dts, rules, expected) in [(&old, "2.1", by_2_1), (&new, "1.1", by_1_1)] {
            assert_eq!(codes(&checked(dts, &[facts(written)])), expected, "{written} by {rules}");
        }
    }
}

#[test]
fn messages_name_what_does_not_add_up() {
    for (arcrole, expected) in [
        (RULES_2_1, "t:T of context \"d\" is 9, its items, 2 of 3 stated, come to 5 (role r)"),
        (
            RULES_1_1,
            "t:T of context \"d\" is 9, its items, 2 of 3 stated, come to 5, at least 4 and at most 6 (role r)",
        ),
    ] {
        let dts = summing(arcrole, &[r#"T A weight="1""#, r#"T B weight="1.0""#, r#"T C weight="1""#]);
        let tally = checked(
            &dts,
            &[
                facts("A 2 0, B 3 0"),
                facts("T 9 0").rsplit_once("</xbrli:unit>").expect("a unit").1.to_owned(),
            ],
        );
        let shown: Vec<String> = tally.kept().iter().map(ToString::to_string).collect();
        assert_eq!(shown, [format!("i.xml:3: {expected} [calculation-inconsistent]")]);
    }
}

#[test]
fn weights_are_exact_and_arcs_that_differ_all_count() {
    for (arcs, written, expected) in [
        (&[r#"T A weight="0.1""#, r#"T B weight="0.2""#][..], "T 0.3 INF, A 1 INF, B 1 INF", ""),
        (&[r#"T A weight="1""#, r#"T A weight="-1" priority="1""#], "T 0 0, A 7 0", ""),
        (&[r#"T A weight="1""#, r#"T A weight="1" use="prohibited""#], "T 0 0, A 7 0", ""),
        (&["T A"], "T 0 0, A 7 0", ""),
    ] {
        let dts = summing(RULES_2_1, arcs);
        assert_eq!(codes(&checked(&dts, &[facts(written)])), expected, "{arcs:?}");
    }
}

#[test]
fn each_role_is_a_calculation_of_its_own() {
    let links = link("calculation", RULES_2_1, "T A B", &[r#"T A weight="1""#])
        + &link("calculation", RULES_2_1, "T A B", &[r#"T B weight="1""#]).replace("\"r\"", "\"s\"");
    let dts = dts(&schema(ELEMENTS, ""), &links);
    assert_eq!(codes(&checked(&dts, &[facts("T 5 0, A 5 0, B 5 0")])), "");
    assert_eq!(codes(&checked(&dts, &[facts("T 5 0, A 5 0, B 6 0")])), "calculation-rounding:2");
}

#[test]
fn ten_thousand_facts_of_a_concept_take_no_time() {
    let dts = summing(RULES_2_1, &[r#"T A weight="1""#, r#"T B weight="1""#]);
    let mut body = String::new();
    for number in 0..10_000 {
        body += &context(&number.to_string(), "2024-01-01/2024-12-31", &format!("<t:x>{number}</t:x>"));
    }
    let head = super::HEAD;
    let mut text = format!(
        r#"<xbrli:xbrl {head}>{body}<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>"#
    );
    for number in 0..10_000 {
        for (concept, value) in [("T", number), ("A", number)] {
            text += &format!(
                r#"<t:{concept} contextRef="{number}" unitRef="usd" decimals="0">{value}</t:{concept}>"#
            );
        }
        // And as many for one context.
        text += r#"<t:B contextRef="0" unitRef="usd" decimals="0">0</t:B>"#;
    }
    let (instance, _) = crate::instance::parse("i.xml", (text + "</xbrli:xbrl>").as_bytes()).expect("one");
    let started = std::time::Instant::now();
    assert_eq!(codes(&super::check(&instance, &dts)), "");
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}
