//! `edgraph ingest`: a graph of what the tables hold, beside the one in use or in place of one that is lost.
//!
//! `damage` is what the store lacks, `kills` what a process leaves that is ended anywhere.

mod damage;
mod kills;

use std::fs;
use std::path::Path;
use std::process::Command;

use edgraph_graph::database::folder::{GraphFolder, database_in};
use edgraph_graph::database::{Mode, kuzu::Database};
use edgraph_tests::corpus::{self, Mirror};
use edgraph_tests::s3::S3Server;
use serde_json::{Value, json};

use crate::increments::{LATE, over, with_a_filing_of_two_companies};
use crate::program::{Finished, Run, checksum, command, edgraph, query};
use crate::store::copied;

/// Filings of the samples.
const FILINGS: u64 = 6;

/// `edgraph ingest` over the tables of a store, into the graph of an output folder.
fn ingest_command(store: &str, out: &Path, more: &[&str]) -> Command {
    let graph = out.join("graph").display().to_string();
    command(["ingest", "--format", "json", "--store", store, "--graph", &graph].iter().chain(more))
}

fn store(out: &Path) -> String {
    out.join("store").display().to_string()
}

/// Over what a run wrote.
fn ingest(out: &Path, more: &[&str]) -> Finished {
    edgraph(ingest_command(&store(out), out, more).get_args())
}

#[track_caller]
fn counts(summary: &Value) -> [u64; 4] {
    ["filings", "added", "replaced", "unchanged"].map(|name| summary[name].as_u64().unwrap())
}

fn remove_graph(out: &Path) {
    fs::remove_dir_all(out.join("graph")).unwrap();
}

#[test]
fn a_graph_built_anew_equals_the_one_that_grew() {
    let mirror = with_a_filing_of_two_companies();
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    // It grew by a run, was replaced in part by the next, and one of its filings is listed under two companies.
    let mut fewer = Mirror::copy_of(mirror.path()).unwrap();
    fewer.remove_filing("0009900002-11-000033").unwrap();
    over(&fewer, out).ok();
    fewer = Mirror::copy_of(mirror.path()).unwrap();
    over(&fewer, out).with(["--processor-tag", "next", "--max-filings-per-entity", "2"]).ok();
    over(&fewer, out).with(["--processor-tag", "next"]).ok();
    let expected = checksum(out);
    let id = fs::read_to_string(out.join("graph/graph.id")).unwrap();

    let done = ingest(out, &["--rebuild"]).ok();
    assert!(done.stderr.contains("graph: 6 of 6, "), "{done:?}");
    assert_eq!(counts(&done.json()), [FILINGS, FILINGS, 0, 0]);
    assert_eq!(checksum(out), expected);
    assert_eq!(fs::read_to_string(out.join("graph/graph.id")).unwrap(), id);
    assert_eq!(counts(&ingest(out, &[]).ok().json()), [FILINGS, 0, 0, FILINGS]);

    // The graph is lost: companies are in the accepted lists.
    for more in [&["--rebuild"][..], &[]] {
        remove_graph(out);
        assert_eq!(counts(&ingest(out, more).ok().json()), [FILINGS, FILINGS, 0, 0]);
        assert_eq!(checksum(out), expected, "{more:?}");
    }
    // Without these either, a filing is its filer's.
    remove_graph(out);
    fs::remove_dir_all(out.join("store/pipelines")).unwrap();
    ingest(out, &[]).ok();
    let filers =
        query(out, "MATCH (e:Entity)-[h:ENTITY_HAS_REPORT]->(:Report) RETURN h.role AS role, count(*) AS n");
    assert_eq!(filers, [json!({"role": "filer", "n": FILINGS})]);
    assert_eq!(query(out, "MATCH (e:Entity {is_resolved: true}) RETURN count(*) AS n"), [json!({"n": 2})]);
}

#[test]
fn a_graph_is_brought_to_the_tables_and_loses_nothing() {
    let (out, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (out, fresh) = (out.path(), fresh.path());
    let fewer = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    fewer.remove_filing(LATE).unwrap();
    over(&fewer, out).ok();
    let tables_alone = ["--processor-tag", "next", "--graph", "none"];
    Run::samples(out).with(tables_alone).ok();
    let done = ingest(out, &[]).ok();
    assert_eq!(counts(&done.json()), [FILINGS, 1, FILINGS - 1, 0]);
    Run::samples(fresh).with(["--processor-tag", "next"]).ok();
    assert_eq!(checksum(out), checksum(fresh));
    assert_eq!(counts(&ingest(out, &[]).ok().json()), [FILINGS, 0, 0, FILINGS]);

    // Tables of another store, with fewer filings: nothing is taken out for them, and no new graph takes the place.
    let other = tempfile::tempdir().unwrap();
    over(&fewer, other.path()).with(tables_alone).ok();
    let before = checksum(out);
    let elsewhere = |more: &[&str]| edgraph(ingest_command(&store(other.path()), out, more).get_args());
    assert_eq!(counts(&elsewhere(&[]).ok().json()), [FILINGS - 1, 0, 0, FILINGS - 1]);
    let refused = elsewhere(&["--rebuild", "--without-damaged"]);
    let expected = format!("it has 1 filings that the tables of the store do not hold, such as {LATE}");
    assert!(refused.code == Some(1) && refused.stderr.contains(&expected), "{refused:?}");
    assert_eq!(checksum(out), before);
}

#[test]
fn readers_go_on_and_a_held_folder_is_said() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    Run::samples(out).ok();
    let graph = out.join("graph");
    let reader = Database::open(&database_in(&graph).unwrap(), Mode::Read).unwrap();
    ingest(out, &["--rebuild"]).ok();
    let reports = reader.session().unwrap().rows("MATCH (r:Report) RETURN r.identifier").unwrap();
    assert_eq!(reports.len() as u64, FILINGS);

    let held = GraphFolder::open(&graph).unwrap();
    let refused = ingest(out, &["--rebuild"]);
    let holder = format!("is in use by process {}: wait for it to end, stop it", std::process::id());
    assert!(refused.code == Some(1) && refused.stderr.contains(&holder), "{refused:?}");
    drop(held);
    ingest(out, &["--rebuild"]).ok();
}

#[test]
fn a_graph_that_cannot_be_read_is_built_anew() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    Run::samples(out).ok();
    let expected = checksum(out);
    fs::write(out.join("graph/graph"), "no graph at all").unwrap();
    let refused = ingest(out, &[]);
    assert!(refused.code == Some(1) && refused.stderr.contains("--rebuild makes it anew"), "{refused:?}");
    let done = ingest(out, &["--rebuild"]).ok();
    assert!(done.stderr.contains("the graph in use cannot be read"), "{done:?}");
    assert_eq!(checksum(out), expected);
}

#[test]
fn what_cannot_be_built_is_said() {
    let out = tempfile::tempdir().unwrap();
    fs::create_dir(out.path().join("store")).unwrap();
    let empty = ingest(out.path(), &["--rebuild"]);
    assert!(empty.code == Some(1) && empty.stderr.contains("no filing is in them"), "{empty:?}");
    assert!(!out.path().join("graph").exists(), "a folder was made for nothing");
    let alone = ingest(out.path(), &["--without-damaged"]);
    assert!(alone.code == Some(2) && alone.stderr.contains("--rebuild"), "{alone:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_s_tables_make_the_same_graph() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let server = S3Server::start().unwrap();
    let (address, env) = (copied(&server, &out.path().join("store")).await, server.env());
    let expected = checksum(out.path());
    remove_graph(out.path());
    let mut ingesting = ingest_command(&address, out.path(), &["--rebuild"]);
    let done = tokio::task::spawn_blocking(move || ingesting.envs(env).output().unwrap()).await.unwrap();
    assert!(done.status.success(), "{done:?}");
    assert_eq!(checksum(out.path()), expected);
}
