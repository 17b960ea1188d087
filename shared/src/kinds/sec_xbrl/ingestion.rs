//! The end of a round: what `ingest` is given to load, and what it says of the graph afterwards.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::filing::FilingProcessed;
use crate::ids::ItemKey;

/// Payload of `ingest`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingest {
    /// The round.
    pub round: u32,
    /// The key of the accepted list.
    pub accepted: String,
}

/// One line of the accepted list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The item, `process_filing/{accession}`.
    pub key: ItemKey,
    /// The items that named it, `discover_filings/{cik10}`: every company the filing is listed under.
    pub parents: Vec<ItemKey>,
    /// Its [`FilingProcessed`].
    pub result: FilingProcessed,
}

/// Result of `ingest`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingested {
    /// Filings that were not in the graph.
    pub added: u64,
    /// Filings whose rows were replaced.
    pub replaced: u64,
    /// Filings that were current in the graph.
    pub unchanged: u64,
    /// Filings refused for an error in their data, with the reason.
    pub rejected: BTreeMap<String, String>,
    /// Node rows written.
    pub nodes: u64,
    /// Relationship rows written.
    pub relationships: u64,
    /// What copying the graph in use has cost; nothing where it was built anew or left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied: Option<GraphCopy>,
}

/// A graph in use is never written: a copy of it is. What that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphCopy {
    /// The graph's size.
    pub bytes: u64,
    /// The time it took.
    pub milliseconds: u64,
    /// Whether the file system has let both files share their blocks, so that nothing was written.
    pub shares_blocks: bool,
}

impl fmt::Display for GraphCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = self.bytes as f64 / 1e6;
        let seconds = self.milliseconds as f64 / 1e3;
        let blocks = if self.shares_blocks { "with shared blocks" } else { "block by block" };
        write!(f, "{megabytes:.1} MB in {seconds:.1} s, {blocks}")
    }
}
