//! EDGAR's lists with every odd row at once: what is sound is found, and every odd row is named once.

mod mirror;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use edgraph_shared::storage::{LocalStore, SharedStore};
use edgraph_tests::edgar::EdgarServer;
use edgraph_tests::eventually::eventually;
use edgraph_worker::download::Rate;
use edgraph_worker::edgar::{Edgar, EdgarConfig};
use edgraph_worker::handler::Handler;
use edgraph_worker::kinds::sec_xbrl::discover_companies::DiscoverCompaniesHandler;
use edgraph_worker::kinds::sec_xbrl::discover_filings::DiscoverFilingsHandler;
use edgraph_worker::runtime::{Worker, WorkerConfig};
use edgraph_worker::universe::SecList;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::coordinator::{RunningEngine, Services};
use crate::program::{Finished, Run, edgraph};
use mirror::Expected;

const AGENT: &str = "edgraph tests tests@example.com";

/// Fails unless every row is named once by what a program printed.
#[track_caller]
fn assert_named_once(printed: &str, lost: &[String]) {
    for row in lost {
        assert_eq!(printed.matches(row.as_str()).count(), 1, "{row}\n{printed}");
    }
}

/// A dry run over a server.
fn dry(server: &EdgarServer, format: &str, more: &[&str]) -> Finished {
    let folder = tempfile::tempdir().unwrap();
    let (url, out) = (server.url(), folder.path().join("out").display().to_string());
    let args = ["run", "--dry-run", "--format", format, "--edgar", &url, "--out", &out];
    let polite = ["--offline", "--user-agent", AGENT, "--edgar-rate", "off"];
    edgraph(args.iter().chain(&polite).chain(more))
}

fn number(plan: &Value, field: &str) -> usize {
    plan[field]
        .as_u64()
        .and_then(|number| number.try_into().ok())
        .unwrap_or_else(|| panic!("{field}: {plan}"))
}

#[test]
fn an_index_is_found_whole_in_lists_that_hold_every_odd_row() {
    let folder = tempfile::tempdir().unwrap();
    let Expected { companies, filings, lost } = mirror::write(folder.path());
    assert!(companies > 500 && lost.len() > 30, "{companies} {lost:?}");
    let server = EdgarServer::builder(folder.path()).start().unwrap();

    let finished = dry(&server, "json", &["--universe", "sp500"]).ok();
    assert_named_once(&format!("{}{}", finished.stdout, finished.stderr).replace("\\\"", "\""), &lost);
    let plan = finished.json();
    assert_eq!((&plan["unknown"], &plan["failed"], &plan["left_out"]), (&json!([]), &json!([]), &json!({})));
    assert_eq!((number(&plan, "companies"), number(&plan["filings"], "total")), (companies, filings));
    assert_eq!(
        (number(&plan, "damaged_rows"), plan["damaged"].as_array().unwrap().len()),
        (lost.len(), lost.len())
    );
    let submissions = server.requests().iter().filter(|request| request.path.contains("/CIK")).count();
    assert_eq!(submissions, companies, "a company of several tickers is asked about once");

    let text = dry(&server, "text", &["--universe", "sp500"]).ok();
    assert_named_once(&format!("{}{}", text.stdout, text.stderr), &lost);
    let counted = format!("  left out   {} rows of EDGAR's lists that cannot be read:\n", lost.len());
    assert!(text.stdout.contains(&counted), "{text:?}");
    // What is no reading at all costs nothing and is no news.
    for silent in ["column", "Caf", "Another Title"] {
        assert!(!text.stdout.contains(silent) && !text.stderr.contains(silent), "{silent}: {text:?}");
    }
}

#[test]
fn an_odd_line_of_a_daily_index_costs_that_line() {
    let folder = tempfile::tempdir().unwrap();
    let companies = mirror::write(folder.path()).lost;
    let lost = mirror::write_indexes(folder.path());
    let server = EdgarServer::builder(folder.path()).start().unwrap();
    let news = ["--universe", "sp500", "--new-since", "2024-03-25", "--until", "2024-03-31"];
    let finished = dry(&server, "json", &news).ok();
    let of_tickers: Vec<String> =
        companies.into_iter().filter(|row| row.starts_with("company_tickers.json")).collect();
    let printed = format!("{}{}", finished.stdout, finished.stderr).replace("\\\"", "\"");
    assert_named_once(&printed, &[of_tickers.as_slice(), &lost].concat());
    let plan = finished.json();
    assert_eq!((number(&plan, "companies"), &plan["indexed_to"]), (2, &json!("2024-03-27")));
    assert_eq!(number(&plan, "damaged_rows"), of_tickers.len() + lost.len());
}

#[test]
fn a_name_that_is_not_listed_any_more_is_told_by_what_is_at_hand() {
    let folder = tempfile::tempdir().unwrap();
    mirror::write(folder.path());
    let delisted = json!({
        "cik": "0009899100", "name": "Marrowfield Holdings Inc", "tickers": ["MRWF"],
        "formerNames": [{"name": "QUENTLOW MILLS CORP", "from": "2001-01-01T00:00:00.000Z"}], "filings": {},
    });
    std::fs::write(folder.path().join("submissions/CIK0009899100.json"), delisted.to_string()).unwrap();
    let out = tempfile::tempdir().unwrap();
    let run = Run::at(&format!("file://{}", folder.path().display()), out.path());
    let refused = run.with(["--dry-run", "--tickers", "mrwf,Quentlow Mills,AGAIN,QQQQQQQQ"]).finish();
    assert_eq!(refused.code, Some(2), "{refused:?}");
    for part in [
        "3 of the names",
        "mrwf (Marrowfield Holdings Inc: --ciks 9899100)",
        "Quentlow Mills (Marrowfield Holdings Inc, formerly QUENTLOW MILLS CORP: --ciks 9899100)",
        ", QQQQQQQQ\n",
    ] {
        assert!(refused.stderr.contains(part), "{part}: {refused:?}");
    }

    // Nobody asks EDGAR for the submissions of thousands.
    let server = EdgarServer::builder(folder.path()).start().unwrap();
    let refused = dry(&server, "text", &["--tickers", "mrwf"]);
    assert!(refused.stderr.contains("mrwf") && !refused.stderr.contains("Marrowfield"), "{refused:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_status_of_a_pipeline_counts_and_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let Expected { companies, lost, .. } = mirror::write(folder.path());
    let store: SharedStore = Arc::new(LocalStore::open(folder.path().join("store")).unwrap());
    let config = EdgarConfig { rate: Rate::Off, ..EdgarConfig::at(folder.path().display().to_string()) };
    let edgar = Edgar::new(config).unwrap();
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let handlers: Vec<Arc<dyn Handler>> = vec![
        Arc::new(DiscoverCompaniesHandler {
            edgar: edgar.clone(),
            list: SecList::new(edgar.clone(), store.clone()),
        }),
        Arc::new(DiscoverFilingsHandler { edgar, store }),
    ];
    let worker = WorkerConfig {
        coordinators: services.url().into(),
        worker: "w".parse().unwrap(),
        slots: NonZeroU32::new(4).unwrap(),
        drain: Duration::ZERO,
        cancel_grace: Duration::from_secs(1),
        home: Default::default(),
        desk: Default::default(),
    };
    let stop = CancellationToken::new();
    let work = tokio::spawn(Worker::run(worker, handlers, stop.clone()));
    let url = services.url();
    let run = async |args: &[&str]| {
        let args: Vec<String> =
            args.iter().copied().chain(["--coordinator", &url]).map(str::to_owned).collect();
        tokio::task::spawn_blocking(move || edgraph(args)).await.unwrap().ok()
    };
    run(&["start", "--universe", "sp500", "--id", "odd"]).await;
    let client = services.client().await;
    eventually("every list is read", Duration::from_secs(60), async || {
        client.get("odd").await.ok().filter(|status| status.discovery_complete)
    })
    .await;

    let status = run(&["status", "odd", "--format", "json"]).await.json();
    assert_eq!(number(&status["counters"], "entities"), companies);
    assert_eq!(number(&status, "damaged_rows"), lost.len());
    // The result of one item names no more than fits into it; the rest is in the worker's log.
    let named = status["damaged"].as_array().unwrap();
    assert!(named.len() < lost.len() && named.len() > lost.len() / 2, "{named:?}");
    let text = run(&["status", "odd"]).await.stdout;
    let counted = format!("  left out   {} rows of EDGAR's lists that cannot be read:\n", lost.len());
    assert!(text.contains(&counted), "{text}");
    assert!(text.contains(&format!("and {} more", lost.len() - named.len())), "{text}");
    for row in named {
        assert_eq!(text.matches(row.as_str().unwrap()).count(), 1, "{row} {text}");
    }
    stop.cancel();
    work.await.unwrap().unwrap();
    services.stop().await;
    engine.stop().await;
}
