//! Transformations by tables of texts, registry by registry, and the SEC's conformance suite.

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

fn check(namespace: &str, cases: &[(&str, &str, Option<&str>)]) {
    for (name, text, expected) in cases {
        let transform =
            find(&QName::new(namespace, *name)).unwrap_or_else(|| panic!("no {name} in {namespace}"));
        assert_eq!(transform.apply(text).as_deref(), *expected, "{name} of {text:?}");
    }
}

#[test]
fn registry_1() {
    check(
        V1,
        &[
            ("dateslashus", "3/9/98", Some("2098-03-09")),
            ("dateslasheu", "31/12/2010", Some("2010-12-31")),
            ("datedotus", "12.31.2010", Some("2010-12-31")),
            ("datedoteu", "31.12.2010", Some("2010-12-31")),
            ("datedoteu", "31.13.2010", None),
            ("datelongus", "January 5, 2010", Some("2010-01-05")),
            ("dateshortuk", "5 Jan 10", Some("2010-01-05")),
            ("datelonguk", "05 January 2010", Some("2010-01-05")),
            ("datelongdaymonthuk", "28 February", Some("--02-28")),
            ("dateshortmonthdayus", "Feb 29", Some("--02-29")),
            ("dateslashdaymontheu", "31/12", Some("--12-31")),
            ("datelongyearmonth", "2010 March", Some("2010-03")),
            ("dateshortmonthyear", "Mar 2010", Some("2010-03")),
            ("numcommadot", "1,234,567.89", Some("1234567.89")),
            ("numspacedot", "1 234 567.89", Some("1234567.89")),
            ("numdotcomma", "1.234,5", Some("1234.5")),
            ("numspacecomma", "1\u{a0}234,5", Some("1234.5")),
            ("numcomma", "1234,5", Some("1234.5")),
            ("numdash", "-", Some("0")),
            ("numdash", "x", None),
        ],
    );
}

#[test]
fn registries_2_and_3() {
    for namespace in [V2, V3] {
        check(
            namespace,
            &[
                ("booleanfalse", "anything", Some("false")),
                ("booleantrue", "", Some("true")),
                ("nocontent", "x", Some("")),
                ("zerodash", " — ", Some("0")),
                ("zerodash", "--", None),
                ("numdotdecimal", "1,234.5", Some("1234.5")),
                ("numdotdecimal", "1,234.5,6", None),
                ("numcommadecimal", "1.234,5", Some("1234.5")),
                ("numunitdecimal", "1,234円50銭", Some("1234.50")),
                ("numunitdecimal", "５円５銭", Some("5.05")),
                ("datedaymonth", "31.12.", Some("--12-31")),
                ("datedaymonthen", "2nd December", Some("--12-02")),
                ("datemonthdayen", "December 31st", Some("--12-31")),
                ("datemonthdayyearen", "March\u{a0}29, 2025", Some("2025-03-29")),
                ("datemonthdayyearen", "SEPT. 30, 2025", Some("2025-09-30")),
                ("datemonthdayyearen", "February 29, 2025", None),
                ("datedaymonthyearen", "30 June 2008", Some("2008-06-30")),
                ("datemonthyearen", "March 2025", Some("2025-03")),
                ("dateyearmonthen", "2025, March", Some("2025-03")),
                ("dateyearmonthdaycjk", "2008年６月30日", Some("2008-06-30")),
                ("dateyearmonthcjk", "2008年6月", Some("2008-06")),
                ("dateerayearmonthdayjp", "平成20年6月30日", Some("2008-06-30")),
                ("dateerayearmonthdayjp", "令和元年5月1日", Some("2019-05-01")),
                ("dateerayearmonthjp", "昭和５０年３月", Some("1975-03")),
            ],
        );
    }
    check(
        V3,
        &[
            ("datedaymonthdk", "2. juni", Some("--06-02")),
            ("datedaymonthyeardk", "2. DECEMBER 2014", Some("2014-12-02")),
            ("datedaymonthyearin", "११ अप्रैल २०१३", Some("2013-04-11")),
            ("datemonthyearin", "जून 13", Some("2013-06")),
            ("datemonthyear", "12/2014", Some("2014-12")),
            ("numdotdecimalin", "12,34,567.89", Some("1234567.89")),
            ("numunitdecimalin", "12,34,567 rupees 50 paise", Some("1234567.50")),
            ("calindaymonthyear", "11 पौष 1921", Some("2000-01-01")),
            ("calindaymonthyear", "1 Chaitra 1946", Some("2024-03-21")),
            ("calindaymonthyear", "30 Phālguna 1945", Some("2024-03-20")),
            ("calindaymonthyear", "32 Chaitra 1946", None),
        ],
    );
}

#[test]
fn registries_4_and_5() {
    for namespace in [V4, V5] {
        check(
            namespace,
            &[
                ("fixed-zero", "—", Some("0")),
                ("fixed-false", "☐", Some("false")),
                ("fixed-true", "☒", Some("true")),
                ("fixed-empty", "none", Some("")),
                ("num-dot-decimal", "352,583", Some("352583")),
                ("num-dot-decimal", ".5", Some(".5")),
                ("num-dot-decimal", "1 000.000 1", Some("1000.0001")),
                ("num-dot-decimal", "(5)", None),
                ("num-dot-decimal", "-5", None),
                ("num-dot-decimal", "", None),
                ("num-comma-decimal", "1.000,5", Some("1000.5")),
                ("num-unit-decimal", "5 USD 7 cents", Some("5.07")),
                ("date-month-day", "9-27", Some("--09-27")),
                ("date-month-day-year", "1/31/2024", Some("2024-01-31")),
                ("date-day-month-year", "31.01.24", Some("2024-01-31")),
                ("date-year-month-day", "2024 - 01 - 31", Some("2024-01-31")),
                ("date-month-year", "01/2024", Some("2024-01")),
                ("date-year-month", "2024-01", Some("2024-01")),
                ("date-monthname-day-en", "September 27", Some("--09-27")),
                ("date-monthname-day-year-en", "Sep 27, 2024", Some("2024-09-27")),
                ("date-monthname-year-en", "May 2024", Some("2024-05")),
                ("date-day-monthname-year-de", "31. März 2024", Some("2024-03-31")),
                ("date-day-monthname-year-fr", "1er août 2024", Some("2024-08-01")),
                ("date-day-monthname-year-es", "31 de marzo de 2024", Some("2024-03-31")),
                ("date-day-monthname-cs", "5. července", Some("--07-05")),
                ("date-day-monthname-cs", "5. června", Some("--06-05")),
                ("date-day-monthname-year-cs", "5. února 2024", Some("2024-02-05")),
                ("date-day-monthname-year-el", "31 Μαρτίου 2024", Some("2024-03-31")),
                ("date-day-monthname-year-fi", "31. maaliskuuta 2024", Some("2024-03-31")),
                ("date-day-monthname-year-pl", "31 października 2024", Some("2024-10-31")),
                ("date-year-monthname-day-hu", "2024. március 31.", Some("2024-03-31")),
                ("date-year-monthname-day-lt", "2024 m. kovo 31 d.", Some("2024-03-31")),
                ("date-year-day-monthname-lv", "2024. gada 31. marts", Some("2024-03-31")),
                ("date-day-monthname-bg", "31 март", Some("--03-31")),
                ("date-day-monthname-year-hi", "31 मार्च 2024", Some("2024-03-31")),
                ("date-day-monthroman-year", "31.XII.2024", Some("2024-12-31")),
                ("date-monthroman-year", "iv 2024", Some("2024-04")),
                ("date-jpn-era-year-month-day", "令和6年3月31日", Some("2024-03-31")),
            ],
        );
    }
    check(
        V5,
        &[
            ("date-day-monthname-year-cy", "31 o Fawrth 2024", Some("2024-03-31")),
            ("num-dot-decimal-apos", "1'234’567.5", Some("1234567.5")),
            ("num-comma-decimal-apos", "1'234,5", Some("1234.5")),
            ("num-unit-decimal-apos", "1'234 francs 50 centimes", Some("1234.50")),
        ],
    );
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
            ("duryear", "0.5", Some("P0Y6M")),
            ("duryear", "0", Some("P0Y")),
            ("durday", "-0", Some("P0D")),
        ],
    );
}

#[test]
fn unknown_names() {
    for (namespace, name) in
        [(V1, "num-dot-decimal"), (V4, "numdotdecimal"), (V4, "date-day-monthname-xx"), ("", "x")]
    {
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
