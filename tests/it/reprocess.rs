//! A new processor version runs from the raw cache: no filing is asked for twice. And the dry run, which tells before.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use edgraph_tests::corpus::{Mirror, fixture_edgar, fixture_taxonomies};
use edgraph_tests::edgar::{EdgarServer, Fault, When};
use serde_json::{Value, json};

use crate::program::{Finished, Run, checksum, edgraph, query};

const AGENT: &str = "edgraph tests tests@example.com";
const TAG: [&str; 2] = ["--processor-tag", "next"];
const DRY: [&str; 1] = ["--dry-run"];
/// Filings of the mirror.
const FILINGS: u64 = 6;
/// Requests for lists: the companies, once though a run needs them before it starts and in its first item, and the
/// filings of two companies.
const LISTS: usize = 3;

/// Requests a second, so few that waiting for them shows.
const SLOW: f64 = 1.5;

/// A local EDGAR, and what was asked of it since it was last asked about.
struct Edgar {
    server: EdgarServer,
    seen: usize,
}

impl Edgar {
    fn of(mirror: &Path) -> Self {
        Self { server: EdgarServer::builder(mirror).start().unwrap(), seen: 0 }
    }

    /// A run over all of its companies, without standard schemas.
    fn bare(&self, out: &Path, rate: &str) -> Run {
        let more =
            ["--user-agent", AGENT, "--universe", "all", "--amendments", "--offline", "--edgar-rate", rate];
        Run::at(&self.server.url(), out).with(more)
    }

    fn run_at(&self, out: &Path, rate: &str) -> Run {
        self.bare(out, rate).with(["--taxonomies", &fixture_taxonomies().display().to_string()])
    }

    fn run(&self, out: &Path) -> Run {
        self.run_at(out, "off")
    }

    /// Requests since the last call: for filings, and for lists.
    fn asked(&mut self) -> (usize, usize) {
        let requests = self.server.requests();
        let new = &requests[self.seen..];
        let filings = new.iter().filter(|request| request.path.starts_with("/Archives/edgar/data/")).count();
        self.seen = requests.len();
        (filings, new.len() - filings)
    }
}

fn done(summary: &Value) -> (u64, u64) {
    let number = |name: &str| summary[name].as_u64().unwrap();
    (number("processed"), number("skipped"))
}

#[test]
fn a_new_version_processes_every_filing_again_and_asks_for_none() {
    let mut edgar = Edgar::of(&fixture_edgar());
    let (out, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (out, fresh) = (out.path(), fresh.path());
    assert_eq!(done(&edgar.run(out).ok()), (FILINGS, 0));
    assert_eq!(edgar.asked(), (FILINGS as usize, LISTS), "one request for each filing");

    let next = edgar.run(out).with(TAG).ok();
    assert_eq!((done(&next), edgar.asked()), ((FILINGS, 0), (0, LISTS)));
    assert_eq!((&next["ingested"]["replaced"], &next["ingested"]["added"]), (&json!(FILINGS), &json!(0)));
    let reports = query(
        out,
        "MATCH (r:Report) RETURN r.accession_number AS accession, r.xbrl_processor_version AS version",
    );
    assert_eq!(reports.len() as u64, FILINGS, "{reports:?}");
    assert!(
        reports.iter().all(|report| report["version"].as_str().unwrap().ends_with("+next")),
        "{reports:?}"
    );
    edgar.run(fresh).with(TAG).ok();
    assert_eq!(checksum(out), checksum(fresh), "the graph is the one that the new version alone makes");
    edgar.asked();

    for (more, expected) in [
        (&[][..], (0, FILINGS)),
        (&["--refresh", "all"], (FILINGS, 0)),
        (&["--refresh", "degraded"], (0, FILINGS)),
    ] {
        let again = edgar.run(out).with(TAG).with(more.iter().copied()).ok();
        assert_eq!((done(&again), edgar.asked()), (expected, (0, LISTS)), "{more:?}");
        assert_eq!(again["ingested"]["unchanged"], FILINGS, "{more:?}");
    }

    // With lists that are young enough, nothing at all is asked of the SEC.
    let kept = edgar.run(out).with(["--processor-tag", "after-next", "--submissions-max-age", "1h"]);
    let plan = kept.clone().with(DRY).ok();
    assert_eq!((&plan["requests"], edgar.asked()), (&json!({"discovery": 0, "filings": 0}), (0, 0)));
    assert_eq!((done(&kept.ok()), edgar.asked()), ((FILINGS, 0), (0, 0)));

    let wrong = edgar.run(out).with(["--processor-tag", "two words"]).finish();
    assert!(wrong.code == Some(2) && wrong.stderr.contains("two words"), "{wrong:?}");
}

#[test]
fn degraded_filings_are_processed_again_when_their_schemas_come_and_asked_for_once() {
    let mut edgar = Edgar::of(&fixture_edgar());
    let out = tempfile::tempdir().unwrap();
    let best_effort = ["--taxonomy-mode", "best-effort"];
    let first = edgar.bare(out.path(), "off").with(best_effort).ok();
    assert_eq!((done(&first), edgar.asked().0), ((FILINGS, 0), FILINGS as usize));
    let degraded = first["degraded"].as_u64().unwrap();
    assert!(degraded > 0, "nothing is missing: {first}");

    let asked_again = edgar.bare(out.path(), "off").with(best_effort).with(["--refresh", "degraded"]);
    let told = asked_again.clone().with(DRY).ok();
    assert_eq!(
        (&told["filings"]["current"], &told["filings"]["degraded"]),
        (&json!(FILINGS), &json!(degraded))
    );
    assert_eq!(edgar.asked(), (0, LISTS));
    assert_eq!((done(&asked_again.ok()), edgar.asked()), ((0, FILINGS), (0, LISTS)));

    let healed = edgar.run(out.path()).with(best_effort).with(["--refresh", "degraded"]).ok();
    assert_eq!((done(&healed), edgar.asked()), ((degraded, FILINGS - degraded), (0, LISTS)));
    assert_eq!(healed["degraded"], 0);
}

/// What a dry run says; it has made exactly the requests that it predicts for lists, and none for a filing.
#[track_caller]
fn told(edgar: &mut Edgar, run: &Run) -> Value {
    edgar.asked();
    let plan = run.clone().with(DRY).ok();
    assert_eq!(edgar.asked(), (0, plan["requests"]["discovery"].as_u64().unwrap() as usize), "{plan}");
    plan
}

/// The run makes the requests that the plan predicts, and processes what it names.
#[track_caller]
fn holds(edgar: &mut Edgar, run: &Run, plan: &Value) -> Value {
    edgar.asked();
    let summary = run.ok();
    let (requests, filings) = (&plan["requests"], &plan["filings"]);
    assert_eq!(
        json!(edgar.asked()),
        json!([requests["filings"], requests["discovery"]]),
        "the requests of {summary} are not those of {plan}"
    );
    let processed = filings["from_raw"].as_u64().unwrap() + filings["download"].as_u64().unwrap();
    assert_eq!(done(&summary), (processed, filings["current"].as_u64().unwrap()));
    summary
}

#[test]
fn a_dry_run_tells_what_the_run_then_does() {
    let mut edgar = Edgar::of(&fixture_edgar());
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let filings = |total: u64, current: u64, from_raw: u64, download: u64| json!({"total": total, "current": current, "from_raw": from_raw, "download": download, "degraded": 0});
    let run = edgar.run(&out);
    let plan = told(&mut edgar, &run);
    assert!(!out.exists(), "a dry run makes nothing");
    assert_eq!(plan["filings"], filings(6, 0, 0, 6));
    assert_eq!((&plan["rate"], &plan["minutes"]), (&json!(null), &json!(null)), "there is no limit");
    assert_eq!(plan["writes"]["measured_archives"], 0);
    holds(&mut edgar, &run, &plan);

    let plan = told(&mut edgar, &run);
    assert_eq!(plan["filings"], filings(6, 6, 0, 0));
    holds(&mut edgar, &run, &plan);

    // One archive is lost: only this one is downloaded again.
    let lost = out.join("store/raw/0009900001-25-000024.zip");
    std::fs::remove_file(&lost).unwrap();
    let next = run.clone().with(TAG);
    let plan = told(&mut edgar, &next);
    assert_eq!(plan["filings"], filings(6, 0, 5, 1));
    assert!(!lost.exists());
    assert_eq!(
        (&plan["writes"]["measured_archives"], &plan["writes"]["measured_outputs"]),
        (&json!(5), &json!(6))
    );
    let before = stored(&out);
    let summary = holds(&mut edgar, &next, &plan);
    let written = stored(&out).into_iter().filter(|object| !before.contains(object)).count();
    assert_eq!(plan["writes"]["objects"], json!(written), "{plan}");
    let (expected, real) = (plan["writes"]["bytes"].as_f64().unwrap(), summary["bytes"].as_f64().unwrap());
    // Manifests, an archive and the lists come on top of the tables.
    assert!(expected > real && expected < real * 1.5, "{expected} bytes were expected, {real} were written");

    let limited = edgar.run(&out).with(["--refresh", "all"]);
    let limited = limited.with(["--max-filings-per-entity", "1"]);
    assert_eq!(told(&mut edgar, &limited)["filings"], filings(2, 0, 2, 0));
}

/// Every object in an output's store, with the time at which it was written.
fn stored(out: &Path) -> BTreeSet<(PathBuf, SystemTime)> {
    let mut found = BTreeSet::new();
    let mut pending = vec![out.join("store")];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            match entry.metadata().unwrap() {
                _ if hidden => {}
                meta if meta.is_dir() => pending.push(entry.path()),
                meta => {
                    found.insert((entry.path(), meta.modified().unwrap()));
                }
            }
        }
    }
    found
}

#[test]
fn a_dry_run_waits_as_the_rate_says_and_tells_how_long_the_run_will() {
    let mut edgar = Edgar::of(&fixture_edgar());
    let out = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let run = edgar.run_at(out.path(), &SLOW.to_string());
    let plan = told(&mut edgar, &run);
    let requests = LISTS + FILINGS as usize;
    assert_eq!((&plan["rate"], &plan["requests"]["filings"]), (&json!(SLOW), &json!(FILINGS)));
    let minutes = plan["minutes"].as_f64().unwrap();
    assert!((minutes - requests as f64 / SLOW / 60.0).abs() < 1e-9, "{plan}");
    // The dry run's own requests keep the rate too.
    assert!(started.elapsed().as_secs_f64() >= (LISTS - 1) as f64 / SLOW, "{:?}", started.elapsed());
}

#[test]
fn a_dry_run_asks_again_for_what_is_not_to_be_had_at_first() {
    let edgar = Edgar::of(&fixture_edgar());
    // More often than a request is repeated in place.
    let fault = Fault::Status { code: 500, retry_after: None };
    edgar.server.inject("submissions/CIK0009900002.json", When::First(5), fault);
    let out = tempfile::tempdir().unwrap();
    let plan = edgar.run(out.path()).with(DRY).ok();
    assert_eq!(edgar.server.faults_met(), 5);
    assert_eq!((&plan["failed"], &plan["filings"]["total"]), (&json!([]), &json!(FILINGS)));
    assert_eq!(plan["requests"]["discovery"], LISTS, "repeated attempts are no requests of their own");
}

/// Runs over a mirror at the default rate, as a person reads it.
fn shown(edgar: &Edgar, out: &Path, more: &[&str]) -> Finished {
    let (url, out) = (edgar.server.url(), out.display().to_string());
    let args = ["run", "--dry-run", "--edgar", &url, "--out", &out, "--user-agent", AGENT, "--offline"];
    edgraph(args.iter().chain(more))
}

#[test]
fn a_dry_run_is_told_in_words_and_fails_as_the_run_would() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    let edgar = Edgar::of(mirror.path());
    let out = tempfile::tempdir().unwrap();
    let text = shown(&edgar, out.path(), &["--universe", "all", "--amendments"]).ok().stdout;
    for part in [
        "6: 0 current already, 0 to process from the raw cache, 6 to download",
        "9: 3 for lists of companies and filings, which the dry run made too, and 6 for filings",
        "0.0 minutes at 8 requests a second",
        "of a typical size",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    let unknown = shown(&edgar, out.path(), &["--tickers", "LKSP,LKSQ"]);
    assert!(unknown.code == Some(2) && unknown.stderr.contains("did you mean LKSP?"), "{unknown:?}");

    std::fs::remove_file(mirror.path().join("submissions/CIK0009900002.json")).unwrap();
    let failed = shown(&edgar, out.path(), &["--universe", "all"]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.stdout.contains("failed     discover_filings/0009900002"), "{failed:?}");
}
