//! Where the test data is: the committed fixtures, their golden rows, and the real filings when they are at hand.
//!
//! Nothing is copied from the real filings; a test that wants them skips when they are absent. What changes a
//! mirror works on a copy: [`Mirror`].

mod mirror;
mod scale;
mod indexes;
mod submissions;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

pub use self::indexes::days_ago;
pub use self::mirror::Mirror;

/// The environment variable that says where the real filings are.
pub const CORPUS_VARIABLE: &str = "EDGRAPH_CORPUS";

/// The workspace whose tests run: tests run in the folder of their package. Where the package was *built* says less,
/// since checkouts share a target folder.
pub fn workspace() -> PathBuf {
    let package = std::env::current_dir().expect("the working directory is there");
    package.parent().expect("the package lies in the workspace").to_owned()
}

/// The folder of real filings: `EDGRAPH_CORPUS`, else `../shared/edgar` beside the workspace. When it is not
/// there, prints one line that says so: the caller skips.
pub fn corpus() -> Option<PathBuf> {
    let directory = match std::env::var_os(CORPUS_VARIABLE) {
        Some(directory) => PathBuf::from(directory),
        None => workspace().join("../shared/edgar"),
    };
    if directory.join("Archives").is_dir() {
        return Some(directory);
    }
    println!("skipped: no real filings at {} (set {CORPUS_VARIABLE})", directory.display());
    None
}

/// The committed fixtures.
pub fn fixtures() -> PathBuf {
    workspace().join("tests/fixtures")
}

/// The committed EDGAR mirror.
pub fn fixture_edgar() -> PathBuf {
    fixtures().join("edgar")
}

/// What `--taxonomies` is given for the committed mirror.
pub fn fixture_taxonomies() -> PathBuf {
    fixture_edgar().join("taxonomies")
}

/// The folder of a filing in a mirror, found by its accession number alone.
pub fn filing_folder(mirror: &Path, accession: &str) -> Option<PathBuf> {
    let name = accession.replace('-', "");
    let companies = std::fs::read_dir(mirror.join("Archives/edgar/data")).ok()?;
    companies.filter_map(Result::ok).map(|company| company.path().join(&name)).find(|folder| folder.is_dir())
}

/// A row of a golden file by column name.
pub type GoldenRow = BTreeMap<String, String>;

/// The rows of `golden/{name}.tsv` in their order, for instance `0009900001-25-000011.facts`; its README says what
/// the columns mean.
///
/// # Errors
/// When the file cannot be read or a line has another number of columns than the header.
pub fn golden(name: &str) -> anyhow::Result<Vec<GoldenRow>> {
    let path = fixtures().join(format!("golden/{name}.tsv"));
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let row = |(number, line): (usize, &str)| {
        let cells: Vec<&str> = line.split('\t').collect();
        anyhow::ensure!(
            cells.len() == header.len(),
            "{}:{}: {} columns, not {}",
            path.display(),
            number + 2,
            cells.len(),
            header.len()
        );
        let named = header.iter().zip(cells).map(|(name, cell)| ((*name).to_owned(), unescape(cell)));
        Ok(named.collect())
    };
    lines.enumerate().map(row).collect()
}

fn unescape(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut rest = cell.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => match rest.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests;
