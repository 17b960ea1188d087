//! What the fuzz targets ask of their inputs (`tests/fuzz`), asked of their seeds and of everything they ever found, so
//! that no fuzzer is needed to know that what was mended stays mended.

#[path = "../../../tests/fuzz/src/kept.rs"]
#[expect(unreachable_pub, reason = "a library has the same file")]
mod kept;
#[path = "../../../tests/fuzz/src/documents.rs"]
#[expect(unreachable_pub, reason = "a library has the same file")]
mod documents;

use std::fs;
use std::path::Path;

/// The properties themselves try each input with every line end.
#[track_caller]
fn replay(target: &str, check: fn(&[u8])) {
    kept::replay(Path::new("../../tests/fuzz"), target, check);
}

#[test]
fn instances() {
    replay("instance", documents::instance);
}

#[test]
fn inline_documents() {
    replay("inline", documents::inline);
}

#[test]
fn schemas() {
    replay("schema", documents::schema);
}

#[test]
fn linkbases() {
    replay("linkbase", documents::linkbase);
}

#[test]
fn every_seed_is_read_and_none_is_trivial() {
    let read = |target: &str, name: &str| {
        fs::read(Path::new("../../tests/fuzz/seeds").join(target).join(name)).expect("a seed")
    };
    let (instance, _) = edgraph_xbrl::instance::parse("f.xml", &read("instance", "all.xml")).unwrap();
    assert_eq!((instance.facts.len(), instance.contexts.len(), instance.units.len()), (10, 3, 2));
    let (inline, _) = edgraph_xbrl::inline::parse(&[("f.htm", &read("inline", "all.htm"))]).unwrap();
    assert_eq!((inline.facts.len(), inline.contexts.len()), (12, 1));
    let (schema, _) = edgraph_xbrl::taxonomy::parse("f.xsd", &read("schema", "all.xsd")).unwrap();
    let elements = schema.schema().map(|schema| schema.elements.len());
    assert_eq!((elements, schema.linkbases().len()), (Some(4), 1));
    let (linkbase, _) = edgraph_xbrl::taxonomy::parse("f.xml", &read("linkbase", "all.xml")).unwrap();
    assert_eq!(linkbase.linkbases()[0].links.len(), 5);
}
