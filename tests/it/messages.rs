//! Bad input of any kind: the right exit code, and a message that names the thing and the fix.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use edgraph_tests::corpus::{self, Mirror};
use edgraph_tests::edgar::{Base, EdgarServer, Fault, When};
use serde_json::json;

use crate::program::{Finished, Run, edgraph, query};

/// The filing that is spoiled.
const SPOILED: &str = "0009900001-25-000024";

/// A process that ended with `code`, having said all of `words`.
#[track_caller]
fn check(finished: &Finished, code: i32, words: &[&str]) {
    assert_eq!(finished.code, Some(code), "{finished:?}");
    for word in words {
        assert!(
            finished.stderr.contains(word) || finished.stdout.contains(word),
            "{word:?} is not in {finished:?}"
        );
    }
}

fn empty() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn the_command_line_is_checked_before_anything_is_done() {
    let out = empty();
    let folder = out.path().join("out");
    let shown = folder.display().to_string();
    check(
        &edgraph(["run", "--out", &shown]),
        2,
        &["--tickers", "--ciks", "--universe sp500", "--universe all"],
    );
    let unknown = Run::at(&format!("file://{}", corpus::fixture_edgar().display()), &folder)
        .with(["--tickers", "LKSP,LKSQ,NOBODY"])
        .finish();
    check(&unknown, 2, &["LKSQ", "NOBODY", "did you mean LKSP?", "--skip-unknown"]);
    check(&edgraph(["run", "--tickers", "LKSP", "--out", &shown]), 2, &["--user-agent", "mail@example.com"]);
    let https = edgraph(["run", "--tickers", "X", "--out", &shown, "--edgar", "https://mirror.example.com"]);
    check(&https, 2, &["--user-agent"]);
    check(&edgraph(["run", "--universe", "all", "--max-run-filing", "15"]), 2, &["15m"]);
    check(&edgraph(["frobnicate"]), 2, &["frobnicate"]);
}

#[test]
fn unknown_names_are_skipped_when_told_and_named_in_the_summary() {
    let out = empty();
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    let summary = Run::at(&format!("file://{}", corpus::fixture_edgar().display()), out.path())
        .with(["--tickers", "lksp.b,LKSP,NOBODY", "--skip-unknown", "--taxonomies", &taxonomies])
        .ok();
    assert_eq!((&summary["companies"], &summary["processed"]), (&json!(1), &json!(2)));
    assert!(summary["unknown"].to_string().contains("NOBODY"), "{summary}");
}

#[test]
fn an_edgar_that_does_not_answer_or_refuses_is_named() {
    let out = empty();
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = Run::at(&format!("http://{unused}"), out.path()).with(["--tickers", "LKSP"]).finish();
    check(&nobody, 1, &[&unused.to_string()]);

    let server = EdgarServer::builder(corpus::fixture_edgar()).base(Base::Both).start().unwrap();
    let refused = Run::at(&server.url(), out.path()).with(["--tickers", "LKSP"]).finish();
    check(&refused, 1, &["403", "--user-agent"]);
}

#[test]
fn a_page_instead_of_data_is_not_taken_for_data() {
    let out = empty();
    let server = EdgarServer::builder(corpus::fixture_edgar())
        .base(Base::Both)
        .fault("company_tickers.json", When::Always, Fault::Html)
        .start()
        .unwrap();
    let finished = Run::at(&server.url(), out.path())
        .with(["--tickers", "LKSP", "--user-agent", "edgraph tests tests@example.com", "--edgar-rate", "off"])
        .finish();
    check(&finished, 1, &["company_tickers.json", "page instead of"]);
    assert!(server.faults_met() > 0);
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    let folder = empty();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    check(&Run::samples(&file.join("out")).finish(), 1, &["file", "--out"]);
}

#[test]
fn a_folder_that_the_database_cannot_be_given_is_refused_before_anything_is_done() {
    for name in ["out[1]", "o*t", "what?"] {
        let out = empty().path().join(name);
        check(&Run::samples(&out).finish(), 2, &[name, "pattern of file names", "name another folder"]);
        assert!(!out.exists(), "nothing was made");
    }
}

#[test]
fn a_graph_that_is_not_there_and_cypher_that_is_not_cypher_are_said() {
    let out = empty();
    let absent = out.path().join("nothing").display().to_string();
    check(&edgraph(["query", "--graph", &absent, "MATCH (n) RETURN n"]), 1, &["nothing"]);

    Run::samples(out.path()).ok();
    let graph = out.path().join("graph").display().to_string();
    let ask = |more: &[&str]| edgraph(["query", "--graph", &graph].iter().chain(more));
    check(&ask(&["MATCH (n RETURN n"]), 1, &["error"]);
    check(&ask(&["MATCH (n:Fact) DELETE n"]), 1, &["read"]);
    check(&ask(&["MATCH (r:Report {form: $form}) RETURN r.form"]), 1, &["form"]);
    check(&ask(&["--example", "nothing_of_the_kind"]), 2, &["nothing_of_the_kind", "summary"]);
    let with = ask(&[
        "--format",
        "json",
        "--param",
        "form=10-K",
        "MATCH (r:Report {form: $form}) RETURN count(*) AS n",
    ]);
    assert_eq!(with.ok().json(), json!([{ "n": 3 }]));
}

/// Runs over a mirror in which one zip was replaced, and checks that the others are in the graph.
#[track_caller]
fn spoiled(zip: impl FnOnce(&Path), words: &[&str]) {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    let folder = corpus::filing_folder(mirror.path(), SPOILED).unwrap();
    zip(&folder.join(format!("{SPOILED}-xbrl.zip")));
    let out = empty();
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    let finished =
        Run::over(mirror.path(), out.path()).with(["--amendments", "--taxonomies", &taxonomies]).finish();
    check(&finished, 1, words);
    let summary = finished.json();
    assert_eq!((&summary["processed"], &summary["state"]), (&json!(5), &json!("completed with failures")));
    let failed = summary["failed"].as_array().unwrap();
    assert!(failed.len() == 1 && failed[0]["item"].as_str().unwrap().ends_with(SPOILED), "{failed:?}");
    assert_eq!(query(out.path(), "MATCH (r:Report) RETURN count(*) AS n")[0]["n"], 5);
}

fn write_zip(path: &Path, entries: &[(&str, &[u8])]) {
    let mut zip = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (name, bytes) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn a_truncated_zip_costs_its_filing_alone() {
    let truncate = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    spoiled(truncate, &[SPOILED, "zip"]);
}

#[test]
fn a_zip_that_would_leave_its_folder_is_refused() {
    spoiled(|path| write_zip(path, &[("../../outside.xml", b"<x/>")]), &["../../outside.xml"]);
}

#[test]
fn a_filing_without_an_instance_says_what_it_has() {
    let page = b"<html><body>No XBRL here.</body></html>";
    spoiled(|path| write_zip(path, &[("letter.htm", page)]), &["no XBRL instance", "letter.htm"]);
}

#[test]
fn one_malformed_linkbase_is_named_with_its_line() {
    let folder = corpus::filing_folder(&corpus::fixture_edgar(), SPOILED).unwrap();
    let mut entries: Vec<(String, Vec<u8>)> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "zip" && extension != "json"))
        .map(|path: PathBuf| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())
        })
        .collect();
    let labels = entries.iter_mut().find(|(name, _)| name.ends_with("_lab.xml")).unwrap();
    let name = labels.0.clone();
    labels.1.truncate(labels.1.len() / 2);
    let entries: Vec<(&str, &[u8])> =
        entries.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    spoiled(|path| write_zip(path, &entries), &[&name, "malformed"]);
}
