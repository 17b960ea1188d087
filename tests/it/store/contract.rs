//! What every store promises.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use edgraph_shared::storage::{Error, Expect, ObjectKey, SharedStore};
use futures::future::join_all;

use super::Place;

/// A test of every story for every kind of store.
macro_rules! stories {
    ($($story:ident,)*) => {
        mod directory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story(&super::Place::directory()).await;
            })*
        }
        mod bucket {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story(&super::Place::bucket()).await;
            })*
        }
    };
}

stories! {
    an_object_is_put_read_and_replaced,
    many_objects_go_at_once,
    readers_see_whole_objects_only,
    of_many_that_create_an_object_one_does,
    of_many_that_replace_a_version_one_does,
    no_increment_is_lost,
    a_head_is_of_an_object_and_not_of_a_folder,
    a_listing_ends_at_a_slash,
    a_listing_has_no_limit,
    deleting_twice_is_deleting_once,
    keys_may_hold_odd_characters,
    an_object_may_be_empty,
    a_large_object_goes_in_parts,
    an_object_has_an_address,
    a_second_name_keeps_what_it_was_given_to,
}

/// Writers at a time, over [`HANDLES`] handles.
const WRITERS: usize = 32;
/// Handles to one store, as if of so many processes.
const HANDLES: usize = 4;
/// Above the size from which S3 gets parts, and no multiple of a part.
const LARGE: usize = 40 * 1024 * 1024 + 7;

fn key(text: &str) -> ObjectKey {
    text.parse().unwrap()
}

async fn handles(place: &Place) -> Vec<SharedStore> {
    join_all((0..HANDLES).map(|_| place.open())).await
}

/// Runs stories as tasks, for a directory does its work where it is asked to.
async fn at_once<T: Send + 'static>(
    stories: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let running: Vec<_> = stories.map(tokio::spawn).collect();
    join_all(running).await.into_iter().map(Result::unwrap).collect()
}

fn is_conflict<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Conflict { .. }))
}

async fn an_object_is_put_read_and_replaced(place: &Place) {
    let store = place.open().await;
    let a = key("folder/a");
    assert!(matches!(store.get(&a).await, Err(Error::NotFound { key, .. }) if key == a));
    assert!(matches!(store.get_versioned(&a).await, Err(Error::NotFound { .. })));
    assert_eq!(store.find(&a).await.unwrap(), None);

    store.put(&a, Bytes::from_static(b"one")).await.unwrap();
    let (bytes, one) = store.get_versioned(&a).await.unwrap();
    assert_eq!(bytes, "one");
    assert_eq!(store.find(&a).await.unwrap(), Some(bytes));

    store.put(&a, Bytes::from_static(b"two, and longer")).await.unwrap();
    let (bytes, two) = store.get_versioned(&a).await.unwrap();
    assert_eq!(bytes, "two, and longer");
    assert_ne!(one, two);
    assert_eq!(place.open().await.get(&a).await.unwrap(), bytes);
    assert!(matches!(store.get(&key("folder")).await, Err(Error::NotFound { .. })), "a folder is no object");
    assert!(matches!(store.get(&key("folder/a/b")).await, Err(Error::NotFound { .. })));
}

async fn many_objects_go_at_once(place: &Place) {
    let store = place.open().await;
    store.put(&key("many/7"), Bytes::from_static(b"old")).await.unwrap();
    let object = |number: usize| (key(&format!("many/{number}")), Bytes::from(vec![b'x'; number]));
    store.put_all((0..40).map(object).collect()).await.unwrap();
    assert_eq!(store.list(&key("many")).await.unwrap().len(), 40);
    for number in [0, 7, 39] {
        let (key, bytes) = object(number);
        assert_eq!(store.get(&key).await.unwrap(), bytes);
    }
    store.put_all(Vec::new()).await.unwrap();
}

async fn readers_see_whole_objects_only(place: &Place) {
    let (writer, reader) = (place.open().await, place.open().await);
    let a = key("a");
    let versions = [Bytes::from(vec![b'x'; 200_000]), Bytes::from(vec![b'y'; 300_001])];
    writer.put(&a, versions[0].clone()).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let write = {
        let (a, versions, done) = (a.clone(), versions.clone(), done.clone());
        async move {
            for number in 0..60 {
                writer.put(&a, versions[number % 2].clone()).await.unwrap();
            }
            done.store(true, Ordering::Relaxed);
        }
    };
    let read = async move {
        let mut reads = 0;
        while !done.load(Ordering::Relaxed) {
            let (bytes, _) = reader.get_versioned(&a).await.unwrap();
            assert!(versions.contains(&bytes), "{} bytes of neither version", bytes.len());
            assert!(reader.head(&a).await.unwrap().is_some());
            reads += 1;
        }
        reads
    };
    // As tasks, like [`at_once`].
    let (written, reads) = tokio::join!(tokio::spawn(write), tokio::spawn(read));
    written.unwrap();
    assert!(reads.unwrap() > 1, "nothing was read meanwhile");
}

async fn of_many_that_create_an_object_one_does(place: &Place) {
    let stores = handles(place).await;
    let a = key("leader");
    let outcomes = at_once((0..WRITERS).map(|writer| {
        let (store, a) = (stores[writer % HANDLES].clone(), a.clone());
        async move { store.put_if(&a, Bytes::from(writer.to_string()), Expect::Absent).await }
    }))
    .await;
    check_one_winner(&stores[0], &a, &outcomes).await;

    // Absent again once it is deleted.
    stores[0].delete(&a).await.unwrap();
    stores[1].put_if(&a, Bytes::from_static(b"again"), Expect::Absent).await.unwrap();
    assert!(is_conflict(&stores[2].put_if(&a, Bytes::from_static(b"again"), Expect::Absent).await));
}

async fn of_many_that_replace_a_version_one_does(place: &Place) {
    let stores = handles(place).await;
    let a = key("current");
    stores[0].put(&a, Bytes::from_static(b"first")).await.unwrap();
    let (_, version) = stores[0].get_versioned(&a).await.unwrap();
    let outcomes = at_once((0..WRITERS).map(|writer| {
        let (store, a, version) = (stores[writer % HANDLES].clone(), a.clone(), version.clone());
        async move { store.put_if(&a, Bytes::from(writer.to_string()), Expect::Version(version)).await }
    }))
    .await;
    check_one_winner(&stores[0], &a, &outcomes).await;

    let stale = stores[1].put_if(&a, Bytes::new(), Expect::Version(version.clone())).await;
    assert!(is_conflict(&stale), "{stale:?}");
    stores[0].delete(&a).await.unwrap();
    let gone = stores[1].put_if(&a, Bytes::new(), Expect::Version(version)).await;
    assert!(is_conflict(&gone), "{gone:?}");
    assert_eq!(stores[1].find(&a).await.unwrap(), None);
}

async fn check_one_winner(store: &SharedStore, key: &ObjectKey, outcomes: &[Result<(), Error>]) {
    let winners: Vec<_> = (0..outcomes.len()).filter(|writer| outcomes[*writer].is_ok()).collect();
    let conflicts = outcomes.iter().filter(|outcome| is_conflict(outcome)).count();
    assert_eq!((winners.len(), conflicts), (1, WRITERS - 1), "{outcomes:?}");
    assert_eq!(store.get(key).await.unwrap(), winners[0].to_string());
}

async fn no_increment_is_lost(place: &Place) {
    let stores = handles(place).await;
    let counter = key("counter");
    stores[0].put(&counter, Bytes::from_static(b"0")).await.unwrap();
    at_once(stores.iter().map(|store| {
        let (store, counter) = (store.clone(), counter.clone());
        async move { super::processes::increment(&store, &counter, 10).await }
    }))
    .await;
    assert_eq!(stores[0].get(&counter).await.unwrap(), (10 * HANDLES).to_string());
}

async fn a_head_is_of_an_object_and_not_of_a_folder(place: &Place) {
    let store = place.open().await;
    store.put(&key("a/b"), Bytes::from_static(b"12345")).await.unwrap();
    let meta = store.head(&key("a/b")).await.unwrap().unwrap();
    assert_eq!((meta.key, meta.bytes), (key("a/b"), 5));
    let age = SystemTime::now().duration_since(meta.modified.unwrap()).unwrap_or_default();
    assert!(age < Duration::from_secs(600), "{age:?}");
    for absent in ["a", "b", "a/b/c", "a/bb"] {
        assert_eq!(store.head(&key(absent)).await.unwrap(), None, "{absent}");
    }
}

async fn a_listing_ends_at_a_slash(place: &Place) {
    let store = place.open().await;
    for name in ["a/b/2", "a/b/1/x", "a/bc/1", "a/b.c", "z", "a/b-/1"] {
        store.put(&key(name), Bytes::from(name)).await.unwrap();
    }
    for (prefix, expected) in [
        ("a/b", vec!["a/b/1/x", "a/b/2"]),
        ("a", vec!["a/b-/1", "a/b.c", "a/b/1/x", "a/b/2", "a/bc/1"]),
        ("a/b/1", vec!["a/b/1/x"]),
        ("z", vec![]),
        ("nothing/here", vec![]),
    ] {
        let found = store.list(&key(prefix)).await.unwrap();
        let names: Vec<_> = found.iter().map(|meta| meta.key.as_str()).collect();
        assert_eq!(names, expected, "{prefix}");
        assert!(found.iter().all(|meta| meta.bytes == meta.key.as_str().len() as u64));
        assert!(found.iter().all(|meta| meta.modified.is_some()));
    }
}

async fn a_listing_has_no_limit(place: &Place) {
    const OBJECTS: usize = 1_203;
    let stores = handles(place).await;
    join_all(stores.iter().enumerate().map(|(handle, store)| async move {
        for number in (handle..OBJECTS).step_by(HANDLES) {
            store.put(&key(&format!("many/{number:04}")), Bytes::from(number.to_string())).await.unwrap();
        }
    }))
    .await;
    stores[0].put(&key("manyfold/0"), Bytes::new()).await.unwrap();
    let found = stores[1].list(&key("many")).await.unwrap();
    let expected: Vec<_> = (0..OBJECTS).map(|number| key(&format!("many/{number:04}"))).collect();
    assert!(found.into_iter().map(|meta| meta.key).eq(expected));
    if let Place::Bucket(server) = place {
        let pages = server.requests().iter().filter(|request| request.query.contains("continuation")).count();
        assert_eq!(pages, 1, "1,203 objects are two pages");
    }
}

async fn deleting_twice_is_deleting_once(place: &Place) {
    let store = place.open().await;
    let a = key("x/a");
    store.put(&a, Bytes::from_static(b"a")).await.unwrap();
    store.delete(&a).await.unwrap();
    store.delete(&a).await.unwrap();
    store.delete(&key("x/never/was")).await.unwrap();
    assert_eq!(store.find(&a).await.unwrap(), None);
    assert_eq!(store.list(&key("x")).await.unwrap(), []);
}

async fn keys_may_hold_odd_characters(place: &Place) {
    let store = place.open().await;
    let names = [
        "odd/a b",
        "odd/a+b",
        "odd/100%",
        "odd/a%20b",
        "odd/a%2Fb",
        "odd/grün/été",
        "odd/日本語",
        "odd/a&b=c?d#e",
        "odd/<tag>&amp;",
        "odd/'single' \"double\"",
        "odd/(x)[y]{z}~!@$^*,;:|`",
        "odd/..a..",
        "odd/year=2024/month=01/x.parquet",
        "odd/ leading and trailing ",
    ];
    for name in names {
        store.put(&key(name), Bytes::from(name)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for name in names {
        assert_eq!(store.get(&key(name)).await.unwrap(), name);
        assert_eq!(store.head(&key(name)).await.unwrap().unwrap().bytes, name.len() as u64, "{name}");
        let again = store.put_if(&key(name), Bytes::new(), Expect::Absent).await;
        assert!(is_conflict(&again), "{name}: {again:?}");
    }
    let found = store.list(&key("odd")).await.unwrap().into_iter().map(|meta| meta.key);
    assert_eq!(found.collect::<BTreeSet<_>>(), names.map(key).into());
    assert_eq!(store.list(&key("odd/grün")).await.unwrap().len(), 1);
    for name in names {
        store.delete(&key(name)).await.unwrap();
    }
    assert_eq!(store.list(&key("odd")).await.unwrap(), []);
}

async fn an_object_may_be_empty(place: &Place) {
    let store = place.open().await;
    let a = key("empty");
    store.put(&a, Bytes::new()).await.unwrap();
    let (bytes, version) = store.get_versioned(&a).await.unwrap();
    assert!(bytes.is_empty());
    assert_eq!(store.head(&a).await.unwrap().unwrap().bytes, 0);
    assert!(is_conflict(&store.put_if(&a, Bytes::from_static(b"x"), Expect::Absent).await));
    store.put_if(&a, Bytes::from_static(b"x"), Expect::Version(version)).await.unwrap();
    assert_eq!(store.get(&a).await.unwrap(), "x");
}

async fn a_large_object_goes_in_parts(place: &Place) {
    let store = place.open().await;
    let a = key("large");
    // No two parts are alike, so that parts in a wrong order would be seen.
    let bytes: Bytes = (0..LARGE).map(|at| (at / 1_000 % 251) as u8).collect::<Vec<_>>().into();
    store.put_if(&a, bytes.clone(), Expect::Absent).await.unwrap();
    let (read, version) = store.get_versioned(&a).await.unwrap();
    assert!(read == bytes, "{} bytes of {}", read.len(), bytes.len());
    assert_eq!(store.head(&a).await.unwrap().unwrap().bytes, LARGE as u64);

    assert!(is_conflict(&store.put_if(&a, bytes.clone(), Expect::Absent).await));
    store.put_if(&a, bytes.slice(1..), Expect::Version(version.clone())).await.unwrap();
    assert!(is_conflict(&store.put_if(&a, bytes, Expect::Version(version)).await));
    assert_eq!(store.head(&a).await.unwrap().unwrap().bytes, LARGE as u64 - 1);
    // A small object in its place has nothing of it left.
    store.put(&a, Bytes::from_static(b"small")).await.unwrap();
    assert_eq!(store.get(&a).await.unwrap(), "small");
    if let Place::Bucket(server) = place {
        let parts = server.requests().iter().filter(|request| request.query.contains("partNumber=")).count();
        assert_eq!(parts, 4 * 6, "four puts of six parts");
        assert_eq!(server.open_uploads(), 0, "a refused upload is aborted");
    }
}

async fn an_object_has_an_address(place: &Place) {
    let store = place.open().await;
    let uri = store.uri(&key("manifests/a b"));
    match place {
        Place::Directory(folder) => {
            store.put(&key("manifests/a b"), Bytes::from_static(b"x")).await.unwrap();
            assert_eq!(uri, folder.path().join("store/manifests/a b").display().to_string());
            assert_eq!(std::fs::read(uri).unwrap(), b"x");
        }
        Place::Bucket(server) => {
            store.put(&key("manifests/a b"), Bytes::from_static(b"x")).await.unwrap();
            assert_eq!(uri, "s3://edgraph-test/some/prefix/manifests/a b");
            assert_eq!(server.objects(), ["some/prefix/manifests/a b"]);
        }
    }
}

/// A bucket gives none.
async fn a_second_name_keeps_what_it_was_given_to(place: &Place) {
    let store = place.open().await;
    let (a, folder) = (key("x/a"), tempfile::tempdir().unwrap());
    let second = folder.path().join("second");
    store.put(&a, Bytes::from_static(b"one")).await.unwrap();
    let is_linked = store.link(&a, &second);
    assert_eq!(is_linked, !store.uri(&a).starts_with("s3://"));
    assert_eq!(second.exists(), is_linked);
    store.put(&a, Bytes::from_static(b"two")).await.unwrap();
    if is_linked {
        assert_eq!(std::fs::read(&second).unwrap(), b"one");
        std::fs::remove_file(&second).unwrap();
    }
    assert_eq!(store.get(&a).await.unwrap(), "two");
    assert!(!store.link(&key("x/never/was"), &second));
}
