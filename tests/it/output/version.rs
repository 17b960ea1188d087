//! The bytes of the sample filings' output, pinned with the version that stands in every input key: a store keeps files
//! whose key is the same, so whoever changes bytes has to change the version.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use edgraph_shared::manifest::{Manifest, sha256_hex};
use edgraph_tests::corpus;

use crate::program::Run;

fn pinned_file() -> PathBuf {
    corpus::fixtures().join("golden/output.txt")
}

/// The current manifest of every filing in an output's store, by accession number.
fn manifests(out: &Path) -> Vec<Manifest> {
    let filings = fs::read_dir(out.join("store/manifests")).unwrap();
    let mut folders: Vec<PathBuf> = filings.map(|folder| folder.unwrap().path()).collect();
    folders.sort();
    let current = |folder: PathBuf| {
        let key = fs::read_to_string(folder.join("current")).unwrap();
        serde_json::from_slice(&fs::read(folder.join(format!("{key}.json"))).unwrap()).unwrap()
    };
    folders.into_iter().map(current).collect()
}

/// What made the output, then each table with the number of its files and a hash over them all.
fn described(out: &Path) -> String {
    let manifests = manifests(out);
    let mut tables: BTreeMap<&str, (usize, Vec<u8>)> = BTreeMap::new();
    for file in manifests.iter().flat_map(|manifest| &manifest.files) {
        let (files, hashes) = tables.entry(&file.table).or_default();
        let bytes = fs::read(out.join("store").join(&file.key)).unwrap();
        *files += 1;
        hashes.extend(sha256_hex(&bytes).into_bytes());
    }
    let mut text = format!("{}\n", manifests[0].processor_version);
    for (table, (files, hashes)) in tables {
        let _ = writeln!(text, "{table}\t{files} files\t{}", sha256_hex(&hashes));
    }
    text
}

/// What is to be done where the output is not the pinned one; `Err` is what a person has to do first.
fn renewal(pinned: &str, found: &str) -> Result<(), String> {
    if pinned.lines().next() != found.lines().next() {
        return Ok(());
    }
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (pinned, found) = (lines(pinned), lines(found));
    let tables = pinned.symmetric_difference(&found).filter_map(|line| line.split('\t').next());
    let changed: BTreeSet<&str> = tables.collect();
    Err(format!(
        "the bytes of {} are others while the version of the output is the same, so every store would keep the old \
         ones: raise OUTPUT_VERSION in worker/src/kinds/sec_xbrl/processor.rs, then renew {} with UPDATE_EXPECT=1",
        changed.into_iter().collect::<Vec<_>>().join(", "),
        pinned_file().display()
    ))
}

#[test]
fn the_bytes_of_the_samples_change_with_the_version_alone() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let found = described(out.path());
    let pinned = fs::read_to_string(pinned_file()).unwrap_or_default();
    if pinned == found {
        return;
    }
    renewal(&pinned, &found).unwrap_or_else(|reason| panic!("{reason}"));
    assert!(
        std::env::var_os("UPDATE_EXPECT").is_some(),
        "the version of the output is another one: renew {} with UPDATE_EXPECT=1",
        pinned_file().display()
    );
    fs::write(pinned_file(), found).unwrap();
}

#[test]
fn bytes_that_change_without_the_version_cannot_be_renewed() {
    let pinned = "edgraph 1, output 1\nFact\t6 files\taa\nUnit\t6 files\tbb\n";
    let other = pinned.replace("aa", "cc");
    let reason = renewal(pinned, &other).unwrap_err();
    assert!(
        reason.starts_with("the bytes of Fact are others") && reason.contains("OUTPUT_VERSION"),
        "{reason}"
    );
    assert_eq!(renewal(pinned, &other.replace("output 1", "output 2")), Ok(()));
    assert_eq!(renewal("", pinned), Ok(()));
}
