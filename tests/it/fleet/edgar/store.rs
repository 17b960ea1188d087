//! A store that misbehaves in the middle of a run: slow, busy, cutting connections, and credentials that expire.

use std::time::Duration;

use edgraph_client::v1;
use edgraph_tests::corpus::{Mirror, fixture_edgar};
use edgraph_tests::fleet::{Fleet, Settings};
use edgraph_tests::s3::{Fault, S3Server};

use super::super::api::Api;
use super::super::filings::{add_filing_workers, embedded, graph_checksum, request};
use super::super::{PATIENCE, calm, is_full};

/// How much later everything is answered.
const DELAY: Duration = Duration::from_millis(100);
/// Requests that meet each fault.
const FAULTS: usize = 20;
/// Requests that credentials last for, so that the kinds of faults come one after the other.
const SPARED: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_busy_slow_and_cut_off_is_retried_and_expired_credentials_are_explained() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    mirror.scale_to(if is_full() { 120 } else { 16 }).unwrap();
    let server = S3Server::start().unwrap();
    let settings = Settings { store: Some(server.address("run")), environment: server.env(), ..calm() };
    let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
    let graph = add_filing_workers(&mut fleet, &mirror, &["one", "two"]);
    let api = Api::new(&fleet.endpoints());
    api.start(&request("faults")).await.unwrap();
    api.until("faults", "under way", PATIENCE, |status| status.completed_tasks > 0).await;

    server.delay(DELAY);
    server.slow_down(FAULTS);
    server.spare(SPARED);
    server.reset(FAULTS);
    server.spare(SPARED);
    server.lose_replies(FAULTS);
    let met = |fault: Fault| {
        server.requests().iter().filter(|request| request.fault.as_ref() == Some(&fault)).count()
    };
    let through = |status: &v1::Pipeline| met(Fault::LostReply) == FAULTS || status.end_time.is_some();
    let during = api.until("faults", "through all faults", PATIENCE, through).await;
    assert!(during.end_time.is_none(), "the pipeline had ended before the faults did");
    assert_eq!([Fault::SlowDown, Fault::Reset, Fault::LostReply].map(met), [FAULTS; 3]);
    server.delay(Duration::ZERO);

    server.expire_credentials();
    let words = |status: &v1::Pipeline| status.unavailable.values().cloned().collect::<Vec<_>>().join("; ");
    let said = |status: &v1::Pipeline| words(status).contains("have expired") || status.end_time.is_some();
    let during = api.until("faults", "said to wait for new credentials", PATIENCE, said).await;
    assert!(during.end_time.is_none(), "the pipeline had ended before its credentials");
    assert!(words(&during).contains("renew them"), "{during:?}");
    assert!(met(Fault::Expired) > 0);
    server.renew_credentials();

    let status = api.ended("faults").await;
    assert_eq!((status.state(), status.failed_tasks), (v1::PipelineState::Completed, 0), "{status:?}");
    for item in api.items("faults").await {
        assert_eq!((item.failures, item.lost_leases), (0, 0), "{item:?}");
    }
    assert_eq!(graph_checksum(&graph), embedded(&mirror).graph);
}
