//! A filing read: its instance and the DTS it leads to.
//!
//! ```text
//! files + candidates ──▶ choice ──▶ Instance ──▶ Loader ⇄ the filing's own files, TaxonomyStore ──▶ Dts
//!                                   Instance + Dts ──▶ checks ──▶ diagnostics
//! ```
//!
//! What is missing is said, not judged: whether a missing schema matters is the caller's decision.

mod choice;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use edgraph_shared::blocking;
use edgraph_shared::failure::{Failure, FailureClass};
use edgraph_shared::manifest::TaxonomyFile;
use edgraph_xbrl::model::Instance;
use edgraph_xbrl::taxonomy::{self, Document, Dts, Loader, Purpose};
use edgraph_xbrl::{Diagnostic, Error, Tally, checks, enumeration, value};
use futures::{StreamExt, stream};

use crate::filing::Candidate;
use crate::taxonomy_store::{Lookup, TaxonomyStore};
use choice::Choice;

pub use choice::Source;

/// What the URLs of a filing's own files start with. Not an address on EDGAR: a filing has a folder under each of its
/// filers, and the output must not depend on which of them was asked.
const OWN_BASE: &str = "edgar://filing/";
/// Standard schemas looked for at a time: enough to hide the latency of hosts, and a bound to what a hostile filing can
/// set off, which may name thousands.
const PARALLEL_LOOKUPS: usize = 16;

/// A filing as read.
#[derive(Debug)]
pub struct Report {
    /// What it was read from.
    pub source: Source,
    /// What it says.
    pub instance: Instance,
    /// What its concepts mean.
    pub dts: Dts,
    /// The documents of the DTS that are not in its own files, and its own that are missing, sorted by URL.
    pub taxonomies: Vec<TaxonomyFile>,
    /// What could not be had, and why, in order of discovery.
    pub missing: Vec<Missing>,
    /// What is wrong in the data.
    pub diagnostics: Tally,
}

/// A document of the DTS that could not be had.
#[derive(Clone, Debug)]
pub struct Missing {
    /// Its URL, or its name when it is the filing's own.
    pub url: String,
    /// Why.
    pub reason: String,
    /// Whether, and when, its host may have it later.
    pub class: FailureClass,
}

/// Reads a filing: of the candidates among its files the report of its form. `folder` names it in URLs and messages: the
/// accession number. An unknown form is empty.
///
/// # Errors
/// Permanent when there is no candidate, when the instance is not XBRL at all, or a standard schema at hand is none; otherwise as the taxonomy
/// store failed.
pub async fn read(
    folder: &str,
    files: &[(String, Bytes)],
    candidates: &[Candidate],
    form: &str,
    taxonomies: &TaxonomyStore,
) -> Result<Report, Failure> {
    let base = format!("{OWN_BASE}{folder}/");
    let own = OwnFiles::new(&base, files);
    let Choice { mut instance, diagnostics: found, source } = choice::read(folder, &own, candidates, form)?;
    let mut diagnostics = Tally::default();
    diagnostics.extend(found);

    let entry_points = instance.schema_refs.iter().chain(&instance.linkbase_refs);
    let mut loader = Loader::new(entry_points);
    let mut standard = Vec::new();
    let mut missing = Vec::new();
    loop {
        let needed = loader.needed();
        if needed.is_empty() {
            break;
        }
        let (own_urls, other_urls): (Vec<_>, Vec<_>) =
            needed.into_iter().partition(|url| url.starts_with(&*base));
        for (url, outcome) in own.parse(own_urls)? {
            match outcome {
                Ok((document, found)) => {
                    diagnostics.extend(found);
                    loader.feed(&url, document);
                }
                Err(reason) => {
                    loader.missing(&url);
                    standard.push(TaxonomyFile { url: url.to_string(), sha256: None });
                    missing.push(Missing { url: url.to_string(), reason, class: FailureClass::Permanent });
                }
            }
        }
        let lookups: Vec<_> = other_urls.iter().map(|url| taxonomies.document(url)).collect();
        let lookups: Vec<_> = stream::iter(lookups).buffered(PARALLEL_LOOKUPS).collect().await;
        for (url, lookup) in other_urls.iter().zip(lookups) {
            let mut absent = |reason: String, class| {
                missing.push(Missing { url: url.to_string(), reason, class });
                None
            };
            let sha256 = match lookup? {
                Lookup::Found { sha256, content } => {
                    loader.feed(url, content);
                    Some(sha256.to_string())
                }
                Lookup::Malformed { cause, .. } => {
                    let advice = "give a good one with --taxonomies";
                    return Err(Failure::permanent(format!(
                        "schema {url} cannot be read: {cause}; {advice}"
                    )));
                }
                Lookup::Missing(reason) => absent(reason.to_string(), FailureClass::Permanent),
                Lookup::Unavailable(error) => absent(error.to_string(), error.failure().class),
            };
            if sha256.is_none() {
                loader.missing(url);
            }
            standard.push(TaxonomyFile { url: taxonomy::canonical_url(url), sha256 });
        }
    }
    let dts = parsing(|| {
        let dts = loader.finish(|url| url.starts_with(&base));
        value::by_type(&mut instance, &dts);
        dts
    })?;
    diagnostics.extend(dts.diagnostics().iter().cloned());
    diagnostics.extend(parsing(|| enumeration::read(&instance, &dts).1)?);
    diagnostics.merge(parsing(|| checks::check(&instance, &dts))?);
    let matters = documents_that_matter(&instance, &dts);
    standard.retain(|file| matters.contains(&taxonomy::canonical_url(&file.url)));
    standard.sort();
    missing.retain(|document| matters.contains(&taxonomy::canonical_url(&document.url)));
    for document in &mut missing {
        if let Some(name) = document.url.strip_prefix(OWN_BASE) {
            document.url = name.to_owned();
        }
    }
    Ok(Report { source, instance, dts, taxonomies: standard, missing, diagnostics })
}

/// The documents the rows of a filing can depend on, by canonical URL. Schemas that standard schemas name for nothing
/// but the declarations of roles they use themselves do not matter: a role counts where the filing names it.
fn documents_that_matter(instance: &Instance, dts: &Dts) -> HashSet<String> {
    let leads = dts.documents().iter().flat_map(|loaded| {
        let leads = loaded.document.references.iter();
        leads
            .filter(move |lead| loaded.is_own || lead.purpose != Purpose::RoleDeclarations)
            .map(|lead| &lead.url)
    });
    let entry_points = instance.schema_refs.iter().chain(&instance.linkbase_refs);
    leads.chain(entry_points).map(|url| taxonomy::canonical_url(url)).collect()
}

/// The filing's own files by URL.
struct OwnFiles {
    base: String,
    by_url: HashMap<String, Bytes>,
}

type Parsed = Result<(Arc<Document>, Vec<Diagnostic>), String>;

impl OwnFiles {
    fn new(base: &str, files: &[(String, Bytes)]) -> Self {
        let by_url = files.iter().map(|(name, bytes)| (format!("{base}{name}"), bytes.clone())).collect();
        Self { base: base.to_owned(), by_url }
    }

    /// A file by its name, with its URL.
    fn named(&self, name: &str) -> Option<(String, Bytes)> {
        let url = format!("{}{name}", self.base);
        self.by_url.get(&url).cloned().map(|bytes| (url, bytes))
    }

    /// The names of all, sorted.
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.by_url.keys().filter_map(|url| url.strip_prefix(&self.base)).collect();
        names.sort();
        names
    }

    /// Parses own schemas and linkbases, in the order given.
    fn parse(&self, urls: Vec<Arc<str>>) -> Result<Vec<(Arc<str>, Parsed)>, Failure> {
        let files: Vec<_> = urls.into_iter().map(|url| (self.by_url.get(&*url).cloned(), url)).collect();
        parsing(|| {
            let parse = |(bytes, url): (Option<Bytes>, Arc<str>)| {
                let parsed = match bytes {
                    None => Err("not among the filing's files".to_owned()),
                    Some(bytes) => taxonomy::parse(&url, &bytes)
                        .map(|(document, diagnostics)| (Arc::new(document), diagnostics))
                        .map_err(|error| readable(&error)),
                };
                (url, parsed)
            };
            files.into_iter().map(parse).collect()
        })
    }
}

/// A parser's error without the artificial scheme of own files.
fn readable(error: &Error) -> String {
    error.to_string().replace(OWN_BASE, "")
}

fn parsing<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
    blocking::in_place(work).map_err(|panic| Failure::permanent(format!("the parser panicked: {panic}")))
}
