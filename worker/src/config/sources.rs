//! Where filings and schemas come from, as flags: workers, `edgraph run` and `edgraph dev` share them.

use clap::Args;

use crate::download::Rate;
use crate::edgar::EdgarConfig;
use crate::kinds::sec_xbrl::processor::{ProcessorTag, ProcessorVersion};
use crate::taxonomy_store::TaxonomyConfig;

/// Where filings and schemas come from, and who reads them.
#[derive(Debug, Clone, Args)]
pub struct SourceArgs {
    /// Where EDGAR is, both its bases: an http(s) mirror or a file:// directory in EDGAR's layout.
    #[arg(long, env = "EDGRAPH_EDGAR", value_name = "URL")]
    edgar: Option<String>,
    /// Where EDGAR's data base is (submissions/, api/), if elsewhere.
    #[arg(long, env = "EDGRAPH_EDGAR_DATA", value_name = "URL")]
    edgar_data: Option<String>,
    /// Who asks, as the SEC requires: "Name mail@example.com"; of a worker, where the coordinator was not told.
    #[arg(long, env = "EDGRAPH_USER_AGENT", value_name = "TEXT")]
    user_agent: Option<String>,
    /// Where standard schemas lie, as {host}/{path}: a folder or an address; may be given more than once.
    #[arg(long, env = "EDGRAPH_TAXONOMIES", value_delimiter = ',', value_name = "DIR|URL")]
    taxonomies: Vec<String>,
    /// Download no standard schemas; implied by a file:// EDGAR.
    #[arg(long, env = "EDGRAPH_OFFLINE")]
    offline: bool,
    /// A suffix of the processor's version, for a build of your own: filings processed without it are processed again.
    #[arg(long, env = "EDGRAPH_PROCESSOR_TAG", value_name = "TEXT")]
    processor_tag: Option<ProcessorTag>,
}

impl SourceArgs {
    /// Who asks, as given.
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// How EDGAR is reached, at its ordinary rate.
    pub fn edgar(&self) -> EdgarConfig {
        self.edgar_at(EdgarConfig::default().rate)
    }

    /// How EDGAR is reached, at a rate.
    pub fn edgar_at(&self, rate: Rate) -> EdgarConfig {
        let defaults = EdgarConfig::default();
        EdgarConfig {
            archives: self.edgar.clone().unwrap_or(defaults.archives),
            data: self.edgar_data.clone().or_else(|| self.edgar.clone()).unwrap_or(defaults.data),
            user_agent: self.user_agent.clone(),
            rate,
            timeouts: defaults.timeouts,
        }
    }

    /// Where taxonomies come from.
    pub fn taxonomies(&self) -> TaxonomyConfig {
        TaxonomyConfig {
            sources: self.taxonomies.clone(),
            offline: self.offline,
            ..TaxonomyConfig::default()
        }
    }

    /// Whose output is current.
    pub fn processor(&self) -> ProcessorVersion {
        ProcessorVersion::tagged(self.processor_tag.as_ref())
    }
}
