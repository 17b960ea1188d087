//! A store's own id: one for everybody who shares the store, and none that another store has.

use std::sync::Arc;

use edgraph_shared::storage::{LocalStore, SharedStore, id_of};

use super::Place;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_has_one_id_whoever_asks_first_and_others_have_others() {
    let mut ids = Vec::new();
    for place in [Place::directory(), Place::bucket(), Place::bucket()] {
        let stores = [place.open().await, place.open().await];
        let asked = (0..8).map(|asker| id_of(&stores[asker % 2]));
        let answers: Vec<_> = futures::future::join_all(asked).await;
        let first = answers[0].as_ref().unwrap().clone();
        assert!(answers.into_iter().all(|id| id.unwrap() == first), "they agree from the beginning");
        assert_eq!(id_of(&place.open().await).await.unwrap(), first);
        assert!(!ids.contains(&first));
        ids.push(first);
    }
}

#[tokio::test]
async fn an_object_that_says_no_id_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let store: SharedStore = Arc::new(LocalStore::open(folder.path().join("store")).unwrap());
    store.put(&"store.json".parse().unwrap(), "{}".into()).await.unwrap();
    let error = id_of(&store).await.unwrap_err().to_string();
    assert!(error.contains("store.json") && error.contains("store_id"), "{error}");
}
