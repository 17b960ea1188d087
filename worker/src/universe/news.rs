//! Which companies filed something wanted in a span of days, by EDGAR's indexes: a handful of requests for all of
//! them, instead of one for each.

use std::collections::HashSet;

use chrono::NaiveDate;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::Cik;
use edgraph_shared::kinds::sec_xbrl::{Damage, FilingFilter};

use crate::download;
use crate::edgar::daily_index::{self, Plan, Quarter, Span};
use crate::edgar::{Edgar, Fetched, folder};
use crate::filing::select::{FIRST_XBRL, wants_form};

/// What indexes say of a span of days.
#[derive(Debug, Default)]
pub struct News {
    /// The companies that filed something wanted.
    pub filers: HashSet<Cik>,
    /// The newest day that is in an index: of later ones nothing is known yet.
    pub indexed_to: Option<NaiveDate>,
    /// Lines of the indexes, and entries of their lists, that cannot be read: what they stand for is not known.
    pub damage: Damage,
}

/// Finds the companies that filed a form of the filter since `from` and up to `today`.
///
/// # Errors
/// What EDGAR's answers mean for a work item; permanent for an index that cannot be read.
pub async fn read(
    edgar: &Edgar,
    filter: &FilingFilter,
    from: NaiveDate,
    today: NaiveDate,
) -> Result<News, Failure> {
    let until = filter.until.as_deref().map(date).transpose()?;
    // Older indexes are there, and say nothing of XBRL.
    let from = from.max(date(FIRST_XBRL)?);
    let span = Span { from, to: until.map_or(today, |until| until.min(today)), today };
    let mut news = News::default();
    for quarter in Quarter::between(span.from, span.to) {
        let plan = news.plan(edgar, span, quarter).await?;
        let mut filed_to = None;
        if plan.whole {
            filed_to = news.add(&edgar.quarterly_index(quarter).await?, span, filter)?;
        }
        for name in &plan.days {
            news.add(&edgar.daily_index(quarter, name).await?, span, filter)?;
        }
        news.indexed_to = news.indexed_to.max(plan.reaches.or(filed_to));
    }
    Ok(news)
}

impl News {
    /// Adds what an index says; returns the newest day of the span in it.
    fn add(
        &mut self,
        index: &Fetched,
        span: Span,
        filter: &FilingFilter,
    ) -> Result<Option<NaiveDate>, Failure> {
        let mut newest: Option<NaiveDate> = None;
        let found = daily_index::for_each(name_of(&index.url), &index.bytes, |entry| {
            if (span.from..=span.to).contains(&entry.filed) {
                newest = newest.max(Some(entry.filed));
                if wants_form(filter, entry.form) {
                    self.filers.insert(entry.cik);
                }
            }
        });
        self.damage.extend(found.map_err(|error| unreadable(&index.url, &error))?);
        Ok(newest)
    }

    async fn plan(&mut self, edgar: &Edgar, span: Span, quarter: Quarter) -> Result<Plan, Failure> {
        if span.covers(quarter) {
            return Ok(Plan { whole: true, days: Vec::new(), reaches: None });
        }
        let days = match edgar.daily_indexes(quarter).await {
            Ok(Fetched { bytes, url }) => {
                let mut list =
                    folder::parse(name_of(&url), &bytes).map_err(|error| unreadable(&url, &error))?;
                self.damage.extend(std::mem::take(&mut list.damage));
                Some(daily_index::days(list))
            }
            Err(download::Error::NotFound { .. }) => None,
            Err(error) => return Err(error.failure()),
        };
        Ok(span.plan(quarter, days))
    }
}

/// What messages call an index: the indexes of all quarters are called alike but for their folders.
fn name_of(url: &str) -> &str {
    url.rsplit_once("/edgar/").map_or(url, |(_, name)| name)
}

/// Reads a day, `YYYY-MM-DD`.
///
/// # Errors
/// Permanent, naming the text.
pub fn date(text: &str) -> Result<NaiveDate, Failure> {
    text.parse().map_err(|_| Failure::permanent(format!("{text:?} is not a day: expected YYYY-MM-DD")))
}

fn unreadable(url: &str, error: &dyn std::error::Error) -> Failure {
    Failure::permanent(format!("{url}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::download::Rate;
    use crate::edgar::EdgarConfig;
    use crate::tests::scripted::{Scripted, not_found, ok};

    fn index(lines: &[(u64, &str, &str)]) -> String {
        let line = |(cik, form, date): &(u64, &str, &str)| format!("{cik}|X|{form}|{date}|x.txt\n");
        format!("CIK|…\n{}\n{}", "-".repeat(80), lines.iter().map(line).collect::<String>())
    }

    /// A list of the daily indexes of these days.
    fn listing(days: impl IntoIterator<Item = u32>) -> Vec<u8> {
        let items = days.into_iter().map(|day| format!(r#"{{"name": "master.{day}.idx"}}"#));
        ok(format!(r#"{{"directory": {{"item": [{}]}}}}"#, items.collect::<Vec<_>>().join(", ")))
    }

    #[tokio::test]
    async fn a_week_takes_a_request_a_day_and_years_take_one_a_quarter() {
        let server = Scripted::start(|path, _| {
            let path = path.strip_prefix("/Archives/edgar/").unwrap();
            match path {
                "daily-index/2024/QTR2/index.json" => listing([20240502, 20240503]),
                "daily-index/2024/QTR2/master.20240502.idx" => {
                    ok(index(&[(1, "10-K", "20240502"), (2, "8-K", "20240502"), (3, "10-K/A", "20240502")]))
                }
                "daily-index/2024/QTR2/master.20240503.idx" => ok(index(&[(4, "10-Q", "20240503")])),
                "daily-index/2024/QTR1/index.json" => listing(20240315..=20240328),
                "daily-index/2024/QTR1/master.20240327.idx" => ok(index(&[])),
                // The quarter's own index does not have it yet.
                "daily-index/2024/QTR1/master.20240328.idx" => ok(index(&[(9, "10-Q", "20240328")])),
                "full-index/2024/QTR1/master.idx" => {
                    ok(index(&[(5, "10-Q", "2024-03-26"), (6, "10-Q", "2024-01-02")]))
                }
                "full-index/2023/QTR4/master.idx" => {
                    ok(index(&[(7, "10-Q", "2023-12-29"), (8, "10-K", "2023-10-02")]))
                }
                "full-index/2005/QTR1/master.idx" => ok(index(&[(10, "10-K", "2005-01-20")])),
                _ => not_found(),
            }
        })
        .await;
        let edgar = Edgar::new(EdgarConfig { rate: Rate::Off, ..EdgarConfig::at(&server.url) }).unwrap();
        const TODAY: &str = "2024-05-04";
        type Case =
            (&'static str, Option<&'static str>, bool, &'static str, &'static [u64], &'static str, usize);
        let cases: [Case; 8] = [
            ("2024-05-02", None, false, TODAY, &[1, 4], "2024-05-03", 3),
            ("2024-05-02", None, true, TODAY, &[1, 3, 4], "2024-05-03", 3),
            ("2024-05-03", None, false, TODAY, &[4], "2024-05-03", 2),
            // A day without an index yet is not reached, and the one before it is.
            ("2024-05-04", None, false, TODAY, &[], "2024-05-03", 1),
            ("2023-12-01", None, false, TODAY, &[1, 4, 5, 6, 7], "2024-05-03", 6),
            ("2023-12-01", Some("2024-03-31"), false, TODAY, &[5, 6, 7], "2024-03-26", 3),
            // Two days after the quarter its last days are asked for too.
            ("2024-01-01", None, false, "2024-04-02", &[5, 6, 9], "2024-03-28", 5),
            // Before there was XBRL nothing is asked for.
            ("1990-01-01", Some("2005-02-01"), false, TODAY, &[10], "2005-01-20", 2),
        ];
        for (from, until, amendments, today, expected, indexed_to, requests) in cases {
            let filter =
                FilingFilter { amendments, until: until.map(str::to_owned), ..FilingFilter::default() };
            let before = server.requests().len();
            let News { filers, indexed_to: reached, damage } =
                read(&edgar, &filter, date(from).unwrap(), date(today).unwrap()).await.unwrap();
            assert_eq!(damage, Damage::default());
            let mut found: Vec<u64> = filers.into_iter().map(Cik::number).collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{from}");
            assert_eq!(reached, Some(date(indexed_to).unwrap()), "{from}");
            assert_eq!(server.requests().len() - before, requests, "{from}");
        }
    }

    #[tokio::test]
    async fn an_odd_line_costs_itself_and_neither_its_day_nor_the_others() {
        let server = Scripted::start(|path, _| match path.rsplit('/').next().unwrap() {
            "index.json" => ok(r#"{"directory": {"item": [{"name": "master.20240502.idx"}, {"name": null},
                                   {"name": "master.20240503.idx", "size": null}]}}"#),
            "master.20240502.idx" => {
                ok(format!("{}x|odd\n2|X|10-K|20240599|x\n", index(&[(1, "10-K", "20240502")])))
            }
            "master.20240503.idx" => ok(index(&[(3, "10-Q", "20240503")])),
            _ => not_found(),
        })
        .await;
        let edgar = Edgar::new(EdgarConfig { rate: Rate::Off, ..EdgarConfig::at(&server.url) }).unwrap();
        let day = |text: &str| date(text).unwrap();
        let filter = FilingFilter::default();
        let news = read(&edgar, &filter, day("2024-05-01"), day("2024-05-04")).await.unwrap();
        assert_eq!(news.filers, [1, 3].map(|number| Cik::new(number).unwrap()).into());
        assert_eq!(news.indexed_to, Some(day("2024-05-03")));
        let quarter = "daily-index/2024/QTR2";
        let line = format!("{quarter}/master.20240502.idx: line");
        let expected = "expected CIK|name|form|date|file";
        assert_eq!(
            news.damage.named,
            [
                format!("{quarter}/index.json: directory.item[1].name is null, expected a file name"),
                format!("{line} 4 is \"x|odd\", {expected}"),
                format!("{line} 5 is \"2|X|10-K|20240599|x\", {expected}"),
            ]
        );
    }
}
