//! The end of a round: what `publish` and `ingest` are given, and what they say of the tables and the graph afterwards.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::filing::FilingProcessed;
use crate::ids::ItemKey;

/// Payload of the items that end a round, `publish` and `ingest`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndOfRound {
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

/// Result of `publish`. A filing counts by what became of it in all tables together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Filings that no table had.
    pub added: u64,
    /// Filings of which an older version was taken out.
    pub replaced: u64,
    /// Filings that all tables had as accepted.
    pub unchanged: u64,
    /// Filings that were processed anew after they were accepted: the tables have them as they are now.
    pub outdated: u64,
    /// Filings refused for a manifest that is missing or damaged, with the reason.
    pub rejected: BTreeMap<String, String>,
    /// Files that became part of a table.
    pub files_added: u64,
    /// Files that are no part of a table any more.
    pub files_removed: u64,
    /// Tables that have a new version.
    pub tables: u64,
    /// The version of table Report, which is written after all others.
    pub version: u64,
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
