//! Addresses that a filing must not lead a worker to: named in the dead letter, asked by nobody.

use std::io::{Cursor, Read, Write};
use std::path::Path;

use edgraph_tests::corpus::{self, Mirror};
use edgraph_tests::edgar::{EdgarServer, Fault, When};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::AGENT;
use crate::program::Run;

/// The filing that is changed, and a schema that it imports.
const FILING: &str = "0009900002-24-000040";
const IMPORTED: &str = "https://taxonomy.example.org/gaap/2024/gaap.xsd";

/// The mirror with one filing that imports another schema instead.
fn importing(url: &str) -> Mirror {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    let folder = corpus::filing_folder(mirror.path(), FILING).unwrap();
    let zip = folder.join(format!("{FILING}-xbrl.zip"));
    let mut source = ZipArchive::new(Cursor::new(std::fs::read(&zip).unwrap())).unwrap();
    let mut target = ZipWriter::new(Cursor::new(Vec::new()));
    let mut changed = 0;
    for at in 0..source.len() {
        let mut entry = source.by_index(at).unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        target.start_file(entry.name().unwrap(), SimpleFileOptions::default()).unwrap();
        changed += text.matches(IMPORTED).count();
        target.write_all(text.replace(IMPORTED, url).as_bytes()).unwrap();
    }
    assert!(changed > 0, "the filing imports the schema that is replaced");
    std::fs::write(zip, target.finish().unwrap().into_inner()).unwrap();
    mirror
}

/// Runs over EDGAR by HTTP, official hosts allowed, and gives the reasons of dead items.
fn reasons(edgar: &EdgarServer, taxonomies: &str, out: &Path) -> Vec<String> {
    let finished = Run::at(&edgar.url(), out)
        .with(["--ciks", "9900002", "--user-agent", AGENT, "--taxonomies", taxonomies])
        .finish();
    assert_eq!(finished.code, Some(1), "{finished:?}");
    let failed = finished.json()["failed"].as_array().unwrap().clone();
    let reason = |item: &Value| item["reason"].as_str().unwrap().to_owned();
    failed.iter().filter(|item| item["item"].as_str().unwrap().contains(FILING)).map(reason).collect()
}

#[test]
fn a_schema_at_a_private_address_is_refused_and_never_asked_for() {
    let secret = EdgarServer::taxonomies(corpus::fixture_taxonomies()).start().unwrap();
    let local = corpus::fixture_taxonomies().display().to_string();
    let port = secret.address().port();
    for url in [
        "http://169.254.169.254/latest/meta-data/iam.xsd".to_owned(),
        "file:///etc/passwd".to_owned(),
        format!("http://127.0.0.1:{port}/gaap.xsd"),
        format!("http://localhost:{port}/gaap.xsd"),
        format!("http://[::1]:{port}/gaap.xsd"),
        "http://intranet/gaap.xsd".to_owned(),
        format!("http://www.xbrl.org@127.0.0.1:{port}/gaap.xsd"),
    ] {
        let mirror = importing(&url);
        let edgar = EdgarServer::builder(mirror.path()).start().unwrap();
        let out = tempfile::tempdir().unwrap();
        let reasons = reasons(&edgar, &local, out.path());
        let [reason] = &reasons[..] else { panic!("{url}: {reasons:?}") };
        assert!(reason.contains(&url) && reason.contains("not from a host"), "{url}: {reason}");
        let of_edgar = |path: &str| {
            path.starts_with("/files/") || path.starts_with("/submissions/") || path.starts_with("/Archives/")
        };
        assert!(edgar.requests().iter().all(|request| of_edgar(&request.path)));
    }
    assert_eq!(secret.requests().len(), 0, "{:?}", secret.requests());
}

#[test]
fn a_redirect_to_a_private_address_is_refused_and_never_followed() {
    let secret = EdgarServer::taxonomies(corpus::fixture_taxonomies()).start().unwrap();
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    for target in [
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "file:///etc/passwd".to_owned(),
        format!("{}/www.xbrl.org/2003/xl-2003-12-31.xsd", secret.url()),
    ] {
        let redirect = || Fault::Redirect { to: target.clone() };
        // From a host of taxonomies, then from EDGAR itself.
        let taxonomies = EdgarServer::taxonomies(corpus::fixture_taxonomies()).start().unwrap();
        taxonomies.inject("gaap.xsd", When::Always, redirect());
        let edgar = EdgarServer::builder(mirror.path()).start().unwrap();
        let out = tempfile::tempdir().unwrap();
        let by_schema = reasons(&edgar, &taxonomies.url(), out.path());
        assert!(taxonomies.faults_met() > 0);

        let redirecting = EdgarServer::builder(mirror.path()).start().unwrap();
        redirecting.inject(&format!("{FILING}-xbrl.zip"), When::Always, redirect());
        let out = tempfile::tempdir().unwrap();
        let local = corpus::fixture_taxonomies().display().to_string();
        let by_zip = reasons(&redirecting, &local, out.path());
        assert_eq!(redirecting.faults_met(), 1, "a refusal is not repeated");

        for (reasons, name) in [(by_schema, "gaap.xsd"), (by_zip, "-xbrl.zip")] {
            let [reason] = &reasons[..] else { panic!("{name} to {target}: {reasons:?}") };
            assert!(
                reason.contains(name) && reason.contains(&target) && reason.contains("not followed"),
                "{reason}"
            );
        }
    }
    assert_eq!(secret.requests().len(), 0, "{:?}", secret.requests());
}
