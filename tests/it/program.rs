//! The real program as a child process, and what it printed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The `edgraph` binary beside the test binary.
pub(crate) fn binary() -> PathBuf {
    let tests = std::env::current_exe().expect("a running test has a path");
    let folder = tests.parent().and_then(Path::parent).expect("tests lie in target/<profile>/deps");
    let binary = folder.join(format!("edgraph{}", std::env::consts::EXE_SUFFIX));
    assert!(binary.is_file(), "{} is missing: run `cargo build` first", binary.display());
    binary
}

/// How often a check is repeated: `full` times with `tests/run.sh --full`, a tenth otherwise.
pub(crate) fn repetitions(full: usize) -> usize {
    if std::env::var_os("EDGRAPH_FULL").is_some() { full } else { full.div_ceil(10) }
}

/// A finished process.
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The standard output as one JSON value.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The same, of a process that must have succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }
}

impl std::fmt::Debug for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit code {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

/// The program with arguments, none of the caller's environment that could change what it does.
pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("EDGRAPH_") {
            command.env_remove(name);
        }
    }
    command.args(args).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub(crate) fn edgraph<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Finished {
    Finished::of(command(args).output().expect("the program starts"))
}

/// Arguments of an embedded run over a mirror on the disk.
#[derive(Clone)]
pub(crate) struct Run {
    args: Vec<String>,
}

impl Run {
    /// Over all companies of a mirror, into a folder.
    pub(crate) fn over(mirror: &Path, out: &Path) -> Self {
        Self::at(&format!("file://{}", mirror.display()), out).with(["--universe", "all"])
    }

    /// Over EDGAR at an address, into a folder; the universe is still to be said.
    pub(crate) fn at(edgar: &str, out: &Path) -> Self {
        let args = ["run", "--format", "json", "--edgar", edgar, "--out"];
        let mut args: Vec<String> = args.map(str::to_owned).into();
        args.push(out.display().to_string());
        Self { args }
    }

    /// Over the sample filings, amendments included, with their taxonomies.
    pub(crate) fn samples(out: &Path) -> Self {
        let taxonomies = edgraph_tests::corpus::fixture_taxonomies();
        Self::over(&edgraph_tests::corpus::fixture_edgar(), out).with([
            "--amendments",
            "--taxonomies",
            &taxonomies.display().to_string(),
        ])
    }

    /// With more arguments.
    pub(crate) fn with<'a>(mut self, more: impl IntoIterator<Item = &'a str>) -> Self {
        self.args.extend(more.into_iter().map(str::to_owned));
        self
    }

    pub(crate) fn command(&self) -> Command {
        command(&self.args)
    }

    /// Runs to the end.
    pub(crate) fn finish(&self) -> Finished {
        edgraph(&self.args)
    }

    /// Runs to an end without failures and returns the summary.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        self.finish().ok().json()
    }
}

/// Asks a graph a question and returns the rows as JSON objects.
#[track_caller]
pub(crate) fn query(out: &Path, cypher: &str) -> Vec<Value> {
    let graph = out.join("graph").display().to_string();
    let answer =
        edgraph(["query", "--graph", &graph, "--format", "json", "--max-rows", "1000000", cypher]).ok();
    answer.json().as_array().expect("a result is an array").clone()
}

/// Row counts and checksums of every table of the graph in an output folder.
#[track_caller]
pub(crate) fn checksum(out: &Path) -> Vec<String> {
    let sums = edgraph_graph::ingest::checksum(&out.join("graph")).expect("the graph opens");
    sums.into_iter().map(|(table, sum)| format!("{table} {sum:?}")).collect()
}

/// Every file of the graph's and flat tables in an output's store, by name, with its bytes.
pub(crate) fn parquet_files(out: &Path) -> Vec<(String, Vec<u8>)> {
    parquet_files_in(&out.join("store"))
}

/// The same of a store anywhere.
pub(crate) fn parquet_files_in(store: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut pending = vec![store.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).expect("the store is readable") {
            let path = entry.expect("the store is readable").path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                let name = path.strip_prefix(store).expect("below the store").display().to_string();
                found.push((name, std::fs::read(&path).expect("the file is readable")));
            }
        }
    }
    found.sort();
    found
}
