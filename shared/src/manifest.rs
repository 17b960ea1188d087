//! Manifest and sidecar: what is known of a filing's files, beside the files.
//!
//! A manifest is written last and lists every file with its hash, so files without a manifest are not results. It
//! holds no clock: the same input gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::{AccessionNumber, Cik};

/// The filing's own fields in EDGAR's submissions file, frozen at first download.
///
/// Only what every filer's submissions file says alike: a filing under several CIKs has one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingMetadata {
    /// The accession number.
    pub accession: AccessionNumber,
    /// The form, such as `10-K/A`.
    pub form: String,
    /// `YYYY-MM-DD`.
    pub filing_date: String,
    /// The end of the period of report, `YYYY-MM-DD`; empty where EDGAR has none.
    pub report_date: String,
    /// When EDGAR accepted it, ISO 8601 UTC.
    pub accepted_at: String,
    /// The file name of the primary document.
    pub primary_document: String,
}

/// What lies beside a raw filing, `raw/{accession}.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sidecar {
    /// The hash of the zip as kept, hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// The address it came from.
    pub url: String,
    /// The filing's record as it was then: part of the input key, so next year's submissions change nothing.
    pub metadata: FilingMetadata,
}

/// One document of a filing's DTS that is not in its own zip.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TaxonomyFile {
    /// Its canonical URL.
    pub url: String,
    /// The hash of its bytes, hexadecimal; `None` when it was missing.
    pub sha256: Option<String>,
}

/// A report in a filing's documents beside the one of its form, such as a fee exhibit's; its facts are not in the output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherReport {
    /// Its documents, by name.
    pub documents: Vec<String>,
    /// Its target in those documents; the default target has no name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// What it says it is, `dei:DocumentType`.
    pub document_type: Option<String>,
    /// Fact occurrences.
    pub facts: u64,
}

impl fmt::Display for OtherReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { documents, target, document_type, facts } = self;
        write!(f, "{}", documents.join(", "))?;
        if !target.is_empty() {
            write!(f, " (target {target:?})")?;
        }
        let document_type = document_type.as_deref().unwrap_or("of no document type");
        write!(f, ": {document_type}, {facts} facts")
    }
}

/// One file of the output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// The table, as [`crate::schema::Table::name`].
    pub table: String,
    /// The object's key.
    pub key: String,
    /// Rows in it.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// The hash of its bytes, hexadecimal.
    pub sha256: String,
}

/// Everything about one processing of one filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The accession number.
    pub accession: AccessionNumber,
    /// The hash over all the output depends on ([`input_key`]).
    pub input_key: String,
    /// The version of the processor.
    pub processor_version: String,
    /// `inline` or `instance`: what the facts were read from.
    pub source: String,
    /// The name of the file the facts were read from.
    pub source_document: String,
    /// The filer: the CIK in the instance's contexts.
    pub owner: Cik,
    /// The filing's record as it was at first download.
    pub metadata: FilingMetadata,
    /// The tickers that the SEC had of the owner when the filing was processed, its first one first: part of the input
    /// key as they are here, so that later ones change nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sec_tickers: Vec<String>,
    /// The hash of the raw zip.
    pub raw_sha256: String,
    /// The DTS outside the filing's own files, sorted by URL.
    pub taxonomies: Vec<TaxonomyFile>,
    /// Fact occurrences, tagged items.
    pub occurrences: u64,
    /// Reports that are there, too, and were not loaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_reports: Vec<OtherReport>,
    /// The files, in the order of the schema's tables; tables without rows have none.
    pub files: Vec<OutputFile>,
    /// Diagnostics by code.
    pub diagnostics: BTreeMap<String, u64>,
    /// The first diagnostics of each code as text.
    pub first_diagnostics: Vec<String>,
}

impl Manifest {
    /// Whether a document of the DTS was missing.
    pub fn is_degraded(&self) -> bool {
        self.taxonomies.iter().any(|file| file.sha256.is_none())
    }

    /// The URLs that were missing.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        self.taxonomies.iter().filter(|file| file.sha256.is_none()).map(|file| file.url.as_str())
    }

    /// Rows of one table.
    pub fn rows(&self, table: &str) -> u64 {
        self.files.iter().filter(|file| file.table == table).map(|file| file.rows).sum()
    }
}

/// What stands beside the manifest of a filing whose files were removed, since its rows are in files of many filings:
/// the tables where that is so. There the logs of the tables say where its rows are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compacted {
    /// Names of tables.
    pub tables: BTreeSet<String>,
}

impl Compacted {
    /// What a note says; nothing where there is none, or it cannot be read.
    pub fn of(note: Option<&[u8]>) -> Self {
        note.and_then(|note| serde_json::from_slice(note).ok()).unwrap_or_default()
    }
}

/// The input key: a hash over everything the output of a filing depends on.
///
/// `taxonomies` must be sorted by URL; a file that was missing counts as missing. `sec_tickers` are those that the
/// output was or is to be made with ([`Manifest::sec_tickers`]).
pub fn input_key(
    raw_sha256: &str,
    taxonomies: &[TaxonomyFile],
    metadata: &FilingMetadata,
    sec_tickers: &[String],
    processor_version: &str,
) -> String {
    debug_assert!(taxonomies.is_sorted(), "the digest must not depend on the order of discovery");
    let canonical = serde_json::to_vec(&(raw_sha256, taxonomies, metadata, sec_tickers, processor_version));
    sha256_hex(&canonical.expect("strings and structs always serialise"))
}

/// A SHA-256 in hexadecimal.
const KEY_DIGITS: usize = 64;

/// The input key that the pointer to a filing's current manifest names; `None` for one that was withdrawn, or holds
/// something else.
pub fn pointed_at(pointer: &[u8]) -> Option<&str> {
    let key = std::str::from_utf8(pointer).ok()?.trim();
    (key.len() == KEY_DIGITS && key.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(key)
}

/// The SHA-256 of bytes, hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
