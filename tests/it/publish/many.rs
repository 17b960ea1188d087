//! Many versions: checkpoints keep tables quick to open, and nobody depends on them.

use bytes::Bytes;
use edgraph_graph::publish;
use edgraph_shared::schema;
use edgraph_shared::storage::{ObjectKey, layout};
use edgraph_tests::s3::S3Server;
use serde_json::Value;

use super::kit::{Filing, filing, publish_filings};
use super::reader::{check, read};
use crate::store::Place;

/// Enough for two checkpoints and some versions after them.
const ROUNDS: u32 = 25;

/// A store whose tables have a version for each round: every third one replaces a filing.
async fn of_many_rounds(place: &Place) -> Vec<Filing> {
    let store = place.open().await;
    let mut there: Vec<Filing> = Vec::new();
    for round in 0..ROUNDS {
        let new = if round % 3 == 2 { there[0].again() } else { filing(round) };
        there.retain(|filing| filing.number != new.number);
        there.insert(0, new);
        publish_filings(&store, round, &[new]).await;
    }
    there
}

fn log(name: &str) -> ObjectKey {
    let folder = layout::table_log(&schema::table("flat/facts").unwrap().folder());
    format!("{folder}/{name}").parse().unwrap()
}

fn requests(server: &S3Server) -> usize {
    server.requests().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_many_versions_is_read_from_its_last_checkpoint() {
    let place = Place::bucket();
    let there = of_many_rounds(&place).await;
    let store = place.open().await;
    check(&store, &there).await;
    let hint: Value = serde_json::from_slice(&store.get(&log("_last_checkpoint")).await.unwrap()).unwrap();
    assert_eq!(hint["version"], 19);
    let Place::Bucket(server) = &place else { panic!("a bucket was asked for") };
    let before = requests(server);
    let snapshot = publish::read(&store, schema::table("flat/facts").unwrap()).await.unwrap();
    assert_eq!((snapshot.version(), snapshot.files()), (Some(24), there.len()));
    assert_eq!(snapshot.round("nightly"), Some(24));
    let asked = server.requests().split_off(before);
    // The hint, the checkpoint, five versions, and one that is not there.
    assert_eq!(asked.len(), 8, "{asked:?}");
    assert!(!asked.iter().any(|request| request.query.contains("list-type")), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_read_without_what_leads_to_its_checkpoint_and_without_any() {
    let place = Place::directory();
    let there = of_many_rounds(&place).await;
    let store = place.open().await;
    store.put(&log("_last_checkpoint"), Bytes::from_static(b"{\"version\":")).await.unwrap();
    check(&store, &there).await;
    store.delete(&log("_last_checkpoint")).await.unwrap();
    check(&store, &there).await;
    store.delete(&log("00000000000000000019.checkpoint.parquet")).await.unwrap();
    check(&store, &there).await;
    let hint = Bytes::from_static(b"{\"version\":19,\"size\":40}");
    store.put(&log("_last_checkpoint"), hint).await.unwrap();
    check(&store, &there).await;
    store.delete(&log("00000000000000000009.checkpoint.parquet")).await.unwrap();
    check(&store, &there).await;

    // A log whose beginning is lost says so: what is missing cannot be told.
    store.delete(&log("00000000000000000000.json")).await.unwrap();
    let error = publish::read(&store, schema::table("flat/facts").unwrap()).await.unwrap_err().to_string();
    assert_eq!(error, "flat/facts/_delta_log: it begins with version 1 and has no checkpoint before it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_named_and_nothing_is_written() {
    let place = Place::directory();
    let store = place.open().await;
    publish_filings(&store, 1, &[filing(1)]).await;
    let facts = schema::table("flat/facts").unwrap();
    for (bytes, part) in [
        ("{\"add\":{\"path\":1}}", "flat/facts/_delta_log/00000000000000000001.json: line 1: "),
        (
            "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7}}",
            "flat/facts/_delta_log: it needs a reader 3 and a writer 7 of the Delta protocol",
        ),
    ] {
        store.put(&log("00000000000000000001.json"), bytes.into()).await.unwrap();
        let error = publish::read(&store, facts).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
        let lines = [super::kit::accept(&store, filing(2)).await];
        let error = super::kit::try_publish(&store, 2, &lines).await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert_eq!(store.list(&layout::table_log(&facts.folder())).await.unwrap().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_kept_versions_name_is_retained() {
    let place = Place::directory();
    let there = of_many_rounds(&place).await;
    let store = place.open().await;
    let facts = schema::table("flat/facts").unwrap();
    let of_facts = |named: std::collections::BTreeSet<ObjectKey>| {
        let named = named.into_iter().filter(|key| key.as_str().starts_with("flat/facts/"));
        named.map(|key| key.to_string()).collect::<Vec<_>>()
    };
    let log = read(&store, facts).await;
    let path = |path: &Value| format!("flat/facts/{}", path.as_str().unwrap());
    let now: Vec<String> = log.files.keys().map(|path| format!("flat/facts/{path}")).collect();
    let mut ever: Vec<String> = log.lines["add"].iter().map(|add| path(&add["path"])).collect();
    ever.sort();
    assert_eq!((now.len(), ever.len()), (there.len(), ROUNDS as usize));
    // From the checkpoints, too: they keep in mind what was removed lately.
    assert_eq!(of_facts(publish::retained(&store, 0).await.unwrap().named), ever);
    assert_eq!(of_facts(publish::retained(&store, i64::MAX).await.unwrap().named), now);
    let last = log.lines["remove"].last().unwrap();
    let since = last["deletionTimestamp"].as_i64().unwrap();
    let retained = of_facts(publish::retained(&store, since - 1).await.unwrap().named);
    assert!(retained.contains(&path(&last["path"])), "{retained:?}");
    assert!((now.len() + 1..ever.len()).contains(&retained.len()), "{retained:?}");
}
