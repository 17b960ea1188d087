//! Damage of files, manifests, pointers and logs, one kind after the other.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use edgraph_shared::manifest::{Manifest, sha256_hex};
use edgraph_shared::schema;
use edgraph_worker::output::parquet;
use serde_json::{Value, json};

use super::{ACCESSION, FILINGS, Output};
use crate::program::edgraph;

const AGAIN: &str = "run the same pipeline again";
const HASHES: [&str; 1] = ["--hashes"];
const FACTS: &str = "graph/nodes/Fact";

/// Changes an object's bytes.
fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// A file as the log of a table has it.
fn add(path: &str, size: usize, tags: Value) -> Value {
    let stats = json!({"numRecords": 1}).to_string();
    json!({"add": {
        "path": path, "partitionValues": {"year": "2025", "month": "5"}, "size": size, "modificationTime": 1,
        "dataChange": true, "stats": stats, "tags": tags,
    }})
}

fn remove(path: &str) -> Value {
    json!({"remove": {"path": path, "deletionTimestamp": 1, "dataChange": true}})
}

/// A file's path in the log of its table.
fn path_in<'a>(table: &str, key: &'a str) -> &'a str {
    key.strip_prefix(table).unwrap().strip_prefix('/').unwrap()
}

#[test]
fn a_file_that_is_missing_cut_or_altered_is_named_and_made_again() {
    let output = Output::of_a_run();
    let key = output.file(FACTS);
    let path = output.object(&key);
    fs::remove_file(&path).unwrap();
    output.finds(&[], &key, "it is missing", AGAIN);
    output.is_mended_by(output.run());

    change(&path, |bytes| bytes.truncate(100));
    output.finds(&HASHES, &key, "it has 100 bytes instead of", AGAIN);
    output.is_mended_by(output.run());

    let alter = |bytes: &mut Vec<u8>| bytes[100] ^= 1;
    change(&path, alter);
    output.verify(&[]).ok();
    output.finds(&HASHES, &key, "its sha256 is", "again with --refresh all");
    output.is_mended_by(output.run().with(["--refresh", "all"]));
    change(&path, alter);
    fs::remove_file(output.object(&output.pointer())).unwrap();
    let summary = output.run().ok();
    assert_eq!((&summary["processed"], &summary["skipped"]), (&json!(1), &json!(FILINGS - 1)));
    output.is_clean();
}

#[test]
fn rows_that_lead_nowhere_are_found_where_bytes_are_read() {
    let output = Output::of_a_run();
    let (table, folder) = (schema::table("FACT_HAS_UNIT").unwrap(), "graph/relationships/FACT_HAS_UNIT");
    let key = output.file(folder);
    let mut rows = parquet::decode(table, Bytes::from(fs::read(output.object(&key)).unwrap())).unwrap();
    rows[0][1] = "nowhere".into();
    let bytes = parquet::encode(table, &rows).unwrap();
    fs::write(output.object(&key), &bytes).unwrap();
    let path = output.object(&output.manifest());
    let mut manifest: Manifest = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let file = manifest.files.iter_mut().find(|file| file.key == key).unwrap();
    (file.bytes, file.sha256) = (bytes.len() as u64, sha256_hex(&bytes));
    fs::write(&path, serde_json::to_vec(&manifest).unwrap()).unwrap();

    output.verify(&[]).ok();
    let problem = "1 of its rows name a Unit that the filing does not have, such as nowhere";
    output.finds(&HASHES, &key, problem, "--refresh all");
    output.is_mended_by(output.run().with(["--refresh", "all"]));
}

#[test]
fn a_manifest_that_does_not_read_and_a_pointer_that_leads_nowhere_are_named_and_made_again() {
    let output = Output::of_a_run();
    let (pointer, manifest) = (output.pointer(), output.manifest());
    fs::remove_file(output.object(&manifest)).unwrap();
    output.finds(&[], &manifest, "it is missing", AGAIN);
    output.is_mended_by(output.run());
    change(&output.object(&manifest), |bytes| bytes.truncate(10));
    output.finds(&[], &manifest, "EOF", AGAIN);
    output.is_mended_by(output.run());

    let nowhere = "0".repeat(64);
    fs::write(output.object(&pointer), &nowhere).unwrap();
    output.finds(&[], &format!("manifests/{ACCESSION}/{nowhere}.json"), "it is missing", AGAIN);
    output.is_mended_by(output.run());
    for (content, problem) in [("no key", "it names no manifest"), ("", "it was withdrawn")] {
        fs::write(output.object(&pointer), content).unwrap();
        output.finds(&[], &pointer, problem, AGAIN);
        output.is_mended_by(output.run());
    }

    // Without a pointer a filing is known from what has it.
    fs::remove_file(output.object(&pointer)).unwrap();
    output.finds(&[], &format!("{FACTS}, {ACCESSION}"), "it has no current manifest", AGAIN);
    output.finds(&[], &format!("graph, {ACCESSION}"), "it has no current manifest", AGAIN);
    output.is_mended_by(output.run());
}

#[test]
fn a_table_that_has_a_filing_twice_or_not_at_all_is_named_and_published_again() {
    let output = Output::of_a_run();
    let key = output.file(FACTS);
    let path = path_in(FACTS, &key).to_owned();
    let place = format!("{FACTS}, {ACCESSION}");
    let partition = path.rsplit_once('/').unwrap().0;
    let other = format!("{partition}/{ACCESSION}-ffffffffffff.parquet");
    output.commit(FACTS, &[add(&other, 4, Value::Null)]);
    output.finds(&[], &place, "the table has it 2 times", AGAIN);
    output.is_mended_by(output.run());

    output.commit(FACTS, &[remove(&path), add(&other, 4, Value::Null)]);
    output.finds(&[], &place, &format!("the table has {ACCESSION}-ffffffffffff of it"), AGAIN);
    output.is_mended_by(output.run());

    output.commit(FACTS, &[remove(&path)]);
    output.finds(&[], &place, "the table lacks its rows", AGAIN);
    output.is_mended_by(output.run());

    // One that no table has: its pipeline ended early.
    for entry in fs::read_dir(output.object("graph/nodes")).unwrap() {
        fs::remove_dir_all(entry.unwrap().path().join("_delta_log")).unwrap();
    }
    for folder in ["graph/relationships", "text", "flat/facts"] {
        let folder = output.object(folder);
        let logs: Vec<_> = match folder.join("_delta_log") {
            log if log.is_dir() => vec![log],
            _ => {
                fs::read_dir(folder).unwrap().map(|table| table.unwrap().path().join("_delta_log")).collect()
            }
        };
        logs.into_iter().for_each(|log| fs::remove_dir_all(log).unwrap());
    }
    output.finds(&[], &output.pointer(), "no table has what it leads to", AGAIN);
    output.is_mended_by(output.run());
}

#[test]
fn what_a_log_says_of_a_file_is_compared_and_a_log_that_does_not_read_is_named() {
    let output = Output::of_a_run();
    let key = output.file(FACTS);
    let path = path_in(FACTS, &key).to_owned();
    let place = format!("{FACTS}, {ACCESSION}");
    let log = output.object(FACTS).join("_delta_log");
    let anew = "remove the table's _delta_log";

    output.commit(FACTS, &[add(&path, 4, Value::Null)]);
    output.finds(&[], &place, "the table says 1 rows, and its manifest", anew);
    let elsewhere = path.replace("year=2025", "year=1999");
    output.commit(FACTS, &[remove(&path), add(&elsewhere, 4, Value::Null)]);
    output.finds(&[], &place, &format!("the table has {FACTS}/{elsewhere} instead of {key}"), anew);
    fs::write(log.join(format!("{:020}.json", 0)), "no log").unwrap();
    output.finds(&[], FACTS, "line 1", anew);
    fs::remove_dir_all(&log).unwrap();
    output.is_mended_by(output.run());
}

#[test]
fn what_nothing_reads_is_named_and_removed_by_gc() {
    let output = Output::of_a_run();
    let key = output.file(FACTS);
    let leftover = format!("{}/{ACCESSION}-ffffffffffff.parquet", key.rsplit_once('/').unwrap().0);
    fs::write(output.object(&leftover), "PAR1").unwrap();
    output.finds(&[], &leftover, "nothing reads it", "edgraph gc");
    assert!(output.object(&leftover).exists(), "verify changes nothing");
    let store = output.object("").display().to_string();
    edgraph(["verify", "--store", &store]).ok();
    edgraph(["gc", "--grace", "0s", "--store", &store]).ok();
    output.is_clean();
}
