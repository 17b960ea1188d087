//! A mirror grows: what is new is processed, and the graph is the one a fresh run would make.

use edgraph_tests::corpus::{self, Mirror};
use serde_json::json;

use crate::program::{Run, checksum, query};

/// The newest filing of the first sample company.
pub(crate) const LATE: &str = "0009900001-25-000024";

pub(crate) fn over(mirror: &Mirror, out: &std::path::Path) -> Run {
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    Run::over(mirror.path(), out).with(["--amendments", "--taxonomies", &taxonomies])
}

#[test]
fn one_new_filing_is_one_filing_processed_and_the_graph_equals_a_fresh_one() {
    let whole = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    let before = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    before.remove_filing(LATE).unwrap();
    let (grown, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());

    assert_eq!(over(&before, grown.path()).ok()["processed"], 5);
    let second = over(&whole, grown.path()).ok();
    assert_eq!(
        (&second["processed"], &second["skipped"], &second["ingested"]["added"]),
        (&json!(1), &json!(5), &json!(1))
    );
    over(&whole, fresh.path()).ok();
    assert_eq!(checksum(grown.path()), checksum(fresh.path()));
}

#[test]
fn a_limit_leaves_what_is_in_the_graph_alone() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let before = checksum(out.path());
    let limited = Run::samples(out.path()).with(["--max-filings-per-entity", "1"]).ok();
    assert_eq!(
        (&limited["skipped"], &limited["left_out"]["beyond --max-filings-per-entity"]),
        (&json!(2), &json!(4))
    );
    assert_eq!(checksum(out.path()), before);
    assert_eq!(query(out.path(), "MATCH (r:Report) RETURN count(*) AS n")[0]["n"], 6);
}

/// The samples, where the second company lists a filing of the first, as co-registrants of one filing do.
pub(crate) fn with_a_filing_of_two_companies() -> Mirror {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    let path = |cik: &str| mirror.path().join(format!("submissions/CIK{cik}.json"));
    let read = |cik: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(path(cik)).unwrap()).unwrap()
    };
    let (first, mut second) = (read("0009900001"), read("0009900002"));
    let columns = first["filings"]["recent"].as_object().unwrap();
    let row = columns["accessionNumber"].as_array().unwrap().iter().position(|a| a == LATE).unwrap();
    for (name, column) in columns {
        let value = column[row].clone();
        second["filings"]["recent"][name].as_array_mut().unwrap().push(value);
    }
    std::fs::write(path("0009900002"), second.to_string()).unwrap();
    // EDGAR shows a filing's folder under each of its filers.
    let folder = corpus::filing_folder(mirror.path(), LATE).unwrap();
    let under_second = mirror.path().join("Archives/edgar/data/9900002").join(folder.file_name().unwrap());
    std::fs::create_dir(&under_second).unwrap();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap();
        std::fs::copy(file.path(), under_second.join(file.file_name())).unwrap();
    }
    mirror
}

#[test]
fn a_filing_listed_by_two_companies_is_one_item_one_report_and_two_filers() {
    let mirror = with_a_filing_of_two_companies();
    let out = tempfile::tempdir().unwrap();
    let summary = over(&mirror, out.path()).ok();
    assert_eq!(summary["processed"], 6);
    let filers = query(
        out.path(),
        &format!(
            "MATCH (e:Entity)-[h:ENTITY_HAS_REPORT]->(r:Report {{accession_number: '{LATE}'}}) \
             RETURN e.cik AS cik, h.role AS role ORDER BY cik"
        ),
    );
    let expected = [
        json!({"cik": "0009900001", "role": "filer"}),
        json!({"cik": "0009900002", "role": "co-registrant"}),
    ];
    assert_eq!(filers, expected);
}
