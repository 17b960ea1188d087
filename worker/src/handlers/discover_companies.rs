//! The root item of a pipeline: which companies, each handed on as `discover_filings/{cik10}`.

use async_trait::async_trait;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::Cik;
use edgraph_shared::model::WorkItem;
use edgraph_shared::work::{CompaniesFound, DiscoverCompanies, DiscoverFilings, kind};

use super::{Handler, Job};
use crate::edgar::Edgar;
use crate::universe::{self, Unknown};

/// Bytes of unknown names in a result, which may have 4 KiB in all; the rest is counted.
const MAX_UNKNOWN_BYTES: usize = 2 * 1024;

/// The handler of `discover_companies`.
pub struct DiscoverCompaniesHandler {
    /// Where the list of companies is.
    pub edgar: Edgar,
}

#[async_trait]
impl Handler for DiscoverCompaniesHandler {
    fn kind(&self) -> &'static str {
        kind::DISCOVER_COMPANIES
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        let wanted: DiscoverCompanies = serde_json::from_str(&job.payload)
            .map_err(|error| Failure::permanent(format!("payload of {}: {error}", job.key)))?;
        let resolved = universe::resolve(&self.edgar, &wanted).await?;
        let children: Vec<WorkItem> =
            resolved.companies.iter().map(|company| child(company.cik, &wanted)).collect();
        let found =
            CompaniesFound { entities: children.len() as u64, unknown: within_limit(&resolved.unknown) };
        job.children.add(children).await?;
        Ok(serde_json::to_string(&found).expect("strings and numbers always serialise"))
    }
}

fn child(cik: Cik, wanted: &DiscoverCompanies) -> WorkItem {
    let key =
        format!("{}/{}", kind::DISCOVER_FILINGS, cik.cik10()).parse().expect("a kind and digits are a key");
    let payload = DiscoverFilings { cik, filings: wanted.filings.clone(), processing: wanted.processing };
    let payload = serde_json::to_string(&payload).expect("strings and numbers always serialise");
    WorkItem::new(kind::DISCOVER_FILINGS, key, payload)
}

fn within_limit(unknown: &[Unknown]) -> Vec<String> {
    let mut names = Vec::new();
    let mut bytes = 0;
    for Unknown { name, .. } in unknown {
        // JSON may write a character as six.
        bytes += 6 * name.len();
        if bytes > MAX_UNKNOWN_BYTES {
            names.push(format!("and {} more", unknown.len() - names.len()));
            break;
        }
        names.push(name.clone());
    }
    names
}

#[cfg(test)]
mod tests {
    use edgraph_shared::model::MAX_RESULT_LEN;
    use edgraph_shared::work::{FilingFilter, Processing, Universe};

    use super::*;

    #[test]
    fn a_child_names_its_company_in_ten_digits() {
        let wanted = DiscoverCompanies {
            universe: Universe::All,
            skip_unknown: false,
            max_companies: None,
            filings: FilingFilter {
                forms: vec!["10-K".into()],
                amendments: false,
                since: None,
                until: None,
                max_filings_per_entity: Some(4),
            },
            processing: Processing::default(),
        };
        let child = child(Cik::new(42).unwrap(), &wanted);
        assert_eq!(
            (child.kind.as_str(), child.key.as_str()),
            ("discover_filings", "discover_filings/0000000042")
        );
        let payload: DiscoverFilings = serde_json::from_str(&child.payload).unwrap();
        assert_eq!((payload.cik.number(), payload.filings), (42, wanted.filings));
    }

    #[test]
    fn a_result_stays_small_whatever_was_unknown() {
        let unknown = |name: String| Unknown { name, nearest: None };
        let few = [unknown("A".into()), unknown("B".into())];
        assert_eq!(within_limit(&few), ["A", "B"]);
        let many: Vec<Unknown> = (0..1_000).map(|n| unknown(format!("\u{1}{n}"))).collect();
        let names = within_limit(&many);
        assert_eq!(names.last().unwrap(), &format!("and {} more", 1_000 - (names.len() - 1)));
        let found = CompaniesFound { entities: 0, unknown: names };
        assert!(serde_json::to_string(&found).unwrap().len() < MAX_RESULT_LEN);
    }
}
