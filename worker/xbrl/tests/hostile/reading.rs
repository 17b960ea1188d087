//! Reading a document to its end, and one line about what came of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use edgraph_xbrl::taxonomy::{self, Loader};
use edgraph_xbrl::{Diagnostic, inline, instance};

/// As what a document is read.
#[derive(Clone, Copy)]
pub(crate) enum Read {
    Instance,
    Inline,
    /// A schema or linkbase, then the taxonomy that it is alone.
    Taxonomy,
}

impl Read {
    pub(crate) fn outcome(self, document: &str) -> String {
        let bytes = document.as_bytes();
        let read = match self {
            Read::Instance => instance::parse("f.xml", bytes),
            Read::Inline => inline::parse(&[("f.htm", bytes)]),
            Read::Taxonomy => return taxonomy(bytes),
        };
        match read {
            Ok((instance, diagnostics)) => format!(
                "{} facts, {} contexts, {} units{}",
                instance.facts.len(),
                instance.contexts.len(),
                instance.units.len(),
                codes(&diagnostics)
            ),
            Err(error) => error.to_string(),
        }
    }
}

fn taxonomy(bytes: &[u8]) -> String {
    let url = "http://h/f.xsd";
    let (document, diagnostics) = match taxonomy::parse(url, bytes) {
        Ok(parsed) => parsed,
        Err(error) => return error.to_string(),
    };
    let mut loader = Loader::new([url]);
    loader.feed(url, Arc::new(document));
    for next in loader.needed() {
        loader.missing(&next);
    }
    let dts = loader.finish(|_| true);
    let relationships: usize = dts.networks().map(|network| network.relationships().len()).sum();
    let roots: usize = dts.networks().map(|network| network.roots().len()).sum();
    let elements: usize =
        dts.documents().iter().filter_map(|loaded| Some(loaded.document.schema()?.elements.len())).sum();
    format!(
        "{elements} elements, {relationships} relationships, {roots} roots, {} labels, {} missing{}{}",
        dts.labels().count(),
        dts.missing().len(),
        codes(&diagnostics),
        codes(dts.diagnostics())
    )
}

/// How many diagnostics of each code there are.
fn codes(diagnostics: &[Diagnostic]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    diagnostics.iter().for_each(|diagnostic| *counts.entry(diagnostic.code).or_default() += 1);
    counts.into_iter().map(|(code, count)| format!(", {count} {code}")).collect()
}
