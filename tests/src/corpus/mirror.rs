//! A copy of a mirror in a temporary directory, to be changed as EDGAR changes: filings come, go, and move to
//! older pages.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::{filing_folder, submissions};

/// What a mirror has of EDGAR; beside it may lie what EDGAR has not, and nobody asks it for.
const FOLDERS: [&str; 5] = ["Archives", "api", "files", "submissions", "taxonomies"];

/// A mirror of its own; removed with its directory when dropped.
#[derive(Debug)]
pub struct Mirror {
    directory: tempfile::TempDir,
}

impl Mirror {
    /// Copies a mirror in EDGAR's layout; `taxonomies` come along when they are inside.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn copy_of(source: &Path) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        for folder in FOLDERS.iter().filter(|folder| source.join(folder).is_dir()) {
            copy_directory(&source.join(folder), &directory.path().join(folder))?;
        }
        Ok(Self { directory })
    }

    /// The directory to serve or to point `--edgar file://…` at.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Adds a filing: a copy of the files of `like` under `accession`, filed on `filing_date` (`YYYY-MM-DD`) and
    /// accepted at noon of that day. Its row stands in the newest page of the same company.
    ///
    /// # Errors
    /// When `like` is not in the mirror, or `accession` already is.
    pub fn add_filing(&self, like: &str, accession: &str, filing_date: &str) -> anyhow::Result<()> {
        if filing_folder(self.path(), accession).is_some() {
            bail!("{accession} is in the mirror already");
        }
        let from = filing_folder(self.path(), like).with_context(|| format!("no folder of {like}"))?;
        let (page, at) = self.find_row(like)?;
        let mut row = submissions::row(submissions::columns(&mut submissions::read(&page)?)?, at);
        row.insert("accessionNumber".into(), json!(accession));
        row.insert("filingDate".into(), json!(filing_date));
        row.insert("acceptanceDateTime".into(), json!(format!("{filing_date}T12:00:00.000Z")));

        let newest = newest_page(&page);
        let mut company = submissions::read(&newest)?;
        submissions::insert(submissions::columns(&mut company)?, &row);
        submissions::write(&newest, &company)?;

        let to = from.with_file_name(accession.replace('-', ""));
        let names =
            [(like.to_owned(), accession.to_owned()), (like.replace('-', ""), accession.replace('-', ""))];
        copy_filing(&from, &to, &names)
    }

    /// Removes a filing: its row, in whatever page it stands, and its folder if there is one.
    ///
    /// # Errors
    /// When no submissions file lists it.
    pub fn remove_filing(&self, accession: &str) -> anyhow::Result<()> {
        let (page, at) = self.find_row(accession)?;
        let mut value = submissions::read(&page)?;
        submissions::remove(submissions::columns(&mut value)?, at);
        submissions::write(&page, &value)?;
        if let Some(folder) = filing_folder(self.path(), accession) {
            fs::remove_dir_all(folder)?;
        }
        Ok(())
    }

    /// Moves all but the newest `keep` filings of a company to an older page, as EDGAR does with long histories;
    /// gives the page's file name. `cik` has ten digits.
    ///
    /// # Errors
    /// When the company has no submissions file or no more than `keep` filings.
    pub fn split_page(&self, cik: &str, keep: usize) -> anyhow::Result<String> {
        let path = self.submissions_of(cik);
        let mut company = submissions::read(&path)?;
        let older = submissions::split(submissions::columns(&mut company)?, keep);
        let count = submissions::rows(&older);
        if count == 0 {
            bail!("{cik} has no more than {keep} filings");
        }
        let date = |at: usize| submissions::row(&older, at).get("filingDate").cloned();
        let files = company
            .pointer_mut("/filings/files")
            .and_then(Value::as_array_mut)
            .context("a submissions file has no list of older pages")?;
        let name = format!("CIK{cik}-submissions-{:03}.json", files.len() + 1);
        files.push(json!({
            "name": name,
            "filingCount": count,
            "filingFrom": date(count - 1),
            "filingTo": date(0),
        }));
        submissions::write(&path.with_file_name(&name), &Value::Object(older))?;
        submissions::write(&path, &company)?;
        Ok(name)
    }

    pub(super) fn submissions_of(&self, cik: &str) -> PathBuf {
        self.path().join(format!("submissions/CIK{cik}.json"))
    }

    /// The page that lists a filing, and where.
    pub(super) fn find_row(&self, accession: &str) -> anyhow::Result<(PathBuf, usize)> {
        for entry in fs::read_dir(self.path().join("submissions"))? {
            let page = entry?.path();
            let mut value = submissions::read(&page)?;
            if let Some(at) = submissions::position(submissions::columns(&mut value)?, accession) {
                return Ok((page, at));
            }
        }
        bail!("no submissions file lists {accession}")
    }
}

/// `CIK…-submissions-001.json` belongs to `CIK….json`.
fn newest_page(page: &Path) -> PathBuf {
    let stem = page.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let company = stem.split_once("-submissions-").map_or(stem, |(company, _)| company);
    page.with_file_name(format!("{company}.json"))
}

fn copy_directory(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_directory(&entry.path(), &target)?;
        } else {
            // Contents only: a read-only source must not make a read-only copy.
            fs::write(&target, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// Copies a filing's folder with every `(from, to)` replaced in names and contents, also inside the zip, and
/// `index.json` made anew.
pub(super) fn copy_filing(from: &Path, to: &Path, names: &[(String, String)]) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    let mut sizes = Vec::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "index.json" {
            continue;
        }
        let data = fs::read(entry.path())?;
        let data = if name.ends_with(".zip") { renamed_zip(&data, names)? } else { renamed(&data, names) };
        let name = String::from_utf8(renamed(name.as_bytes(), names))?;
        sizes.push((name.clone(), data.len()));
        fs::write(to.join(&name), data)?;
    }
    sizes.sort();
    let item = |(name, size): &(String, usize)| json!({"name": name, "type": "text.gif", "size": size.to_string(), "last-modified": "2025-01-01 00:00:00"});
    let parts: Vec<_> = to.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
    let parent = format!("/Archives/edgar/data/{}", parts[1]);
    let index = json!({"directory": {
        "item": sizes.iter().map(item).collect::<Vec<_>>(),
        "name": format!("{parent}/{}", parts[0]),
        "parent-dir": parent,
    }});
    submissions::write(&to.join("index.json"), &index)
}

/// All of `names` replaced in `data`, in their order; bytes, since not every filing is UTF-8.
pub(super) fn renamed(data: &[u8], names: &[(String, String)]) -> Vec<u8> {
    let replace = |data: Vec<u8>, (from, to): &(String, String)| {
        let (from, to) = (from.as_bytes(), to.as_bytes());
        let mut out = Vec::with_capacity(data.len());
        let mut rest = data.as_slice();
        while let Some(at) = find(rest, from) {
            out.extend_from_slice(&rest[..at]);
            out.extend_from_slice(to);
            rest = &rest[at + from.len()..];
        }
        out.extend_from_slice(rest);
        out
    };
    names.iter().fold(data.to_vec(), replace)
}

fn find(data: &[u8], part: &[u8]) -> Option<usize> {
    let first = *part.first()?;
    let candidates = data.iter().enumerate().filter(|(_, byte)| **byte == first);
    candidates.map(|(at, _)| at).find(|&at| data[at..].starts_with(part))
}

fn renamed_zip(data: &[u8], names: &[(String, String)]) -> anyhow::Result<Vec<u8>> {
    let mut source = ZipArchive::new(Cursor::new(data))?;
    let mut target = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..source.len() {
        let mut entry = source.by_index(at)?;
        let name = entry.name()?.to_string();
        let mut text = Vec::new();
        entry.read_to_end(&mut text)?;
        // No modification time: the default is the same on every run.
        target.start_file(name, SimpleFileOptions::default().last_modified_time(zip::DateTime::default()))?;
        target.write_all(&renamed(&text, names))?;
    }
    Ok(target.finish()?.into_inner())
}
