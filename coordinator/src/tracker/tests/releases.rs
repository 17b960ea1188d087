//! Records as releases wrote them: this build reads them, and each release finds in what this build writes all that it
//! knows, as long as nothing new is used.
//!
//! The files of earlier releases stay as they are. A release adds its own: its name here, and one run with
//! `UPDATE_EXPECT=1`, which writes files that are missing.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::samples::{Sample, history, states};
use crate::pipeline::item::{Item, ItemIx, State};
use crate::pipeline::{Head, Millis};
use crate::tracker::Content;
use crate::tracker::codec::{encode_fixed, encode_head, encode_spec, encode_state, head_from, item_from};

const RELEASES: [&str; 1] = ["0.2.0"];
/// Items with many different histories.
const ITEMS: usize = 62;

fn heads() -> [Head; 2] {
    let mut sample = Sample::new("p", 3);
    [sample.created(), sample.changed(1)].map(|part| match part.content {
        Content::Created(saved) | Content::Saved(saved) => saved.head,
        Content::Whole(_) | Content::Verify | Content::Removed => unreachable!("heads are saved"),
    })
}

/// What this build writes, by name.
fn written() -> BTreeMap<String, Vec<u8>> {
    let mut written = BTreeMap::new();
    for (n, head) in heads().iter().enumerate() {
        written.insert(format!("spec/{n}"), encode_spec(head));
        written.insert(format!("head/{n}"), encode_head(head));
    }
    for n in 0..ITEMS {
        let item = history(n);
        written.insert(format!("item/{n}"), encode_fixed(ItemIx(9), &item));
        written.insert(format!("state/{n}"), encode_state(&item));
    }
    written
}

/// What a release wrote, by name.
fn kept(release: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/releases").join(release);
    let file = folder.join("records.txt");
    if !file.exists() && std::env::var_os("UPDATE_EXPECT").is_some() {
        let line = |(name, text): (String, Vec<u8>)| format!("{name} {}\n", String::from_utf8(text).unwrap());
        fs::create_dir_all(&folder).unwrap();
        fs::write(&file, written().into_iter().map(line).collect::<String>()).unwrap();
    }
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let entry = |line: &str| line.split_once(' ').map(|(name, text)| (name.to_owned(), text.into())).unwrap();
    text.lines().map(entry).collect()
}

#[test]
fn what_a_release_wrote_reads_as_it_was_meant() {
    assert!(ITEMS > states().len());
    for release in RELEASES {
        let kept = kept(release);
        for (n, head) in heads().into_iter().enumerate() {
            let (spec, text) = (&kept[&format!("spec/{n}")], &kept[&format!("head/{n}")]);
            assert_eq!(head_from(head.id.clone(), spec, text, head.items).unwrap(), head, "{release}");
        }
        for n in 0..ITEMS {
            let mut item: Item = history(n);
            if let State::Leased(lease) = &mut item.state {
                lease.deadline = Millis::ZERO;
            }
            let (fixed, state) = (&kept[&format!("item/{n}")], &kept[&format!("state/{n}")]);
            assert_eq!(item_from(item.key.clone(), fixed, state).unwrap(), (ItemIx(9), item), "{release}");
        }
    }
}

/// Whether `newer` says all that `older` says. What it says besides is ignored by who does not know it.
fn says_as_much(newer: &Value, older: &Value) -> bool {
    match (newer, older) {
        (Value::Object(newer), Value::Object(older)) => {
            older.iter().all(|(name, older)| newer.get(name).is_some_and(|newer| says_as_much(newer, older)))
        }
        (Value::Array(newer), Value::Array(older)) => {
            newer.len() == older.len()
                && newer.iter().zip(older).all(|(newer, older)| says_as_much(newer, older))
        }
        _ => newer == older,
    }
}

#[test]
fn a_release_finds_all_that_it_knows_in_what_this_build_writes() {
    let parsed = |text: &[u8]| serde_json::from_slice::<Value>(text).unwrap();
    let written = written();
    for release in RELEASES {
        for (name, older) in kept(release) {
            let (newer, older) = (parsed(&written[&name]), parsed(&older));
            assert!(says_as_much(&newer, &older), "{release} {name}: {newer} instead of {older}");
            assert_eq!(newer.get("reader"), None, "{name} needs a newer reader, though nothing new is used");
        }
    }
}
