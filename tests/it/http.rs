//! EDGAR over HTTP: two bases, a ban above ten requests a second, a contact in the User-Agent, an older page.

use edgraph_tests::corpus::{self, Mirror};
use edgraph_tests::edgar::{Base, EdgarServer};
use serde_json::json;

use crate::program::{Run, checksum};

const AGENT: &str = "edgraph tests tests@example.com";

/// The SEC's limit.
const BAN_ABOVE: usize = 10;

#[test]
fn eight_workers_stay_below_the_ban_and_follow_an_older_page() {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    let page = mirror.split_page("0009900002", 1).unwrap();
    let archives =
        EdgarServer::builder(mirror.path()).base(Base::Archives).ban_above(BAN_ABOVE).start().unwrap();
    let data = EdgarServer::builder(mirror.path()).base(Base::Data).counting_with(&archives).start().unwrap();

    let out = tempfile::tempdir().unwrap();
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    let run = Run::at(&archives.url(), out.path()).with([
        "--edgar-data",
        &data.url(),
        "--user-agent",
        AGENT,
        "--universe",
        "all",
        "--amendments",
        "--offline",
        "--taxonomies",
        &taxonomies,
        "--workers",
        "8",
    ]);
    assert_eq!(run.ok()["processed"], 6);

    let requests = archives.requests();
    assert!(!archives.banned() && archives.max_per_second() <= BAN_ABOVE);
    assert!(requests.iter().any(|request| request.path.contains(&page)), "the older page was not asked for");
    assert!(requests.iter().all(|request| request.user_agent.as_deref() == Some(AGENT)));
    let zips = requests.iter().filter(|request| request.path.ends_with("-xbrl.zip")).count();
    assert_eq!(zips, 6, "one request per filing");

    let of_disk = tempfile::tempdir().unwrap();
    Run::samples(of_disk.path()).ok();
    // The split page names the same filings, so the graphs are the same.
    assert_eq!(checksum(out.path()), checksum(of_disk.path()));

    let again = run.ok();
    assert_eq!((&again["processed"], &again["skipped"]), (&json!(0), &json!(6)));
    let zips = archives.requests().iter().filter(|request| request.path.ends_with("-xbrl.zip")).count();
    assert_eq!(zips, 6, "the second run asked for a filing");
}
