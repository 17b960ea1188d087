//! Transformations by tables of texts, registry by registry, and the SEC's conformance suite.

mod first;
mod second;
mod fourth;
mod languages;

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::find;
use crate::QName;
use crate::reader::{Event, XmlReader, decode};

const V1: &str = "http://www.xbrl.org/inlineXBRL/transformation/2010-04-20";
const V2: &str = "http://www.xbrl.org/inlineXBRL/transformation/2011-07-31";
const V3: &str = "http://www.xbrl.org/inlineXBRL/transformation/2015-02-26";
const V4: &str = "http://www.xbrl.org/inlineXBRL/transformation/2020-02-12";
const V5: &str = "http://www.xbrl.org/inlineXBRL/transformation/2022-02-16";
const SEC: &str = "http://www.sec.gov/inlineXBRL/transformation/2015-08-31";

/// Every text with its result; `None` is what the rule must refuse.
fn check(namespace: &str, cases: &[(&str, &str, Option<&str>)]) {
    for (name, text, expected) in cases {
        let transform =
            find(&QName::new(namespace, *name)).unwrap_or_else(|| panic!("no {name} in {namespace}"));
        assert_eq!(transform.apply(text).as_deref(), *expected, "{name} of {text:?}");
    }
}

#[test]
fn what_the_sec_adds() {
    check(
        SEC,
        &[
            ("entityfilercategoryen", "Non-accelerated filer", Some("Non-accelerated Filer")),
            ("exchnameen", "New York Stock Exchange", Some("NYSE")),
            ("exchnameen", "NASDAQ Global Select Market", Some("NASDAQ")),
            ("edgarprovcountryen", "Ontario, Canada", Some("A6")),
            ("edgarprovcountryen", "Canada", Some("Z4")),
            ("stateprovnameen", "District of Columbia", Some("DC")),
            ("durwordsen", "one hundred eighty days", Some("P180D")),
            ("durwordsen", "18 months", Some("P18M")),
            ("durwordsen", "two days one year", None),
            ("numwordsen", "Nineteen hundred and ninety-nine", Some("1999")),
            ("numwordsen", "two thousand, one hundred", Some("2100")),
            ("numwordsen", "one thousand one million", None),
            ("numwordsen", "- thirty", None),
            ("numwordsen", "-thirty", None),
            ("numwordsen", "twenty–one thousand, one", Some("21001")),
            ("numwordsen", "one thousand and one hundred", None),
            ("numwordsen", "one thousand,", None),
            ("numwordsen", "five million,", Some("5000000")),
            ("numwordsen", "twenty twelve", None),
            ("numwordsen", "TEN", None),
            ("numwordsen", "10", None),
            ("numwordsen", "five and", None),
            ("durwordsen", "3-year", Some("P3Y")),
            ("durwordsen", "364-day", Some("P364D")),
            ("durwordsen", "one hundred-twenty-one-day", Some("P121D")),
            ("durwordsen", "five million months", None),
            ("durwordsen", "none months", None),
            ("durwordsen", "no months", Some("P0D")),
            ("durwordsen", "-3 years", None),
            ("durwordsen", "12345 days", None),
            ("durwordsen", "one year one year", None),
            ("durwordsen", "years", None),
            ("durwordsen", "", None),
            ("datequarterend", "Q3 1999", Some("1999-09-30")),
            ("datequarterend", "1999, last quarter", Some("1999-12-31")),
            ("datequarterend", "first or second quarter 1999", None),
            ("datequarterend", "1999 2 2000", None),
            ("datequarterend", "Q12 1999", None),
            ("datequarterend", "Q5 1999", None),
            ("datequarterend", "FIRST quarter 1999", None),
            ("duryear", "1,5", None),
            ("duryear", "0.5", Some("P0Y6M")),
            ("duryear", "0", Some("P0Y")),
            ("durday", "-0", Some("P0D")),
        ],
    );
}

#[test]
fn unknown_names() {
    for (namespace, name) in [
        (V1, "num-dot-decimal"),
        (V1, "numdotdecimal"),
        (V1, "zerodash"),
        (V1, "nocontent"),
        (V2, "numdash"),
        (V2, "numcommadot"),
        (V2, "numdotdecimalin"),
        (V2, "datedaymonthdk"),
        (V2, "datemonthyear"),
        (V2, "dateyearmonthday"),
        (V2, "calindaymonthyear"),
        (V3, "fixed-zero"),
        (V3, "calinmonthyear"),
        (V4, "numdotdecimal"),
        (V4, "zerodash"),
        (V4, "nocontent"),
        (V4, "num-dot-decimal-apos"),
        (V4, "date-day-monthname-cy"),
        (V4, "date-day-monthname-hu"),
        (V4, "date-day-monthname-year-lv"),
        (V4, "date-year-monthname-day-en"),
        (V4, "date-day-monthname-xx"),
        (V5, "date-monthname-day-cy"),
        (SEC, "num-dot-decimal"),
        (SEC, "Numinf"),
        ("http://www.xbrl.org/inlineXBRL/transformation/2020-02-13", "fixed-zero"),
        ("", "x"),
    ] {
        assert!(find(&QName::new(namespace, name)).is_none(), "{name} in {namespace:?}");
    }
}

/// The SEC's own test suite: every variation that is valid there gives its output, every invalid one nothing.
#[test]
fn conformance_suite_of_the_sec() {
    let corpus = std::env::var_os("EDGRAPH_CORPUS")
        .map_or_else(|| PathBuf::from("../../../shared/edgar"), PathBuf::from);
    let path = corpus.join("conformance/edgar-transform-conf/conf/tests.xml");
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: no {}", path.display());
        return;
    };
    let text = decode("tests.xml", &bytes).unwrap();
    let mut reader = XmlReader::new("tests.xml", &text);
    let mut name = String::new();
    let (mut passed, mut failures) = (0, BTreeMap::new());
    while let Some(event) = reader.read().unwrap() {
        let Event::Start(element) = event else { continue };
        if let Some(transform) = element.attribute("name") {
            name = transform.split_once(':').unwrap().1.to_owned();
        }
        let (Some(input), Some(result)) = (element.attribute("input"), element.attribute("result")) else {
            continue;
        };
        let expected = element.attribute("output").filter(|_| result == "valid");
        let found = find(&QName::new(SEC, name.as_str())).and_then(|transform| transform.apply(input));
        if found.as_deref() == expected {
            passed += 1;
        } else {
            failures.insert(format!("{name} of {input:?}"), format!("{found:?} instead of {expected:?}"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!(passed, 787);
}
