//! A look at a graph in use: which filings it holds, and where it does not hold what their markers say.
//!
//! What a load proves of the filings that it touches is asked here of all of them.

use std::collections::BTreeMap;
use std::path::Path;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::schema;

use super::merge;
use super::plan::Marker;
use super::reconcile::{count_by_filing, rows};
use super::state;
use crate::database::Mode;
use crate::database::folder;
use crate::database::kuzu::Database;
use crate::error::Error;

/// What a graph holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InGraph {
    /// Its filings.
    pub filings: BTreeMap<AccessionNumber, Loaded>,
    /// Where rows are missing, or too many.
    pub differing: Vec<Differing>,
}

/// A filing, as its marker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// What it was made from.
    pub input_key: String,
    /// Its rows by table.
    pub rows: BTreeMap<String, u64>,
}

/// A filing that has other rows in a table than its marker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// The table.
    pub table: &'static str,
    /// The filing, as the rows name it; it may have no marker.
    pub filing: String,
    /// Rows as the marker says.
    pub expected: u64,
    /// Rows there are.
    pub found: u64,
}

/// Looks at the graph in a folder. Rows that filings share are not counted: whose they are, no marker says.
///
/// # Errors
/// If there is no graph, or it is of another schema version.
pub fn look(graph: &Path) -> Result<InGraph, Error> {
    let database = Database::open(&folder::database_in(graph)?, Mode::Read)?;
    let session = database.session()?;
    state::identity(&session, graph)?;
    let markers = state::markers(&session)?;
    let mut differing = Vec::new();
    for table in schema::graph_tables().filter(|table| merge::rule(table).is_none()) {
        let mut counts = count_by_filing(&session, table)?;
        let mut compare = |filing: String, expected: u64, found: u64| {
            if expected != found {
                differing.push(Differing { table: table.name, filing, expected, found });
            }
        };
        for (accession, marker) in &markers {
            let found = counts.remove(accession.as_str()).unwrap_or_default();
            compare(accession.to_string(), rows(marker, table), found);
        }
        counts.into_iter().for_each(|(filing, found)| compare(filing, 0, found));
    }
    let loaded = |(accession, marker): (AccessionNumber, Marker)| {
        (accession, Loaded { input_key: marker.input_key, rows: marker.rows })
    };
    Ok(InGraph { filings: markers.into_iter().map(loaded).collect(), differing })
}
