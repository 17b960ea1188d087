//! Closed months become few large files: the same rows, found by everybody who asked for the small ones.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use edgraph_graph::Error;
use edgraph_graph::gc::{self, Grace};
use edgraph_graph::publish::{Compaction, PART_BYTES};
use edgraph_shared::schema;
use edgraph_shared::storage::SharedStore;
use futures::FutureExt;
use serde_json::json;

use super::closed::{EVER, Filings, files, months, tables, tables_in};
use super::kit::{Filing, accept, counts, filing, publish, publish_filings};
use super::reader::read;
use crate::program::{Finished, checksum, edgraph};
use crate::store::Place;

/// A filing of the samples, and a text of it that is long.
const ANNUAL: [&str; 2] = ["0009900001-25-000011", "RevenueRecognitionPolicyTextBlock"];

fn compact(out: &Path) -> Finished {
    let store = out.join("store").display().to_string();
    edgraph(["compact", "--before", EVER, "--store", &store, "--format", "json"])
}

fn verify(out: &Path) -> Finished {
    let (store, graph) = (out.join("store").display().to_string(), out.join("graph").display().to_string());
    edgraph(["verify", "--store", &store, "--graph", &graph, "--hashes", "--grace", "0s", "--format", "json"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_whose_months_are_closed_answers_and_goes_on_as_before() {
    let (filings, out, other) = (Filings::new(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (out, other) = (out.path(), other.path());
    let all = filings.run(out).ok()["processed"].clone();
    let (before, small, graph) = (tables_in(out).await, files(out), checksum(out));
    assert!(months(&small, "flat/facts").iter().any(|files| *files > 1));
    let store = out.join("store").display().to_string();
    let text = |concept: &str| edgraph(["text", ANNUAL[0], concept, "--store", &store]).ok().stdout;
    let (long, short) = (text(ANNUAL[1]), text("EntityRegistrantName"));

    let done = compact(out).ok().json();
    assert_eq!(tables_in(out).await, before);
    let large = files(out);
    for table in schema::all_tables().map(schema::Table::folder) {
        assert!(months(&large, &table).iter().all(|files| *files == 1), "{table}");
    }
    let gone = small.difference(&large).count() as u64;
    assert_eq!(
        (&done["files"], large.difference(&small).count() as u64),
        (&json!(gone), done["parts"].as_u64().unwrap())
    );
    assert_eq!(compact(out).ok().json()["files"], 0, "there is nothing left to do");
    verify(out).ok();

    // Who asks for a filing's rows finds them: the skip check, a text, and a graph that is built anew.
    let again = filings.run(out).ok();
    assert_eq!((&again["processed"], &again["skipped"]), (&json!(0), &all));
    assert_eq!((text(ANNUAL[1]), text("EntityRegistrantName")), (long, short));
    let anew = other.join("graph").display().to_string();
    filings.run(out).with(["--graph", &anew]).ok();
    assert_eq!(checksum(other), graph);
    assert_eq!((tables_in(out).await, files(out)), (before, large));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filings_of_closed_months_are_replaced_one_by_one() {
    let (filings, out, twin) = (Filings::new(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (out, twin) = (out.path(), twin.path());
    let both = |more: &[&str], one: bool| {
        for folder in [out, twin] {
            let run = if one { filings.run_one(folder) } else { filings.run(folder) };
            run.with(more.iter().copied()).ok();
        }
    };
    both(&[], false);
    compact(out).ok();
    both(&["--processor-tag", "next"], true);
    assert_eq!(tables_in(out).await, tables_in(twin).await, "one company is replaced");
    assert_eq!(checksum(out), checksum(twin));
    compact(out).ok();
    // What is made again of the same input stands for itself from then on.
    both(&["--refresh", "all", "--processor-tag", "next"], true);
    assert_eq!(tables_in(out).await, tables_in(twin).await);
    both(&["--processor-tag", "last"], false);
    assert_eq!(tables_in(out).await, tables_in(twin).await, "all are replaced");
    assert_eq!(checksum(out), checksum(twin));
    assert_eq!(files(out), files(twin), "no part is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_damaged_part_had_is_made_again() {
    let filings = Filings::new();
    for one in [false, true] {
        let (out, twin) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (out, twin) = (out.path(), twin.path());
        filings.run(out).ok();
        filings.run(twin).ok();
        compact(out).ok();
        let part = files(out).into_iter().find(|file| file.starts_with("graph/nodes/Fact/")).unwrap();
        let path = out.join("store").join(&part);
        let bytes = std::fs::read(&path).unwrap();
        let mut altered = bytes.clone();
        altered[bytes.len() / 2] ^= 1;
        for damaged in [&altered[..], &bytes[..bytes.len() / 2]] {
            std::fs::write(&path, damaged).unwrap();
            let found = verify(out);
            assert_eq!((found.code, &found.json()["findings"][0]["place"]), (Some(1), &json!(part)));
        }
        let run = |tag: &[&str]| {
            for folder in [out, twin] {
                let finished = filings.run(folder).with(tag.iter().copied()).finish();
                assert_eq!(finished.code, Some(0), "{finished:?}");
            }
        };
        if one {
            // A filing beside others is replaced, and what cannot be read of them is made again by the next run.
            for folder in [out, twin] {
                filings.run_one(folder).with(["--processor-tag", "next"]).ok();
            }
            run(&[]);
            run(&["--processor-tag", "next"]);
        } else {
            let anew = out.join("anew").display().to_string();
            let refused = filings.run(out).with(["--graph", &anew]).finish();
            assert_eq!(refused.code, Some(1), "{refused:?}");
            assert!(refused.stdout.contains(part.rsplit('/').next().unwrap()), "{refused:?}");
            run(&[]);
        }
        assert_eq!(tables_in(out).await, tables_in(twin).await, "{one}");
        assert_eq!(checksum(out), checksum(twin), "{one}");
    }
}

/// Filings of one month.
fn of_one_month() -> Vec<Filing> {
    (0..5).map(|number| filing(number * 60)).collect()
}

fn compaction(store: &SharedStore) -> Compaction {
    let permit = Arc::new(|| std::future::ready(Ok(())).boxed());
    Compaction { store: store.clone(), part_bytes: PART_BYTES, permit }
}

async fn compacted(compaction: &Compaction) -> u64 {
    let mut files = 0;
    for (table, month) in compaction.due(EVER.parse().unwrap()).await.unwrap() {
        files += compaction.run(table, month).await.unwrap().files;
    }
    files
}

async fn a_filing_replaced_meanwhile(place: &Place) {
    let other = Place::directory();
    let (store, twin) = (place.open().await, other.open().await);
    publish_filings(&store, 1, &of_one_month()).await;
    publish_filings(&twin, 1, &of_one_month()).await;
    // Immediately before its first version is written.
    let (publisher, replaced) = (place.open().await, of_one_month()[2].again());
    let permit = move || {
        let store = publisher.clone();
        async move {
            publish_filings(&store, 2, &[replaced]).await;
            Ok(())
        }
        .boxed()
    };
    let files = compacted(&Compaction { permit: Arc::new(permit), ..compaction(&store) }).await;
    assert!(files > 0);
    publish_filings(&twin, 2, &[replaced]).await;
    assert_eq!(tables(&store).await, tables(&twin).await);
    let facts = schema::table("flat/facts").unwrap();
    assert_eq!(read(&store, facts).await.files.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_directory_a_publisher_wins_over_a_compaction() {
    a_filing_replaced_meanwhile(&Place::directory()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_bucket_a_publisher_wins_over_a_compaction() {
    a_filing_replaced_meanwhile(&Place::bucket()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_end_where_they_are_large_enough_and_grow_by_what_comes_later() {
    let place = Place::directory();
    let store = place.open().await;
    publish_filings(&store, 1, &of_one_month()).await;
    let before = tables(&store).await;
    let small = Compaction { part_bytes: 25_000, ..compaction(&store) };
    compacted(&small).await;
    assert_eq!(tables(&store).await, before);
    let facts = schema::table("flat/facts").unwrap();
    let parts = read(&store, facts).await.files.len();
    assert!((1..5).contains(&parts), "{parts}");
    let late = [filing(300), filing(30 * 60)];
    publish_filings(&store, 2, &late).await;
    let before = tables(&store).await;
    compacted(&compaction(&store)).await;
    assert_eq!((tables(&store).await, read(&store, facts).await.files.len()), (before, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_one_filing_is_left_in_is_a_part() {
    let place = Place::directory();
    let store = place.open().await;
    let all = of_one_month();
    publish_filings(&store, 1, &all[..2]).await;
    compacted(&compaction(&store)).await;
    publish_filings(&store, 2, &[all[0].again(), all[2]]).await;
    let before = tables(&store).await;
    let facts = schema::table("flat/facts").unwrap();
    assert_eq!(read(&store, facts).await.files.len(), 3);
    compacted(&compaction(&store)).await;
    assert_eq!((tables(&store).await, read(&store, facts).await.files.len()), (before, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_what_was_accepted_stays_as_it_is() {
    let place = Place::directory();
    let store = place.open().await;
    publish_filings(&store, 1, &of_one_month()).await;
    let facts = schema::table("flat/facts").unwrap();
    let altered = of_one_month()[1];
    let key = altered.key(facts).parse().unwrap();
    let mut bytes = store.get(&key).await.unwrap().to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    store.put(&key, bytes.into()).await.unwrap();
    let compaction = compaction(&store);
    let month = compaction.due(EVER.parse().unwrap()).await.unwrap()[0].1;
    let done = compaction.run(facts, month).await.unwrap();
    assert_eq!((done.files, done.parts), (4, 1));
    let left: Vec<&String> = done.left.values().collect();
    assert_eq!(left, ["it is not what its filing's manifest says"]);
    assert_eq!(read(&store, facts).await.files.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_written_once_the_item_is_taken_away() {
    let place = Place::directory();
    let store = place.open().await;
    publish_filings(&store, 1, &of_one_month()).await;
    let permit = Arc::new(|| std::future::ready(Err("it was taken away".to_owned())).boxed());
    let compaction = Compaction { permit, ..compaction(&store) };
    let (table, month) = compaction.due(EVER.parse().unwrap()).await.unwrap().remove(0);
    let lost = compaction.run(table, month).await.unwrap_err();
    assert!(matches!(lost, Error::LeaseLost { .. }), "{lost}");
    assert_eq!(read(&store, table).await.versions, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_that_comes_again_after_compaction_changes_nothing() {
    let place = Place::directory();
    let store = place.open().await;
    let mut lines = Vec::new();
    for filing in of_one_month() {
        lines.push(accept(&store, filing).await);
    }
    publish(&store, 1, &lines).await;
    compacted(&compaction(&store)).await;
    let grace = Grace { time: Duration::ZERO, now: SystemTime::now() };
    let gone = gc::collect(&store, grace).await.unwrap();
    assert!(gone.files > 0 && gone.unsure.is_empty(), "{gone:?}");
    let before = tables(&store).await;
    // The list still says that their files were just written.
    assert_eq!(counts(&publish(&store, 1, &lines).await), (0, 0, 5, 0));
    assert_eq!(tables(&store).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compacted_table_whose_log_is_lost_has_its_filings_made_again() {
    let (filings, out, twin) = (Filings::new(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (out, twin) = (out.path(), twin.path());
    filings.run(out).ok();
    filings.run(twin).ok();
    compact(out).ok();
    std::fs::remove_dir_all(out.join("store/flat/facts/_delta_log")).unwrap();
    let refused = filings.run(out).finish();
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stdout.contains("flat/facts has its rows no more"), "{refused:?}");
    filings.run(out).ok();
    assert_eq!(tables_in(out).await, tables_in(twin).await);
    assert_eq!(checksum(out), checksum(twin));
}
