//! Which companies filed something wanted in a span of days, by EDGAR's indexes: a handful of requests for all of
//! them, instead of one for each.

use std::collections::HashSet;

use chrono::NaiveDate;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::Cik;
use edgraph_shared::work::FilingFilter;

use crate::download;
use crate::edgar::daily_index::{self, Plan, Quarter, Span};
use crate::edgar::{Edgar, Fetched};
use crate::filing::select::wants_form;

/// The companies that filed a form of the filter since `from` and up to `today`.
///
/// # Errors
/// What EDGAR's answers mean for a work item; permanent for an index that cannot be read.
pub async fn filers(
    edgar: &Edgar,
    filter: &FilingFilter,
    from: NaiveDate,
    today: NaiveDate,
) -> Result<HashSet<Cik>, Failure> {
    let until = filter.until.as_deref().map(date).transpose()?;
    let span = Span { from, to: until.map_or(today, |until| until.min(today)), today };
    let mut filers = HashSet::new();
    let mut read = |index: &Fetched| {
        let found = daily_index::for_each(&index.bytes, |entry| {
            if (span.from..=span.to).contains(&entry.filed) && wants_form(filter, entry.form) {
                filers.insert(entry.cik);
            }
        });
        found.map_err(|error| unreadable(&index.url, &error))
    };
    for quarter in Quarter::between(span.from, span.to) {
        let plan = plan(edgar, span, quarter).await?;
        if plan.whole {
            read(&edgar.quarterly_index(quarter).await?)?;
        }
        for name in &plan.days {
            read(&edgar.daily_index(quarter, name).await?)?;
        }
    }
    Ok(filers)
}

async fn plan(edgar: &Edgar, span: Span, quarter: Quarter) -> Result<Plan, Failure> {
    if span.covers(quarter) {
        return Ok(Plan { whole: true, days: Vec::new() });
    }
    let days = match edgar.daily_indexes(quarter).await {
        Ok(Fetched { bytes, url }) => {
            Some(daily_index::days(&bytes).map_err(|error| unreadable(&url, &error))?)
        }
        Err(download::Error::NotFound { .. }) => None,
        Err(error) => return Err(error.failure()),
    };
    Ok(span.plan(quarter, days))
}

/// Reads a day, `YYYY-MM-DD`.
///
/// # Errors
/// Permanent, naming the text.
pub fn date(text: &str) -> Result<NaiveDate, Failure> {
    text.parse().map_err(|_| Failure::permanent(format!("{text:?} is not a day: expected YYYY-MM-DD")))
}

fn unreadable(url: &str, error: &daily_index::Error) -> Failure {
    Failure::permanent(format!("{url}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::download::Rate;
    use crate::download::scripted::{Scripted, not_found, ok};
    use crate::edgar::EdgarConfig;

    fn index(lines: &[(u64, &str, &str)]) -> String {
        let line = |(cik, form, date): &(u64, &str, &str)| format!("{cik}|X|{form}|{date}|x.txt\n");
        format!("CIK|…\n{}\n{}", "-".repeat(80), lines.iter().map(line).collect::<String>())
    }

    #[tokio::test]
    async fn a_week_takes_a_request_a_day_and_years_take_one_a_quarter() {
        let server = Scripted::start(|path, _| {
            let path = path.strip_prefix("/Archives/edgar/").unwrap();
            match path {
                "daily-index/2024/QTR2/index.json" => ok(
                    r#"{"directory": {"item": [{"name": "master.20240502.idx"}, {"name": "master.20240503.idx"}]}}"#,
                ),
                "daily-index/2024/QTR2/master.20240502.idx" => {
                    ok(index(&[(1, "10-K", "20240502"), (2, "8-K", "20240502"), (3, "10-K/A", "20240502")]))
                }
                "daily-index/2024/QTR2/master.20240503.idx" => ok(index(&[(4, "10-Q", "20240503")])),
                "full-index/2024/QTR1/master.idx" => {
                    ok(index(&[(5, "10-Q", "2024-03-28"), (6, "10-Q", "2024-01-02")]))
                }
                "full-index/2023/QTR4/master.idx" => {
                    ok(index(&[(7, "10-Q", "2023-12-29"), (8, "10-K", "2023-10-02")]))
                }
                _ => not_found(),
            }
        })
        .await;
        let edgar = Edgar::new(EdgarConfig { rate: Rate::Off, ..EdgarConfig::at(&server.url) }).unwrap();
        type Case = (&'static str, Option<&'static str>, bool, &'static [u64], usize);
        let cases: [Case; 5] = [
            ("2024-05-02", None, false, &[1, 4], 3),
            ("2024-05-02", None, true, &[1, 3, 4], 3),
            ("2024-05-03", None, false, &[4], 2),
            ("2023-12-01", None, false, &[1, 4, 5, 6, 7], 6),
            ("2023-12-01", Some("2024-03-31"), false, &[5, 6, 7], 3),
        ];
        for (from, until, amendments, expected, requests) in cases {
            let filter =
                FilingFilter { amendments, until: until.map(str::to_owned), ..FilingFilter::default() };
            let before = server.requests().len();
            let (from, today) = (date(from).unwrap(), date("2024-05-04").unwrap());
            let found = filers(&edgar, &filter, from, today).await.unwrap();
            let mut found: Vec<u64> = found.into_iter().map(Cik::number).collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{from}");
            assert_eq!(server.requests().len() - before, requests, "{from}");
        }
    }
}
