//! The program over an EDGAR in which every filing meets another fault.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use edgraph_shared::manifest::{Manifest, Sidecar, sha256_hex};
use edgraph_tests::corpus::{self, Mirror};
use edgraph_tests::edgar::{EdgarServer, Fault, When};
use serde_json::{Value, json};

use super::{AGENT, status};
use crate::program::{Finished, Run, query};

/// The filing that the others are copies of.
const LIKE: &str = "0009900002-24-000040";
/// Filings in the mirror as committed.
const SAMPLES: usize = 6;
/// A filing without an archive, read file by file.
const LOOSE: &str = "0009900002-24-000199";

/// The accession number of the filing that meets the nth fault.
fn accession(nth: usize) -> String {
    format!("0009900002-24-{:06}", 100 + nth)
}

/// The mirror with a filing for each of so many faults, and one without an archive.
fn mirror(faults: usize) -> Mirror {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    for name in (0..faults).map(accession).chain([LOOSE.to_owned()]) {
        mirror.add_filing(LIKE, &name, "2024-11-20").unwrap();
    }
    let folder = corpus::filing_folder(mirror.path(), LOOSE).unwrap();
    std::fs::remove_file(folder.join(format!("{LOOSE}-xbrl.zip"))).unwrap();
    mirror
}

fn run(server: &EdgarServer, out: &Path) -> Run {
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    Run::at(&server.url(), out).with([
        "--universe",
        "all",
        "--amendments",
        "--edgar-rate",
        "off",
        "--user-agent",
        AGENT,
        "--offline",
        "--taxonomies",
        &taxonomies,
        "--workers",
        "8",
    ])
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { pending.push(path) } else { found.push(path) }
        }
    }
    found
}

/// Checks that every manifest and every sidecar names only what is there, byte for byte; gives the manifests.
#[track_caller]
fn whole(out: &Path) -> BTreeMap<String, Manifest> {
    let store = out.join("store");
    let mut manifests = BTreeMap::new();
    for path in files_below(&store.join("manifests")) {
        let text = std::fs::read(&path).unwrap();
        if path.file_name().is_some_and(|name| name == "current") {
            let key = String::from_utf8(text).unwrap();
            assert!(path.with_file_name(format!("{key}.json")).is_file(), "{} leads nowhere", path.display());
            continue;
        }
        let manifest: Manifest = serde_json::from_slice(&text).unwrap();
        for file in &manifest.files {
            let bytes = std::fs::read(store.join(&file.key)).unwrap();
            assert_eq!(
                (sha256_hex(&bytes), bytes.len() as u64),
                (file.sha256.clone(), file.bytes),
                "{}",
                file.key
            );
        }
        manifests.insert(manifest.accession.to_string(), manifest);
    }
    for path in files_below(&store.join("raw")) {
        if path.extension().is_some_and(|extension| extension == "json") {
            let sidecar: Sidecar = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            assert_eq!(sha256_hex(&std::fs::read(path.with_extension("zip")).unwrap()), sidecar.sha256);
        }
    }
    assert_eq!(files_below(&store.join(".tmp")), Vec::<std::path::PathBuf>::new());
    manifests
}

/// Which of the items are dead, and why.
fn dead(finished: &Finished) -> BTreeMap<String, String> {
    let failed = finished.json()["failed"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    failed.iter().map(|item| (text(&item["item"]), text(&item["reason"]))).collect()
}

#[test]
fn faults_that_pass_cost_nothing_but_time() {
    let faults = [
        (When::First(2), status(429)),
        (When::First(1), status(403)),
        (When::Nth(1), status(503)),
        (When::First(2), status(500)),
        (When::First(5), status(502)),
        (When::First(1), Fault::Delay(Duration::from_millis(1_500))),
        (When::First(2), Fault::CutBody { keep: 1_000 }),
        (When::First(5), Fault::ShortLength { missing: 100 }),
        (When::First(2), Fault::Reset),
        (When::First(1), Fault::Html),
        (When::First(1), Fault::Empty),
        (When::First(2), Fault::BadGzip),
    ];
    let mirror = mirror(faults.len());
    let server = EdgarServer::builder(mirror.path()).start().unwrap();
    let mut expected = 0;
    let mut inject = |pattern: &str, when: When, fault: &Fault| {
        expected += match when {
            When::First(count) => count,
            _ => 1,
        };
        server.inject(pattern, when, fault.clone());
    };
    for (nth, (when, fault)) in faults.iter().enumerate() {
        inject(&format!("{}-xbrl.zip", accession(nth)), *when, fault);
    }
    let loose = LOOSE.replace('-', "");
    for (path, fault) in [
        ("company_tickers.json".to_owned(), Fault::Reset),
        ("CIK0009900001.json".to_owned(), Fault::CutBody { keep: 50 }),
        ("CIK0009900002.json".to_owned(), Fault::ShortLength { missing: 4 }),
        (format!("{loose}/index.json"), Fault::BadGzip),
        // In place of an inline document, a page is told by its size alone.
        (format!("{loose}/quil-20240928.htm"), Fault::Html),
        (format!("{loose}/quil-20240928_lab.xml"), Fault::ShortLength { missing: 30 }),
        (format!("{loose}/quil-20240928.xsd"), Fault::Reset),
    ] {
        inject(&path, When::First(1), &fault);
    }
    let out = tempfile::tempdir().unwrap();
    let summary = run(&server, out.path()).ok();
    let filings = SAMPLES + faults.len() + 1;
    assert_eq!((&summary["processed"], &summary["failed"]), (&json!(filings), &json!([])));
    assert_eq!(server.faults_met(), expected, "every fault was met");

    let manifests = whole(out.path());
    assert_eq!(manifests.len(), filings);
    // What went wrong on the way is in no byte of what came of it.
    let rows = |name: &str| manifests[name].files.iter().map(|file| file.rows).sum::<u64>();
    for name in (0..faults.len()).map(accession).chain([LOOSE.to_owned()]) {
        assert_eq!(rows(&name), rows(LIKE), "{name}");
    }
}

#[test]
fn faults_that_stay_are_dead_letters_with_address_and_cause() {
    let faults = [
        (status(400), "unexpected status 400"),
        (status(500), "answered 500"),
        (status(429), "answered 429"),
        (Fault::CutBody { keep: 1_000 }, "breaks off after 1000 bytes"),
        (Fault::ShortLength { missing: 100 }, "the end of the zip is missing after"),
        (Fault::Reset, "onnection"),
        (Fault::BadGzip, "breaks off after 0 bytes: "),
        (
            Fault::Redirect { to: "http://169.254.169.254/".to_owned() },
            "redirected to http://169.254.169.254/",
        ),
    ];
    let mirror = mirror(faults.len());
    let server = EdgarServer::builder(mirror.path()).start().unwrap();
    let mut expected = BTreeMap::new();
    for (nth, (fault, cause)) in faults.iter().enumerate() {
        let name = format!("{}-xbrl.zip", accession(nth));
        server.inject(&name, When::Always, fault.clone());
        expected.insert(format!("process_filing/{}", accession(nth)), (name, *cause));
    }
    let cut = "quil-20240928_lab.xml";
    let address = format!("{}/{cut}", LOOSE.replace('-', ""));
    server.inject(&address, When::Always, Fault::ShortLength { missing: 30 });
    expected.insert(format!("process_filing/{LOOSE}"), (address, "the end of the XML"));
    let tickers = EdgarServer::builder(mirror.path()).start().unwrap();
    tickers.inject("company_tickers.json", When::Always, Fault::BadGzip);
    let (out, nothing) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (finished, without_list) = std::thread::scope(|scope| {
        let other = scope.spawn(|| run(&tickers, nothing.path()).finish());
        (run(&server, out.path()).finish(), other.join().unwrap())
    });

    assert_eq!(finished.code, Some(1), "{finished:?}");
    let dead_items = dead(&finished);
    assert_eq!(dead_items.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{finished:?}");
    for (item, (name, cause)) in &expected {
        let reason = &dead_items[item];
        let says_where = reason.contains(&server.url()) && reason.contains(name.as_str());
        assert!(says_where && reason.contains(cause), "{item}: {reason}");
        assert!(
            server
                .requests()
                .iter()
                .any(|request| request.path.ends_with(name.as_str()) && request.fault.is_some())
        );
    }
    assert_eq!(whole(out.path()).len(), SAMPLES, "the others are processed");
    let reports = query(out.path(), "MATCH (r:Report) RETURN count(*) AS reports");
    assert_eq!(reports, [json!({"reports": SAMPLES})]);

    assert_eq!(without_list.code, Some(1), "{without_list:?}");
    // Without the list nothing is started.
    let reason = &without_list.stderr;
    assert!(reason.contains(&format!("{}/files/company_tickers.json", tickers.url())), "{without_list:?}");
    assert!(reason.contains("breaks off after 0 bytes: ") && tickers.faults_met() > 0, "{reason}");
    assert_eq!(whole(nothing.path()).len(), 0);
}
