//! `edgraph doctor`: looks at everything that edgraph stands on, and says what is wrong and how it is mended.
//!
//! Every part is looked at, whatever is wrong with another one, and left as it was. What each part needs is in a file of
//! its own below; here is only what they say.

mod finding;
mod tracker;
mod store;
mod hosts;
mod folders;
mod graph;

use std::path::PathBuf;

use edgraph_graph::asking::Asker;
use edgraph_shared::ids::Namespace;
use edgraph_shared::secret::Secret;
use edgraph_worker::edgar::EdgarConfig;

pub use finding::{Finding, Health};

/// What is to be looked at; what is absent is not.
#[derive(Debug)]
pub struct Exam {
    /// The tracker's address, who vouches for it, and the fleet's namespace there.
    pub tracker: Option<(Secret, Option<Vec<u8>>, Option<Namespace>)>,
    /// The store's address.
    pub store: Option<String>,
    /// How EDGAR is reached.
    pub edgar: Option<EdgarConfig>,
    /// Folders and addresses of schemas.
    pub taxonomies: Vec<String>,
    /// Ask no host of schemas.
    pub offline: bool,
    /// The graph's folder, and what asks it.
    pub graph: Option<(PathBuf, Asker)>,
    /// Where temporary files go.
    pub scratch: PathBuf,
}

/// Looks at everything, one after the other.
pub async fn examine(exam: Exam) -> Vec<Finding> {
    let Exam { tracker, store, edgar, taxonomies, offline, graph, scratch } = exam;
    let mut findings = Vec::new();
    if let Some((url, authority, namespace)) = tracker {
        findings.extend(tracker::examine(&url, authority, namespace.as_ref()).await);
    }
    if let Some(address) = &store {
        findings.extend(store::examine(address).await);
    }
    let is_local = edgar.as_ref().is_some_and(hosts::is_local);
    if let Some(edgar) = edgar {
        findings.push(hosts::edgar(edgar).await);
    }
    findings.extend(hosts::taxonomies(&taxonomies, offline || is_local).await);
    if let Some((folder, asker)) = graph {
        findings.extend(graph::examine(&folder, &asker).await);
    }
    findings.extend(folders::examine("scratch", &scratch));
    findings
}
