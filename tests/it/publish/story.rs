//! What is accepted is in the tables, in the version that was accepted, and nothing is done twice.

use edgraph_shared::schema;
use edgraph_shared::storage::layout;
use serde_json::json;

use super::kit::{Filing, accept, accept_with, counts, filing, publish, publish_filings, try_publish};
use super::reader::{check, read, rows};
use crate::store::Place;

macro_rules! stories {
    ($($story:ident,)*) => {
        mod directory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story(&crate::store::Place::directory()).await;
            })*
        }
        mod bucket {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story(&crate::store::Place::bucket()).await;
            })*
        }
    };
}

stories! {
    a_round_adds_replaces_and_leaves_as_it_is,
    a_manifest_that_is_missing_or_damaged_costs_its_filing,
}

const FIRST: [Filing; 3] =
    [Filing { number: 1, version: 1 }, Filing { number: 2, version: 1 }, Filing { number: 3, version: 1 }];

async fn a_round_adds_replaces_and_leaves_as_it_is(place: &Place) {
    let store = place.open().await;
    let first = publish_filings(&store, 1, &FIRST).await;
    assert_eq!((counts(&first), first.tables, first.version), ((3, 0, 0, 0), schema::TABLES as u64, 0));
    assert_eq!((first.files_added, first.files_removed), (3 * 4, 0));
    check(&store, &FIRST).await;

    // The same round again, as after a takeover, and its filings in a round of their own.
    for round in [1, 2] {
        let again = publish_filings(&place.open().await, round, &FIRST).await;
        assert_eq!((counts(&again), again.tables, again.files_added), ((0, 0, 3, 0), 0, 0));
        check(&store, &FIRST).await;
    }

    // Only what is new of it is written: texts that were not there before, nothing of filing 2.
    let next = [FIRST[0].again(), FIRST[1], filing(4)];
    let second = publish_filings(&store, 2, &next).await;
    assert_eq!((counts(&second), second.tables, second.version), ((1, 1, 1, 0), 5, 1));
    assert_eq!((second.files_added, second.files_removed), (5 + 4, 4));
    let expected = [next[0], next[1], FIRST[2], next[2]];
    check(&store, &expected).await;

    // A version without texts takes those out that are there.
    publish_filings(&store, 3, &[next[0].again()]).await;
    check(&store, &[next[0].again(), next[1], FIRST[2], next[2]]).await;

    let facts = read(&store, schema::table("flat/facts").unwrap()).await;
    assert_eq!(facts.lines["protocol"], [json!({"minReaderVersion": 1, "minWriterVersion": 2})]);
    let txns: Vec<_> = facts.lines["txn"].iter().map(|txn| (&txn["appId"], &txn["version"])).collect();
    assert_eq!(
        txns,
        [1, 2, 3]
            .map(|round| (json!("edgraph/nightly"), json!(round)))
            .iter()
            .map(|(a, b)| (a, b))
            .collect::<Vec<_>>()
    );
    assert!(facts.lines["remove"].iter().all(|remove| remove["deletionTimestamp"].is_i64()));
    let years: Vec<_> =
        rows(&store, schema::table("Report").unwrap()).await.into_iter().map(|row| row.1).collect();
    assert_eq!(years, ["2021", "2022", "2023", "2024"]);
}

async fn a_manifest_that_is_missing_or_damaged_costs_its_filing(place: &Place) {
    let store = place.open().await;
    publish_filings(&store, 1, &[filing(1)]).await;
    let mut lines = vec![accept(&store, filing(2)).await];
    let missing = accept(&store, filing(1).again()).await;
    store.delete(&layout::manifest(&filing(1).accession(), &filing(1).again().input_key())).await.unwrap();
    lines.push(missing);
    let changed = accept(&store, filing(3)).await;
    let key = layout::manifest(&filing(3).accession(), &filing(3).input_key());
    store.put(&key, "{}".into()).await.unwrap();
    lines.push(changed);
    lines.push(accept_with(&store, filing(4), |manifest| manifest.files[0].key.push_str(".bak")).await);
    lines.push(accept_with(&store, filing(5), |manifest| manifest.files[0].table = "Rumour".into()).await);
    lines.push(
        accept_with(&store, filing(6), |manifest| manifest.metadata.filing_date = "yesterday".into()).await,
    );
    lines.push(accept_with(&store, filing(7), |manifest| manifest.accession = filing(8).accession()).await);
    lines[6].key = format!("process_filing/{}", filing(7).accession()).parse().unwrap();
    let published = publish(&store, 2, &lines).await;
    assert_eq!(counts(&published), (1, 0, 0, 0));
    let expected = [
        (1, "it is missing"),
        (3, "its sha256 is "),
        (4, ".bak, expected "),
        (5, "it names table \"Rumour\", which this program does not have"),
        (6, "its filing date is \"yesterday\", expected YYYY-MM-DD"),
        (7, "it is of 0000000001-24-000008 with input key "),
    ];
    assert_eq!(published.rejected.len(), expected.len(), "{:?}", published.rejected);
    for (number, part) in expected {
        let reason = &published.rejected[filing(number).accession().as_str()];
        assert!(reason.contains(part) && reason.contains("the next run makes its filing again"), "{reason}");
    }
    // The version that is there stays.
    check(&store, &[filing(1), filing(2)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filing_named_twice_is_no_list() {
    let place = Place::directory();
    let store = place.open().await;
    let line = accept(&store, filing(1)).await;
    let error = try_publish(&store, 1, &[line.clone(), line]).await.unwrap_err().to_string();
    assert_eq!(error, "accepted list, process_filing/0000000001-24-000001: named twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_lost_is_begun_again_with_what_is_accepted() {
    let place = Place::directory();
    let store = place.open().await;
    publish_filings(&store, 1, &FIRST).await;
    let log = layout::table_log(&schema::table("flat/facts").unwrap().folder());
    for meta in store.list(&log).await.unwrap() {
        store.delete(&meta.key).await.unwrap();
    }
    let again = publish_filings(&store, 2, &FIRST).await;
    assert_eq!((counts(&again), again.tables, again.files_added), ((3, 0, 0, 0), 1, 3));
    check(&store, &FIRST).await;
}
