//! Where rows come from: the filing as they name it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};
use edgraph_shared::graph_id::{self, NodeId, node_id_of};
use edgraph_shared::ids::Cik;
use edgraph_shared::manifest::FilingMetadata;
use edgraph_xbrl::model::{Fact, Instance, Period};

use super::cover::Cover;
use super::filing::Filing;
use super::fiscal::{Evidence, Findings};
use super::registrants::Registrants;

/// What every row may need to say of its filing.
pub(super) struct Source<'a> {
    pub(super) accession: Arc<str>,
    pub(super) as_of: &'a str,
    pub(super) metadata: &'a FilingMetadata,
    pub(super) cover: Cover<'a>,
    pub(super) registrants: Registrants<'a>,
    /// Where in the filer's years it stands.
    pub(super) fiscal: Findings,
    pub(super) owner: Cik,
    pub(super) report: NodeId,
    pub(super) report_uri: String,
    /// The addresses of the documents that facts are in, by their place in the instance.
    document_uris: Vec<String>,
}

impl<'a> Source<'a> {
    /// Of a filing and its filer.
    pub(super) fn of(filing: &Filing<'a>, owner: Cik) -> Self {
        let metadata = filing.metadata;
        let cover = Cover::read(filing.instance);
        let fiscal = fiscal(&metadata.form, &metadata.report_date, &cover, filing.instance);
        let folder =
            format!("https://www.sec.gov/Archives/edgar/data/{owner}/{}", metadata.accession.no_dashes());
        let name = |file: &Arc<str>| file.rsplit('/').next().unwrap_or_default().to_owned();
        let files = filing.instance.files.iter().map(|file| format!("{folder}/{}", name(file)));
        Self {
            accession: metadata.accession.to_string().into(),
            as_of: &metadata.accepted_at,
            metadata,
            cover,
            registrants: Registrants::read(filing.instance),
            fiscal,
            owner,
            report: graph_id::report(&metadata.accession),
            document_uris: files.collect(),
            report_uri: format!("{folder}/{}", metadata.primary_document),
        }
    }

    /// The address of the document that a fact is in.
    pub(super) fn document_uri(&self, fact: &Fact) -> &str {
        self.document_uris.get(fact.file).unwrap_or(&self.report_uri)
    }

    /// When EDGAR accepted the filing. EDGAR's times are of UTC also where they do not say so; `None` for what is none.
    pub(super) fn accepted_at(&self) -> Option<DateTime<Utc>> {
        let text = &self.metadata.accepted_at;
        let aware = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
        aware.or_else(|_| text.parse::<NaiveDateTime>().map(|time| time.and_utc())).ok()
    }

    /// The identifier of the filing's FactSet.
    pub(super) fn fact_set(&self) -> NodeId {
        node_id_of("factset", &[&self.accession, "#factset"])
    }
}

/// What the filing tells of the filer's fiscal calendar, beside EDGAR's form and period of report.
pub(super) fn fiscal(form: &str, report_date: &str, cover: &Cover<'_>, instance: &Instance) -> Findings {
    // Counted by context first: hundreds of contexts share a dozen periods, and thousands of facts the contexts.
    let mut facts = vec![0; instance.contexts.len()];
    instance.facts.iter().filter_map(|fact| fact.context).for_each(|context| facts[context] += 1);
    let mut facts_of: BTreeMap<&Period, usize> = BTreeMap::new();
    for (context, facts) in instance.contexts.iter().zip(facts).filter(|(_, facts)| *facts > 0) {
        *facts_of.entry(&context.period).or_default() += facts;
    }
    let evidence = Evidence {
        form,
        report_date: report_date.parse().ok(),
        period_end: cover.period_end_date.and_then(|text| text.parse().ok()),
        year_focus: cover.fiscal_year_focus,
        period_focus: cover.fiscal_period_focus,
        year_end: cover.fiscal_year_end,
        periods: facts_of.into_iter().collect(),
    };
    evidence.weigh()
}
