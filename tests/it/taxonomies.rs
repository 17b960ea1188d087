//! Missing schemas: strict refuses and names them, best-effort keeps every fact, and both heal when they appear.

mod fleet;

use std::fs;
use std::path::Path;

use edgraph_tests::corpus::{self, Mirror};
use serde_json::json;

use crate::program::{Run, checksum, query};

/// The base taxonomy of the newer sample filings.
const BASE: &str = "taxonomy.example.org";

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn best_effort_keeps_every_fact_and_strict_reprocesses_what_was_degraded_without_asking_for_filings() {
    let scratch = tempfile::tempdir().unwrap();
    let (taxonomies, out) = (scratch.path().join("taxonomies"), scratch.path().join("out"));
    copy(&corpus::fixture_taxonomies().join("www.xbrl.org"), &taxonomies.join("www.xbrl.org"));
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    let sources = taxonomies.display().to_string();
    let run = Run::over(mirror.path(), &out).with(["--amendments", "--taxonomies", &sources]);

    let best_effort = run.clone().with(["--taxonomy-mode", "best-effort"]).ok();
    assert_eq!((&best_effort["processed"], &best_effort["degraded"]), (&json!(6), &json!(6)));
    let facts = "MATCH (f:Fact) RETURN count(*) AS rows, sum(f.occurrences) AS tagged";
    let degraded = query(&out, facts);
    let before = checksum(&out);

    // The filings themselves are cached: without EDGAR's archives the rest must still work.
    fs::rename(mirror.path().join("Archives"), mirror.path().join("gone")).unwrap();
    let strict = run.finish();
    assert_eq!(strict.code, Some(1), "{strict:?}");
    let failed = strict.json()["failed"].as_array().unwrap().clone();
    assert_eq!(failed.len(), 6);
    for failure in &failed {
        let reason = failure["reason"].as_str().unwrap();
        assert!(reason.contains(&format!("{BASE}/")) && reason.contains("--taxonomies"), "{reason}");
    }
    assert_eq!(checksum(&out), before, "a strict run that fails leaves the graph as it was");

    copy(&corpus::fixture_taxonomies().join(BASE), &taxonomies.join(BASE));
    let healed = run.ok();
    assert_eq!(
        (&healed["processed"], &healed["degraded"], &healed["ingested"]["replaced"]),
        (&json!(6), &json!(0), &json!(6))
    );
    assert_eq!(query(&out, facts), degraded, "not a fact more or less with the schemas than without");

    let fresh = scratch.path().join("fresh");
    Run::samples(&fresh).ok();
    assert_eq!(checksum(&out), checksum(&fresh));
    let unresolved =
        query(&out, "MATCH (e:Element) WHERE e.type IS NULL OR e.period_type IS NULL RETURN e.qname AS name");
    assert_eq!(unresolved, Vec::<serde_json::Value>::new());
}
