//! A fleet that asks an EDGAR of the test's own: how fast, how often, and what it makes of a host that says no.
//!
//! The server counts for itself and bans whoever asks more than ten times within any second, as the SEC does. What
//! workers and coordinators think of their rate is of no interest here.

mod limit;
mod takeover;
mod pause;
mod kills;
mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use edgraph_client::v1;
use edgraph_tests::corpus::{Mirror, fixture_edgar, fixture_taxonomies};
use edgraph_tests::edgar::{EdgarServer, Request, max_per_second};
use edgraph_tests::eventually::eventually;
use edgraph_tests::fleet::{Fleet, Settings};

use super::api::Api;
use super::filings::request;
use super::{PATIENCE, is_full};

/// What the SEC allows in any second.
const LIMIT: usize = 10;
/// What a coordinator lends per second when nobody says otherwise.
const RATE: f64 = 8.0;
/// Filings of each company.
const FILINGS: usize = 5;
/// Who asks: told to the coordinator alone, so that it must come from there.
const AGENT: &str = "Edgraph Tests tests@example.com";
/// Companies of a run in full.
const COMPANIES: usize = 500;
const WORKERS: [&str; 8] = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
/// Items that a worker works on at one time.
const SLOTS: u32 = 2;

/// An EDGAR with companies.
struct Site {
    mirror: Mirror,
    server: EdgarServer,
    companies: usize,
}

impl Site {
    /// The SEC's rule, and all companies or a tenth of them.
    fn scaled() -> Self {
        Self::with(if is_full() { COMPANIES } else { COMPANIES / 10 }, LIMIT)
    }

    /// So many companies, and nobody who counts.
    fn unlimited(companies: usize) -> Self {
        Self::with(companies, usize::MAX)
    }

    fn with(companies: usize, limit: usize) -> Self {
        let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
        mirror.fill_to(FILINGS).unwrap();
        mirror.scale_to(companies).unwrap();
        let server = EdgarServer::builder(mirror.path()).ban_above(limit).start().unwrap();
        Self { mirror, server, companies }
    }

    fn filings(&self) -> usize {
        self.companies * FILINGS
    }

    /// The list of companies, a file of each, and its filings.
    fn requests_needed(&self) -> usize {
        1 + self.companies + self.filings()
    }

    /// Far longer than a run over this site takes at its rate.
    fn patience(&self) -> Duration {
        PATIENCE + Duration::from_secs_f64(self.requests_needed() as f64 / RATE * 2.0)
    }

    fn add_worker(&self, fleet: &mut Fleet, name: &str) {
        let (edgar, taxonomies) = (self.server.url(), fixture_taxonomies().display().to_string());
        let more = ["--edgar", &edgar, "--taxonomies", &taxonomies, "--offline", "--cancel-grace", "1s"];
        fleet.add_worker(name, SLOTS, &more).unwrap();
    }

    /// Workers and an ingester; gives the graph's folder.
    fn add_workers(&self, fleet: &mut Fleet, names: &[&str]) -> PathBuf {
        for name in names {
            self.add_worker(fleet, name);
        }
        let graph = fleet.directory().join("graph");
        fleet.add_ingester("ingester", &graph, &[]).unwrap();
        graph
    }

    /// Waits until so many requests have arrived.
    async fn asked(&self, requests: usize) {
        let what = format!("{requests} requests");
        eventually(&what, self.patience(), async || (self.server.requests().len() >= requests).then_some(()))
            .await;
    }

    /// Waits for a request later than `after`.
    async fn asked_after(&self, after: Instant) {
        eventually("one more request", PATIENCE, async || {
            self.server.requests().iter().any(|request| request.at > after).then_some(())
        })
        .await;
    }

    /// Requests that arrived in a time, its ends excluded.
    fn between(&self, from: Instant, to: Instant) -> Vec<Request> {
        let mut requests = self.server.requests();
        requests.retain(|request| request.at > from && request.at < to);
        requests
    }

    /// How often each filing's archive was asked for; nothing else of a filing was.
    fn asked_of_filings(&self) -> BTreeMap<String, usize> {
        let mut times = BTreeMap::new();
        for request in filing_requests(&self.server.requests()) {
            *times.entry(accession(&request)).or_default() += 1;
        }
        times
    }

    /// Waits for a pipeline's end, at which every filing is in.
    async fn completed(&self, api: &Api, id: &str) -> v1::Pipeline {
        let status = api.ended_within(id, self.patience()).await;
        assert_eq!(
            (status.state(), status.completed_tasks, status.failed_tasks),
            (v1::PipelineState::Completed, self.filings() as u64, 0),
            "{status:?}"
        );
        status
    }

    /// What holds at the end of a run in which no download was cut off: every filing was asked for once, those that
    /// were `refused` once more, and a second run asks for none.
    async fn check_asked_once(&self, api: &Api, refused: &[String]) {
        let requests = self.server.requests().len();
        let times = self.asked_of_filings();
        assert_eq!(times.len(), self.filings());
        let right = |accession: &String| 1 + usize::from(refused.contains(accession));
        let wrong: Vec<_> = times.iter().filter(|(accession, times)| **times != right(accession)).collect();
        assert!(wrong.is_empty(), "asked for more than once: {wrong:?}");

        api.start(&request("again")).await.unwrap();
        let status = self.completed(api, "again").await;
        assert_eq!(status.skipped, self.filings() as u64);
        let more = filing_requests(&self.server.requests()[requests..]);
        assert!(more.is_empty(), "the second run asked again: {more:?}");
        self.check_rule();
    }

    /// What holds in every test: the rule was kept, as the server saw it, and everybody said who asks.
    fn check_rule(&self) {
        let requests = self.server.requests();
        assert!(!self.server.banned(), "banned: {} requests in a second", max_per_second(&requests));
        assert!(max_per_second(&requests) <= LIMIT, "{} requests in a second", max_per_second(&requests));
        let stranger = requests.iter().find(|request| request.user_agent.as_deref() != Some(AGENT));
        assert!(stranger.is_none(), "{stranger:?}");
    }
}

/// The coordinators of these tests know who asks.
fn declared(settings: Settings) -> Settings {
    Settings { coordinator_args: vec!["--user-agent".into(), AGENT.into()], ..settings }
}

/// For tests in which the lead changes: a fleet that mostly waits for its turn.
fn with_takeovers() -> Settings {
    // Workers notice a leader that stands still after two thirds of the lease's TTL.
    let (lease_ttl, lock_ttl) = if is_full() { (15, 5) } else { (4, 1) };
    declared(Settings {
        lease_ttl: Duration::from_secs(lease_ttl),
        lock_ttl: Duration::from_secs(lock_ttl),
        shares_machine: true,
        ..Settings::default()
    })
}

/// The filings whose raw files are in a fleet's store: the sidecar comes last.
fn stored(fleet: &Fleet) -> BTreeSet<String> {
    let entries = std::fs::read_dir(fleet.directory().join("store/raw")).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name());
    names.filter_map(|name| Some(name.to_str()?.strip_suffix(".json")?.to_owned())).collect()
}

fn filing_requests(requests: &[Request]) -> Vec<Request> {
    let of_filing = |request: &&Request| request.path.starts_with("/Archives/edgar/data/");
    requests.iter().filter(of_filing).cloned().collect()
}

/// The filing whose archive a request is for.
fn accession(request: &Request) -> String {
    let name = request.path.rsplit('/').next().unwrap_or_default();
    let accession = name.strip_suffix("-xbrl.zip");
    accession.unwrap_or_else(|| panic!("{} is no archive of a filing", request.path)).to_owned()
}
