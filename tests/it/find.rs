//! `edgraph find` on the sample filings: what is found, in which order, and what is said where nothing is.

use edgraph_tests::corpus;
use expect_test::expect_file;

use crate::program::{Finished, Run, edgraph};

fn find(graph: &str, arguments: &[&str]) -> Finished {
    edgraph(["find", "--graph", graph].iter().chain(arguments))
}

#[test]
fn what_has_all_words_is_found_with_what_the_next_command_takes() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let graph = out.path().join("graph").display().to_string();
    for (file, arguments) in [
        // A name of the map, concepts by name and label, statements, text blocks by their text: all kinds but one.
        ("revenue.txt", ["revenue", "--limit", "4"].as_slice()),
        ("balance-sheet.csv", &["balance", "SHEET", "--format", "csv"]),
        ("larkspur.json", &["larkspur", "--kind", "company", "--format", "json"]),
        ("policy.txt", &["control passes customer", "--kind", "text"]),
    ] {
        let answer = find(&graph, arguments).ok();
        // Renewed with UPDATE_EXPECT=1.
        expect_file![corpus::fixtures().join("golden/find").join(file)].assert_eq(&answer.stdout);
    }
    // A company by symbol in any case, and by its CIK with or without noughts.
    for text in ["lksp", "9900001", "0009900001", "Larkspur instruments corp"] {
        let found = find(&graph, &[text, "--kind", "company", "--format", "json"]).ok().json();
        let hits = found["companies"]["hits"].as_array().unwrap();
        assert_eq!((hits.len(), &hits[0]["cik"]), (1, &"0009900001".into()), "{text}");
    }
    // What is written exactly comes first, whatever is used more.
    let assets = find(&graph, &["assets", "--kind", "concept", "--format", "json"]).ok().json();
    let hits = assets["concepts"]["hits"].as_array().unwrap();
    assert_eq!(hits[0]["concept"], "gaap:Assets");
    assert!(hits.len() > 1);
    let one = find(&graph, &["assets", "--kind", "concept", "--limit", "1", "--format", "json"]).ok().json();
    let left_out = one["concepts"]["more"].as_u64().unwrap() + 1;
    assert_eq!(left_out, hits.len() as u64 + assets["concepts"]["more"].as_u64().unwrap());
    // A filing's number finds its statements.
    let filing = find(&graph, &["0009900001-25-000011", "income", "--format", "csv"]).ok().stdout;
    assert!(filing.contains("Consolidated statements of income"), "{filing}");
}

#[test]
fn where_nothing_is_found_what_is_near_is_said() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let graph = out.path().join("graph").display().to_string();
    for (arguments, part) in [
        (
            ["revnues"].as_slice(),
            "nothing in this graph has that: no name has \"revnues\", near are revenues",
        ),
        (
            &["goodwill", "inventory", "--kind", "concept"],
            "each word is there, but nothing has all of them; leave one out",
        ),
        (
            &["LKPS", "--kind", "company"],
            "no company in this graph has that: no name has \"lkps\", near are lksp",
        ),
        (&["free_cash_flow"], "; edgraph series TICKER NAME knows free_cash_flow"),
        (&[" "], "give a word, such as revenue, or several"),
    ] {
        let refused = find(&graph, arguments);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
    assert_eq!(find(&graph, &[]).code, Some(2));
    assert_eq!(find(&graph, &["x", "--limit", "0"]).code, Some(2));
    assert!(find("nowhere", &["revenue"]).stderr.contains("no graph in nowhere"));
}
