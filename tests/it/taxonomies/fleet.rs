//! Standard schemas in a fleet: one download per document, whichever worker makes it and whatever befalls that worker.
//!
//! A worker's store of taxonomies remembers for its own process only, so several over one object store are several
//! processes to each other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use edgraph_shared::manifest::sha256_hex;
use edgraph_shared::storage::{AccessKeys, Address, LocalStore, S3Store, SharedStore, layout};
use edgraph_tests::corpus;
use edgraph_tests::edgar::{EdgarServer, Fault, When};
use edgraph_tests::eventually::eventually_true;
use edgraph_tests::s3::S3Server;
use edgraph_worker::download::{Error, Rate};
use edgraph_worker::edgar::{Edgar, EdgarConfig};
use edgraph_worker::taxonomy_store::{Lookup, Missing, TaxonomyConfig, TaxonomyStore};
use futures::future::join_all;

const WORKERS: usize = 6;
const HOST: &str = "www.xbrl.org";
const PATH: &str = "2003/xlink-2003-12-31.xsd";
const URL: &str = "http://www.xbrl.org/2003/xlink-2003-12-31.xsd";
/// Longer than any story here takes.
const LONG: Duration = Duration::from_secs(60);

/// An object store, and a host that stands for all official ones.
struct Fleet {
    place: Place,
    host: EdgarServer,
}

enum Place {
    Directory(tempfile::TempDir),
    Bucket(S3Server),
}

impl Fleet {
    fn new(place: Place) -> Self {
        Self { place, host: EdgarServer::taxonomies(corpus::fixture_taxonomies()).start().unwrap() }
    }

    fn on_disk() -> Self {
        Self::new(Place::Directory(tempfile::tempdir().unwrap()))
    }

    async fn store(&self) -> SharedStore {
        match &self.place {
            Place::Directory(folder) => Arc::new(LocalStore::open(folder.path()).unwrap()),
            Place::Bucket(server) => {
                let Address::S3(config) = server.address("some").parse().unwrap() else { unreachable!() };
                let (id, secret) = server.keys();
                let keys = AccessKeys { id: id.to_owned(), secret: secret.to_owned(), session: None };
                Arc::new(S3Store::open_with(&config, keys).await.unwrap())
            }
        }
    }

    /// The taxonomies of one more worker.
    async fn worker(&self, patience: Duration) -> TaxonomyStore {
        let config = EdgarConfig { rate: Rate::Off, ..EdgarConfig::at(self.host.url()) };
        let (edgar, at) = (Edgar::new(config).unwrap(), self.host.url().parse().unwrap());
        let store = self.store().await;
        TaxonomyStore::with_official_at(&TaxonomyConfig::default(), store, &edgar, &at, patience).unwrap()
    }

    async fn workers(&self) -> Vec<TaxonomyStore> {
        join_all((0..WORKERS).map(|_| self.worker(LONG))).await
    }

    fn requests(&self) -> usize {
        self.host.requests().len()
    }

    async fn claim(&self) -> serde_json::Value {
        let bytes = self.store().await.get(&layout::taxonomy_claim(HOST, PATH).unwrap()).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }
}

fn schema() -> Vec<u8> {
    std::fs::read(corpus::fixture_taxonomies().join(HOST).join(PATH)).unwrap()
}

#[track_caller]
fn is_the_schema(lookup: Lookup<bytes::Bytes>) {
    match lookup {
        Lookup::Found { sha256, content } => {
            assert_eq!((content.to_vec(), &*sha256), (schema(), &*sha256_hex(&schema())));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_fleet_makes_one_request_per_document() {
    for place in [Place::Directory(tempfile::tempdir().unwrap()), Place::Bucket(S3Server::start().unwrap())] {
        let fleet = Fleet::new(place);
        // Late enough that every worker asks while the first one waits.
        fleet.host.inject("", When::Always, Fault::Delay(Duration::from_millis(500)));
        let paths = [PATH, "2003/xl-2003-12-31.xsd", "2005/xbrldt-2005.xsd"];
        let workers = fleet.workers().await;
        let urls: Vec<String> = paths.iter().map(|path| format!("https://{HOST}/{path}")).collect();
        let asks = workers.iter().flat_map(|worker| urls.iter().map(|url| worker.bytes(url)));
        for lookup in join_all(asks).await {
            assert!(matches!(lookup.unwrap(), Lookup::Found { .. }));
        }
        assert_eq!(fleet.host.faults_met(), fleet.requests());
        let mut asked: Vec<String> = fleet.host.requests().into_iter().map(|request| request.path).collect();
        asked.sort();
        assert_eq!(
            asked,
            [
                "/www.xbrl.org/2003/xl-2003-12-31.xsd",
                "/www.xbrl.org/2003/xlink-2003-12-31.xsd",
                "/www.xbrl.org/2005/xbrldt-2005.xsd"
            ]
        );
        assert_eq!(
            fleet.claim().await,
            serde_json::json!({"state": "kept", "sha256": sha256_hex(&schema())})
        );
        is_the_schema(fleet.worker(LONG).await.bytes(URL).await.unwrap());
        assert_eq!(fleet.requests(), paths.len(), "a worker that comes later asks nobody");
    }
}

#[tokio::test]
async fn those_who_waited_share_what_went_wrong_and_who_comes_later_asks_anew_on_disk() {
    share_what_went_wrong(Fleet::on_disk()).await;
}

#[tokio::test]
async fn those_who_waited_share_what_went_wrong_and_who_comes_later_asks_anew_on_s3() {
    share_what_went_wrong(Fleet::new(Place::Bucket(S3Server::start().unwrap()))).await;
}

async fn share_what_went_wrong(fleet: Fleet) {
    fleet.host.inject("absent", When::Always, Fault::Delay(Duration::from_secs(2)));
    let absent = "http://www.xbrl.org/2003/absent.xsd";
    let workers = fleet.workers().await;
    for lookup in join_all(workers.iter().map(|worker| worker.bytes(absent))).await {
        assert!(matches!(lookup.unwrap(), Lookup::Missing(Missing::NotFound)));
    }
    assert_eq!((fleet.requests(), fleet.host.faults_met()), (1, 1));

    // The first and its three retries.
    fleet.host.inject(PATH, When::First(4), Fault::Status { code: 500, retry_after: None });
    for lookup in join_all(workers.iter().map(|worker| worker.bytes(URL))).await {
        match lookup.unwrap() {
            Lookup::Unavailable(Error::Broken { cause, .. }) => assert!(cause.contains("answered 500")),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((fleet.requests(), fleet.host.faults_met()), (5, 5));
    is_the_schema(workers[0].bytes(URL).await.unwrap());
    assert_eq!(fleet.requests(), 6);
}

#[tokio::test]
async fn a_download_whose_worker_is_gone_is_taken_over_and_a_slow_one_is_not_on_disk() {
    take_over(Fleet::on_disk()).await;
}

#[tokio::test]
async fn a_download_whose_worker_is_gone_is_taken_over_and_a_slow_one_is_not_on_s3() {
    take_over(Fleet::new(Place::Bucket(S3Server::start().unwrap()))).await;
}

async fn take_over(fleet: Fleet) {
    fleet.host.inject(PATH, When::First(1), Fault::Delay(LONG));
    let lost = fleet.worker(LONG).await;
    let asking = tokio::spawn(async move { lost.bytes(URL).await.map(drop) });
    eventually_true("the worker asks", LONG, || fleet.requests() == 1).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    assert_eq!(fleet.claim().await["state"], "taken");

    let patience = Duration::from_millis(1_500);
    let (first, second) = (fleet.worker(patience).await, fleet.worker(patience).await);
    // Whoever takes it over needs longer than the other's patience, and is let finish: it renews its claim.
    fleet.host.inject(PATH, When::Nth(1), Fault::Delay(patience * 2));
    let start = Instant::now();
    let (one, other) = tokio::join!(first.bytes(URL), second.bytes(URL));
    is_the_schema(one.unwrap());
    is_the_schema(other.unwrap());
    assert!(start.elapsed() >= patience * 3, "{:?}", start.elapsed());
    assert_eq!((fleet.requests(), fleet.host.faults_met()), (2, 2));
}

#[tokio::test]
async fn what_is_not_what_was_kept_is_downloaded_anew() {
    let fleet = Fleet::on_disk();
    is_the_schema(fleet.worker(LONG).await.bytes(URL).await.unwrap());
    let (store, object) = (fleet.store().await, layout::taxonomy(HOST, PATH).unwrap());
    let other = b"<schema xmlns='http://www.w3.org/2001/XMLSchema' targetNamespace='http://other.example/'/>";
    for (nth, spoilt) in [&b"<schema"[..], other].into_iter().enumerate() {
        store.put(&object, bytes::Bytes::copy_from_slice(spoilt)).await.unwrap();
        let worker = fleet.worker(LONG).await;
        assert_eq!(worker.lookup_only(URL).await.unwrap(), None, "it does not count as there");
        is_the_schema(worker.bytes(URL).await.unwrap());
        assert_eq!(store.get(&object).await.unwrap(), schema());
        assert_eq!(fleet.requests(), nth + 2);
    }
}

#[tokio::test]
async fn a_redirect_of_an_official_host_does_not_lead_to_another_address() {
    let fleet = Fleet::on_disk();
    let secret = EdgarServer::taxonomies(corpus::fixture_taxonomies()).start().unwrap();
    let private = format!("{}/{HOST}/{PATH}", secret.url());
    let targets = [private.as_str(), "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd"];
    for (nth, target) in targets.into_iter().enumerate() {
        let redirect = Fault::Redirect { to: target.to_owned() };
        // Every rule counts the requests to its path.
        fleet.host.inject(PATH, When::Nth(1), redirect);
        match fleet.worker(LONG).await.bytes(URL).await.unwrap() {
            Lookup::Unavailable(error @ Error::Redirected { .. }) => {
                let message = error.to_string();
                assert!(message.contains(PATH) && message.contains(target), "{message}");
                assert_eq!(error.failure().class, edgraph_shared::failure::FailureClass::Permanent);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(fleet.host.faults_met(), nth + 1);
    }
    assert_eq!(secret.requests().len(), 0);
}
