//! The sample filings as tables: what `edgraph run` wrote is in them, row by row.

use std::sync::Arc;

use edgraph_shared::kinds::sec_xbrl::Accepted;
use edgraph_shared::manifest::{Manifest, sha256_hex};
use edgraph_shared::schema::{self, Value};
use edgraph_shared::storage::{LocalStore, SharedStore, layout};

use super::kit::{accepted, publish};
use super::reader::rows;
use crate::program::Run;

/// The lines of an accepted list that names every filing of a store.
async fn all_of(store: &SharedStore) -> (Vec<Accepted>, Vec<Manifest>) {
    let (mut lines, mut manifests) = (Vec::new(), Vec::new());
    for meta in store.list(&"manifests".parse().unwrap()).await.unwrap() {
        if !meta.key.as_str().ends_with("/current") {
            continue;
        }
        let accession = meta.key.as_str().split('/').nth(1).unwrap().parse().unwrap();
        let input_key = String::from_utf8(store.get(&meta.key).await.unwrap().into()).unwrap();
        let bytes = store.get(&layout::manifest(&accession, &input_key)).await.unwrap();
        let manifest: Manifest = serde_json::from_slice(&bytes).unwrap();
        lines.push(accepted(&manifest, sha256_hex(&bytes)));
        manifests.push(manifest);
    }
    (lines, manifests)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_samples_are_in_the_tables_row_by_row() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let store: SharedStore = Arc::new(LocalStore::open(out.path().join("store")).unwrap());
    let (lines, manifests) = all_of(&store).await;
    assert_eq!(lines.len(), 6);
    let published = publish(&store, 1, &lines).await;
    assert_eq!(published.rejected.len(), 0, "{published:?}");
    for table in schema::all_tables() {
        let expected: u64 = manifests.iter().map(|manifest| manifest.rows(table.name)).sum();
        // The reader compares every file with what the log says of it.
        assert_eq!(rows(&store, table).await.len() as u64, expected, "{}", table.name);
    }
    let facts = schema::table("flat/facts").unwrap();
    let mut ids: Vec<Value> = rows(&store, facts).await.into_iter().map(|(row, ..)| row[0].clone()).collect();
    let count = manifests.iter().map(|manifest| manifest.rows("Fact")).sum::<u64>() as usize;
    assert_eq!(ids.len(), count);
    ids.sort_by(|one, other| one.partial_cmp(other).unwrap());
    ids.dedup();
    assert_eq!(ids.len(), count, "each fact is there once");
}
