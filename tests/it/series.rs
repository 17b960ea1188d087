//! `edgraph series` on the sample filings: years, derived quarters and a map of one's own.

use std::fs;

use edgraph_tests::corpus;
use expect_test::expect_file;

use crate::program::{Finished, Run, edgraph};

fn series(graph: &str, arguments: &[&str]) -> Finished {
    edgraph(["series", "--graph", graph].iter().chain(arguments))
}

/// Names for the invented taxonomy of the sample filings.
const MAP: &str = "\
name,label,order,concept,industry,period,note
revenue,Revenue,1,gaap:Revenues,,duration,
cost_of_revenue,Cost of revenue,1,gaap:CostOfRevenue,,duration,
gross_profit,Gross profit,1,,,duration,
margin,Margin,1,=revenue - cost_of_revenue,,duration,
";

#[test]
fn series_name_concept_and_source_in_every_row() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let graph = out.path().join("graph").display().to_string();
    let map = out.path().join("map.csv");
    fs::write(&map, MAP).unwrap();
    let map = map.display().to_string();
    for (file, arguments) in [
        ("revenue.txt", ["LKSP,QUIL", "revenue", "--map", &map].as_slice()),
        ("margin.json", &["LKSP", "margin", "--map", &map, "--format", "json"]),
        ("assets.csv", &["9900001", "gaap:Assets", "--quarterly", "--format", "csv"]),
        ("revenue-ttm.txt", &["QUIL", "Revenues", "--ttm", "--as-first-reported"]),
    ] {
        let answer = series(&graph, arguments).ok();
        // Renewed with UPDATE_EXPECT=1.
        expect_file![corpus::fixtures().join("golden/series").join(file)].assert_eq(&answer.stdout);
    }
    let refused = series(&graph, &["LKSP", "net_incomes"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
    assert!(
        refused.stderr.contains("neither a name of the standard map, such as net_"),
        "{}",
        refused.stderr
    );
    let named = series(&graph, &["--list"]).ok().stdout;
    assert!(
        named
            .lines()
            .any(|line| line.starts_with("free_cash_flow") && line.ends_with("=operating_cash_flow - capex"))
    );
    fs::write(out.path().join("bad.csv"), format!("{MAP}revenue,Revenue,1,gaap:Sales,,duration,\n")).unwrap();
    let bad =
        series(&graph, &["LKSP", "revenue", "--map", &out.path().join("bad.csv").display().to_string()]);
    assert_eq!(bad.code, Some(2));
    assert!(bad.stderr.contains("line 1 of revenue: there are two"), "{}", bad.stderr);
    assert_eq!(series(&graph, &["LKSP"]).code, Some(2));
    assert_eq!(series(&graph, &["LKSP", "revenue", "--ttm", "--quarterly"]).code, Some(2));
}
