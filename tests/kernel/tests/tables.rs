//! The real program's tables, read by the kernel: after a run, after other output of the same filings, and compacted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use edgraph_kernel::read;
use serde_json::Value;

/// Runs `edgraph`, which `EDGRAPH_PROGRAM` names.
fn edgraph(arguments: &[&str]) {
    let program = std::env::var("EDGRAPH_PROGRAM").expect("EDGRAPH_PROGRAM names the program `edgraph`");
    let output = Command::new(&program).args(arguments).output().expect(&program);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Processes the sample filings.
fn run(out: &Path, version: &str) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/edgar").canonicalize().unwrap();
    let edgar = url::Url::from_directory_path(&samples).unwrap();
    let (taxonomies, out) = (samples.join("taxonomies"), out.to_str().unwrap());
    let given = ["--edgar", edgar.as_str(), "--taxonomies", taxonomies.to_str().unwrap(), "--out", out];
    let chosen = ["--universe", "all", "--amendments", "--graph", "none", "--processor-tag", version];
    edgraph(&[&["run"], &given[..], &chosen[..]].concat());
}

/// Rows by table and filing, as the current manifests say.
fn expected(store: &Path) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut tables: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for filing in fs::read_dir(store.join("manifests")).unwrap() {
        let folder = filing.unwrap().path();
        let current = fs::read_to_string(folder.join("current")).unwrap();
        let manifest = fs::read(folder.join(format!("{}.json", current.trim()))).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        for file in manifest["files"].as_array().unwrap() {
            let (table, rows) = (file["table"].as_str().unwrap(), file["rows"].as_u64().unwrap());
            let filing = manifest["accession"].as_str().unwrap().to_owned();
            *tables.entry(table.to_owned()).or_default().entry(filing).or_default() += rows;
        }
    }
    tables
}

/// Every table with a log, by its name.
fn tables(store: &Path) -> BTreeMap<String, PathBuf> {
    let folders = ["flat", "graph/nodes", "graph/relationships", ""].map(|folder| store.join(folder));
    let inside = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let tables = inside.map(|entry| entry.unwrap().path()).filter(|path| path.join("_delta_log").is_dir());
    tables.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path)).collect()
}

/// The kernel finds every row of every filing once, and no other.
fn check(store: &Path) -> u64 {
    let expected = expected(store);
    let tables = tables(store);
    let mut version = 0;
    for (name, folder) in &tables {
        let found = read(folder).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        let rows =
            expected.get(name).or_else(|| expected.get(&format!("flat/{name}"))).cloned().unwrap_or_default();
        if found.rows.keys().any(|filing| filing.is_empty()) {
            assert_eq!(found.rows[""], rows.values().sum::<u64>(), "{name}");
        } else {
            assert_eq!(found.rows, rows, "{name}");
        }
        version = version.max(found.version);
    }
    assert!(
        tables.len() >= 35 && expected.len() >= 30,
        "{} tables, {} with rows",
        tables.len(),
        expected.len()
    );
    version
}

#[test]
fn the_kernel_reads_every_row_once_whatever_became_of_the_tables() {
    let out = tempfile::tempdir().unwrap();
    let store = out.path().join("store");
    run(out.path(), "first");
    let first = check(&store);
    run(out.path(), "second");
    let second = check(&store);
    assert!(second > first, "other output is another version: {first} {second}");
    edgraph(&["compact", "--before", "2026-01", "--store", store.to_str().unwrap()]);
    let compacted = check(&store);
    assert!(compacted > second, "a compaction is a version: {second} {compacted}");
}
