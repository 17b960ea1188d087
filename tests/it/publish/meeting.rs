//! Publishers that meet: one history, and the same generation of a filing in every table.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use edgraph_graph::Error;
use edgraph_graph::publish::{self, Publication};
use edgraph_shared::schema;
use edgraph_shared::storage::SharedStore;
use futures::FutureExt;
use futures::future::join_all;

use super::kit::{accept, counts, filing, publication, publish_filings};
use super::reader::check;
use crate::store::Place;

/// Publishers at a time.
const PUBLISHERS: u32 = 4;

async fn all_at_once(place: &Place) {
    let store = place.open().await;
    // Each accepted one of its own, and one that all of them did. Two are of one pipeline and round: the second took
    // over while the first still runs.
    let mut publishing = Vec::new();
    for publisher in 0..PUBLISHERS {
        let lines = vec![accept(&store, filing(100)).await, accept(&store, filing(publisher / 2)).await];
        let job = publication(&place.open().await, &format!("pipeline-{}", publisher / 2), 1);
        publishing.push(tokio::spawn(async move { publish::run(&job, &lines).await }));
    }
    for done in join_all(publishing).await {
        let published = done.unwrap().unwrap();
        assert_eq!(published.added + published.unchanged, 2, "{published:?}");
    }
    check(&store, &[filing(0), filing(1), filing(100)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishers_to_a_directory_make_one_history() {
    all_at_once(&Place::directory()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishers_to_a_bucket_make_one_history() {
    all_at_once(&Place::bucket()).await;
}

/// A publication in which something else happens, whole, before its version number `at` is written.
fn interrupted<F>(
    store: &SharedStore,
    at: usize,
    other: impl Fn() -> F + Send + Sync + 'static,
) -> Publication
where
    F: Future<Output = ()> + Send + 'static,
{
    let asked = AtomicUsize::new(0);
    let permit = move || {
        let happening = (asked.fetch_add(1, Ordering::Relaxed) == at).then(&other);
        async move {
            if let Some(happening) = happening {
                happening.await;
            }
            Ok(())
        }
        .boxed()
    };
    Publication { permit: Arc::new(permit), ..publication(store, "first", 1) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_versions_the_newer_one_stands_in_every_table_wherever_they_meet() {
    let (old, older, newer) = (filing(1), filing(1).again(), filing(1).again().again());
    // The older one has texts, which makes five versions.
    for at in 0..5 {
        let place = Place::directory();
        let store = place.open().await;
        publish_filings(&store, 1, &[old]).await;
        let lines = [accept(&store, older).await];
        let other = store.clone();
        let first = interrupted(&store, at, move || {
            let store = other.clone();
            async move {
                let lines = [accept(&store, newer).await, accept(&store, filing(2)).await];
                publish::run(&publication(&store, "second", 1), &lines).await.unwrap();
            }
        });
        let published = publish::run(&first, &lines).await.unwrap();
        assert_eq!(counts(&published), (0, 0, 0, 1), "before version {at}: {published:?}");
        check(&store, &[newer, filing(2)]).await;
        // The older one again, as after a takeover.
        let again = publish::run(&publication(&store, "first", 1), &lines).await.unwrap();
        assert_eq!((counts(&again), again.tables), ((0, 0, 0, 1), 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_race_is_planned_anew() {
    for at in 0..schema::TABLES {
        let place = Place::directory();
        let store = place.open().await;
        let mine = accept(&store, filing(1)).await;
        let both = Arc::new([accept(&store, filing(2)).await, mine.clone()]);
        let other = store.clone();
        let first = interrupted(&store, at, move || {
            let (job, both) = (publication(&other, "second", 1), both.clone());
            async move { drop(publish::run(&job, &*both).await.unwrap()) }
        });
        publish::run(&first, &[mine]).await.unwrap();
        check(&store, &[filing(1), filing(2)]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_written_once_the_item_is_taken_away() {
    let place = Place::directory();
    let store = place.open().await;
    let lines = [accept(&store, filing(1)).await];
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let permit = move || {
        let is_ours = count.fetch_add(1, Ordering::Relaxed) < 7;
        std::future::ready(if is_ours { Ok(()) } else { Err("publish/1 was taken away".to_owned()) }).boxed()
    };
    let job = Publication { permit: Arc::new(permit), ..publication(&store, "first", 1) };
    let error = publish::run(&job, &lines).await.unwrap_err();
    assert!(matches!(&error, Error::LeaseLost { .. }), "{error}");
    let mut versions = 0;
    for table in schema::all_tables() {
        versions += u64::from(publish::read(&store, table).await.unwrap().version().is_some());
    }
    assert_eq!(versions, 7, "as many versions as were allowed");
    publish::run(&publication(&store, "second", 1), &lines).await.unwrap();
    check(&store, &[filing(1)]).await;
}
