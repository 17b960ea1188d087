//! The first thing a stranger does: the sample filings, offline, in one command, and a question.

use edgraph_tests::corpus;
use serde_json::json;

use crate::program::{Run, checksum, edgraph, parquet_files, query};

/// The statement of the issue: total assets at the end of each report's period.
pub(crate) const ASSETS: &str = "\
MATCH (e:Entity)-[:ENTITY_HAS_REPORT]->(r:Report)-[:REPORT_HAS_FACT]->(f:Fact)-[:FACT_HAS_ELEMENT]->(x:Element {name:'Assets'}) \
MATCH (f)-[:FACT_HAS_PERIOD]->(p:Period) \
WHERE p.instant_date = r.report_date AND f.is_primary AND NOT EXISTS { MATCH (f)-[:FACT_HAS_DIMENSION]->() } \
RETURN r.accession_number AS accession, r.report_date AS date, f.numeric_value AS amount, e.name AS entity ORDER BY accession";

#[test]
fn one_command_makes_a_graph_that_answers_and_a_second_one_has_nothing_to_do() {
    let out = tempfile::tempdir().unwrap();
    // A path with a space is a path like any other.
    let out = out.path().join("my data");
    let first = Run::samples(&out).ok();
    assert_eq!(
        (&first["processed"], &first["skipped"], &first["state"]),
        (&json!(6), &json!(0), &json!("completed"))
    );
    assert_eq!(first["ingested"]["added"], 6);
    assert_eq!(first["left_out"], json!({}), "the 8-K without XBRL is nothing to speak of");

    let assets: Vec<String> = query(&out, ASSETS)
        .iter()
        .map(|row| format!("{} {}", row["accession"].as_str().unwrap(), row["amount"]))
        .collect();
    assert_eq!(
        assets,
        [
            "0009900001-25-000011 408625000.0",
            "0009900001-25-000024 413625000.0",
            "0009900001-25-000031 408625000.0",
            "0009900002-11-000033 449900000.0",
            "0009900002-24-000040 807900000.0",
            "0009900099-25-000077 820600000.0",
        ]
    );

    let (sums, files) = (checksum(&out), parquet_files(&out));
    let second = Run::samples(&out).ok();
    assert_eq!((&second["processed"], &second["skipped"]), (&json!(0), &json!(6)));
    let ingested = &second["ingested"];
    assert_eq!(
        (&ingested["unchanged"], &ingested["nodes"], &ingested["relationships"]),
        (&json!(6), &json!(0), &json!(0))
    );
    assert_eq!(checksum(&out), sums);
    assert!(parquet_files(&out) == files, "the second run touched a file");
}

#[test]
fn notes_and_symbols_lead_to_facts_and_companies() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let notes = query(
        out.path(),
        "MATCH (f:Fact)-[h:FACT_HAS_FOOTNOTE]->(n:Footnote) \
         RETURN n.text AS text, n.language AS language, count(f) AS facts, max(h.order_value) AS place ORDER BY text",
    );
    let averages = "(a) Basic and diluted shares are averages of month ends.";
    let split = "Before the share split of March 2012.";
    let expected = [(averages, 2), (split, 1)]
        .map(|(text, facts)| json!({"text": text, "language": "en-US", "facts": facts, "place": 1.0}));
    assert_eq!(notes, expected);
    let symbol = "MATCH (e:Entity) WHERE e.tickers CONTAINS '\"LKSP-B\"' RETURN e.ticker AS first";
    assert_eq!(query(out.path(), symbol), [json!({"first": "LKSP"})]);
}

/// Columns of the golden counts, and what `inspect` calls them. Units are left out: the golden file counts those in
/// use, `inspect` all.
const COUNTS: [(&str, &str); 11] = [
    ("occurrences", "facts"),
    ("fact_rows", "fact_rows"),
    ("numeric", "numeric_facts"),
    ("nil", "nil_facts"),
    ("contexts", "contexts"),
    ("explicit_dims", "explicit_dimensions"),
    ("typed_dims", "typed_dimensions"),
    ("presentation_arcs", "presentation_arcs"),
    ("calculation_arcs", "calculation_arcs"),
    ("definition_arcs", "definition_arcs"),
    ("labels", "labels"),
];

#[test]
fn inspect_counts_what_an_independent_processor_counts() {
    let mirror = corpus::fixture_edgar();
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    for expected in corpus::golden("counts").unwrap() {
        let accession = &expected["accession"];
        let folder = corpus::filing_folder(&mirror, accession).unwrap();
        let zip = folder.join(format!("{accession}-xbrl.zip")).display().to_string();
        let folder = folder.display().to_string();
        let shown = edgraph(["inspect", "--taxonomies", &taxonomies, &folder]).ok().json();
        let of_zip = edgraph(["inspect", "--taxonomies", &taxonomies, &zip]).ok().json();
        for (golden, ours) in COUNTS {
            let count: u64 = expected[golden].parse().unwrap();
            assert_eq!(shown[ours], count, "{ours} of {accession}: {shown}");
            assert_eq!(of_zip[ours], count, "{ours} of the zip of {accession}");
        }
        assert_eq!(shown["diagnostics"], json!([]), "{accession} is a sound filing");
    }
}
