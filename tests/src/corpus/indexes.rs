//! EDGAR's indexes of what was filed, written for a mirror from its own submissions: by day and by quarter.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use serde_json::{Value, json};

use super::mirror::{Mirror, copy_filing};
use super::{filing_folder, submissions};

const HEADING: &str = "Description:           Master Index of EDGAR Dissemination Feed\n \n\
                       CIK|Company Name|Form Type|Date Filed|File Name\n";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The day so many days before today in UTC, `YYYY-MM-DD`.
pub fn days_ago(days: u32) -> String {
    let then = SystemTime::now() - DAY * days;
    let since_epoch = then.duration_since(UNIX_EPOCH).expect("the clock is after 1970");
    // The calendar by eras of 400 years that begin in March, so that the leap day is a year's last.
    let shifted = since_epoch.as_secs() / DAY.as_secs() + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `{year}/QTR{n}` of a day.
fn quarter(day: &str) -> anyhow::Result<String> {
    let (year, month): (&str, u32) = (&day[..4], day[5..7].parse()?);
    Ok(format!("{year}/QTR{}", (month - 1) / 3 + 1))
}

impl Mirror {
    /// Replaces the list of ticker symbols by these rows of CIK, ticker and title; a company that is not among them
    /// stays, as one that was delisted does.
    ///
    /// # Errors
    /// When the list cannot be written.
    pub fn set_tickers(&self, rows: &[(u64, &str, &str)]) -> anyhow::Result<()> {
        let row = |(at, (cik, ticker, title)): (usize, &(u64, &str, &str))| {
            (at.to_string(), json!({"cik_str": cik, "ticker": ticker, "title": title}))
        };
        let list = Value::Object(rows.iter().enumerate().map(row).collect());
        submissions::write(&self.path().join("files/company_tickers.json"), &list)
    }

    /// Lists a filing under a further company too, as EDGAR does with filings of several filers.
    ///
    /// # Errors
    /// When the filing or the company (ten digits) is not in the mirror.
    pub fn list_also(&self, accession: &str, cik: &str) -> anyhow::Result<()> {
        let from =
            filing_folder(self.path(), accession).with_context(|| format!("no folder of {accession}"))?;
        let (page, at) = self.find_row(accession)?;
        let row = submissions::row(submissions::columns(&mut submissions::read(&page)?)?, at);
        let path = self.submissions_of(cik);
        let mut company = submissions::read(&path)?;
        submissions::insert(submissions::columns(&mut company)?, &row);
        submissions::write(&path, &company)?;
        let to =
            format!("Archives/edgar/data/{}/{}", cik.trim_start_matches('0'), accession.replace('-', ""));
        copy_filing(&from, &self.path().join(to), &[])
    }

    /// Writes the daily and quarterly indexes of everything that the submissions list now, of each quarter from the
    /// first filing to today. Days on which nothing was filed have no index, as weekends have none at EDGAR.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn write_indexes(&self) -> anyhow::Result<()> {
        let mut days: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (day, line) in self.index_lines()? {
            days.entry(day).or_default().push(line);
        }
        let Some(first) = days.keys().next() else { return Ok(()) };
        let (first, last): (u32, u32) = (first[..4].parse()?, days_ago(0)[..4].parse()?);
        let years = first..=last;
        let quarters: BTreeSet<String> =
            years.flat_map(|year| (1..=4).map(move |quarter| format!("{year}/QTR{quarter}"))).collect();
        let now = quarter(&days_ago(0))?;
        for name in quarters.into_iter().filter(|name| *name <= now) {
            let of_quarter: Vec<_> =
                days.iter().filter(|(day, _)| quarter(day).is_ok_and(|quarter| quarter == name)).collect();
            self.write_quarter(&name, &of_quarter)?;
        }
        Ok(())
    }

    fn write_quarter(&self, name: &str, days: &[(&String, &Vec<String>)]) -> anyhow::Result<()> {
        let edgar = self.path().join("Archives/edgar");
        let (daily, full) = (edgar.join("daily-index").join(name), edgar.join("full-index").join(name));
        fs::create_dir_all(&daily)?;
        fs::create_dir_all(&full)?;
        let mut items = Vec::new();
        for (day, lines) in days {
            let digits = day.replace('-', "");
            let file = format!("master.{digits}.idx");
            let lines: Vec<String> = lines.iter().map(|line| line.replace(day.as_str(), &digits)).collect();
            write_index(&daily.join(&file), &lines)?;
            for kind in ["company", "form", "master"] {
                let file = format!("{kind}.{digits}.idx");
                items.push(
                    json!({"last-modified": "", "name": file, "type": "file", "href": file, "size": "1 KB"}),
                );
            }
        }
        let listing = json!({"directory": {
            "item": items, "name": format!("daily-index/{name}/"), "parent-dir": "../",
        }});
        submissions::write(&daily.join("index.json"), &listing)?;
        let lines: Vec<String> = days.iter().flat_map(|(_, lines)| lines.iter().cloned()).collect();
        write_index(&full.join("master.idx"), &lines)
    }

    /// The lines of all filings with their days; a filing of several companies has a line for each.
    fn index_lines(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut lines = Vec::new();
        for entry in fs::read_dir(self.path().join("submissions"))? {
            let path = entry?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            let cik: u64 = stem.get(3..13).context("a submissions file without a CIK")?.parse()?;
            let mut page = submissions::read(&path)?;
            let name = page.get("name").and_then(Value::as_str).unwrap_or("older page").to_owned();
            let columns = submissions::columns(&mut page)?;
            for at in 0..submissions::rows(columns) {
                let row = submissions::row(columns, at);
                let text = |column: &str| row.get(column).and_then(Value::as_str).unwrap_or_default();
                let (form, day, accession) = (text("form"), text("filingDate"), text("accessionNumber"));
                let line = format!("{cik}|{name}|{form}|{day}|edgar/data/{cik}/{accession}.txt");
                lines.push((day.to_owned(), line));
            }
        }
        lines.sort();
        Ok(lines)
    }
}

fn write_index(path: &Path, lines: &[String]) -> anyhow::Result<()> {
    let mut text = format!("{HEADING}{}\n", "-".repeat(80));
    for line in lines {
        writeln!(text, "{line}")?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
