//! SEC filings: the handlers of `sec_xbrl` items, from a list of companies to the Parquet files of one filing.
//!
//! ```text
//! discover_companies ─children─▶ discover_filings ─children─▶ process_filing ─▶ manifest
//! ```
//! The last item of a pipeline, `ingest`, is done where the graph is: its handler is in `edgraph-graph`.

pub mod discover_companies;
pub mod discover_filings;
pub mod process_filing;
pub mod processor;
pub mod skip;
mod submissions;
mod damage;

use std::sync::Arc;

use edgraph_shared::storage::SharedStore;

use crate::edgar::Edgar;
use crate::handler::Handler;
use crate::taxonomy_store::TaxonomyStore;
use crate::universe::SecList;

use discover_companies::DiscoverCompaniesHandler;
use discover_filings::DiscoverFilingsHandler;
use process_filing::ProcessFilingHandler;
use processor::ProcessorVersion;

/// One handler for every kind of item but `ingest`.
pub fn handlers(
    list: SecList,
    edgar: Edgar,
    store: SharedStore,
    taxonomies: TaxonomyStore,
    version: ProcessorVersion,
) -> Vec<Arc<dyn Handler>> {
    vec![
        Arc::new(DiscoverCompaniesHandler { edgar: edgar.clone(), list }),
        Arc::new(DiscoverFilingsHandler { edgar: edgar.clone(), store: store.clone() }),
        Arc::new(ProcessFilingHandler { edgar, store, taxonomies, version }),
    ]
}
