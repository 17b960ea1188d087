//! EDGAR: which document lies where, and how to ask for it.
//!
//! Two bases: `archives` has `files/` and `Archives/`, `data` has `submissions/` and `api/`. Each is the SEC, a mirror or
//! a directory in EDGAR's layout. Every request on the wire passes one turnstile, whichever base it goes to. Parsing is
//! the business of [`tickers`], [`folder`], [`daily_index`], [`submissions`] and [`identity`], which do no I/O.

mod config;
mod text;
mod fields;
pub mod tickers;
pub mod folder;
pub mod daily_index;
pub mod submissions;
pub mod identity;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use edgraph_shared::ids::{AccessionNumber, Cik};

use crate::download::location::read_file;
use crate::download::{
    Base, Content, Desk, Downloader, Error, Hosts, Location, Turnstile, authority, is_sec,
};

use daily_index::Quarter;

pub use config::{ConfigError, EdgarConfig};

/// Some 10,000 companies are under 1 MB.
const MAX_TICKERS_BYTES: u64 = 64 << 20;
/// The largest submissions files are some 5 MB.
pub(crate) const MAX_SUBMISSIONS_BYTES: u64 = 64 << 20;
/// The largest zips of annual reports are some 20 MB.
pub const MAX_ZIP_BYTES: u64 = 256 << 20;
/// The largest single documents are some 60 MB.
pub const MAX_DOCUMENT_BYTES: u64 = 256 << 20;
/// An index lists a few hundred files at most.
const MAX_INDEX_BYTES: u64 = 16 << 20;
/// An index of a quarter's filings is some 40 MB.
const MAX_FILINGS_INDEX_BYTES: u64 = 512 << 20;

/// Access to EDGAR. Clones are cheap and share the turnstile.
#[derive(Clone, Debug)]
pub struct Edgar {
    archives: Base,
    data: Base,
    downloader: Downloader,
    config: EdgarConfig,
    asked: Arc<AtomicU64>,
}

/// A document and the address it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The bytes.
    pub bytes: Bytes,
    /// The address.
    pub url: String,
}

impl Edgar {
    /// Access as configured.
    ///
    /// # Errors
    /// [`ConfigError`] says what the SEC's rules, or the bases, do not allow. Nothing is asked of a host yet.
    pub fn new(config: EdgarConfig) -> Result<Self, ConfigError> {
        config.check_rules()?;
        let turnstile = Turnstile::new(config.rate);
        Self::with_turnstile(config, turnstile)
    }

    /// Access in a fleet, whose coordinator lends every turn and may say who asks.
    ///
    /// # Errors
    /// [`ConfigError`] says what is wrong with the bases. What the SEC's rules ask of the fleet is its coordinator's.
    pub fn lent(config: EdgarConfig, desk: &Desk) -> Result<Self, ConfigError> {
        let turnstile = Turnstile::lent(desk.clone(), config.family()?);
        Self::with_turnstile(config, turnstile)
    }

    fn with_turnstile(config: EdgarConfig, turnstile: Turnstile) -> Result<Self, ConfigError> {
        let (archives, data) = config.bases()?;
        let agent = config.agent()?;
        let hosts = Hosts::of([&archives, &data].into_iter().filter_map(Base::web));
        let downloader = Downloader::new(agent, hosts, turnstile, config.timeouts);
        let over_tls = |base: &&Base| base.web().is_some_and(|url| url.scheme() == "https");
        if [&archives, &data].iter().any(over_tls) {
            downloader.prepare()?;
        }
        Ok(Self { archives, data, downloader, config, asked: Arc::default() })
    }

    /// Whether a host, as errors name it, is one that filings are asked of.
    pub fn is_host(&self, host: &str) -> bool {
        let mut asked = [&self.archives, &self.data].into_iter().filter_map(Base::web).map(authority);
        asked.any(|asked| asked == host || (is_sec(&asked) && is_sec(host)))
    }

    /// Whether EDGAR is a directory: then nothing else is to be asked of the network either.
    pub fn is_local(&self) -> bool {
        self.archives.web().is_none()
    }

    /// The folder of companies' submissions, where that is one of this machine: then looking through it asks nobody.
    pub(crate) fn submissions_folder(&self) -> Option<PathBuf> {
        match &self.data {
            Base::Directory(path) => Some(path.join("submissions")),
            Base::Web(_) => None,
        }
    }

    /// Documents asked for over the web so far, by all clones together; attempts are not counted after which the same
    /// document may be asked for again.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// As configured.
    pub fn config(&self) -> &EdgarConfig {
        &self.config
    }

    /// The turnstile in front of every request, for others who ask hosts of the same family.
    pub fn turnstile(&self) -> &Turnstile {
        self.downloader.turnstile()
    }

    /// The list of companies with tickers.
    ///
    /// # Errors
    /// As [`Error`] says; so for all that follow.
    pub async fn company_tickers(&self) -> Result<Fetched, Error> {
        self.fetch(&self.archives, &["files", "company_tickers.json"], Content::Json, MAX_TICKERS_BYTES).await
    }

    /// A company's submissions: itself and its newest filings.
    pub async fn submissions(&self, cik: Cik) -> Result<Fetched, Error> {
        self.submissions_page(&submissions::file_name(cik)).await
    }

    /// Older filings, by the name that the submissions give.
    pub async fn submissions_page(&self, name: &str) -> Result<Fetched, Error> {
        self.fetch(&self.data, &["submissions", name], Content::Json, MAX_SUBMISSIONS_BYTES).await
    }

    /// The list of the daily indexes of a quarter.
    pub async fn daily_indexes(&self, quarter: Quarter) -> Result<Fetched, Error> {
        self.filings_index("daily-index", quarter, "index.json", Content::Json).await
    }

    /// What was filed on a day, by the name that the list gives.
    pub async fn daily_index(&self, quarter: Quarter, name: &str) -> Result<Fetched, Error> {
        self.filings_index("daily-index", quarter, name, Content::Lines).await
    }

    /// What was filed in a quarter.
    pub async fn quarterly_index(&self, quarter: Quarter) -> Result<Fetched, Error> {
        self.filings_index("full-index", quarter, "master.idx", Content::Lines).await
    }

    async fn filings_index(
        &self,
        folder: &str,
        quarter: Quarter,
        name: &str,
        content: Content,
    ) -> Result<Fetched, Error> {
        let (year, quarter) = (quarter.year().to_string(), format!("QTR{}", quarter.number()));
        let names = ["Archives", "edgar", folder, year.as_str(), quarter.as_str(), name];
        self.fetch(&self.archives, &names, content, MAX_FILINGS_INDEX_BYTES).await
    }

    /// All XBRL files of a filing in one archive.
    pub async fn xbrl_zip(&self, cik: Cik, accession: &AccessionNumber) -> Result<Fetched, Error> {
        let name = format!("{accession}-xbrl.zip");
        self.filing_document(cik, accession, &name, Content::Zip, MAX_ZIP_BYTES).await
    }

    /// The list of a filing's files.
    pub async fn filing_index(&self, cik: Cik, accession: &AccessionNumber) -> Result<Fetched, Error> {
        self.filing_document(cik, accession, "index.json", Content::Json, MAX_INDEX_BYTES).await
    }

    /// One file of a filing.
    pub async fn filing_file(
        &self,
        cik: Cik,
        accession: &AccessionNumber,
        name: &str,
    ) -> Result<Fetched, Error> {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        let content = match &*extension {
            "htm" | "html" => Content::Html,
            "json" => Content::Json,
            _ => Content::Xml,
        };
        self.filing_document(cik, accession, name, content, MAX_DOCUMENT_BYTES).await
    }

    async fn filing_document(
        &self,
        cik: Cik,
        accession: &AccessionNumber,
        name: &str,
        content: Content,
        limit: u64,
    ) -> Result<Fetched, Error> {
        let (cik, folder) = (cik.to_string(), accession.no_dashes());
        let names = ["Archives", "edgar", "data", cik.as_str(), folder.as_str(), name];
        self.fetch(&self.archives, &names, content, limit).await
    }

    async fn fetch(
        &self,
        base: &Base,
        names: &[&str],
        content: Content,
        limit: u64,
    ) -> Result<Fetched, Error> {
        let location = base.resolve(names)?;
        let bytes = match &location {
            Location::Web(url) => {
                let got = self.downloader.get(url, content, limit).await;
                if !got.as_ref().is_err_and(Error::may_mend) {
                    self.asked.fetch_add(1, Ordering::Relaxed);
                }
                got?
            }
            Location::File(path) => read_file(path, content, limit).await?,
        };
        Ok(Fetched { bytes, url: location.to_string() })
    }
}

#[cfg(test)]
mod tests;
