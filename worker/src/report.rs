//! A filing read: its instance and the DTS it leads to.
//!
//! ```text
//! files + candidates ──▶ choice ──▶ Instance ──▶ Loader ⇄ the filing's own files, TaxonomyStore ──▶ Dts
//!                                   Instance + Dts ──▶ checks ──▶ diagnostics
//! ```
//!
//! What is missing is said, not judged: whether a missing schema matters is the caller's decision.

mod own_files;
mod choice;

use std::collections::HashSet;

use bytes::Bytes;
use edgraph_shared::failure::{Failure, FailureClass};
use edgraph_shared::manifest::TaxonomyFile;
use edgraph_xbrl::enumeration::{self, NamedElements};
use edgraph_xbrl::model::Instance;
use edgraph_xbrl::taxonomy::{self, Dts, Loader, Purpose};
use edgraph_xbrl::{Tally, checks, value};
use futures::{StreamExt, stream};

use crate::filing::Candidate;
use crate::taxonomy_store::{Lookup, TaxonomyStore};
use choice::Choice;
use own_files::{OWN_BASE, OwnFiles, parsing};

pub use choice::Source;

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
    /// The elements that its values name.
    pub named_elements: Vec<NamedElements>,
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
    let (named_elements, found) = parsing(|| enumeration::read(&instance, &dts))?;
    diagnostics.extend(found);
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
    Ok(Report { source, instance, dts, named_elements, taxonomies: standard, missing, diagnostics })
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
