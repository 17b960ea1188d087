//! Which companies a run starts from, and what it asks EDGAR for: names, lists, news, filings of several filers.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use edgraph_tests::corpus::{self, Mirror, days_ago, workspace};
use edgraph_tests::edgar::{EdgarServer, Fault, Request, When};
use edgraph_worker::universe::sp500;
use serde_json::{Value, json};

use crate::program::{Finished, Run, command, edgraph, query};

const AGENT: &str = "edgraph tests tests@example.com";
/// The companies of the committed mirror.
const LARKSPUR: u64 = 9_900_001;
const QUILLFEATHER: u64 = 9_900_002;

/// A run over a server, quickly.
fn over(server: &EdgarServer, out: &Path) -> Run {
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    let fast = ["--user-agent", AGENT, "--edgar-rate", "off", "--offline", "--taxonomies", &taxonomies];
    Run::at(&server.url(), out).with(fast)
}

fn serve(mirror: &Mirror) -> EdgarServer {
    EdgarServer::builder(mirror.path()).start().unwrap()
}

/// The paths asked for, those of `requests` before `from` left out.
fn paths(server: &EdgarServer, from: usize) -> Vec<String> {
    let path = |request: Request| request.path;
    server.requests().into_iter().skip(from).map(path).collect()
}

fn ciks(out: &Path) -> Vec<Value> {
    let rows = query(
        out,
        "MATCH (e:Entity)-[:ENTITY_HAS_REPORT]->(:Report) RETURN DISTINCT e.cik AS cik ORDER BY cik",
    );
    rows.into_iter().map(|row| row["cik"].clone()).collect()
}

/// Two classes of one company, one of another with a dot, and a company that has no ticker any more.
fn shapes() -> (Mirror, Vec<String>) {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    let clones = mirror.scale_to(4).unwrap();
    mirror
        .set_tickers(&[
            (QUILLFEATHER, "BRK-B", "Quillfeather Foods Inc"),
            (LARKSPUR, "GOOGL", "Larkspur Instruments Corp"),
            (LARKSPUR, "GOOG", "Larkspur Instruments Corp"),
            (clones[0].trim_start_matches('0').parse().unwrap(), "NEAR", "Nearby Corp"),
        ])
        .unwrap();
    (mirror, clones)
}

#[test]
fn an_unknown_name_stops_a_run_before_anything_but_the_list_is_fetched() {
    let (mirror, _) = shapes();
    let server = serve(&mirror);
    let out = tempfile::tempdir().unwrap();
    let run = over(&server, out.path()).with(["--tickers", "brk.b,GOOG,NEARR,GOOGL,QQQQQQ"]);
    let refused = run.finish();
    assert_eq!(refused.code, Some(2), "{refused:?}");
    for part in ["2 of the names", "NEARR (did you mean NEAR?)", "QQQQQQ", "--skip-unknown: "] {
        assert!(refused.stderr.contains(part), "{part}: {refused:?}");
    }
    assert!(!refused.stderr.contains("BRK"), "{refused:?}");
    assert_eq!(paths(&server, 0), ["/files/company_tickers.json"]);

    let summary = run.with(["--skip-unknown", "--forms", "10-K"]).ok();
    assert_eq!((&summary["companies"], &summary["unknown"]), (&json!(2), &json!(["NEARR", "QQQQQQ"])));
    assert_eq!(ciks(out.path()), ["0009900001", "0009900002"]);
}

#[test]
fn a_company_without_a_ticker_works_by_its_cik_and_without_the_list() {
    let (mirror, clones) = shapes();
    let server = serve(&mirror);
    let out = tempfile::tempdir().unwrap();
    let run = over(&server, out.path()).with(["--forms", "10-K", "--ciks", &clones[1]]);
    assert_eq!(run.ok()["companies"], 1);
    assert_eq!(ciks(out.path()), [clones[1].as_str()]);
    assert!(paths(&server, 0).iter().all(|path| !path.contains("company_tickers")));
}

#[test]
fn a_list_of_ones_own_is_read_from_a_file_or_the_web_and_mixes_tickers_and_ciks() {
    let (mirror, clones) = shapes();
    let list = format!("# mine\nname,ticker\nAlphabet,goog\nAlphabet again,GOOGL\nGone,{}\n", clones[1]);
    fs::write(mirror.path().join("files/list.csv"), list).unwrap();
    let server = serve(&mirror);
    let file = mirror.path().join("files/list.csv").display().to_string();
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    for place in [file, format!("{}/files/list.csv", server.url())] {
        let out = tempfile::tempdir().unwrap();
        let summary = over(&server, out.path()).with(["--forms", "10-K", "--universe", &place]).ok();
        assert_eq!(summary["companies"], 2, "{place}");
        assert_eq!(ciks(out.path()), ["0009900001", clones[1].as_str()], "{place}");
    }

    let out = tempfile::tempdir().unwrap();
    let mistaken = |universe: &str| -> Finished {
        over(&server, out.path()).with(["--universe", universe, "--taxonomies", &taxonomies]).finish()
    };
    let absent = format!("{}/files/absent.csv", server.url());
    let page = mirror.path().join("page.html");
    fs::write(&page, "<!DOCTYPE html><p>A page about companies.</p>").unwrap();
    let long = mirror.path().join("long.txt");
    fs::write(&long, (0..10_000).map(|number| format!("T{number}\n")).collect::<String>()).unwrap();
    for (universe, code, part) in [
        ("sp5000", 2, "there is no universe `sp5000`"),
        ("./absent.txt", 2, "./absent.txt: not found"),
        (absent.as_str(), 2, "absent.csv: not found"),
        (long.to_str().unwrap(), 2, "more than the"),
        (page.to_str().unwrap(), 1, "a page instead of text"),
    ] {
        let finished = mistaken(universe);
        assert_eq!(finished.code, Some(code), "{universe}: {finished:?}");
        assert!(finished.stderr.contains(part), "{universe}: {finished:?}");
    }
}

#[test]
fn the_built_in_list_never_fails_for_members_that_are_gone() {
    let (mirror, _) = shapes();
    let server = serve(&mirror);
    let out = tempfile::tempdir().unwrap();
    let summary = over(&server, out.path()).with(["--forms", "10-K", "--universe", "sp500"]).ok();
    // Of the members, the mirror lists three symbols of two companies.
    assert_eq!(summary["companies"], 2);
    assert!(summary["unknown"].as_array().unwrap().iter().any(|name| name == "AAPL"), "{summary}");
    assert_eq!(summary["list_as_of"], sp500::as_of());
    let help = edgraph(["run", "--help"]).ok().stdout;
    assert!(help.contains(&format!("as of {}", sp500::as_of())), "{help}");
    let environment = command(["run", "--out", &out.path().display().to_string()])
        .env("EDGRAPH_UNIVERSE", "nothing")
        .output()
        .unwrap();
    assert_eq!(environment.status.code(), Some(2));
}

#[test]
fn a_filing_of_two_companies_is_one_item_one_report_and_one_request() {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    let shared = "0009900001-25-000011";
    mirror.list_also(shared, "0009900002").unwrap();
    let server = serve(&mirror);
    let out = tempfile::tempdir().unwrap();
    let run = over(&server, out.path()).with(["--universe", "all", "--workers", "4"]);
    let alone = tempfile::tempdir().unwrap();
    let without = Run::over(&corpus::fixture_edgar(), alone.path())
        .with(["--taxonomies", &corpus::fixture_taxonomies().display().to_string()])
        .ok();
    assert_eq!(run.ok()["processed"], without["processed"]);

    let matched = format!("MATCH (r:Report {{accession: '{shared}'}})");
    assert_eq!(query(out.path(), &format!("{matched} RETURN count(*) AS n"))[0]["n"], 1);
    let filers = query(
        out.path(),
        &format!("{matched}<-[:ENTITY_HAS_REPORT]-(e:Entity) RETURN e.cik AS cik ORDER BY cik"),
    );
    assert_eq!(filers, [json!({"cik": "0009900001"}), json!({"cik": "0009900002"})]);
    let mut asked = paths(&server, 0);
    let all = asked.len();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), all, "something was asked for twice");
    let name = shared.replace('-', "");
    assert_eq!(asked.iter().filter(|path| path.contains(&name)).count(), 1);
}

#[test]
fn news_are_found_by_the_index_and_only_their_companies_are_asked_about() {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    mirror.scale_to(12).unwrap();
    let new = "0009900001-26-900001";
    mirror.add_filing("0009900001-25-000011", new, &days_ago(3)).unwrap();
    mirror.write_indexes().unwrap();
    let server = serve(&mirror);
    let out = tempfile::tempdir().unwrap();

    let run = |from: &str| over(&server, out.path()).with(["--universe", "all", "--new-since", from]).ok();
    let summary = run(&days_ago(5));
    assert_eq!((&summary["companies"], &summary["processed"]), (&json!(1), &json!(1)));
    assert_eq!((&summary["without_news"], &summary["indexed_to"]), (&json!(11), &json!(days_ago(3))));
    assert_eq!(
        query(out.path(), "MATCH (r:Report) RETURN r.accession AS accession"),
        [json!({"accession": new})]
    );
    let asked = paths(&server, 0);
    let submissions: Vec<_> = asked.iter().filter(|path| path.starts_with("/submissions/")).collect();
    assert_eq!(submissions, ["/submissions/CIK0009900001.json"]);
    let indexes = asked.iter().filter(|path| path.contains("-index/")).count();
    assert!((2..=4).contains(&indexes), "{asked:?}");

    // Since before the last annual reports: a request a quarter, and all twelve companies.
    let before = server.requests().len();
    let summary = run("2024-10-15");
    assert_eq!(summary["companies"], 12);
    let asked = paths(&server, before);
    let years: u32 = days_ago(0)[..4].parse::<u32>().unwrap() - 2024 + 1;
    let indexes = asked.iter().filter(|path| path.contains("-index/")).count();
    assert!(indexes <= 4 * years as usize + 4, "{asked:?}");
    assert!(asked.iter().any(|path| path.ends_with("/full-index/2025/QTR1/master.idx")), "{asked:?}");

    // Nobody filed anything today: nobody is asked.
    let before = server.requests().len();
    let summary = run(&days_ago(0));
    assert_eq!(summary["companies"], 0);
    assert!(paths(&server, before).iter().all(|path| !path.starts_with("/submissions/")));
}

#[test]
fn young_lists_of_filings_are_used_without_asking() {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    let page = mirror.split_page("0009900002", 1).unwrap();
    let server = serve(&mirror);
    let out = tempfile::tempdir().unwrap();
    let run = over(&server, out.path()).with(["--universe", "all"]);
    run.ok();
    let asked = |age: &str| {
        let before = server.requests().len();
        run.clone().with(["--submissions-max-age", age]).ok();
        paths(&server, before)
            .into_iter()
            .filter(|path| path.starts_with("/submissions/"))
            .collect::<Vec<_>>()
    };
    assert_eq!(asked("1h"), Vec::<String>::new());
    let again = asked("0s");
    assert!(again.len() == 2 && !again.iter().any(|path| path.contains(&page)), "{again:?}");
}

#[test]
fn news_are_asked_for_though_a_young_list_is_kept() {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    let server = serve(&mirror);
    let out = tempfile::tempdir().unwrap();
    let run = over(&server, out.path()).with(["--universe", "all", "--submissions-max-age", "1h"]);
    run.ok();
    mirror.add_filing("0009900001-25-000011", "0009900001-26-900001", &days_ago(1)).unwrap();
    mirror.write_indexes().unwrap();
    let run = run.with(["--new-since", &days_ago(2)]);
    let plan = run.clone().with(["--dry-run"]).ok();
    assert_eq!((&plan["companies"], &plan["without_news"]), (&json!(1), &json!(1)));
    assert_eq!((&plan["filings"]["download"], &plan["indexed_to"]), (&json!(1), &json!(days_ago(1))));
    let summary = run.ok();
    assert_eq!((&summary["companies"], &summary["processed"]), (&json!(1), &json!(1)), "{summary}");
}

#[test]
fn an_index_that_is_not_there_yet_is_no_reason_to_pause() {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    mirror.add_filing("0009900001-25-000011", "0009900001-26-900001", &days_ago(3)).unwrap();
    mirror.write_indexes().unwrap();
    let server = serve(&mirror);
    // As on the first day of a quarter: EDGAR has none of its indexes, and says so with 403.
    server.inject("/daily-index/", When::Always, Fault::AccessDenied);
    let out = tempfile::tempdir().unwrap();
    let run = over(&server, out.path()).with(["--universe", "all", "--new-since", &days_ago(3)]);
    let finished = run.finish().ok();
    assert!(server.faults_met() > 0);
    assert!(!finished.stderr.contains("throttled"), "{finished:?}");
}

#[test]
fn contradictory_dates_are_a_usage_error() {
    let finished = edgraph(["run", "--universe", "all", "--new-since", "2999-01-01"]);
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert!(finished.stderr.contains("--new-since 2999-01-01 is still to come"), "{finished:?}");
    for flag in ["--since", "--new-since"] {
        let finished = edgraph(["run", "--universe", "all", flag, "2025-02-01", "--until", "2025-01-31"]);
        assert_eq!(finished.code, Some(2), "{finished:?}");
        assert!(
            finished.stderr.contains(&format!("{flag} 2025-02-01 is after --until 2025-01-31")),
            "{finished:?}"
        );
    }
}

/// Changes of the index since the list was written, or since the reference was; more means that the list is stale.
const CHANGES_ALLOWED: usize = 12;

#[test]
fn the_built_in_list_agrees_with_the_reference() {
    let path = workspace().join("../shared/reference/sp500-constituents.csv");
    let Ok(reference) = fs::read_to_string(&path) else {
        println!("skipped: no reference list at {}", path.display());
        return;
    };
    let symbol = |line: &str| line.split(',').next().unwrap_or_default().to_owned();
    let reference: BTreeSet<String> = reference.lines().skip(1).map(symbol).collect();
    let ours: BTreeSet<String> = sp500::tickers().map(str::to_owned).collect();
    let (gone, missing): (Vec<_>, Vec<_>) =
        (ours.difference(&reference).collect(), reference.difference(&ours).collect());
    println!("as of {}: not in the reference {gone:?}; not in the list {missing:?}", sp500::as_of());
    assert!(
        gone.len().max(missing.len()) <= CHANGES_ALLOWED,
        "not in the reference {gone:?}; missing {missing:?}"
    );
}
