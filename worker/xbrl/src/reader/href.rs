//! References made absolute.

use std::sync::Arc;

use url::Url;

/// Stands for "the folder of a document that has no URL"; never leaves this module.
const NOWHERE: &str = "edgraph-nowhere:///";

/// `reference` as seen from `base`, which is a URL or a plain file name; with a plain name the result is relative to
/// the same folder as that name. What cannot be parsed is returned as it stands.
pub(crate) fn absolute(base: &str, reference: &str) -> Arc<str> {
    let reference = reference.trim();
    let joined = match Url::parse(base) {
        Ok(base) => base.join(reference),
        Err(_) => {
            Url::parse(NOWHERE).and_then(|nowhere| nowhere.join(base)).and_then(|base| base.join(reference))
        }
    };
    match joined {
        Ok(url) => Arc::from(url.as_str().strip_prefix(NOWHERE).unwrap_or(url.as_str())),
        Err(_) => Arc::from(reference),
    }
}
