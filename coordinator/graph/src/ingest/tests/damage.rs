//! Output that is damaged in the store costs its own filing, names the object, and is made again by the next run.

use std::fs;
use std::path::Path;

use edgraph_shared::kinds::sec_xbrl::Accepted;
use edgraph_shared::manifest::Manifest;
use edgraph_shared::storage::layout;

use super::*;

/// A name, what is done to a file, and what is said of it.
type Damage = (&'static str, fn(&Path), &'static str);

/// What can happen to a file.
const DAMAGES: [Damage; 4] = [
    ("removed", |path| fs::remove_file(path).unwrap(), "it is missing"),
    ("emptied", |path| fs::write(path, "").unwrap(), "it has 0 bytes instead of"),
    ("truncated", truncate, "bytes instead of"),
    ("altered", alter, "its sha256 is"),
];

fn truncate(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

fn alter(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[10] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// The keys of everything that a filing wrote for the graph, its manifest first.
fn objects(kit: &Kit, accepted: &Accepted) -> Vec<String> {
    let accession = accession(accepted).parse().unwrap();
    let manifest = layout::manifest(&accession, &accepted.result.input_key).to_string();
    let read: Manifest = serde_json::from_slice(&fs::read(kit.file(&manifest)).unwrap()).unwrap();
    std::iter::once(manifest).chain(read.files.into_iter().map(|file| file.key)).collect()
}

fn accession(accepted: &Accepted) -> String {
    accepted.key.as_str().rsplit('/').next().unwrap().to_owned()
}

#[test]
fn each_damage_of_each_object_costs_its_filing_and_is_named() {
    let kit = Kit::new();
    let (good, bad) = (Filing::new(1, &["Assets"]), Filing::new(2, &["Assets", "Cash"]));
    let list = [kit.accept(&good), kit.accept(&bad)];
    let expected = kit.fresh(std::slice::from_ref(&good));
    let objects = objects(&kit, &list[1]);
    assert!(objects.len() > 10, "{objects:?}");
    for (number, key) in objects.iter().enumerate() {
        // Each damage of the manifest and of one file, one of each other file.
        let damages = if number < 2 { &DAMAGES[..] } else { &DAMAGES[number % 4..=number % 4] };
        for (name, damage, problem) in damages {
            kit.point(&list[1]);
            let whole = fs::read(kit.file(key)).unwrap();
            damage(&kit.file(key));
            let graph = format!("{number} {name}");
            let done = kit.ingest(&graph, &list).unwrap();
            let reason = &done.rejected[&bad.accession()];
            assert_eq!((done.added, done.rejected.len()), (1, 1), "{name} {key}");
            // Of a manifest only the hash is known.
            let problem = if number == 0 && *name != "removed" { "its sha256 is" } else { problem };
            assert!(reason.contains(key) && reason.contains(problem), "{name} {key}: {reason}");
            assert_eq!(kit.sum(&graph), expected, "{name} {key}");
            assert_eq!(kit.pointer(&list[1]), "", "{name} {key}: the next run makes it again");
            fs::write(kit.file(key), whole).unwrap();
        }
    }
    kit.point(&list[1]);
    assert_eq!(kit.ingest("0 removed", &list).unwrap().added, 1, "made again, it is loaded");
    assert_eq!(kit.pointer(&list[1]), list[1].result.input_key);
}

#[test]
fn a_manifest_of_another_filing_or_with_two_files_of_a_table_is_refused() {
    let kit = Kit::new();
    let bad = Filing::new(1, &["Assets"]);
    let change = |of: &str, manifest: &mut Manifest| match of {
        "it is of" => manifest.accession = "0000000009-24-000009".parse().unwrap(),
        _ => manifest.files.push(manifest.files[0].clone()),
    };
    for problem in ["it is of", "two files of table Entity"] {
        let accepted = kit.accept_with(&bad, |manifest| change(problem, manifest));
        let done = kit.ingest("graph", std::slice::from_ref(&accepted)).unwrap();
        let reason = &done.rejected[&bad.accession()];
        assert!(reason.starts_with("manifests/") && reason.contains(problem), "{reason}");
        assert_eq!(kit.listing("graph"), ["graph.id", "lock"]);
    }
}

#[test]
fn a_replacement_that_is_damaged_leaves_the_old_rows() {
    let kit = Kit::new();
    let (kept, old) = (Filing::new(1, &["Assets"]), Filing::new(2, &["Assets", "Cash"]));
    kit.load("graph", &[kept.clone(), old.clone()]);
    let before = kit.sum("graph");
    let new = kit.accept(&old.again(&["Debt"]));
    fs::remove_file(kit.file(&objects(&kit, &new)[3])).unwrap();
    let done = kit.ingest("graph", &[kit.accept(&kept), new]).unwrap();
    assert_eq!((done.replaced, done.rejected.len()), (0, 1));
    assert_eq!(kit.sum("graph"), before);
}

#[test]
fn a_damaged_filing_that_stays_postpones_the_replacement_it_is_needed_for() {
    let kit = Kit::new();
    let (stays, goes) = (Filing::new(1, &["Assets"]), Filing::new(3, &["Assets"]));
    let held = kit.accept(&stays);
    kit.ingest("graph", &[held.clone(), kit.accept(&goes)]).unwrap();
    kit.point(&held);
    let before = kit.sum("graph");
    // Its row of the concept wins once the newer filing's is gone.
    let key = objects(&kit, &held).into_iter().find(|key| key.contains("nodes/Element")).unwrap();
    let whole = fs::read(kit.file(&key)).unwrap();
    alter(&kit.file(&key));
    let new = goes.again(&["Debt"]);
    let list = [held.clone(), kit.accept(&new), kit.accept(&Filing::new(4, &["Cash"]))];
    let done = kit.ingest("graph", &list).unwrap();
    assert_eq!((done.added, done.replaced), (1, 0));
    let reason = &done.rejected[&goes.accession()];
    assert!(reason.contains("not replaced") && reason.contains(&key), "{reason}");
    assert_eq!(kit.pointer(&held), "");
    assert_eq!(kit.sum("graph")["Fact"].rows, before["Fact"].rows + 1);
    fs::write(kit.file(&key), whole).unwrap();
    assert_eq!(kit.ingest("graph", &list).unwrap().replaced, 1);
    assert_eq!(kit.sum("graph"), kit.fresh(&[stays, new, Filing::new(4, &["Cash"])]));
}

#[test]
fn a_pointer_that_names_other_output_stays() {
    let kit = Kit::new();
    let filing = Filing::new(1, &["Assets"]);
    let (old, new) = (kit.accept(&filing), kit.accept(&filing.again(&["Cash"])));
    kit.point(&new);
    fs::remove_file(kit.file(&objects(&kit, &old)[0])).unwrap();
    assert_eq!(kit.ingest("graph", &[old]).unwrap().rejected.len(), 1);
    assert_eq!(kit.pointer(&new), new.result.input_key);
}
