//! A mirror made large: its companies cloned under new CIKs, tickers, names and accession numbers.
//!
//! The replacing is textual, since a filing repeats its filer's CIK in every context. Clones therefore have their
//! originals' numbers, and their counts.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::mirror::{Mirror, copy_filing, renamed};
use super::submissions;

/// The first CIK given to a clone, above those of the fixtures and far above those the SEC has given out.
const FIRST_CLONE: u64 = 99_100_000;
/// Four letters follow the X of a clone's ticker.
const MOST_CLONES: u64 = 26 * 26 * 26 * 26;

/// Days that every month has.
const DAYS: usize = 28;

struct Company {
    cik: u64,
    ticker: String,
    name: String,
}

impl Mirror {
    /// Clones the companies, in turn, until there are `companies` of them; gives the clones' CIKs with ten digits.
    /// Every filing of a clone has the clone's CIK as the first part of its accession number.
    ///
    /// # Errors
    /// When the mirror has no company, or files cannot be read or written.
    pub fn scale_to(&self, companies: usize) -> anyhow::Result<Vec<String>> {
        let path = self.path().join("files/company_tickers.json");
        let mut list = submissions::read(&path)?;
        let originals = originals(&list)?;
        ensure!(!originals.is_empty(), "{} names no company", path.display());
        let rows = list.as_object_mut().context("company_tickers.json is not an object")?;
        let mut ciks = Vec::new();
        for number in 0..companies.saturating_sub(originals.len()) {
            let clone = clone_of(&originals[number % originals.len()], number as u64)?;
            self.clone_company(&originals[number % originals.len()], &clone)?;
            let row = json!({"cik_str": clone.cik, "ticker": clone.ticker, "title": clone.name});
            rows.insert(rows.len().to_string(), row);
            ciks.push(ten_digits(clone.cik));
        }
        submissions::write(&path, &list)?;
        Ok(ciks)
    }

    /// Adds filings to every company until each has `filings` with files: copies of its own in turn, filed on the
    /// first days of 2026. To be called before [`Mirror::scale_to`], so that clones have them too.
    ///
    /// # Errors
    /// When a company has no filing with files, or files cannot be read or written.
    pub fn fill_to(&self, filings: usize) -> anyhow::Result<()> {
        let list = submissions::read(&self.path().join("files/company_tickers.json"))?;
        for company in originals(&list)? {
            let cik = ten_digits(company.cik);
            let mut own = accessions(&mut submissions::read(&self.submissions_of(&cik))?)?;
            own.retain(|accession| {
                self.company_folder(company.cik).join(accession.replace('-', "")).is_dir()
            });
            ensure!(!own.is_empty(), "{cik} has no filing with files");
            for number in own.len()..filings {
                let date = format!("2026-01-{:02}", number % DAYS + 1);
                self.add_filing(&own[number % own.len()], &format!("{cik}-26-{number:06}"), &date)?;
            }
        }
        Ok(())
    }

    fn clone_company(&self, original: &Company, clone: &Company) -> anyhow::Result<()> {
        let from = self.submissions_of(&ten_digits(original.cik));
        let text = fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
        let mut company = submissions::read(&from)?;
        ensure!(
            company.pointer("/filings/files").is_none_or(|files| files.as_array().is_some_and(Vec::is_empty)),
            "{} has older pages: scale before splitting",
            from.display()
        );
        let accessions = accessions(&mut company)?;
        let names = names(original, clone, &accessions);
        fs::write(self.submissions_of(&ten_digits(clone.cik)), renamed(&text, &names))?;
        for accession in accessions {
            let folder = accession.replace('-', "");
            let source = self.company_folder(original.cik).join(&folder);
            // A row without a folder is a form that no run asks for.
            if source.is_dir() {
                let target = String::from_utf8(renamed(folder.as_bytes(), &names))?;
                copy_filing(&source, &self.company_folder(clone.cik).join(target), &names)?;
            }
        }
        Ok(())
    }

    fn company_folder(&self, cik: u64) -> PathBuf {
        self.path().join(format!("Archives/edgar/data/{cik}"))
    }
}

/// The filings on the newest page of a submissions file.
fn accessions(company: &mut Value) -> anyhow::Result<Vec<String>> {
    let columns = submissions::columns(company)?;
    let accession = |at| Some(submissions::row(columns, at).get("accessionNumber")?.as_str()?.to_owned());
    Ok((0..submissions::rows(columns)).filter_map(accession).collect())
}

/// The companies of the list, one per CIK, by their first ticker.
fn originals(list: &Value) -> anyhow::Result<Vec<Company>> {
    let mut companies: Vec<Company> = Vec::new();
    for row in list.as_object().context("company_tickers.json is not an object")?.values() {
        let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
        let cik = row.get("cik_str").and_then(Value::as_u64);
        let (Some(cik), Some(ticker), Some(name)) = (cik, text("ticker"), text("title")) else {
            anyhow::bail!("a row of company_tickers.json lacks cik_str, ticker or title: {row}");
        };
        if companies.iter().all(|company| company.cik != cik) {
            companies.push(Company { cik, ticker, name });
        }
    }
    Ok(companies)
}

fn clone_of(original: &Company, number: u64) -> anyhow::Result<Company> {
    ensure!(number < MOST_CLONES, "no more than {MOST_CLONES} clones");
    // Letters only: tickers are.
    let letter = |power: u32| char::from(b'A' + (number / 26_u64.pow(power) % 26) as u8);
    let ticker = ['X', letter(3), letter(2), letter(1), letter(0)].iter().collect();
    Ok(Company { cik: FIRST_CLONE + number, ticker, name: format!("{} {number:04}", original.name) })
}

/// What becomes what. Accession numbers come first, since those of filing agents do not begin with the CIK.
fn names(original: &Company, clone: &Company, accessions: &[String]) -> Vec<(String, String)> {
    let clone_cik = ten_digits(clone.cik);
    let mut names = Vec::new();
    for accession in accessions {
        let own = format!("{clone_cik}{}", accession.get(10..).unwrap_or_default());
        names.push((accession.replace('-', ""), own.replace('-', "")));
        names.push((accession.clone(), own));
    }
    names.push((ten_digits(original.cik), clone_cik));
    names.push((format!("/data/{}/", original.cik), format!("/data/{}/", clone.cik)));
    names.push((original.ticker.clone(), clone.ticker.clone()));
    names.push((original.name.clone(), clone.name.clone()));
    names
}

fn ten_digits(cik: u64) -> String {
    format!("{cik:010}")
}
