//! Every fault at every kind of request.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use edgraph_shared::failure::{Failure, FailureClass};
use edgraph_shared::storage::{LocalStore, SharedStore};
use edgraph_tests::corpus::{self, Mirror};
use edgraph_tests::edgar::{EdgarServer, Fault, When};
use edgraph_worker::download::{Rate, Timeouts};
use edgraph_worker::edgar::daily_index::Quarter;
use edgraph_worker::edgar::{Edgar, EdgarConfig};
use edgraph_worker::taxonomy_store::{Lookup, TaxonomyConfig, TaxonomyStore};
use futures::{StreamExt, stream};

use super::{AGENT, status};

/// Cases at one time: they wait most of the time.
const PARALLEL: usize = 24;
/// Between two pieces of an answer.
const IDLE: Duration = Duration::from_secs(2);

/// Kinds of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Document {
    Tickers,
    Submissions,
    Zip,
    Index,
    SingleFile,
    OfQuarter,
    Taxonomy,
}

const DOCUMENTS: [Document; 7] = [
    Document::Tickers,
    Document::Submissions,
    Document::Zip,
    Document::Index,
    Document::SingleFile,
    Document::OfQuarter,
    Document::Taxonomy,
];

/// The committed mirror with the indexes of its filings.
static INDEXED: LazyLock<Mirror> = LazyLock::new(|| {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    mirror.write_indexes().unwrap();
    mirror
});

impl Document {
    /// Its path on its host.
    fn path(self) -> &'static str {
        match self {
            Self::Tickers => "/files/company_tickers.json",
            Self::Submissions => "/submissions/CIK0009900002.json",
            Self::Zip => "/Archives/edgar/data/9900002/000990000224000040/0009900002-24-000040-xbrl.zip",
            Self::Index => "/Archives/edgar/data/9900002/000990000224000040/index.json",
            Self::SingleFile => "/Archives/edgar/data/9900002/000990000224000040/quil-20240928.xsd",
            Self::OfQuarter => "/Archives/edgar/full-index/2025/QTR1/master.idx",
            Self::Taxonomy => "/www.xbrl.org/2003/xlink-2003-12-31.xsd",
        }
    }

    fn server(self) -> EdgarServer {
        let builder = match self {
            Self::Taxonomy => EdgarServer::taxonomies(corpus::fixture_taxonomies()),
            Self::OfQuarter => EdgarServer::builder(INDEXED.path()),
            _ => EdgarServer::builder(corpus::fixture_edgar()),
        };
        builder.start().unwrap()
    }

    async fn ask(self, server: &EdgarServer, store: SharedStore) -> Result<Vec<u8>, Failure> {
        let timeouts = Timeouts { idle: IDLE, ..Timeouts::default() };
        let user_agent = Some(AGENT.to_owned());
        let config = EdgarConfig { rate: Rate::Off, timeouts, user_agent, ..EdgarConfig::at(server.url()) };
        let edgar = Edgar::new(config).unwrap();
        let (cik, accession) = ("9900002".parse().unwrap(), "0009900002-24-000040".parse().unwrap());
        let fetched = match self {
            Self::Tickers => edgar.company_tickers().await,
            Self::Submissions => edgar.submissions(cik).await,
            Self::Zip => edgar.xbrl_zip(cik, &accession).await,
            Self::Index => edgar.filing_index(cik, &accession).await,
            Self::SingleFile => edgar.filing_file(cik, &accession, "quil-20240928.xsd").await,
            Self::OfQuarter => edgar.quarterly_index(Quarter::of("2025-02-03".parse().unwrap())).await,
            Self::Taxonomy => {
                let (config, at) = (TaxonomyConfig::default(), server.url().parse().unwrap());
                let taxonomies =
                    TaxonomyStore::with_official_at(&config, store, &edgar, &at, Duration::from_secs(60));
                let url = format!("http:/{}", self.path());
                return match taxonomies.unwrap().bytes(&url).await? {
                    Lookup::Found { content, .. } => Ok(content.to_vec()),
                    Lookup::Unavailable(error) => Err(error.failure()),
                    Lookup::Missing(reason) => Err(Failure::permanent(format!("{url}: not found: {reason}"))),
                    other => panic!("{other:?}"),
                };
            }
        };
        Ok(fetched?.bytes.to_vec())
    }

    fn right(self) -> Vec<u8> {
        let root = match self {
            Self::Taxonomy => corpus::fixture_taxonomies(),
            Self::OfQuarter => INDEXED.path().to_owned(),
            _ => corpus::fixture_edgar(),
        };
        std::fs::read(root.join(&self.path()[1..])).unwrap()
    }
}

/// What a fault that does not go away is called, and what it means for the item.
struct Verdict {
    cause: &'static str,
    class: &'static str,
}

/// Faults that a retry mends when they go away; without a verdict there is nothing to mend.
fn faults(document: Document) -> Vec<(Fault, Option<Verdict>)> {
    // Hosts of taxonomies have pages of their own.
    let of_page = if document == Document::Taxonomy { "transient" } else { "throttled" };
    let verdict = |class, cause| Some(Verdict { cause, class });
    vec![
        (status(403), verdict("throttled", "answered 403")),
        (status(429), verdict("throttled", "answered 429")),
        (status(503), verdict("throttled", "answered 503")),
        (status(500), verdict("transient", "answered 500")),
        (status(502), verdict("unavailable", "does not answer: answered 502")),
        (status(504), verdict("unavailable", "does not answer: answered 504")),
        (Fault::Delay(IDLE / 4), None),
        (Fault::Delay(IDLE * 3), verdict("transient", "no answer in time")),
        (Fault::CutBody { keep: 10 }, verdict("transient", "breaks off after 10 bytes")),
        (Fault::CutBody { keep: 0 }, verdict("transient", "breaks off after 0 bytes")),
        (Fault::ShortLength { missing: 5 }, verdict("transient", "is missing after")),
        (Fault::Reset, verdict("transient", "onnection")),
        (Fault::Html, verdict(of_page, "a page instead of")),
        (Fault::Empty, verdict("throttled", "an empty body")),
        (Fault::BadGzip, verdict("transient", "breaks off after 0 bytes: ")),
    ]
}

/// Faults that no retry mends.
fn refusals() -> Vec<(Fault, Verdict)> {
    let redirect = |to: &str| Fault::Redirect { to: to.to_owned() };
    let verdict = |cause| Verdict { cause, class: "permanent" };
    vec![
        (status(400), verdict("unexpected status 400")),
        // Not throttling, though the status is the same: nobody pauses for what is not there.
        (Fault::AccessDenied, verdict("not found")),
        (redirect("http://169.254.169.254/latest/"), verdict("redirected to http://169.254.169.254/latest/")),
        (redirect("file:///etc/passwd"), verdict("redirected to file:///etc/passwd, not followed")),
    ]
}

fn class(failure: &Failure) -> &'static str {
    match failure.class {
        FailureClass::Transient => "transient",
        FailureClass::Throttled { .. } => "throttled",
        FailureClass::Unavailable { .. } => "unavailable",
        FailureClass::Permanent => "permanent",
        FailureClass::Preempted => "preempted",
    }
}

/// One case, and what was wrong with its end.
async fn run(document: Document, when: When, fault: Fault, verdict: Option<Verdict>) -> Option<String> {
    let case = format!("{document:?} {when:?} {fault:?}");
    let server = document.server();
    server.inject(document.path(), when, fault);
    let folder = tempfile::tempdir().unwrap();
    let store: SharedStore = Arc::new(LocalStore::open(folder.path()).unwrap());
    let outcome = document.ask(&server, store).await;
    let met = server.faults_met();
    let is_fine = match (&outcome, &verdict) {
        (Ok(bytes), None) => met > 0 && *bytes == document.right(),
        (Err(failure), Some(verdict)) => {
            let says_so =
                failure.message.contains(verdict.cause) && failure.message.contains(document.path());
            // Nothing of a document that was never had is in the store.
            let is_clean = !folder.path().join("taxonomies").exists();
            met > 0 && says_so && class(failure) == verdict.class && is_clean
        }
        _ => false,
    };
    let shown = outcome.map(|bytes| format!("{} bytes", bytes.len()));
    (!is_fine).then(|| format!("{case}: {shown:?} after {met} faults"))
}

#[tokio::test]
async fn every_fault_at_every_request_is_mended_or_named() {
    let mut cases = Vec::new();
    for document in DOCUMENTS {
        for (fault, verdict) in faults(document) {
            cases.push((document, When::First(2), fault.clone(), None));
            cases.push((document, When::Always, fault, verdict));
        }
        for (fault, verdict) in refusals() {
            cases.push((document, When::First(1), fault, Some(verdict)));
        }
    }
    let count = cases.len();
    let running =
        stream::iter(cases).map(|(document, when, fault, verdict)| run(document, when, fault, verdict));
    let wrong: Vec<String> =
        running.buffer_unordered(PARALLEL).filter_map(std::future::ready).collect().await;
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
}
