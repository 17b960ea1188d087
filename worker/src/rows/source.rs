//! Where rows come from: the filing as they name it.

use std::sync::Arc;

use edgraph_shared::graph_id::{self, NodeId, node_id_of};
use edgraph_shared::ids::Cik;
use edgraph_shared::manifest::FilingMetadata;

use super::cover::Cover;
use super::filing::Filing;

/// What every row may need to say of its filing.
pub(super) struct Source<'a> {
    pub(super) accession: Arc<str>,
    pub(super) as_of: &'a str,
    pub(super) metadata: &'a FilingMetadata,
    pub(super) cover: Cover<'a>,
    pub(super) owner: Cik,
    pub(super) report: NodeId,
    pub(super) report_uri: String,
}

impl<'a> Source<'a> {
    /// Of a filing and its filer.
    pub(super) fn of(filing: &Filing<'a>, owner: Cik) -> Self {
        let metadata = filing.metadata;
        Self {
            accession: metadata.accession.to_string().into(),
            as_of: &metadata.accepted_at,
            metadata,
            cover: Cover::read(filing.instance),
            owner,
            report: graph_id::report(&metadata.accession),
            report_uri: format!(
                "https://www.sec.gov/Archives/edgar/data/{owner}/{}/{}",
                metadata.accession.no_dashes(),
                metadata.primary_document
            ),
        }
    }

    /// The identifier of the filing's FactSet.
    pub(super) fn fact_set(&self) -> NodeId {
        node_id_of("factset", &[&self.accession, "#factset"])
    }
}
