//! Payloads and results of the work items of a `sec_xbrl` pipeline: the JSON that core and engine never read.
//!
//! `parameters` is what a client asks for, `request` how strictly it is read. `damage` is what several results
//! say of EDGAR's lists. The rest follows the items: `discovery` of companies and filings, one
//! `filing` processed, and the `ingestion` of a round.

mod parameters;
mod request;
mod damage;
mod discovery;
mod filing;
mod ingestion;

pub use damage::{Damage, MAX_NAMED_ROWS};
pub use discovery::{CompaniesFound, DiscoverFilings, FilingsFound};
pub use filing::{FileLocation, FilingProcessed, ProcessFiling, TableFile};
pub use ingestion::{Accepted, EndOfRound, GraphCopy, Ingested, Published};
pub use parameters::{
    DiscoverCompanies, FilingFilter, Graph, Processing, Refresh, TaxonomyMode, Universe, are_same_parameters,
};
pub use request::parameters_from;

/// The kind's name, as clients give it.
pub const NAME: &str = "sec_xbrl";

/// Kinds of work items, also the first segment of their keys.
pub mod kind {
    /// The root: which companies.
    pub const DISCOVER_COMPANIES: &str = "discover_companies";
    /// One company: which filings.
    pub const DISCOVER_FILINGS: &str = "discover_filings";
    /// One filing: download, parse, write.
    pub const PROCESS_FILING: &str = "process_filing";
    /// One round: put what was accepted into the tables.
    pub const PUBLISH: &str = "publish";
    /// One round: load what was accepted.
    pub const INGEST: &str = "ingest";
}
