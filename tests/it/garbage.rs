//! Files that nothing reads any more: none is left after a run, and `edgraph gc` finds those of a fleet.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::{Finished, Run, edgraph, parquet_files};

/// Filings of the samples.
const FILINGS: usize = 6;
const FACTS: &str = "flat/facts/";
/// A file of a sample filing, as an attempt would leave it that came to nothing.
const LEFTOVER: &str = "0009900001-25-000024-ffffffffffff.parquet";

fn tag(name: &str) -> [&str; 2] {
    ["--processor-tag", name]
}

/// Names of all files of tables.
fn names(out: &Path) -> BTreeSet<String> {
    let files = parquet_files(out).into_iter().map(|(name, _)| name);
    files.filter(|name| !name.contains("_delta_log")).collect()
}

/// Files of one table that its log names now.
fn current(out: &Path, table: &str) -> BTreeSet<String> {
    let log = out.join("store").join(table).join("_delta_log");
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir(log).unwrap().map(|entry| entry.unwrap().path()).collect();
    versions.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    versions.sort();
    let mut named = BTreeSet::new();
    for version in versions {
        for line in std::fs::read_to_string(version).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let path = |action: &str| line[action]["path"].as_str().map(|path| format!("{table}{path}"));
            named.extend(path("add"));
            path("remove").map(|path| named.remove(&path));
        }
    }
    named
}

fn gc<const N: usize>(out: &Path, more: [&str; N]) -> Finished {
    let store = out.join("store").display().to_string();
    edgraph(["gc", "--store", &store, "--format", "json"].into_iter().chain(more))
}

#[test]
fn after_every_run_a_folder_holds_each_filing_once_and_its_table_the_same() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    let mut before = BTreeSet::new();
    for round in ["", "one", "two"] {
        let run = Run::samples(out);
        let summary = if round.is_empty() { run.ok() } else { run.with(tag(round)).ok() };
        assert_eq!(summary["processed"], FILINGS, "{round}");
        let files = names(out);
        assert!(files.is_disjoint(&before), "{round}: files of older versions are left");
        let facts: BTreeSet<String> = files.iter().filter(|name| name.starts_with(FACTS)).cloned().collect();
        assert_eq!(facts.len(), FILINGS, "{round}");
        assert_eq!(current(out, FACTS), facts, "{round}");
        before = files;
    }
    assert_eq!(gc(out, ["--grace", "0s"]).ok().json()["files"], 0);
}

#[test]
fn gc_leaves_what_is_young_what_counts_and_what_is_not_its_own() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    Run::samples(out).ok();
    let whole = names(out);
    let folder = whole.iter().find(|name| name.starts_with(FACTS)).unwrap();
    let folder = out.join("store").join(folder).parent().unwrap().to_owned();
    for name in [LEFTOVER, "of-somebody-else.parquet"] {
        std::fs::write(folder.join(name), "PAR1").unwrap();
    }

    let young = gc(out, []).ok().json();
    assert_eq!((&young["files"], &young["young"]), (&json!(0), &json!(1)));
    let told = gc(out, ["--grace", "0s", "--dry-run"]).ok().json();
    assert_eq!((&told["files"], &told["bytes"]), (&json!(1), &json!(4)));
    assert!(folder.join(LEFTOVER).exists(), "a dry run removes nothing");

    assert_eq!(gc(out, ["--grace", "0s"]).ok().json()["files"], 1);
    assert!(!folder.join(LEFTOVER).exists() && folder.join("of-somebody-else.parquet").exists());
    assert!(names(out).is_superset(&whole));
    let again = Run::samples(out).ok();
    assert_eq!((&again["processed"], &again["skipped"]), (&json!(0), &json!(FILINGS)));
}

#[test]
fn gc_touches_no_filing_whose_manifest_it_cannot_read_and_no_table_whose_log_it_cannot() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    Run::samples(out).ok();
    let accession = &LEFTOVER[..20];
    let folder = names(out).into_iter().find(|name| name.starts_with(FACTS)).unwrap();
    let folder = out.join("store").join(folder).parent().unwrap().to_owned();
    std::fs::write(folder.join(LEFTOVER), "PAR1").unwrap();
    let manifests = out.join("store/manifests").join(accession);
    let key = std::fs::read_to_string(manifests.join("current")).unwrap();
    std::fs::write(manifests.join(format!("{key}.json")), "{").unwrap();
    let unsure = gc(out, ["--grace", "0s"]);
    assert_eq!((unsure.code, &unsure.json()["unsure"]), (Some(1), &json!([accession])));
    assert!(folder.join(LEFTOVER).exists());

    let before = names(out);
    std::fs::write(out.join("store/text/_delta_log/00000000000000000000.json"), "no log").unwrap();
    let failed = gc(out, ["--grace", "0s"]);
    assert_eq!(failed.code, Some(1));
    assert!(failed.stderr.contains("text"), "{failed:?}");
    assert_eq!(names(out), before);
    let nowhere = edgraph(["gc", "--store", &out.join("nowhere").display().to_string()]);
    assert_eq!(nowhere.code, Some(1));
    assert!(nowhere.stderr.contains("there is no folder"), "{nowhere:?}");
}
