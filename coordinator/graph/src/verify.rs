//! Verification: whether files, tables and graph of a store are whole, and agree.
//!
//! ```text
//! filings  every pointer leads to a manifest that reads; where hashes are asked for, its files have the right ones,
//!          and rows that name each other are there
//! tables   each file that a manifest names is there in its size, unless a part has its rows; each table has of every
//!          filing those rows, once, and nothing else
//! graph    every filing is there as its manifest has it, with as many rows in each table as its marker says
//! orphans  files that nothing reads ([`gc`])
//! ```
//! Nothing is changed, and nothing is taken on trust: what one of them says is held against the others. What is found is
//! listed with what mends it. It sees one moment of a store: what a pipeline is about to publish is found as lacking.

mod finding;
mod content;
mod filings;
mod tables;
mod graph;

pub use filings::Depth;
pub use finding::{Finding, Verified};

use std::path::PathBuf;

use edgraph_shared::storage::SharedStore;

use crate::error::Error;
use crate::gc::{self, Grace};

/// What is looked at.
#[derive(Clone, Debug)]
pub struct Scope {
    /// How closely files are looked at.
    pub depth: Depth,
    /// The graph's folder, if a graph is looked at.
    pub graph: Option<PathBuf>,
    /// How old files must be that nothing reads, to be a finding.
    pub grace: Grace,
}

/// Looks at all of a store, and at a graph.
///
/// # Errors
/// When something cannot be looked at: the store does not answer, or there is no graph.
pub async fn verify(store: &SharedStore, scope: &Scope) -> Result<Verified, Error> {
    let mut verified = Verified::default();
    let current = filings::verify(store, scope.depth, &mut verified).await?;
    tables::verify(store, scope.depth, &current, &mut verified).await?;
    if let Some(folder) = &scope.graph {
        graph::verify(folder, &current, &mut verified)?;
    }
    match gc::find(store, scope.grace).await {
        Ok(garbage) => {
            for file in garbage.files {
                verified.found(file.key, "nothing reads it", "`edgraph gc` removes it");
            }
        }
        // A table whose log does not read is a finding already.
        Err(Error::Invalid { .. }) => {}
        Err(error) => return Err(error),
    }
    Ok(verified)
}
