//! The root item of a pipeline: which companies, each handed on as `discover_filings/{cik10}`.
//!
//! With `new_since`, EDGAR's indexes say first which of them filed anything wanted; the others are not asked about.

use async_trait::async_trait;
use chrono::Utc;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::Cik;
use edgraph_shared::model::WorkItem;
use edgraph_shared::work::{CompaniesFound, DiscoverCompanies, DiscoverFilings, FilingFilter, kind};

use super::{Handler, Job};
use crate::edgar::Edgar;
use crate::universe::{self, Company, Unknown, news};

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
        let (companies, found) = self.discover(&wanted).await?;
        let children = companies.iter().map(|company| child(company.cik, &wanted)).collect();
        job.children.add(children).await?;
        Ok(serde_json::to_string(&found).expect("strings and numbers always serialise"))
    }
}

impl DiscoverCompaniesHandler {
    /// The companies to be asked about, and what the item's result says of them.
    ///
    /// # Errors
    /// As EDGAR failed; permanent for names that nobody has.
    pub async fn discover(
        &self,
        wanted: &DiscoverCompanies,
    ) -> Result<(Vec<Company>, CompaniesFound), Failure> {
        let resolved = universe::resolve(&self.edgar, wanted).await?;
        if !resolved.unknown.is_empty() {
            let names: Vec<String> = resolved.unknown.iter().map(Unknown::to_string).collect();
            tracing::warn!(unknown = names.join(", "), "companies left out: nobody has these names");
        }
        let mut companies = resolved.companies;
        let all = companies.len();
        if let Some(new_since) = &wanted.new_since {
            let from = news::date(new_since)?;
            let filers = news::filers(&self.edgar, &wanted.filings, from, Utc::now().date_naive()).await?;
            companies.retain(|company| filers.contains(&company.cik));
        }
        let found = CompaniesFound {
            entities: companies.len() as u64,
            unknown: within_limit(&resolved.unknown),
            without_news: (all - companies.len()) as u64,
        };
        Ok((companies, found))
    }
}

/// The filter of a company's filings: `new_since` is a `since` too, and the later of both counts.
fn filter(wanted: &DiscoverCompanies) -> FilingFilter {
    let since = wanted.filings.since.clone().max(wanted.new_since.clone());
    FilingFilter { since, ..wanted.filings.clone() }
}

/// What of a pipeline's parameters counts for one company.
pub fn of_company(cik: Cik, wanted: &DiscoverCompanies) -> DiscoverFilings {
    DiscoverFilings {
        cik,
        filings: filter(wanted),
        submissions_max_age_s: wanted.submissions_max_age_s,
        processing: wanted.processing,
    }
}

fn child(cik: Cik, wanted: &DiscoverCompanies) -> WorkItem {
    let key =
        format!("{}/{}", kind::DISCOVER_FILINGS, cik.cik10()).parse().expect("a kind and digits are a key");
    let payload =
        serde_json::to_string(&of_company(cik, wanted)).expect("strings and numbers always serialise");
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
    use edgraph_shared::work::{Processing, Universe};

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
            new_since: None,
            submissions_max_age_s: 60,
            processing: Processing::default(),
        };
        let child = child(Cik::new(42).unwrap(), &wanted);
        assert_eq!(
            (child.kind.as_str(), child.key.as_str()),
            ("discover_filings", "discover_filings/0000000042")
        );
        let payload: DiscoverFilings = serde_json::from_str(&child.payload).unwrap();
        assert_eq!((payload.cik.number(), &payload.filings), (42, &wanted.filings));
        assert_eq!(payload.submissions_max_age_s, 60);
    }

    #[test]
    fn the_later_of_since_and_new_since_counts() {
        for (since, new_since, expected) in [
            (None, None, None),
            (Some("2024-01-01"), None, Some("2024-01-01")),
            (None, Some("2024-02-01"), Some("2024-02-01")),
            (Some("2024-03-01"), Some("2024-02-01"), Some("2024-03-01")),
            (Some("2024-01-01"), Some("2024-02-01"), Some("2024-02-01")),
        ] {
            let mut wanted: DiscoverCompanies = serde_json::from_str(r#"{"universe": "all"}"#).unwrap();
            wanted.filings.since = since.map(str::to_owned);
            wanted.new_since = new_since.map(str::to_owned);
            assert_eq!(filter(&wanted).since.as_deref(), expected, "{since:?} {new_since:?}");
        }
    }

    #[test]
    fn a_result_stays_small_whatever_was_unknown() {
        let unknown = |name: String| Unknown { name, nearest: None };
        let few = [unknown("A".into()), unknown("B".into())];
        assert_eq!(within_limit(&few), ["A", "B"]);
        let many: Vec<Unknown> = (0..1_000).map(|n| unknown(format!("\u{1}{n}"))).collect();
        let names = within_limit(&many);
        assert_eq!(names.last().unwrap(), &format!("and {} more", 1_000 - (names.len() - 1)));
        let found = CompaniesFound { unknown: names, ..CompaniesFound::default() };
        assert!(serde_json::to_string(&found).unwrap().len() < MAX_RESULT_LEN);
    }
}
