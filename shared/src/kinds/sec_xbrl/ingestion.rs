//! The end of a round: what `ingest` is given to load, and what it says of the graph afterwards.

use std::collections::BTreeMap;

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
}
