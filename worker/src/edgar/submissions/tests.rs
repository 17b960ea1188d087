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
    assert_eq!(parse_page(columns().to_string().as_bytes()).unwrap().len(), 2);
    assert!(matches!(parse_page(file().to_string().as_bytes()), Err(Error::Json(_))));
}

#[test]
fn a_number_is_a_cik_too() {
    let mut file = file();
    file["cik"] = json!(42);
    assert_eq!(parsed(&file).unwrap().company.cik.number(), 42);
}

#[test]
fn what_does_not_fit_is_named() {
    let cases: [(&str, Value, &str); 7] = [
        ("/filings/recent/form", json!(["10-Q"]), "column form has 1 entries where accessionNumber has 2"),
        ("/filings/recent/isXBRL", json!([1, 0, 1]), "column isXBRL has 3 entries"),
        (
            "/filings/recent/filingDate",
            json!(["2024-05-02", "2024-2-1"]),
            "entry 1 of column filingDate is \"2024-2-1\"",
        ),
        ("/filings/recent/filingDate", json!(["2024-05-02", "2024-02-30"]), "expected YYYY-MM-DD"),
        ("/filings/recent/accessionNumber", json!(["../x", "y"]), "entry 0 of column accessionNumber"),
        ("/filings/recent", json!({}), "missing field `accessionNumber`"),
        ("/cik", json!("none"), "CIK"),
    ];
    for (pointer, value, part) in cases {
        let mut file = file();
        *file.pointer_mut(pointer).unwrap() = value;
        let error = parsed(&file).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
