use serde_json::{Value, json};

use super::*;

fn file() -> Value {
    json!({
        "cik": "0000000042", "name": "Example Corp", "tickers": ["EX", "EX-A"], "exchanges": ["NYSE", null],
        "sic": "3571", "sicDescription": "Computers", "ein": "", "lei": null, "fiscalYearEnd": "0930",
        "filings": {
            "recent": columns(),
            "files": [{"name": "CIK0000000042-submissions-001.json", "filingCount": 2,
                       "filingFrom": "2001-01-01", "filingTo": "2009-12-31"}]
        }
    })
}

fn columns() -> Value {
    json!({
        "accessionNumber": ["0000000042-24-000002", "0000000042-24-000001"],
        "filingDate": ["2024-05-02", "2024-02-01"],
        "reportDate": ["2024-03-31", ""],
        "acceptanceDateTime": ["2024-05-02T16:30:00.000Z", "2024-06-01T09:00:00.000Z"],
        "form": ["10-Q", "8-K"],
        "isXBRL": [1, 0],
        "primaryDocument": ["q.htm", ""],
        "items": ["", "2.02"]
    })
}

fn parsed(value: &Value) -> Result<Submissions, Error> {
    parse(value.to_string().as_bytes())
}

#[test]
fn a_company_and_its_filings() {
    let submissions = parsed(&file()).unwrap();
    let company = &submissions.company;
    assert_eq!((company.cik.number(), company.name.as_str()), (42, "Example Corp"));
    assert_eq!((company.ticker(), company.exchange()), (Some("EX"), Some("NYSE")));
    assert_eq!((company.exchanges[1].as_str(), &company.ein, &company.lei), ("", &None, &None));
    let newest = company.newest.as_ref().unwrap();
    assert_eq!(
        newest.accession.as_str(),
        "0000000042-24-000001",
        "acceptance decides, not the order of the file"
    );
    assert_eq!(submissions.older_pages[0].to, "2009-12-31");
    let filing = &submissions.filings[0];
    assert!(filing.has_xbrl);
    assert_eq!(filing.metadata.report_date, "2024-03-31");
    assert!(!submissions.filings[1].has_xbrl);
}

#[test]
fn older_pages_have_their_columns_at_the_top() {
    let page = |value: Value| parse_page("old.json", value.to_string().as_bytes());
    assert_eq!(page(columns()).unwrap().filings.len(), 2);
    assert!(matches!(page(file()), Err(Error::Field { .. })));
    let mut ragged = columns();
    ragged["form"] = json!(["10-Q", null]);
    let expected = "old.json: form[1] of 0000000042-24-000001 is null, expected a form";
    assert_eq!(page(ragged).unwrap().damage.named, [expected]);
}

#[test]
fn a_number_is_a_cik_too() {
    let mut file = file();
    file["cik"] = json!(42);
    assert_eq!(parsed(&file).unwrap().company.cik.number(), 42);
}

/// The file with another value at a place.
fn with(pointer: &str, value: Value) -> Value {
    let mut file = file();
    match file.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => panic!("{pointer} is not there"),
    }
    file
}

#[test]
fn what_is_not_needed_may_be_anything() {
    for pointer in ["/name", "/tickers", "/exchanges", "/sic", "/fiscalYearEnd", "/filings/recent/items"] {
        for value in [json!(null), json!(7), json!([null]), json!({"odd": true}), json!("")] {
            let submissions = parsed(&with(pointer, value.clone())).unwrap();
            assert_eq!(submissions.filings.len(), 2, "{pointer} {value}");
            assert_eq!(submissions.damage, Damage::default());
        }
    }
    assert_eq!(parsed(&with("/sic", json!(3571))).unwrap().company.sic.as_deref(), Some("3571"));
    assert_eq!(parsed(&with("/sic", json!(3571.0))).unwrap().company.sic.as_deref(), Some("3571"));
    assert_eq!(parsed(&with("/name", json!(null))).unwrap().company.name, "CIK 42");
    let mut without = file();
    without["filings"]["recent"].as_object_mut().unwrap().remove("reportDate");
    assert_eq!(parsed(&without).unwrap().filings.len(), 2);
}

#[test]
fn either_flag_says_that_there_is_xbrl_and_none_says_nothing() {
    let with_flags = |classic: Option<Value>, inline: Option<Value>| {
        let mut file = file();
        let columns = file["filings"]["recent"].as_object_mut().unwrap();
        columns.remove("isXBRL");
        columns.extend(classic.map(|flags| ("isXBRL".to_owned(), flags)));
        columns.extend(inline.map(|flags| ("isInlineXBRL".to_owned(), flags)));
        let filings = parsed(&file).unwrap().filings;
        [filings[0].has_xbrl, filings[1].has_xbrl]
    };
    assert_eq!(with_flags(Some(json!([0, 0])), Some(json!([1, 0]))), [true, false]);
    assert_eq!(with_flags(Some(json!(["1", null])), None), [true, false]);
    assert_eq!(with_flags(None, None), [true, true]);
}

#[test]
fn a_damaged_row_costs_itself_and_is_named() {
    const FIRST: &str = "0000000042-24-000002";
    let recent = "CIK0000000042.json: filings.recent.";
    let cases: [(&str, Value, &str); 10] = [
        ("form", json!(["10-Q"]), "form[1] of 0000000042-24-000001 is missing, expected a form"),
        ("form", json!(["10-Q", null]), "form[1] of 0000000042-24-000001 is null, expected a form"),
        (
            "filingDate",
            json!(["2024-05-02", "2024-2-1"]),
            "filingDate[1] of 0000000042-24-000001 is \"2024-2-1\", expected YYYY-MM-DD",
        ),
        (
            "filingDate",
            json!(["2024-05-02", "2024-02-30"]),
            "filingDate[1] of 0000000042-24-000001 is \"2024-02-30\", expected YYYY-MM-DD",
        ),
        (
            "filingDate",
            json!(["2024-05-02", 20240201]),
            "filingDate[1] of 0000000042-24-000001 is 20240201, expected YYYY-MM-DD",
        ),
        (
            "acceptanceDateTime",
            json!(["2024-05-02T16:30:00.000Z"]),
            "acceptanceDateTime[1] of 0000000042-24-000001 is missing, expected a time",
        ),
        (
            "accessionNumber",
            json!([FIRST, "../x"]),
            "accessionNumber[1] is \"../x\", expected NNNNNNNNNN-NN-NNNNNN",
        ),
        (
            "accessionNumber",
            json!([FIRST, null]),
            "accessionNumber[1] is null, expected NNNNNNNNNN-NN-NNNNNN",
        ),
        ("accessionNumber", json!([FIRST]), "accessionNumber[1] is missing, expected NNNNNNNNNN-NN-NNNNNN"),
        (
            "accessionNumber",
            json!([FIRST, ["0000000042-24-000001"]]),
            "accessionNumber[1] is [\"0000000042-24-000001\"], expected NNNNNNNNNN-NN-NNNNNN",
        ),
    ];
    for (column, value, expected) in cases {
        let submissions = parsed(&with(&format!("/filings/recent/{column}"), value)).unwrap();
        assert_eq!(submissions.filings.len(), 1, "{expected}");
        assert_eq!(submissions.damage.named, [format!("{recent}{expected}")]);
    }
    // A column that is none at all spoils every row, and a longer one those that nobody else has.
    let none = parsed(&with("/filings/recent/form", json!({"0": "10-Q"}))).unwrap();
    assert_eq!((none.filings.len(), none.damage.rows), (0, 2));
    let longer = parsed(&with("/filings/recent/form", json!(["10-Q", "8-K", "10-K"]))).unwrap();
    assert_eq!((longer.filings.len(), longer.damage.rows), (2, 1));
}

#[test]
fn an_odd_entry_of_the_pages_costs_that_page_and_is_named() {
    let files = "CIK0000000042.json: filings.files";
    let page = json!({"name": "old.json", "filingCount": "2", "filingFrom": null, "filingTo": 20091231});
    let cases: [(Value, usize, &[&str]); 10] = [
        (json!(null), 0, &[]),
        (json!([]), 0, &[]),
        (page.clone(), 1, &[]),
        (json!([page, page]), 2, &[]),
        (json!(7), 0, &[" is 7, expected a list"]),
        (json!(""), 0, &[" is \"\", expected a list"]),
        (json!([null, page]), 1, &["[0] is null, expected the name of a file"]),
        (json!([page, {"filingCount": 2}]), 1, &["[1].name is missing, expected the name of a file"]),
        (json!({"name": null}), 0, &["[0].name is null, expected the name of a file"]),
        (json!([{"name": "../old.json"}]), 0, &["[0].name is \"../old.json\", expected the name of a file"]),
    ];
    for (value, pages, damaged) in cases {
        let submissions = parsed(&with("/filings/files", value)).unwrap();
        assert_eq!((submissions.filings.len(), submissions.older_pages.len()), (2, pages), "{damaged:?}");
        let expected: Vec<String> = damaged.iter().map(|rest| format!("{files}{rest}")).collect();
        assert_eq!(submissions.damage.named, expected);
        for page in submissions.older_pages {
            assert_eq!(
                (page.from.as_str(), page.to.as_str(), page.count),
                ("0000-00-00", "9999-99-99", Some(2))
            );
        }
    }
}

#[test]
fn what_is_no_such_file_is_said() {
    let cases: [(&str, Value, &str); 5] = [
        ("/filings/recent", json!({}), "accessionNumber is missing"),
        ("/filings/recent", json!(null), "filings.recent is null"),
        ("/filings/recent/accessionNumber", json!("none"), "accessionNumber is \"none\", expected a list"),
        ("/cik", json!("none"), "cik is \"none\", expected a CIK"),
        ("/cik", json!(null), "cik is null"),
    ];
    for (pointer, value, part) in cases {
        let error = parsed(&with(pointer, value)).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    let error = parse(b"{").unwrap_err().to_string();
    assert!(error.contains("not a submissions file") && !error.contains("column"), "{error}");
}

#[test]
fn tickers_alone_are_read_as_the_whole_file_has_them() {
    let file =
        |tickers: &str| format!(r#"{{"cik": "42", "filings": {{"recent": 7}}, "tickers": {tickers}}}"#);
    for (written, expected) in
        [(r#"["EX", null, " ", "EX-A"]"#, &["EX", "EX-A"][..]), ("null", &[]), (r#""EX""#, &[]), ("[]", &[])]
    {
        assert_eq!(tickers(file(written).as_bytes()).unwrap(), expected, "{written}");
    }
    assert_eq!(tickers(b"{}").unwrap(), [""; 0]);
    assert!(tickers(b"<html>").is_err());
}
