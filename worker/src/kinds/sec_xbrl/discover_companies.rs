//! The root item of a pipeline: which companies, each handed on as `discover_filings/{cik10}`.
//!
//! With `new_since`, EDGAR's indexes say first which of them filed anything wanted; the others are not asked about.

use async_trait::async_trait;
use chrono::{NaiveDate, Utc};
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::Cik;
use edgraph_shared::kinds::sec_xbrl::{
    CompaniesFound, DiscoverCompanies, DiscoverFilings, FilingFilter, Universe, kind,
};
use edgraph_shared::model::WorkItem;

use super::damage::within_result;
use crate::edgar::Edgar;
use crate::handler::{Handler, Job};
use crate::universe::news;
use crate::universe::{self, Company, SecList, Unknown, sp500};

/// Bytes of unknown names in a result, which may have 4 KiB in all; the rest is counted.
const MAX_UNKNOWN_BYTES: usize = 2 * 1024;

/// The handler of `discover_companies`.
pub struct DiscoverCompaniesHandler {
    /// Where the indexes are.
    pub edgar: Edgar,
    /// The SEC's list of companies.
    pub list: SecList,
}

#[async_trait]
impl Handler for DiscoverCompaniesHandler {
    fn kind(&self) -> &'static str {
        kind::DISCOVER_COMPANIES
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        let wanted: DiscoverCompanies = job.payload()?;
        let wanted = with_plain_dates(wanted, Utc::now().date_naive())?;
        let (companies, mut found) = self.discover(&wanted).await?;
        found.damage = within_result(found.damage);
        let children = companies.iter().map(|company| child(company.cik, &wanted)).collect();
        job.children.add(children).await?;
        Ok(serde_json::to_string(&found).expect("strings and numbers always serialise"))
    }
}

impl DiscoverCompaniesHandler {
    /// The companies to be asked about, and what the item's result says of them. Dates are written `YYYY-MM-DD`.
    ///
    /// # Errors
    /// As EDGAR failed; permanent for names that nobody has.
    pub async fn discover(
        &self,
        wanted: &DiscoverCompanies,
    ) -> Result<(Vec<Company>, CompaniesFound), Failure> {
        let resolved = universe::resolve(&self.list, wanted).await?;
        if !resolved.unknown.is_empty() {
            let names: Vec<String> = resolved.unknown.iter().map(Unknown::to_string).collect();
            tracing::warn!(unknown = names.join(", "), "companies left out: nobody has these names");
        }
        let (mut companies, mut damage) = (resolved.companies, resolved.damage);
        let all = companies.len();
        let mut indexed_to = None;
        if let Some(new_since) = &wanted.new_since {
            let from = news::date(new_since)?;
            let news = news::read(&self.edgar, &wanted.filings, from, Utc::now().date_naive()).await?;
            companies.retain(|company| news.filers.contains(&company.cik));
            indexed_to = news.indexed_to.map(|day| day.to_string());
            damage.extend(news.damage);
        }
        let found = CompaniesFound {
            companies: companies.len() as u64,
            unknown: within_limit(&resolved.unknown),
            damage,
            without_news: (all - companies.len()) as u64,
            indexed_to,
            list_as_of: (wanted.universe == Universe::Sp500).then(|| sp500::as_of().to_owned()),
        };
        Ok((companies, found))
    }
}

/// The parameters with every date as `YYYY-MM-DD`, since dates are compared as texts: a client may write `2026-9-1`.
///
/// Fails for good at a text that is no day, and at news of a day that is still to come.
fn with_plain_dates(mut wanted: DiscoverCompanies, today: NaiveDate) -> Result<DiscoverCompanies, Failure> {
    let FilingFilter { since, until, .. } = &mut wanted.filings;
    let fields = [("filings.since", since), ("filings.until", until), ("new_since", &mut wanted.new_since)];
    for (field, text) in fields {
        if let Some(text) = text {
            *text = plain_date(text).ok_or_else(|| {
                Failure::permanent(format!("{field} is {text:?}, which is no day: expected YYYY-MM-DD"))
            })?;
        }
    }
    let today = today.to_string();
    if let Some(new_since) = wanted.new_since.as_ref().filter(|new_since| **new_since > today) {
        return Err(Failure::permanent(format!("new_since is {new_since}, and today is {today} in UTC")));
    }
    Ok(wanted)
}

/// A day as it is compared; `None` for what is none, and for years of more than four digits.
fn plain_date(text: &str) -> Option<String> {
    let day: NaiveDate = text.trim().parse().ok()?;
    Some(day.to_string()).filter(|text| text.len() == "YYYY-MM-DD".len())
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
        submissions_max_age_s: wanted.lists_max_age_s(),
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
    use edgraph_shared::kinds::sec_xbrl::Damage;
    use edgraph_shared::model::MAX_RESULT_LEN;

    use super::*;

    const DAY: &str = "2026-01-01";

    #[test]
    fn a_child_names_its_company_in_ten_digits() {
        let wanted = DiscoverCompanies {
            filings: FilingFilter {
                forms: vec!["10-K".into()],
                max_filings_per_entity: Some(4),
                ..FilingFilter::default()
            },
            submissions_max_age_s: 60,
            ..DiscoverCompanies::of(Universe::All)
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
    fn news_are_not_looked_for_in_a_list_of_before_them() {
        for (new_since, max_age_s, expected) in
            [(None, 0, 0), (None, 3_600, 3_600), (Some("2024-02-01"), 0, 0), (Some("2024-02-01"), 3_600, 0)]
        {
            let mut wanted: DiscoverCompanies = serde_json::from_str(r#"{"universe": "all"}"#).unwrap();
            wanted.new_since = new_since.map(str::to_owned);
            wanted.submissions_max_age_s = max_age_s;
            let of_company = of_company(Cik::new(42).unwrap(), &wanted);
            assert_eq!(of_company.submissions_max_age_s, expected, "{new_since:?} {max_age_s}");
        }
    }

    #[test]
    fn dates_are_made_comparable_or_refused() {
        let wanted = |since: &str, until: &str, new_since: &str| -> DiscoverCompanies {
            let dates = format!(
                r#""filings": {{"since": "{since}", "until": "{until}"}}, "new_since": "{new_since}""#
            );
            serde_json::from_str(&format!(r#"{{"universe": "all", {dates}}}"#)).unwrap()
        };
        let today = "2026-11-28".parse().unwrap();
        let plain = with_plain_dates(wanted("2026-9-1", " 2026-10-09", "2026-11-28"), today).unwrap();
        let DiscoverCompanies { filings, new_since, .. } = plain;
        let dates = [filings.since, filings.until, new_since].map(Option::unwrap);
        assert_eq!(dates, ["2026-09-01", "2026-10-09", "2026-11-28"]);
        let none: DiscoverCompanies = serde_json::from_str(r#"{"universe": "all"}"#).unwrap();
        assert_eq!(with_plain_dates(none.clone(), today).unwrap(), none);

        for (since, until, new_since, message) in [
            ("yesterday", DAY, DAY, "filings.since is \"yesterday\", which is no day: expected YYYY-MM-DD"),
            (DAY, "2026-02-30", DAY, "filings.until is \"2026-02-30\", which is no day: expected YYYY-MM-DD"),
            (DAY, DAY, "", "new_since is \"\", which is no day: expected YYYY-MM-DD"),
            (DAY, DAY, "+12026-01-01", "new_since is \"+12026-01-01\", which is no day: expected YYYY-MM-DD"),
            (DAY, DAY, "2026-11-29", "new_since is 2026-11-29, and today is 2026-11-28 in UTC"),
        ] {
            let failure = with_plain_dates(wanted(since, until, new_since), today).unwrap_err();
            assert_eq!(failure, Failure::permanent(message));
        }
    }

    #[test]
    fn a_result_stays_small_whatever_was_unknown() {
        let unknown = |name: String| Unknown { name, hint: None };
        let few = [unknown("A".into()), unknown("B".into())];
        assert_eq!(within_limit(&few), ["A", "B"]);
        let many: Vec<Unknown> = (0..1_000).map(|n| unknown(format!("\u{1}{n}"))).collect();
        let names = within_limit(&many);
        assert_eq!(names.last().unwrap(), &format!("and {} more", 1_000 - (names.len() - 1)));
        let mut damage = Damage::default();
        (0..5_000).for_each(|row| damage.add(|| format!("\u{1}{row}")));
        let found = CompaniesFound { unknown: names, damage: within_result(damage), ..Default::default() };
        assert_eq!(found.damage.rows, 5_000);
        assert!(serde_json::to_string(&found).unwrap().len() < MAX_RESULT_LEN);
    }
}
