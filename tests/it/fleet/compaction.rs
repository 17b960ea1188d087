//! A fleet that closes its months: leased items, one for each table and month.

use std::collections::BTreeMap;

use edgraph_client::v1;
use edgraph_shared::storage::SharedStore;
use edgraph_tests::corpus::{Mirror, fixture_edgar};
use edgraph_tests::fleet::{Fleet, Settings};
use edgraph_tests::s3::S3Server;

use super::api::Api;
use super::calm;
use super::filings::{add_filing_workers, graph_checksum, reader, request};
use crate::program::edgraph;

/// Objects of tables in a store, without their logs, by month.
async fn months(store: &SharedStore) -> BTreeMap<String, usize> {
    let mut months = BTreeMap::new();
    for folder in ["graph", "flat", "text"] {
        for object in store.list(&folder.parse().unwrap()).await.unwrap() {
            let key = object.key.to_string();
            if let Some((month, _)) = key.rsplit_once('/').filter(|(month, _)| month.contains("/month=")) {
                *months.entry(month.to_owned()).or_default() += 1;
            }
        }
    }
    months
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_compacts_its_months_and_goes_on() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    mirror.scale_to(6).unwrap();
    let server = S3Server::start().unwrap();
    let settings = Settings { store: Some(server.address("run")), environment: server.env(), ..calm() };
    let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
    let api = Api::new(&fleet.endpoints());
    let graph = add_filing_workers(&mut fleet, &mirror, &["one"]);
    api.start(&request("filings")).await.unwrap();
    assert_eq!(api.ended("filings").await.state(), v1::PipelineState::Completed);
    let store = reader(&fleet, Some(&server)).await;
    let (before, sums) = (months(&store).await, graph_checksum(&graph));
    assert!(before.values().any(|files| *files > 1));

    let url = fleet.coordinators[0].url();
    let fleet_compacts = || edgraph(["compact", "--before", "2100-01", "--fleet", "--coordinator", &url]);
    let done = fleet_compacts().ok();
    let due = before.values().filter(|files| **files > 1).count();
    assert!(done.stdout.contains("ompleted"), "{done:?}");
    let refused =
        edgraph(["start", "--kind", "compact", "--params", r#"{"before":"soon"}"#, "--coordinator", &url]);
    assert!(refused.code == Some(2) && refused.stderr.contains("YYYY-MM"), "{refused:?}");
    // What is there now are the small files, for readers who have them open, and a part beside them.
    let after = months(&store).await;
    assert_eq!(after.values().sum::<usize>(), before.values().sum::<usize>() + due);

    // Everything is current for the next pipeline, and there is nothing left to compact.
    api.start(&request("again")).await.unwrap();
    let again = api.ended("again").await;
    assert_eq!((again.state(), again.skipped), (v1::PipelineState::Completed, again.completed_tasks));
    fleet_compacts().ok();
    assert_eq!((months(&store).await, graph_checksum(&graph)), (after, sums));
}
