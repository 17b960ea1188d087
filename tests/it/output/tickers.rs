//! The SEC's tickers: recorded with the output they are in, so that new ones make nothing old again.

use std::fs;
use std::path::Path;

use edgraph_shared::manifest::Manifest;
use edgraph_shared::schema::{self, Value};
use edgraph_tests::corpus::{self, Mirror};
use edgraph_worker::output::parquet;

use crate::program::Run;

const FILING: &str = "0009900001-25-000011";

fn manifest(out: &Path) -> Manifest {
    let folder = out.join("store/manifests").join(FILING);
    let key = fs::read_to_string(folder.join("current")).unwrap();
    serde_json::from_slice(&fs::read(folder.join(format!("{key}.json"))).unwrap()).unwrap()
}

/// Both columns of the first fact.
fn in_file(out: &Path, manifest: &Manifest) -> [Value; 2] {
    let table = schema::table("flat/facts").unwrap();
    let file = manifest.files.iter().find(|file| file.table == table.name).unwrap();
    let bytes = fs::read(out.join("store").join(&file.key)).unwrap();
    let rows = parquet::decode(table, bytes.into()).unwrap();
    ["sec_ticker", "sec_tickers"].map(|column| rows[0][table.column_index(column).unwrap()].clone())
}

#[test]
fn a_new_ticker_stands_in_what_is_processed_from_then_on_and_processes_nothing_again() {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    let out = tempfile::tempdir().unwrap();
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    let run = Run::over(mirror.path(), out.path()).with(["--amendments", "--taxonomies", &taxonomies]);
    run.ok();
    let first = manifest(out.path());
    assert_eq!(first.sec_tickers, ["LKSP", "LKSP-B"]);
    assert_eq!(in_file(out.path(), &first), ["LKSP".into(), r#"["LKSP","LKSP-B"]"#.into()]);

    let company = mirror.path().join("submissions/CIK0009900001.json");
    let renamed = fs::read_to_string(&company).unwrap().replace("\"LKSP\"", "\"LARK\"");
    fs::write(&company, renamed).unwrap();
    let again = run.ok();
    assert_eq!((&again["processed"], &again["skipped"]), (&0.into(), &6.into()), "{again}");
    assert_eq!(manifest(out.path()), first);

    run.clone().with(["--refresh", "all"]).ok();
    let second = manifest(out.path());
    assert_eq!(second.sec_tickers, ["LARK", "LKSP-B"]);
    assert_ne!(second.input_key, first.input_key);
    assert_eq!(in_file(out.path(), &second), ["LARK".into(), r#"["LARK","LKSP-B"]"#.into()]);
}
