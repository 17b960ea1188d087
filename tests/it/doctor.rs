//! `edgraph doctor`: all is well where it is, and what is not is named with what to do, beside everything else.

use std::fs;

use edgraph_tests::corpus::fixture_edgar;
use edgraph_tests::redis::RedisServer;
use serde_json::Value;

use crate::program::{Run, edgraph};

/// Part, health and what is said of each; and the exit code.
fn examined(arguments: &[&str]) -> (Vec<(String, String, String)>, Option<i32>) {
    let done = edgraph(["doctor", "--format", "json"].iter().chain(arguments));
    let findings: Vec<Value> =
        serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings =
        findings.iter().map(|one| (text(one, "part"), text(one, "health"), text(one, "says"))).collect();
    (findings, done.code)
}

fn wrong(findings: &[(String, String, String)]) -> Vec<(&str, &str)> {
    let wrong = findings.iter().filter(|(_, health, _)| health == "wrong");
    wrong.map(|(part, _, says)| (part.as_str(), says.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_is_well_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    Run::samples(folder.path()).ok();
    let redis = RedisServer::start().await.unwrap();
    let (store, graph) = (folder.path().join("store"), folder.path().join("graph"));
    let edgar = format!("file://{}", fixture_edgar().display());
    let (redis_url, store, graph) = (redis.url(), store.display().to_string(), graph.display().to_string());
    let arguments = ["--redis", &redis_url, "--store", &store, "--graph", &graph, "--edgar", &edgar];
    let (findings, code) = examined(&arguments);
    assert_eq!((wrong(&findings), code), (vec![], Some(0)), "{findings:?}");
    let said =
        |part: &str, words: &str| findings.iter().any(|(of, _, says)| of == part && says.contains(words));
    for (part, words) in [
        ("redis", "no coordinator leads"),
        ("store", "conditional writes"),
        ("store", "free"),
        ("edgar", "company_tickers"),
        ("graph", "it has 6 reports"),
        ("scratch", "free"),
    ] {
        assert!(said(part, words), "{part}: {words}: {findings:?}");
    }
    // What it wrote is gone.
    assert!(!folder.path().join("store/doctor/probe").exists());
}

#[test]
fn what_is_wrong_is_named_beside_everything_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let (file, missing) = (file.display().to_string(), folder.path().join("missing").display().to_string());
    let (findings, code) = examined(&[
        "--redis",
        "redis://127.0.0.1:1",
        "--store",
        "s3://bucket?endpoint=http://127.0.0.1:1",
        "--graph",
        &missing,
        "--edgar",
        "https://www.sec.gov",
        "--taxonomies",
        &missing,
        "--offline",
        "--scratch",
        &file,
    ]);
    assert_eq!(code, Some(1));
    let wrong = wrong(&findings);
    let parts: Vec<&str> = wrong.iter().map(|(part, _)| *part).collect();
    assert_eq!(parts, ["redis", "store", "taxonomies", "scratch"], "{findings:?}");
    for (part, words) in
        [("redis", "127.0.0.1:1"), ("taxonomies", "give another one"), ("scratch", "cannot write")]
    {
        assert!(wrong.iter().any(|(of, says)| *of == part && says.contains(words)), "{part}: {wrong:?}");
    }
    // Who does not say who asks is told so before anybody is asked.
    let (findings, _) =
        examined(&["--store", &missing, "--graph", &missing, "--edgar", "https://www.sec.gov"]);
    assert!(
        findings.iter().any(|(part, _, says)| part == "edgar" && says.contains("--user-agent")),
        "{findings:?}"
    );
}
