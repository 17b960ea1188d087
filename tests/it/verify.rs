//! `edgraph verify`: nothing is wrong after runs, each kind of damage is named with its place, and what it says mends it
//! does.

mod damage;
mod graphs;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::{Finished, Run, edgraph, parquet_files};

/// Filings of the samples.
const FILINGS: u64 = 6;
/// One of them.
const ACCESSION: &str = "0009900001-25-000024";

/// The output of a run over the samples.
struct Output {
    folder: tempfile::TempDir,
}

impl Output {
    fn of_a_run() -> Self {
        let output = Self { folder: tempfile::tempdir().unwrap() };
        output.run().ok();
        output
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self) -> Run {
        Run::samples(self.path())
    }

    fn object(&self, key: &str) -> PathBuf {
        self.path().join("store").join(key)
    }

    /// The key of the filing's file of a table.
    fn file(&self, table: &str) -> String {
        let files = parquet_files(self.path()).into_iter().map(|(name, _)| name);
        let mut files = files.filter(|name| name.starts_with(&format!("{table}/year=")));
        files.find(|name| name.contains(ACCESSION)).unwrap_or_else(|| panic!("no file of {table}"))
    }

    /// The key of the filing's pointer.
    fn pointer(&self) -> String {
        format!("manifests/{ACCESSION}/current")
    }

    /// The key of the filing's manifest.
    fn manifest(&self) -> String {
        let input_key = std::fs::read_to_string(self.object(&self.pointer())).unwrap();
        format!("manifests/{ACCESSION}/{input_key}.json")
    }

    /// Writes the next version of a table.
    fn commit(&self, table: &str, lines: &[Value]) {
        let log = self.object(table).join("_delta_log");
        let is_version = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
        let versions = std::fs::read_dir(&log).unwrap().map(|entry| entry.unwrap().path());
        let next = versions.filter(is_version).count();
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        std::fs::write(log.join(format!("{next:020}.json")), lines.join("\n")).unwrap();
    }

    fn verify_without_graph(&self, more: &[&str]) -> Finished {
        let store = self.object("").display().to_string();
        let args = ["verify", "--store", &store, "--format", "json", "--grace", "0s"];
        edgraph(args.into_iter().chain(more.iter().copied()))
    }

    fn verify(&self, more: &[&str]) -> Finished {
        let graph = self.path().join("graph").display().to_string();
        self.verify_without_graph(&[&["--graph", &graph], more].concat())
    }

    /// Nothing is wrong, however closely it is looked at.
    #[track_caller]
    fn is_clean(&self) -> Value {
        self.verify(&[]).ok();
        let verified = self.verify(&["--hashes"]).ok().json();
        assert_eq!(verified["findings"], json!([]));
        verified
    }

    /// What is found at places that begin so, as (place, problem, fix); something must be.
    #[track_caller]
    fn found(&self, more: &[&str], place: &str) -> Vec<(String, String, String)> {
        let verified = self.verify(more);
        assert_eq!(verified.code, Some(1), "{verified:?}");
        let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
        let findings = verified.json()["findings"].as_array().unwrap().clone();
        let findings = findings.iter().filter(|finding| text(finding, "place").starts_with(place));
        let found: Vec<_> = findings
            .map(|finding| (text(finding, "place"), text(finding, "problem"), text(finding, "fix")))
            .collect();
        assert!(!found.is_empty(), "nothing at {place}: {verified:?}");
        found
    }

    /// One thing is wrong at this place, is called so, and is mended so.
    #[track_caller]
    fn finds(&self, more: &[&str], place: &str, problem: &str, fix: &str) {
        let found = self.found(more, place);
        let [(at, told, mends)] = &found[..] else { panic!("{found:?}") };
        assert!(at == place && told.contains(problem) && mends.contains(fix), "{found:?}");
    }

    /// The same pipeline again mends it.
    #[track_caller]
    fn is_mended_by(&self, run: Run) {
        run.ok();
        self.is_clean();
    }
}

#[test]
fn nothing_is_wrong_after_runs() {
    let output = Output::of_a_run();
    let verified = output.is_clean();
    for name in ["filings", "published", "in_graph"] {
        assert_eq!(verified[name], FILINGS, "{name}");
    }
    let files = parquet_files(output.path());
    let files = files.iter().filter(|(name, _)| !name.contains("_delta_log"));
    assert_eq!(verified["files"], files.clone().count() as u64);
    assert_eq!(verified["bytes"], files.map(|(_, bytes)| bytes.len() as u64).sum::<u64>());
    assert_eq!((&verified["rows"]["Report"], &verified["rows"]["Fact"]), (&json!(FILINGS), &json!(519)));

    let told = edgraph(["verify", "--store", &output.object("").display().to_string()]).ok().stdout;
    for part in ["6 filings with a manifest, 6 in the tables\n", "no graph was looked at\n", "519 rows\n"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(told.ends_with("nothing is wrong\n"), "{told}");

    output.is_mended_by(output.run());
    output.is_mended_by(output.run().with(["--processor-tag", "next"]));
    output.is_mended_by(output.run().with(["--processor-tag", "next", "--refresh", "all"]));
}

#[test]
fn a_store_without_a_graph_is_whole_and_a_graph_that_is_not_there_is_said() {
    let output = Output { folder: tempfile::tempdir().unwrap() };
    output.run().with(["--graph", "none"]).ok();
    let verified = output.verify_without_graph(&["--hashes"]).ok().json();
    assert_eq!((&verified["published"], &verified["in_graph"]), (&json!(FILINGS), &Value::Null));
    let without = output.verify(&[]);
    assert_eq!(without.code, Some(1));
    assert!(without.stderr.contains("no graph in"), "{without:?}");
}
