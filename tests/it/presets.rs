//! The queries that come with edgraph on the sample filings, row for row.

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
    for example in examples::all() {
        let answer = edgraph(["query", "--graph", &graph, "--format", "csv", "--example", example.name]).ok();
        assert!(answer.stdout.lines().count() > 1, "{} has no rows", example.name);
        // Renewed with UPDATE_EXPECT=1.
        let file = corpus::fixtures().join("golden/queries").join(format!("{}.csv", example.name));
        expect_file![file].assert_eq(&answer.stdout);
    }
}

#[test]
fn a_preset_is_narrowed_to_a_company_and_to_a_filing() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let graph = out.path().join("graph").display().to_string();
    let ask = |more: &[&str]| edgraph(["query", "--graph", &graph, "--format", "csv"].iter().chain(more));
    let rows = |name: &str, values: &[&str]| {
        let answer = ask(&[&["--example", name, "--param"], values].concat()).ok().stdout;
        answer.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    // Every one of them answers for a company that is there, and each by fewer filings than for all.
    for example in examples::all() {
        for name in example.takes() {
            let value = match (name.as_str(), example.name) {
                ("ticker", _) => "ticker=lksp",
                // The total of a calculation; a name without its prefix will do where one concept has it.
                ("concept", "totals") => "concept=GrossProfit",
                ("concept", _) => "concept=gaap:Revenues",
                // One that has an amendment, footnotes and segments.
                (_, "amendment_changes" | "footnotes" | "segments") => "accession=0009900001-25-000011",
                _ => "accession=0009900002-24-000040",
            };
            assert!(!rows(example.name, &[value]).is_empty(), "{} {value}", example.name);
        }
    }
    let assets = rows("total_assets", &["ticker=LKSP"]);
    assert_eq!(assets.len(), 3);
    assert!(assets.iter().all(|row| row.contains("Larkspur") && row.contains(",USD,00099000")), "{assets:?}");
    // Several values behind one --param, in whatever way a filing is written.
    let one = rows("total_assets", &["ticker=LKSP", "accession=000990000125000024"]);
    assert_eq!(
        one,
        ["Larkspur Instruments Corp,10-Q,2025-03-31,413625000.0,413625000,USD,0009900001-25-000024"]
    );
    for (arguments, code, part) in [
        (
            ["--example", "total_assets", "--param", "ticker=LKPS"],
            1,
            "ticker \"LKPS\": not in this graph, which holds Larkspur",
        ),
        (
            ["--example", "total_assets", "--param", "accession=0009900001-25-000012"],
            1,
            "where 0009900001-25-000011, ",
        ),
        (
            ["--example", "concept_uses", "--param", "concept=gaap:Revenue"],
            1,
            "concept \"gaap:Revenue\": not in this graph; `edgraph find",
        ),
        (["--example", "total_assets", "--param", "ticker=9900001"], 1, "expected a ticker symbol, such as"),
        (["--example", "summary", "--param", "ticker=LKSP"], 2, "example `summary` takes no parameters"),
        (["--example", "entities", "--param", "form=10-K"], 2, "example `entities` takes ticker;"),
    ] {
        let refused = ask(&arguments);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(code), ""), "{arguments:?}");
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
    let strangers = ["--example", "total_assets", "--param", "ticker=QUIL", "accession=0009900001-25-000011"];
    let refused = ask(&strangers).stderr;
    assert!(
        refused.contains("filing 0009900001-25-000011: no filing of Quillfeather Foods Inc"),
        "{refused}"
    );
    let listed = edgraph(["query", "--examples"]).ok().stdout;
    assert!(listed.contains("one row per filing.  (--param ticker=… accession=…)\n"), "{listed}");
}

#[test]
fn a_statement_stands_before_or_behind_its_parameters() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let graph = out.path().join("graph").display().to_string();
    let ask = |more: &[&str]| edgraph(["query", "--graph", &graph, "--format", "csv"].iter().chain(more));
    let statement = "WITH $a AS a, $b AS b WHERE a = 1 RETURN a, b";
    for arguments in [
        &[statement, "--param", "a=1", "b=x"][..],
        &["--param", "a=1", "b=x", statement],
        &["--param", "a=1", "--param", "b=x", statement],
        &["--param", "a=1", "b=x", "--", statement],
    ] {
        assert_eq!(ask(arguments).ok().stdout, "a,b\n1,x\n", "{arguments:?}");
    }
    for (arguments, part) in [
        (&["--param", "a=1"][..], "ask something: a statement, --file FILE, or --example NAME"),
        (&[], "ask something"),
        (&["--param", "a", statement], "parameter \"a\": expected name=value"),
        (&["--example", "total_assets", "--param", "LKSP"], "parameter \"LKSP\": expected name=value"),
    ] {
        let refused = ask(arguments);
        assert_eq!(refused.code, Some(2), "{arguments:?}");
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
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
