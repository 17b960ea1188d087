//! What Prometheus is told: every declared metric, with labels of few values, while a fleet makes a graph of the samples.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

use edgraph_coordinator::engine::{DECLARED, Sort};
use edgraph_tests::corpus::{fixture_edgar, fixture_taxonomies};
use edgraph_tests::fleet::{Fleet, Settings};

use crate::fleet::PATIENCE;
use crate::program::edgraph;

/// What is answered to GET, its head and its body.
fn get(address: &str, path: &str, token: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// Where a coordinator serves its page and what is beside it.
async fn http_of(fleet: &mut Fleet) -> String {
    let line = fleet.coordinators[0].process().line("the page is at http://", PATIENCE).await.unwrap();
    line.split("http://").nth(1).unwrap().trim_end_matches(", JSON at ").to_owned()
}

/// The value of a metric with these labels, as written.
fn value(text: &str, metric: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(metric)?.strip_prefix(' ')?.parse().ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_declared_metric_is_told_and_labels_have_few_values() {
    let folder = tempfile::tempdir().unwrap();
    let graph = folder.path().join("graph").display().to_string();
    let coordinator_args = ["--http", "127.0.0.1:0", "--graph", &graph].map(str::to_owned).into();
    let mut fleet =
        Fleet::with_coordinator(Settings { coordinator_args, ..Settings::default() }).await.unwrap();
    let http = http_of(&mut fleet).await;
    let (edgar, taxonomies) = (fixture_edgar(), fixture_taxonomies());
    let edgar = format!("file://{}", edgar.display());
    fleet.add_worker("one", 2, &["--edgar", &edgar, "--taxonomies", taxonomies.to_str().unwrap()]).unwrap();
    let url = fleet.endpoints().remove(0);
    tokio::task::spawn_blocking(move || {
        let start = ["start", "--universe", "all", "--amendments", "--id", "samples", "--wait", "--quiet"];
        edgraph([&start[..], &["--coordinator", &url]].concat()).ok();
    })
    .await
    .unwrap();

    let (head, text) = get(&http, "/metrics", "");
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/plain; version=0.0.4"), "{head}");
    for (name, sort, says) in DECLARED {
        let sort = match sort {
            Sort::Counter => "counter",
            Sort::Gauge => "gauge",
            Sort::Seconds => "histogram",
        };
        assert!(text.contains(&format!("# HELP {name} {says}\n# TYPE {name} {sort}\n")), "{name}: {text}");
    }
    for (metric, expected) in [
        ("edgraph_leads", 1.0),
        ("edgraph_leads_won_total", 1.0),
        ("edgraph_leases_granted_total{kind=\"process_filing\"}", 6.0),
        ("edgraph_pipelines_started_total", 1.0),
        ("edgraph_pipelines_ended_total{state=\"completed\"}", 1.0),
        ("edgraph_items_ready", 0.0),
        ("edgraph_items_dead_total", 0.0),
    ] {
        assert_eq!(value(&text, metric), Some(expected), "{metric}: {text}");
    }
    assert!(value(&text, "edgraph_commit_seconds_count").unwrap() > 5.0, "{text}");

    // Nothing is declared elsewhere, and no label grows with what clients do.
    let mut labels = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (metric, _) = line.rsplit_once(' ').unwrap();
        let (name, of) = metric.split_once('{').unwrap_or((metric, ""));
        let is_declared = |(known, ..): &(&str, _, _)| {
            ["", "_bucket", "_sum", "_count"].iter().any(|end| format!("{known}{end}") == name)
        };
        assert!(DECLARED.iter().any(is_declared), "{line}");
        labels.extend(
            of.trim_end_matches('}')
                .split(',')
                .filter_map(|label| label.split('=').next())
                .map(str::to_owned),
        );
    }
    labels.remove("");
    assert_eq!(labels.into_iter().collect::<Vec<_>>(), ["kind", "le", "state", "taken"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_told_to_those_who_may_look() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::write(&tokens, "viewer looks\nworker works\n").unwrap();
    let coordinator_args = ["--http", "127.0.0.1:0", "--tokens", tokens.to_str().unwrap()];
    let settings =
        Settings { coordinator_args: coordinator_args.map(str::to_owned).into(), ..Settings::default() };
    let mut fleet = Fleet::new(settings).await.unwrap();
    fleet.add_coordinator().await.unwrap();
    let http = http_of(&mut fleet).await;
    for (token, status) in [("looks", "200"), ("works", "403"), ("nonsense", "401"), ("", "401")] {
        let (head, body) = get(&http, "/metrics", token);
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{token}: {head}");
        assert_eq!(body.contains("edgraph_leads"), status == "200", "{token}");
    }
}
