//! Who may name whom: the rules of the architecture, kept by reading manifests and sources.

mod names;
mod circles;

use std::fs;
use std::path::PathBuf;

use edgraph_tests::corpus::workspace;

/// No source file is longer; a longer one holds two ideas.
const MAX_LINES: usize = 500;
/// Half of the files are shorter.
const MAX_MEDIAN_LINES: usize = 150;

/// Every source file of the product as (path from the root, text).
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut pending: Vec<PathBuf> =
        ["proto", "shared", "coordinator", "worker"].iter().map(|folder| workspace().join(folder)).collect();
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).expect("the workspace is readable") {
            let path = entry.expect("the workspace is readable").path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(workspace())
                    .expect("below the root")
                    .to_string_lossy()
                    .replace('\\', "/");
                found.push((name, fs::read_to_string(&path).expect("sources are text")));
            }
        }
    }
    found.sort();
    assert!(found.len() > 50, "the sources were not found: {}", found.len());
    found
}

/// The text without comments and doc comments, and without test modules' files.
fn code(text: &str) -> String {
    let code_of = |line: &str| line.split("//").next().unwrap_or("").to_owned();
    text.lines().map(code_of).collect::<Vec<_>>().join("\n")
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path == "proto/build.rs"
}

/// Whether code names a word: not as part of a longer one, nor as the module of that name in a longer path.
fn names(code: &str, word: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        let starts = !word.starts_with(in_name) || !before.is_some_and(|c| in_name(c) || c == ':');
        let ends = !word.ends_with(in_name) || !after.is_some_and(in_name);
        starts && ends
    })
}

/// Fails with every place where `word` is named outside the `allowed` path prefixes.
#[track_caller]
fn named_only_in(word: &str, within: &str, allowed: &[&str]) {
    let offenders: Vec<String> = sources()
        .into_iter()
        .filter(|(path, _)| path.starts_with(within) && !is_test(path))
        .filter(|(path, _)| !allowed.iter().any(|prefix| path.starts_with(prefix)))
        .filter(|(_, text)| names(&code(text), word))
        .map(|(path, _)| path)
        .collect();
    assert!(offenders.is_empty(), "`{word}` is named outside {allowed:?}: {offenders:?}");
}

/// Names of the dependencies of a package, without development and build dependencies.
fn dependencies(manifest: &str) -> Vec<String> {
    let text = fs::read_to_string(workspace().join(manifest)).expect("the manifest is there");
    let section = text.split("\n[").find(|section| section.starts_with("dependencies]")).unwrap_or("");
    let name = |line: &str| Some(line.split_once('=')?.0.trim().trim_end_matches(".workspace").to_owned());
    section.lines().skip(1).filter_map(name).collect()
}

#[test]
fn the_parser_depends_on_nothing_of_ours_and_does_no_io() {
    for dependency in dependencies("worker/xbrl/Cargo.toml") {
        let forbidden = ["tokio", "reqwest", "hyper", "aws", "redis"];
        assert!(
            !dependency.starts_with("edgraph") && !forbidden.contains(&dependency.as_str()),
            "{dependency}"
        );
    }
    for word in ["std::fs", "std::net", "std::thread", "std::env", "Instant::now", "SystemTime", "async fn"] {
        named_only_in(word, "worker/xbrl/src", &[]);
    }
}

#[test]
fn proto_types_stay_at_the_border() {
    let border = [
        "proto/",
        "shared/src/wire",
        "shared/client/",
        "coordinator/src/service",
        "worker/runtime/src/connection",
    ];
    named_only_in("edgraph_proto", "", &border);
}

#[test]
fn the_core_is_pure() {
    for word in ["tokio", "async fn", ".await", "tracing::", "Instant", "SystemTime", "std::fs", "rand::"] {
        named_only_in(word, "coordinator/src/pipeline", &[]);
    }
}

#[test]
fn only_the_engine_changes_a_pipeline() {
    named_only_in(
        "crate::pipeline::",
        "coordinator/src",
        &["coordinator/src/engine", "coordinator/src/pipeline", "coordinator/src/tracker"],
    );
}

#[test]
fn each_foreign_system_is_named_in_one_file() {
    named_only_in("kuzu::", "", &["coordinator/graph/src/database/kuzu.rs"]);
    named_only_in("lbug", "", &["coordinator/graph/src/database/kuzu.rs"]);
    named_only_in("quick_xml", "", &["worker/xbrl/src/reader.rs"]);
    named_only_in("redis::", "", &["coordinator/src/tracker/redis.rs"]);
    named_only_in("aws_sdk_s3", "", &["shared/src/storage/s3.rs", "shared/src/storage/s3/"]);
    named_only_in("aws_smithy_http_client", "", &["shared/src/storage/s3/"]);
    named_only_in("aws_config", "", &["shared/src/storage/s3.rs", "shared/src/storage/s3/"]);
}

/// Each package, and those of ours that it may depend on. A package that is not in here is new: give it its place.
const MAY_DEPEND_ON: [(&str, &[&str]); 10] = [
    ("proto", &[]),
    ("shared", &["edgraph-proto"]),
    ("shared/client", &["edgraph-proto"]),
    ("worker/xbrl", &[]),
    ("worker/runtime", &["edgraph-proto", "edgraph-shared"]),
    ("worker", &["edgraph-runtime", "edgraph-shared", "edgraph-xbrl"]),
    ("coordinator", &["edgraph-proto", "edgraph-shared"]),
    ("coordinator/graph", &["edgraph-shared", "edgraph-worker"]),
    (
        "coordinator/edgraph",
        &[
            "edgraph-client",
            "edgraph-coordinator",
            "edgraph-graph",
            "edgraph-shared",
            "edgraph-worker",
            "edgraph-xbrl",
        ],
    ),
    ("tests", &["edgraph-shared", "edgraph-worker"]),
];

#[test]
fn every_wing_depends_on_those_below_it_alone() {
    let root = fs::read_to_string(workspace().join("Cargo.toml")).expect("the manifest is there");
    let members = root.split("members = [").nth(1).and_then(|rest| rest.split(']').next()).expect("members");
    for member in members.split(',').map(|member| member.trim().trim_matches('"')) {
        let (_, allowed) = MAY_DEPEND_ON
            .iter()
            .find(|(package, _)| *package == member)
            .expect("every package has its place");
        let dependencies = dependencies(&format!("{member}/Cargo.toml"));
        assert!(!dependencies.is_empty(), "{member} has no dependencies that this test could read");
        for dependency in dependencies.iter().filter(|name| name.starts_with("edgraph")) {
            assert!(allowed.contains(&dependency.as_str()), "{member} depends on {dependency}");
        }
    }
}

/// Whoever has a pipeline of their own needs neither a store's client nor what reads filings.
#[test]
fn a_worker_of_another_kind_is_light() {
    let tree = std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--locked", "--offline", "-p", "edgraph-runtime", "-e", "normal", "--prefix", "none"])
        .env_remove("CARGO_RESOLVER_FEATURE_UNIFICATION")
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
    assert!(tree.starts_with("edgraph-runtime"), "{tree}");
    for heavy in ["aws-sdk-s3 ", "reqwest ", "parquet ", "arrow-array ", "zip ", "quick-xml ", "kuzu "] {
        assert!(!tree.lines().any(|line| line.starts_with(heavy)), "it brings {heavy}");
    }
}

#[test]
fn each_foreign_system_is_a_dependency_of_one_package() {
    let homes = [
        ("redis", "coordinator"),
        ("kuzu", "coordinator/graph"),
        ("lbug", "coordinator/graph"),
        ("aws-sdk-s3", "shared"),
        ("quick-xml", "worker/xbrl"),
        ("reqwest", "worker"),
    ];
    for (system, home) in homes {
        for (package, _) in MAY_DEPEND_ON.iter().filter(|(package, _)| *package != "tests") {
            let depends = dependencies(&format!("{package}/Cargo.toml")).iter().any(|name| name == system);
            assert_eq!(depends, *package == home, "{package} and {system}");
        }
    }
}

#[test]
fn a_kind_s_meaning_stands_in_one_room_a_side() {
    // What pipelines of a kind are called elsewhere, such as in help texts, is no meaning.
    for word in ["DISCOVER_COMPANIES", "DISCOVER_FILINGS", "PROCESS_FILING"] {
        named_only_in(word, "coordinator/src", &["coordinator/src/kinds"]);
        named_only_in(word, "worker/src", &["worker/src/kinds"]);
        named_only_in(word, "shared/src", &["shared/src/kinds"]);
    }
    named_only_in("sec_xbrl", "coordinator/src", &["coordinator/src/kinds"]);
}

#[test]
fn arguments_environment_and_signals_are_read_at_the_top() {
    // What all programs share is read where it is used, by name.
    let top = [
        "coordinator/edgraph/src/main.rs",
        "worker/src/main.rs",
        "shared/src/shutdown.rs",
        "shared/src/network.rs",
    ];
    for word in ["std::env", "tokio::signal"] {
        named_only_in(word, "", &top);
    }
}

#[test]
fn what_is_printed_goes_through_one_door() {
    // Whatever writes past it panics, or fails, once nobody takes what it writes.
    for word in ["println!", "print!", "eprintln!", "eprint!", "dbg!"] {
        named_only_in(word, "", &["shared/src/console.rs"]);
    }
    // A process that answers another one takes its end for its own.
    named_only_in("stdout()", "", &["shared/src/console.rs", "coordinator/edgraph/src/cli/answer.rs"]);
}

#[test]
fn no_module_is_a_drawer_for_odds_and_ends() {
    for (path, _) in sources() {
        let drawer = ["util", "utils", "common", "helpers", "types", "misc"];
        let name = path.trim_end_matches("/mod.rs").trim_end_matches(".rs");
        let name = name.rsplit('/').next().unwrap_or("");
        assert!(!drawer.contains(&name), "{path}");
    }
}

#[test]
fn no_file_is_too_long_and_every_module_says_what_it_is() {
    let mut lengths: Vec<usize> = sources().iter().map(|(_, text)| text.lines().count()).collect();
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] < MAX_MEDIAN_LINES, "median {}", lengths[lengths.len() / 2]);
    for (path, text) in sources() {
        assert!(text.lines().count() <= MAX_LINES, "{path} has {} lines", text.lines().count());
        assert!(is_test(&path) || text.starts_with("//!"), "{path} does not say what it is");
    }
}
