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
    assert_eq!(parse_page(columns().to_string().as_bytes()).unwrap().filings.len(), 2);
    assert!(matches!(parse_page(file().to_string().as_bytes()), Err(Error::Field { .. })));
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
    for pointer in [
        "/name",
        "/tickers",
        "/exchanges",
        "/sic",
        "/fiscalYearEnd",
        "/filings/files",
        "/filings/recent/items",
    ] {
        for value in [json!(null), json!(7), json!([null]), json!({"odd": true}), json!("")] {
            let submissions = parsed(&with(pointer, value.clone())).unwrap();
            assert_eq!(submissions.filings.len(), 2, "{pointer} {value}");
            assert_eq!(submissions.damaged, Vec::<String>::new());
        }
    }
    assert_eq!(parsed(&with("/sic", json!(3571))).unwrap().company.sic.as_deref(), Some("3571"));
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
    let cases: [(&str, Value, &str); 7] = [
        ("/filings/recent/form", json!(["10-Q"]), "entry 1 (0000000042-24-000001): form is missing"),
        ("/filings/recent/form", json!(["10-Q", null]), "form is null"),
        (
            "/filings/recent/filingDate",
            json!(["2024-05-02", "2024-2-1"]),
            "filingDate is \"2024-2-1\", expected YYYY-MM-DD",
        ),
        ("/filings/recent/filingDate", json!(["2024-05-02", "2024-02-30"]), "expected YYYY-MM-DD"),
        (
            "/filings/recent/acceptanceDateTime",
            json!(["2024-05-02T16:30:00.000Z"]),
            "acceptanceDateTime is missing",
        ),
        (
            "/filings/recent/accessionNumber",
            json!(["0000000042-24-000002", "../x"]),
            "entry 1 (../x): accessionNumber is",
        ),
        (
            "/filings/recent/accessionNumber",
            json!(["0000000042-24-000002", null]),
            "entry 1: accessionNumber is null",
        ),
    ];
    for (pointer, value, part) in cases {
        let submissions = parsed(&with(pointer, value)).unwrap();
        assert_eq!((submissions.filings.len(), submissions.damaged.len()), (1, 1), "{part}");
        assert!(submissions.damaged[0].contains(part), "{}", submissions.damaged[0]);
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
