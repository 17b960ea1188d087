//! The fifteen preset queries on the sample filings, row for row.

use edgraph_graph::query::examples;
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

/// The Cypher of the statement recipe in the graph's README.
fn recipe() -> String {
    let readme = std::fs::read_to_string(corpus::workspace().join("coordinator/graph/README.md")).unwrap();
    let block = readme.split("```cypher\n").nth(1).expect("README has the recipe");
    block.split("```").next().expect("the block ends").to_owned()
}

#[test]
fn the_statement_recipe_of_the_readme_reads_from_the_top_with_the_labels_as_filed() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let (graph, cypher) = (out.path().join("graph").display().to_string(), recipe());
    // The second begins and ends with a balance, and what is paid out is negated.
    for (role, file) in
        [("IncomeStatement", "income_statement.csv"), ("RetainedEarnings", "retained_earnings.csv")]
    {
        let role = format!("role=http://larkspur.example.com/role/{role}");
        let parameters = ["accession=0009900001-25-000011", &role];
        let answer = edgraph([
            "query",
            "--graph",
            &graph,
            "--format",
            "csv",
            "--param",
            parameters[0],
            "--param",
            parameters[1],
            &cypher,
        ]);
        let file = corpus::fixtures().join("golden/queries").join(file);
        expect_file![file].assert_eq(&answer.ok().stdout);
    }
}
