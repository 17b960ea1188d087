//! What the rows of a filing are made of.

use edgraph_shared::manifest::FilingMetadata;
use edgraph_xbrl::enumeration::NamedElements;
use edgraph_xbrl::model::Instance;
use edgraph_xbrl::taxonomy::Dts;

/// Everything the rows of a filing are made of.
#[derive(Clone, Copy, Debug)]
pub struct Filing<'a> {
    /// The filing's record, as it was at first download.
    pub metadata: &'a FilingMetadata,
    /// What the filing says.
    pub instance: &'a Instance,
    /// What its concepts mean.
    pub dts: &'a Dts,
    /// The elements that its values name.
    pub named_elements: &'a [NamedElements],
    /// The file name the facts were read from.
    pub source_document: &'a str,
    /// The tickers that the SEC has of the filer, its first one first; none where it was not asked.
    pub sec_tickers: &'a [String],
    /// The version of the processor.
    pub processor_version: &'a str,
    /// Whether a document of the DTS could not be had.
    pub is_degraded: bool,
}
