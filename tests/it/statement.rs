//! `edgraph statement` on the sample filings: statements as filed, and what it says where there is none.

use edgraph_tests::corpus;
use expect_test::expect_file;

use crate::program::{Finished, Run, edgraph};

const ANNUAL: &str = "0009900001-25-000011";

fn statement(graph: &str, arguments: &[&str]) -> Finished {
    edgraph(["statement", "--graph", graph].iter().chain(arguments))
}

#[test]
fn statements_read_as_filed() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let graph = out.path().join("graph").display().to_string();
    for (file, arguments) in [
        // Breakdown lines, negated numbers, and where each is from.
        ("income.txt", ["LKSP", "income", "--quarters", "2", "--proof"].as_slice()),
        ("income-breakdown.txt", &[ANNUAL, "--breakdown"]),
        ("balance.txt", &["9900002", "balance"]),
        // The amendment says the newest year, the older filing the lines it had.
        ("income-years.txt", &["quil", "income", "--years", "5"]),
        // Balances at both ends, exact values beside those shown.
        ("retained-earnings.csv", &[ANNUAL, "RetainedEarnings", "--format", "csv"]),
        ("income.json", &["0009900002-11-000033", "3", "--format", "json"]),
    ] {
        let answer = statement(&graph, arguments).ok();
        // Renewed with UPDATE_EXPECT=1.
        expect_file![corpus::fixtures().join("golden/statements").join(file)].assert_eq(&answer.stdout);
    }
    for (arguments, part) in [
        (
            ["NONE", "income"],
            "ticker \"NONE\": not in this graph, which holds Larkspur Instruments Corp (CIK 9900001, LKSP)",
        ),
        (
            ["LKSP", "cash"],
            "10-Q 0009900001-25-000024 has none; it has 0000002 Condensed consolidated balance sheets",
        ),
        ([ANNUAL, "Consolidated"], "name one by its number: 0000002 Consolidated balance sheets, 0000003"),
    ] {
        let refused = statement(&graph, &arguments);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
    assert_eq!(statement(&graph, &["LKSP", "--years", "0"]).code, Some(2));
    assert_eq!(statement(&graph, &["LKSP", "--years", "1", "--quarters", "1"]).code, Some(2));
}
