//! The graph, held against the manifests, and its rows against its markers.

use std::path::Path;

use edgraph_shared::schema;

use super::filings::Current;
use super::finding::{MAKE_AGAIN, Verified};
use crate::error::Error;
use crate::ingest::{self, InGraph, Loaded};

/// What brings a graph to what is current.
const INGEST: &str = "run the same pipeline again: it loads what is current";
/// What mends a graph that is not what it says.
const ANEW: &str =
    "move the graph's folder away and run all pipelines again: they load a new one from the store";

/// Findings about the graph in a folder.
///
/// # Errors
/// Where there is no graph, or it cannot be looked at.
pub(super) fn verify(folder: &Path, current: &Current, verified: &mut Verified) -> Result<(), Error> {
    let InGraph { filings, differing } = match ingest::look(folder) {
        Ok(looked) => looked,
        Err(error @ (Error::SchemaVersion { .. } | Error::Database { .. } | Error::Invalid { .. })) => {
            verified.found(folder.display(), error, ANEW);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    verified.in_graph = Some(filings.len() as u64);
    for different in differing {
        let place = format!("graph, {}, {}", different.table, different.filing);
        let problem = format!("it has {} rows, and its marker says {}", different.found, different.expected);
        verified.found(place, problem, ANEW);
    }
    for (accession, Loaded { input_key, rows }) in filings {
        let place = format!("graph, {accession}");
        let filing = match current.get(&accession) {
            None => {
                verified.found(place, "the graph has it, and it has no current manifest", MAKE_AGAIN);
                continue;
            }
            Some(Some(filing)) => filing,
            // A filing whose manifest does not read is a finding already.
            Some(None) => continue,
        };
        if filing.input_key() != input_key {
            let problem =
                format!("the graph has it as made from {input_key}, current is {}", filing.input_key());
            verified.found(place, problem, INGEST);
            continue;
        }
        for table in schema::graph_tables() {
            let expected = filing.file(table).map_or(0, |(_, file)| file.rows);
            let loaded = rows.get(table.name).copied().unwrap_or_default();
            // Companies that a filing is listed under are found by discovery, and come on top of what its manifest has.
            if loaded < expected {
                let place = format!("graph, {}, {accession}", table.name);
                let problem = format!("its marker says {loaded} rows, and its manifest {expected}");
                verified.found(place, problem, ANEW);
            }
        }
    }
    Ok(())
}
