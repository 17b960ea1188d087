//! The fixtures are what their README says, and a mirror changes only where it was asked to.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Read};

use serde_json::Value;

use super::*;

const TEN_K: &str = "0009900001-25-000011";
const AGENT_FILED: &str = "0009900099-25-000077";

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn accessions(page: &Value) -> Vec<&str> {
    let columns = page.pointer("/filings/recent").unwrap_or(page);
    columns["accessionNumber"].as_array().unwrap().iter().map(|cell| cell.as_str().unwrap()).collect()
}

fn zip_of(mirror: &Path, accession: &str) -> Vec<(String, Vec<u8>)> {
    let folder = filing_folder(mirror, accession).unwrap();
    let data = fs::read(folder.join(format!("{accession}-xbrl.zip"))).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(data)).unwrap();
    let count = archive.len();
    let entry = |at| {
        let mut entry = archive.by_index(at).unwrap();
        let mut data = Vec::new();
        entry.read_to_end(&mut data).unwrap();
        (entry.name().unwrap().to_string(), data)
    };
    (0..count).map(entry).collect()
}

#[test]
fn every_fixture_zip_holds_the_files_beside_it() {
    let counts = golden("counts").unwrap();
    assert_eq!(counts.len(), 6);
    for row in counts {
        let accession = &row["accession"];
        let folder = filing_folder(&fixture_edgar(), accession).unwrap();
        let entries = zip_of(&fixture_edgar(), accession);
        assert!(entries.iter().any(|(name, _)| name.ends_with(".xsd")), "{accession}");
        for (name, data) in entries {
            assert_eq!(fs::read(folder.join(&name)).unwrap(), data, "{accession}/{name}: run make-zips.py");
        }
        let items = json(&folder.join("index.json"))["directory"]["item"].as_array().unwrap().clone();
        for item in items {
            let size = fs::metadata(folder.join(item["name"].as_str().unwrap())).unwrap().len();
            assert_eq!(item["size"], size.to_string(), "{accession}: run make-zips.py");
        }
        assert_eq!(
            golden(&format!("{accession}.facts")).unwrap().len(),
            row["occurrences"].parse::<usize>().unwrap()
        );
    }
}

#[test]
fn golden_rows_are_named_and_unescaped() {
    let labels = golden(&format!("{TEN_K}.labels")).unwrap();
    let lines: Vec<_> = labels.iter().filter(|row| row["text"].contains('\n')).collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["role"], "documentation");
    assert_eq!(unescape(r"a\tb\\n\nc"), "a\tb\\n\nc");
    assert!(golden("no-such-file").is_err());
}

#[test]
fn a_filing_comes_and_goes() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    let company = mirror.path().join("submissions/CIK0009900001.json");
    let before = json(&company);
    let new = "0009900001-26-000005";

    mirror.add_filing(TEN_K, new, "2026-02-19").unwrap();
    let with = json(&company);
    assert_eq!(accessions(&with)[0], new);
    assert_eq!(with["filings"]["recent"]["acceptanceDateTime"][0], "2026-02-19T12:00:00.000Z");
    assert_eq!(with["filings"]["recent"]["reportDate"][0], "2024-12-31");
    assert_eq!(zip_of(mirror.path(), new).len(), zip_of(mirror.path(), TEN_K).len());
    let index = json(&filing_folder(mirror.path(), new).unwrap().join("index.json"));
    assert!(index.to_string().contains("0009900001-26-000005-xbrl.zip"));
    assert!(!index.to_string().contains("000990000125000011"));
    assert!(mirror.add_filing(TEN_K, new, "2026-02-19").is_err());

    mirror.remove_filing(new).unwrap();
    assert_eq!(json(&company), before);
    assert!(filing_folder(mirror.path(), new).is_none());
    assert!(mirror.remove_filing(new).is_err());
}

#[test]
fn an_older_page_has_its_columns_at_the_top() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    let cik = "0009900002";
    let name = mirror.split_page(cik, 1).unwrap();
    assert_eq!(name, "CIK0009900002-submissions-001.json");

    let company = json(&mirror.submissions_of(cik));
    let older = json(&mirror.path().join("submissions").join(&name));
    assert_eq!(accessions(&company), [AGENT_FILED]);
    assert_eq!(accessions(&older), ["0009900002-24-000040", "0009900002-11-000033"]);
    let file = &company["filings"]["files"][0];
    assert_eq!((&file["name"], &file["filingCount"]), (&Value::from(name), &Value::from(2)));
    assert_eq!((&file["filingFrom"], &file["filingTo"]), (&"2011-11-18".into(), &"2024-11-08".into()));

    mirror.add_filing("0009900002-11-000033", "0009900002-25-000090", "2025-11-20").unwrap();
    assert_eq!(accessions(&json(&mirror.submissions_of(cik)))[0], "0009900002-25-000090");
    mirror.remove_filing("0009900002-11-000033").unwrap();
    assert!(mirror.split_page(cik, 2).is_err(), "two are left in the newest page");
}

#[test]
fn clones_are_companies_of_their_own() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    let clones = mirror.scale_to(5).unwrap();
    assert_eq!(clones, ["0099100000", "0099100001", "0099100002"]);

    let list = json(&mirror.path().join("files/company_tickers.json"));
    let ciks: BTreeSet<_> = list.as_object().unwrap().values().map(|row| row["cik_str"].as_u64()).collect();
    assert_eq!(ciks.len(), 5);

    // The list names the agent-filed company first, so the first clone is its.
    let company = json(&mirror.submissions_of(&clones[0]));
    let expected = ["0099100000-25-000077", "0099100000-24-000040", "0099100000-11-000033"];
    assert_eq!(accessions(&company), expected);
    assert_eq!(company["cik"], "0099100000");
    assert_eq!(company["name"], "Quillfeather Foods Inc 0000");
    assert_eq!(company["tickers"][0], "XAAAA");

    for (accession, original) in
        expected.iter().zip([AGENT_FILED, "0009900002-24-000040", "0009900002-11-000033"])
    {
        let entries = zip_of(mirror.path(), accession);
        assert_eq!(entries.len(), zip_of(mirror.path(), original).len());
        let instance = entries
            .iter()
            .map(|(_, data)| String::from_utf8_lossy(data))
            .find(|text| text.contains("0099100000</xbrli:identifier>"));
        assert!(!instance.expect("the instance names its new filer").contains("0009900002"));
    }
}

#[test]
fn companies_are_filled_up_before_they_are_cloned() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    mirror.fill_to(5).unwrap();
    let clones = mirror.scale_to(4).unwrap();
    for cik in clones.iter().map(String::as_str).chain(["0009900001", "0009900002"]) {
        let company = json(&mirror.submissions_of(cik));
        let with_files = accessions(&company)
            .into_iter()
            .filter(|accession| filing_folder(mirror.path(), accession).is_some());
        let mut newest: Vec<_> = with_files.collect();
        assert_eq!(newest.len(), 5, "{cik}");
        newest.truncate(2);
        assert_eq!(newest, [format!("{cik}-26-000004"), format!("{cik}-26-000003")]);
    }
}

#[test]
fn the_corpus_is_found_or_skipped() {
    if let Some(corpus) = corpus() {
        assert!(corpus.join("Archives").is_dir());
    }
}
