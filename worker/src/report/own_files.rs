//! A filing's own files by URL, parsed so that a panic of the parser is an error of that filing.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use edgraph_shared::blocking;
use edgraph_shared::failure::Failure;
use edgraph_xbrl::taxonomy::{self, Document};
use edgraph_xbrl::{Diagnostic, Error};

/// What the URLs of a filing's own files start with. Not an address on EDGAR: a filing has a folder under each of its
/// filers, and the output must not depend on which of them was asked.
pub(super) const OWN_BASE: &str = "edgar://filing/";

/// The filing's own files by URL.
pub(super) struct OwnFiles {
    base: String,
    by_url: HashMap<String, Bytes>,
}

pub(super) type Parsed = Result<(Arc<Document>, Vec<Diagnostic>), String>;

impl OwnFiles {
    pub(super) fn new(base: &str, files: &[(String, Bytes)]) -> Self {
        let by_url = files.iter().map(|(name, bytes)| (format!("{base}{name}"), bytes.clone())).collect();
        Self { base: base.to_owned(), by_url }
    }

    /// The URL of a file by its name.
    pub(super) fn url(&self, name: &str) -> String {
        format!("{}{name}", self.base)
    }

    /// A file by its name, with its URL.
    pub(super) fn named(&self, name: &str) -> Option<(String, Bytes)> {
        let url = self.url(name);
        self.by_url.get(&url).cloned().map(|bytes| (url, bytes))
    }

    /// The names of all, sorted.
    pub(super) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.by_url.keys().filter_map(|url| url.strip_prefix(&self.base)).collect();
        names.sort();
        names
    }

    /// Parses own schemas and linkbases, in the order given.
    pub(super) fn parse(&self, urls: Vec<Arc<str>>) -> Result<Vec<(Arc<str>, Parsed)>, Failure> {
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
pub(super) fn readable(error: &Error) -> String {
    error.to_string().replace(OWN_BASE, "")
}

pub(super) fn parsing<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
    blocking::in_place(work).map_err(|panic| Failure::permanent(format!("the parser panicked: {panic}")))
}
