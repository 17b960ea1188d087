//! No two files of a crate name each other's items, directly or through others, and no two rooms of a folder either.
//!
//! What stands in a circle can only be understood whole: neither part can be read, tested or moved by itself. The way
//! out is a file of its own for what both need.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use edgraph_tests::corpus::workspace;

use super::names::Names;

/// The roots of our crates.
const CRATES: [&str; 10] = [
    "proto/src/lib.rs",
    "shared/src/lib.rs",
    "shared/client/src/lib.rs",
    "coordinator/src/lib.rs",
    "coordinator/graph/src/lib.rs",
    "coordinator/edgraph/src/lib.rs",
    "worker/src/lib.rs",
    "worker/runtime/src/lib.rs",
    "worker/xbrl/src/lib.rs",
    "tests/src/lib.rs",
];

/// Who names whom: files, or rooms.
type Edges = BTreeMap<String, BTreeSet<String>>;

/// The files of a crate by their paths from its root's folder.
fn files(root: &Path) -> Edges {
    let folder = format!("{}/", root.parent().expect("a root is in a folder").display());
    let name = |file: String| file.replace('\\', "/").replace(&folder.replace('\\', "/"), "");
    let edges = Names::of_crate(root).edges().into_iter();
    edges.map(|(file, named)| (name(file), named.into_iter().map(name).collect())).collect()
}

/// The rooms of every folder: a file and the folder behind it are one room. Rooms of one folder name each other when
/// anything in one names anything in another.
fn rooms(files: &Edges) -> BTreeMap<String, Edges> {
    let mut folders: BTreeMap<String, Edges> = BTreeMap::new();
    for (file, named) in files {
        let way: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
        for other in named {
            let other: Vec<&str> = other.trim_end_matches(".rs").split('/').collect();
            let together = way.iter().zip(&other).take_while(|(own, other)| own == other).count();
            // What is inside the other is no neighbour of it.
            if let (Some(room), Some(neighbour)) = (way.get(together), other.get(together)) {
                let folder = folders.entry(way[..together].join("/")).or_default();
                folder.entry((*room).to_owned()).or_default().insert((*neighbour).to_owned());
            }
        }
    }
    folders
}

/// Everybody that can be reached from `start`.
fn reached<'a>(edges: &'a Edges, start: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut pending = vec![start];
    while let Some(next) = pending.pop() {
        let named = edges.get_key_value(next).into_iter().flat_map(|(_, named)| named);
        pending.extend(named.map(String::as_str).filter(|other| found.insert(*other)).collect::<Vec<_>>());
    }
    found
}

/// Every edge that is part of a circle, as `from → to`.
fn circles(edges: &Edges) -> Vec<String> {
    let pairs = edges.iter().flat_map(|(from, named)| named.iter().map(move |to| (from, to)));
    let back = pairs.filter(|(from, to)| reached(edges, to).contains(from.as_str()));
    back.map(|(from, to)| format!("{from} → {to}")).collect()
}

/// All circles of a crate, each edge on a line.
fn circles_of(root: &Path) -> Vec<String> {
    let files = files(root);
    let of_rooms = rooms(&files).into_iter().flat_map(|(folder, rooms)| {
        circles(&rooms).into_iter().map(move |edge| format!("rooms of `{folder}`: {edge}"))
    });
    circles(&files).into_iter().chain(of_rooms).collect()
}

#[test]
fn nobody_stands_in_a_circle() {
    for root in CRATES {
        let root = workspace().join(root);
        let found = circles_of(&root);
        assert!(found.is_empty(), "{}:\n{}", root.display(), found.join("\n"));
    }
}

/// A crate of these files.
fn write_crate(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) {
    let folder = write_crate(files);
    assert_eq!(circles_of(&folder.path().join("lib.rs")), expected);
}

#[test]
fn a_door_is_no_dependency_and_a_use_of_it_is_one() {
    let child = ("child.rs", "pub struct Own;\nfn f(_: super::Shared) {}");
    check(&[("lib.rs", "mod child;\npub use child::Own;\npub struct Shared;"), child], &[]);
    let user = "mod child;\npub use child::Own;\npub struct Shared(Own);";
    check(
        &[("lib.rs", user), child],
        &["child.rs → lib.rs", "lib.rs → child.rs", "rooms of ``: child → lib", "rooms of ``: lib → child"],
    );
}

#[test]
fn names_lead_to_the_file_that_defines_them() {
    let root = ("lib.rs", "mod a;\nmod b;");
    let a = ("a.rs", "mod inner;\npub use inner::*;\npub fn f() { println!(\"{}\", crate::b::ANSWER); }");
    let inner = ("a/inner.rs", "pub struct Inner;");
    let b = |body: &'static str| ("b.rs", body);
    check(&[root, a, inner, b("pub const ANSWER: u8 = 1;")], &[]);
    // Through a re-export, and by its file no circle: but the rooms `a` and `b` name each other.
    let through = b("use super::a as other;\npub const ANSWER: u8 = 1;\nfn f(_: other::Inner) {}");
    check(&[root, a, inner, through], &["rooms of ``: a → b", "rooms of ``: b → a"]);
    let of_tests = b("pub const ANSWER: u8 = 1;\n#[cfg(test)]\nmod tests { use crate::a::f; }");
    check(&[root, a, inner, of_tests], &[]);
}
