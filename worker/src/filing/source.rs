//! Which of a filing's documents hold reports: the candidates among which the filing's own is chosen. Pure.
//!
//! An inline document is what was filed and what people read; EDGAR's extraction of it (`*_htm.xml`) is a derivative and
//! stands in only where nothing else is there. Inline documents that name one schema are one report; a document without
//! a header leaves that to the others of its set.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use edgraph_xbrl::inline;
use edgraph_xbrl::sniff::{Kind, sniff};

/// How EDGAR names its extraction of an inline document.
const EXTRACTION_SUFFIX: &str = "_htm.xml";

/// What kind of documents facts are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// An inline document, or several that form one set.
    Inline,
    /// An instance in XML, EDGAR's extraction included.
    Instance,
}

impl SourceKind {
    /// `inline` or `instance`, as manifests say it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Instance => "instance",
        }
    }
}

/// Documents that are read together as one report, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What they are.
    pub kind: SourceKind,
    /// At least one; the primary document first, the others by name.
    pub documents: Vec<String>,
}

impl Candidate {
    /// A single document.
    pub fn single(kind: SourceKind, document: String) -> Self {
        Self { kind, documents: vec![document] }
    }
}

/// The candidates among a filing's files, the likeliest first. Empty when no file has facts.
pub fn candidates(files: &[(String, Bytes)], primary_document: &str) -> Vec<Candidate> {
    let mut candidates = inline_sets(files, primary_document);
    let mut instances: Vec<_> =
        files.iter().filter(|(name, bytes)| !is_page(name) && sniff(bytes) == Kind::Instance).collect();
    // Filed before extracted; then the one that has the schema's name; then the largest.
    instances.sort_by_key(|(name, bytes)| {
        (is_extraction(name), !has_schema(name, files), std::cmp::Reverse(bytes.len()), name)
    });
    let instances = instances.into_iter().map(|(name, _)| name);
    let (extracted, filed): (Vec<_>, Vec<_>) = instances.partition(|name| is_extraction(name));
    let of_instance = |name: &String| Candidate::single(SourceKind::Instance, name.clone());
    candidates.extend(filed.into_iter().map(of_instance));
    if candidates.is_empty() {
        candidates.extend(extracted.into_iter().map(of_instance));
    }
    candidates
}

/// The sets that the inline documents form.
fn inline_sets(files: &[(String, Bytes)], primary_document: &str) -> Vec<Candidate> {
    let mut documents: Vec<&(String, Bytes)> =
        files.iter().filter(|(name, bytes)| is_page(name) && sniff(bytes) == Kind::Inline).collect();
    documents.sort_by_key(|(name, _)| (name != primary_document, name));
    let inline = |documents| Candidate { kind: SourceKind::Inline, documents };
    // What a single document is shows when it is read; nothing is read twice for that.
    if let [(only, _)] = documents.as_slice() {
        return vec![inline(vec![only.clone()])];
    }
    let mut sets: BTreeMap<Vec<Arc<str>>, Vec<&String>> = BTreeMap::new();
    let mut headless = Vec::new();
    for (name, bytes) in documents {
        match inline::outline(name, bytes) {
            Ok(None) => {}
            Ok(Some(outline)) if !outline.schema_refs.is_empty() => {
                sets.entry(outline.schema_refs).or_default().push(name);
            }
            // What cannot be read is said when the set is.
            _ => headless.push(name),
        }
    }
    let mut sets: Vec<Vec<&String>> = sets.into_values().collect();
    let first = |set: &Vec<&String>| (set[0] != primary_document, set[0].clone());
    sets.sort_by_key(first);
    match sets.first_mut() {
        Some(likeliest) => {
            likeliest.append(&mut headless);
            likeliest.sort_by_key(|name| (*name != primary_document, *name));
        }
        None if headless.is_empty() => {}
        None => sets.push(headless),
    }
    sets.into_iter().map(|set| inline(set.into_iter().cloned().collect())).collect()
}

fn is_page(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [".htm", ".html", ".xhtml"].iter().any(|extension| lower.ends_with(extension))
}

fn is_extraction(name: &str) -> bool {
    name.ends_with(EXTRACTION_SUFFIX)
}

fn has_schema(instance: &str, files: &[(String, Bytes)]) -> bool {
    let stem = instance.strip_suffix(EXTRACTION_SUFFIX).or_else(|| instance.strip_suffix(".xml"));
    stem.is_some_and(|stem| files.iter().any(|(name, _)| name.strip_suffix(".xsd") == Some(stem)))
}
