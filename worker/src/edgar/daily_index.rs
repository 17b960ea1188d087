//! EDGAR's indexes of what was filed: by day (`daily-index/`) and by quarter (`full-index/`). Pure.
//!
//! ```text
//! daily-index/{year}/QTR{n}/index.json                lists the days that have an index; weekends have none
//! daily-index/{year}/QTR{n}/master.{YYYYMMDD}.idx     one day
//! full-index/{year}/QTR{n}/master.idx                 one quarter; for some days all of it but the last day or two
//! ```
//!
//! An index is a heading, a line of dashes, then `CIK|Company Name|Form Type|Date Filed|Filename`. Days are written
//! `20240131` in daily and `2024-01-31` in quarterly indexes.

use chrono::{Datelike, Days, NaiveDate};
use edgraph_shared::failure::shortened;
use edgraph_shared::ids::Cik;
use edgraph_shared::kinds::sec_xbrl::Damage;

use super::folder::Folder;
use super::text;

/// Days of a quarter that are asked for one by one; for more, the quarter's own index is one request.
const MAX_DAYS: usize = 10;
/// The newest days that are asked for beside the index of a quarter which is not settled: it lags by as many.
const LATE_DAYS: usize = 2;
/// Days after a quarter's end until its own index counts as settled: the lag, with a weekend and a holiday on top.
const SETTLING_DAYS: u64 = 7;
/// In the first days of a quarter there may be no index yet: holidays and a weekend.
const QUIET_DAYS: u64 = 7;
/// Characters of a line that a message shows.
const SHOWN_CHARS: usize = 100;

/// A quarter of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    first: NaiveDate,
}

impl Quarter {
    /// The quarter of a day.
    pub fn of(day: NaiveDate) -> Self {
        let month = (day.month0() / 3) * 3 + 1;
        let first = day.with_day(1).and_then(|day| day.with_month(month));
        Self { first: first.expect("every month has a first day") }
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.first.year()
    }

    /// 1 to 4.
    pub fn number(self) -> u32 {
        self.first.month0() / 3 + 1
    }

    fn next(self) -> Self {
        // No quarter has 100 days, and 100 days do not reach over one.
        Self::of(self.first.checked_add_days(Days::new(100)).unwrap_or(NaiveDate::MAX))
    }

    /// The quarters from that of one day to that of another.
    pub fn between(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = Self> {
        let quarters = std::iter::successors(Some(Self::of(from)), |quarter| Some(quarter.next()));
        quarters.take_while(move |quarter| quarter.first <= to)
    }

    /// Its last day.
    fn last(self) -> NaiveDate {
        let next = self.next().first;
        next.pred_opt().unwrap_or(next)
    }

    /// Whether its own index says everything on this day.
    fn is_settled(self, today: NaiveDate) -> bool {
        self.last().checked_add_days(Days::new(SETTLING_DAYS)).is_some_and(|settled| today > settled)
    }
}

/// A span of days and the day it is today: filings of later days are not there yet.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Today.
    pub today: NaiveDate,
}

/// What to ask for to know what was filed in the part of a quarter that a span covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The quarter's own index.
    pub whole: bool,
    /// Indexes of days, by name.
    pub days: Vec<String>,
    /// The newest day that has an index, up to the span's end; `None` where no list of days says so.
    pub reaches: Option<NaiveDate>,
}

impl Span {
    /// Whether a quarter is settled and covered whole: then its index says everything, and no list of days is needed.
    pub fn covers(&self, quarter: Quarter) -> bool {
        self.from <= quarter.first && self.to >= quarter.last() && quarter.is_settled(self.today)
    }

    /// Chooses among the indexes of a quarter; `days` is `None` when it has no list of daily indexes.
    pub fn plan(&self, quarter: Quarter, days: Option<Vec<(NaiveDate, String)>>) -> Plan {
        let Some(mut days) = days else {
            let since_first = self.today.signed_duration_since(quarter.first).num_days();
            return Plan { whole: since_first >= QUIET_DAYS as i64, days: Vec::new(), reaches: None };
        };
        let reaches = days.iter().map(|(day, _)| *day).filter(|day| *day <= self.to).max();
        days.retain(|(day, _)| (self.from..=self.to).contains(day));
        days.sort();
        let whole = days.len() > MAX_DAYS;
        if whole {
            let late = if quarter.is_settled(self.today) { 0 } else { LATE_DAYS };
            days.drain(..days.len() - late);
        }
        Plan { whole, days: days.into_iter().map(|(_, name)| name).collect(), reaches }
    }
}

/// An index that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No line of dashes.
    #[error("not an index of filings: it has no heading")]
    Heading,
    /// No line that names a filing.
    #[error("of {lines} lines none can be read; {first}")]
    NoLine {
        /// How many there are.
        lines: u64,
        /// What is wrong with the first.
        first: String,
    },
}

/// The days that have an index, each with the index's name.
pub fn days(quarter: Folder) -> Vec<(NaiveDate, String)> {
    let day = |name: String| {
        let digits = name.strip_prefix("master.")?.strip_suffix(".idx")?;
        Some((date(digits)?, name))
    };
    quarter.entries.into_iter().filter_map(|entry| day(entry.name)).collect()
}

/// One filing of one filer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The filer.
    pub cik: Cik,
    /// For instance `10-K`.
    pub form: &'a str,
    /// The filing date.
    pub filed: NaiveDate,
}

/// Gives every filing of an index to `each`; a filing of several filers comes once for each. A line that names no filing
/// costs itself alone; `file` is what messages call the index.
///
/// # Errors
/// [`Error`] if it is no index.
pub fn for_each(file: &str, index: &[u8], mut each: impl FnMut(Entry<'_>)) -> Result<Damage, Error> {
    let text = text::of_list(index);
    let mut lines = text.lines().enumerate();
    let is_rule = |line: &str| line.len() > 20 && line.bytes().all(|byte| byte == b'-');
    lines.by_ref().find(|(_, line)| is_rule(line.trim_end())).ok_or(Error::Heading)?;
    let mut damage = Damage::default();
    let mut read: u64 = 0;
    for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        match entry(line) {
            Some(entry) => {
                read += 1;
                each(entry);
            }
            None => damage.add(|| damaged(file, at + 1, line)),
        }
    }
    match damage.named.first() {
        Some(first) if read == 0 => Err(Error::NoLine { lines: damage.rows, first: first.clone() }),
        _ => Ok(damage),
    }
}

fn damaged(file: &str, line: usize, text: &str) -> String {
    let shown = shortened(&format!("{text:?}"), SHOWN_CHARS);
    format!("{file}: line {line} is {shown}, expected CIK|name|form|date|file")
}

fn entry(line: &str) -> Option<Entry<'_>> {
    let (cik, rest) = line.split_once('|')?;
    // From the end: a name may have the separator in it.
    let mut fields = rest.rsplitn(4, '|').skip(1);
    let (filed, form, _name) = (fields.next()?, fields.next()?, fields.next()?);
    let form = Some(form.trim()).filter(|form| !form.is_empty())?;
    Some(Entry { cik: cik.trim().parse().ok()?, form, filed: date(filed.trim())? })
}

/// A day, as daily or as quarterly indexes write it.
fn date(text: &str) -> Option<NaiveDate> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let valid = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| NaiveDate::parse_from_str(&digits, "%Y%m%d").ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::super::folder;
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn quarters_follow_each_other() {
        let names = |from: &str, to: &str| -> Vec<String> {
            let name = |quarter: Quarter| format!("{}/{}", quarter.year(), quarter.number());
            Quarter::between(day(from), day(to)).map(name).collect()
        };
        assert_eq!(names("2024-03-31", "2024-04-01"), ["2024/1", "2024/2"]);
        assert_eq!(names("2024-12-31", "2024-12-31"), ["2024/4"]);
        assert_eq!(names("2023-10-31", "2024-10-01"), ["2023/4", "2024/1", "2024/2", "2024/3", "2024/4"]);
        assert_eq!(names("2024-04-01", "2024-03-31"), Vec::<String>::new());
    }

    #[test]
    fn few_days_are_asked_one_by_one_and_many_as_a_quarter() {
        let quarter = Quarter::of(day("2024-05-05"));
        let listed = |numbers: std::ops::RangeInclusive<u32>| {
            let index = |n| (day(&format!("2024-05-{n:02}")), format!("master.202405{n:02}.idx"));
            Some(numbers.map(index).collect::<Vec<_>>())
        };
        let span = |from, to, today| Span { from: day(from), to: day(to), today: day(today) };
        let plan = |whole, days: &[u32], reaches: Option<u32>| Plan {
            whole,
            days: days.iter().map(|n| format!("master.202405{n:02}.idx")).collect(),
            reaches: reaches.map(|n| day(&format!("2024-05-{n:02}"))),
        };
        type Days = Option<Vec<(NaiveDate, String)>>;
        let cases: [(Span, Days, Plan); 9] = [
            (
                span("2024-05-06", "2024-05-08", "2024-05-20"),
                listed(1..=17),
                plan(false, &[6, 7, 8], Some(8)),
            ),
            (span("2024-05-06", "2024-05-20", "2024-05-20"), listed(1..=8), plan(false, &[6, 7, 8], Some(8))),
            (span("2024-05-01", "2024-05-20", "2024-05-20"), listed(1..=17), plan(true, &[16, 17], Some(17))),
            (span("2024-05-01", "2024-05-20", "2024-07-01"), listed(1..=17), plan(true, &[16, 17], Some(17))),
            (span("2024-05-01", "2024-05-20", "2024-07-07"), listed(1..=17), plan(true, &[16, 17], Some(17))),
            (span("2024-05-01", "2024-05-20", "2024-07-08"), listed(1..=17), plan(true, &[], Some(17))),
            (span("2024-05-18", "2024-05-20", "2024-05-20"), listed(1..=17), plan(false, &[], Some(17))),
            (span("2024-03-30", "2024-04-03", "2024-04-03"), None, plan(false, &[], None)),
            (span("2024-05-06", "2024-05-08", "2024-05-20"), None, plan(true, &[], None)),
        ];
        for (span, days, expected) in cases {
            assert_eq!(span.plan(quarter, days.clone()), expected, "{span:?} {days:?}");
        }
        for (from, to, today, covered) in [
            ("2024-04-01", "2024-06-30", "2024-07-08", true),
            ("2024-04-02", "2024-06-30", "2024-07-08", false),
            ("2024-04-01", "2024-06-29", "2024-07-08", false),
            // The quarter's own index may lack its last days still.
            ("2024-04-01", "2024-06-30", "2024-07-07", false),
            ("2024-04-01", "2024-06-30", "2024-07-01", false),
            ("2024-04-01", "2024-06-30", "2024-06-30", false),
        ] {
            assert_eq!(span(from, to, today).covers(quarter), covered, "{from} {to} {today}");
        }
    }

    #[test]
    fn indexes_name_filers_forms_and_days() {
        let heading = "Description: Master Index\n \nCIK|Company Name|Form Type|Date Filed|File Name\n";
        let rule = "-".repeat(80);
        let lines = "42|A|B Corp|10-K|20240131|edgar/data/42/0000000042-24-000001.txt\n\
                     7|Caf\u{e9} SA|10-Q/A|2024-02-01|edgar/data/7/0000000042-24-000002.txt\n\n";
        let mut found = Vec::new();
        let damage = for_each("i", format!("{heading}{rule}\n{lines}").as_bytes(), |entry| {
            found.push((entry.cik.number(), entry.form.to_owned(), entry.filed));
        });
        let expected = [(42, "10-K".to_owned(), day("2024-01-31")), (7, "10-Q/A".into(), day("2024-02-01"))];
        assert_eq!((found.as_slice(), damage.unwrap()), (&expected[..], Damage::default()));
    }

    #[test]
    fn an_odd_line_costs_itself_alone() {
        let rule = "-".repeat(80);
        let long = "x".repeat(300);
        let lines = [
            "42|A|10-K|20240131",
            "42|A|10-K|20241331|x",
            "42|A|10-K||x",
            "x|A|10-K|20240131|x",
            "|A|10-K|20240131|x",
            "12345678901|A|10-K|20240131|x",
            "42|A||20240131|x",
            "",
            "7|A|10-K|20240131|x",
            "\u{0}\u{1}",
            &long,
        ];
        let mut found = Vec::new();
        let index = format!("{rule}\n{}\n", lines.join("\n"));
        let damage = for_each("daily-index/i", index.as_bytes(), |entry| found.push(entry.cik.number()));
        let damage = damage.unwrap();
        assert_eq!((found.as_slice(), damage.rows), (&[7][..], 9));
        let expected = "daily-index/i: line 3 is \"42|A|10-K|20241331|x\", expected CIK|name|form|date|file";
        assert_eq!(damage.named[1], expected);
        assert!(damage.named.iter().all(|sentence| sentence.len() < 200), "{damage:?}");

        for (text, part) in [
            ("CIK|Company Name\n".to_owned(), "no heading"),
            (format!("{rule}\n42|A|10-K|20240131\nx\n"), "of 2 lines none can be read; i: line 2 is"),
        ] {
            let error = for_each("i", text.as_bytes(), |_| {}).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        assert_eq!(for_each("i", format!("{rule}\n").as_bytes(), |_| {}).unwrap(), Damage::default());
    }

    #[test]
    fn days_are_those_with_a_master_index() {
        let listing = br#"{"directory": {"item": [
            {"name": "company.20240102.idx", "type": "file", "href": "company.20240102.idx", "size": "1 KB"},
            {"name": "master.20240102.idx", "type": "file"}, {"name": "master.20240103.idx.gz"},
            {"name": "master.20241302.idx"}, {"name": "master.20240104.idx"}], "name": "x", "parent-dir": "../"}}"#;
        let quarter = folder::parse("index.json", listing).unwrap();
        let names: Vec<String> = days(quarter).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["master.20240102.idx", "master.20240104.idx"]);
    }
}
