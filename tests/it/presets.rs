//! The fifteen preset queries on the sample filings, row for row.

use edgraph_coordinator::query::examples;
use edgraph_tests::corpus;
use expect_test::expect_file;

use crate::program::{Run, edgraph};

/// Names of the predecessor's presets.
const PRESETS: [&str; 15] = [
    "summary",
    "entities",
    "recent_reports",
    "report_types",
    "financial_facts",
    "fact_dimensions",
    "fact_periods",
    "elements",
    "report_structure",
    "entity_overview",
    "fact_aspects",
    "fact_with_dimensions",
    "taxonomy_structures",
    "element_hierarchy",
    "report_taxonomy_detail",
];

#[test]
fn every_preset_answers_as_committed() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let graph = out.path().join("graph").display().to_string();
    for name in PRESETS {
        assert!(examples::find(name).is_some(), "{name}");
    }
    for example in examples::EXAMPLES {
        let answer = edgraph(["query", "--graph", &graph, "--format", "csv", "--example", example.name]).ok();
        assert!(answer.stdout.lines().count() > 1, "{} has no rows", example.name);
        // Renewed with UPDATE_EXPECT=1.
        let file = corpus::fixtures().join("golden/queries").join(format!("{}.csv", example.name));
        expect_file![file].assert_eq(&answer.stdout);
    }
}
