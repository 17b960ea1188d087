//! What is damaged in the store is named and left out, and costs the graph in use nothing.

use std::path::PathBuf;

use super::*;

/// A file of a filing's table, with one byte changed.
fn alter(out: &Path, accession: &str) -> PathBuf {
    let folder = out.join("store/manifests").join(accession);
    let key = fs::read_to_string(folder.join("current")).unwrap();
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.join(format!("{key}.json"))).unwrap()).unwrap();
    let files = manifest["files"].as_array().unwrap();
    let fact = files.iter().find(|file| file["table"] == "Fact").unwrap();
    let path = out.join("store").join(fact["key"].as_str().unwrap());
    let mut bytes = fs::read(&path).unwrap();
    bytes[10] ^= 1;
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_damaged_filing_keeps_the_graph_that_has_it() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    Run::samples(out).ok();
    let (expected, graph) = (checksum(out), fs::read(out.join("graph/graph")).unwrap());
    let damaged = alter(out, LATE);
    // It is in the graph as it is, and nothing of it is read.
    assert_eq!(counts(&ingest(out, &[]).ok().json()), [FILINGS, 0, 0, FILINGS]);

    let refused = ingest(out, &["--rebuild"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let summary = refused.json();
    let reason = summary["rejected"][LATE].as_str().unwrap();
    assert!(reason.contains(damaged.file_name().unwrap().to_str().unwrap()), "{reason}");
    assert_eq!(summary["lacking"], json!([LATE]));
    assert!(fs::read(out.join("graph/graph")).unwrap() == graph, "the graph in use was touched");

    let without = ingest(out, &["--rebuild", "--without-damaged"]);
    assert_eq!((without.code, counts(&without.json())), (Some(1), [FILINGS, FILINGS - 1, 0, 0]));
    assert_eq!(query(out, "MATCH (r:Report) RETURN count(*) AS n")[0]["n"], FILINGS - 1);
    // The reason says that the next run makes it again.
    let again = Run::samples(out).with(["--graph", "none"]).ok();
    assert_eq!((&again["processed"], &again["skipped"]), (&json!(1), &json!(FILINGS - 1)));
    assert_eq!(counts(&ingest(out, &[]).ok().json()), [FILINGS, 1, 0, FILINGS - 1]);
    assert_eq!(checksum(out), expected);
}

#[test]
fn a_new_graph_has_all_but_what_is_damaged_or_without_a_manifest() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    Run::samples(out).ok();
    remove_graph(out);
    let other = "0009900002-24-000040";
    alter(out, LATE);
    fs::remove_dir_all(out.join("store/manifests").join(other)).unwrap();
    let done = ingest(out, &[]);
    assert_eq!((done.code, counts(&done.json())), (Some(1), [FILINGS, FILINGS - 2, 0, 0]), "{done:?}");
    let rejected = done.json()["rejected"].as_object().unwrap().clone();
    assert_eq!(rejected.keys().collect::<Vec<_>>(), [LATE, other]);
    assert!(rejected[other].as_str().unwrap().contains("no manifest there is of it"), "{rejected:?}");
    assert_eq!(query(out, "MATCH (r:Report) RETURN count(*) AS n")[0]["n"], FILINGS - 2);

    // For people, a refusal says what was not done.
    let (store, graph) = (store(out), out.join("graph").display().to_string());
    let again = Run::samples(out).ok();
    assert_eq!(again["processed"], 2);
    alter(out, LATE);
    let told = edgraph(["ingest", "--rebuild", "--store", &store, "--graph", &graph]);
    for part in
        ["6 filings are in the tables", "rejected   0009900001-25-000024: ", "is as it was: 1 of its filings"]
    {
        assert!(told.code == Some(1) && told.stdout.contains(part), "{part}: {told:?}");
    }
}
