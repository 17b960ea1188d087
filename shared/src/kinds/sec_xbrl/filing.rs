//! One filing: what `process_filing` is given, and what it says of the files it wrote.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::damage::Damage;
use super::kind;
use super::parameters::Processing;
use crate::failure::shortened;
use crate::ids::{AccessionNumber, ItemKey};
use crate::manifest::{FilingMetadata, Manifest, OtherReport, OutputFile};
use crate::schema;
use crate::storage::layout;

/// Payload of `process_filing`: the same from whichever company it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessFiling {
    /// The filing's record.
    pub metadata: FilingMetadata,
    /// How to process it.
    pub processing: Processing,
}

/// Result of `process_filing`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingProcessed {
    /// Whether a current manifest was there already.
    pub skipped: bool,
    /// The input key.
    pub input_key: String,
    /// The manifest's address for people and programs.
    pub manifest_uri: String,
    /// The hash of the manifest's bytes.
    pub manifest_sha256: String,
    /// Whether a schema was missing.
    pub degraded: bool,
    /// Fact occurrences.
    pub occurrences: u64,
    /// Fact rows.
    pub facts: u64,
    /// Rows in all tables of the graph.
    pub rows: u64,
    /// Bytes in all files.
    pub bytes: u64,
    /// The filing's date, `YYYY-MM-DD`: files are partitioned by it.
    #[serde(default)]
    pub filing_date: String,
    /// The file of each table that has rows.
    #[serde(default)]
    pub tables: BTreeMap<String, TableFile>,
    /// Entries that cannot be read of the list of the filing's files, where that was asked for.
    #[serde(default, skip_serializing_if = "Damage::is_none")]
    pub damage: Damage,
    /// Reports in its documents that were not loaded, in short; the manifest has them whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_reports: Vec<String>,
}

/// What a result says of one file; its address follows from the rest.
/// As JSON an array `[rows, bytes]`: a result has one for each of some thirty tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct TableFile {
    /// Rows in it.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
}

/// A table, the address of the file with its rows, and how much is in it.
pub type FileLocation = (String, String, TableFile);

impl From<(u64, u64)> for TableFile {
    fn from((rows, bytes): (u64, u64)) -> Self {
        Self { rows, bytes }
    }
}

impl From<TableFile> for (u64, u64) {
    fn from(file: TableFile) -> Self {
        (file.rows, file.bytes)
    }
}

/// Digits of a SHA-256.
const HASH_LEN: usize = 64;
/// Reports that a result names, and characters of each: results have a limit.
const MAX_OTHER_REPORTS: usize = 5;
const MAX_REPORT_CHARS: usize = 120;

impl FilingProcessed {
    /// Reads the result of the item with this key, which must be what an ingestion needs: it finds the filing by the key,
    /// its manifest by the input key, and holds the manifest to its hash.
    ///
    /// # Errors
    /// What is wrong with the result.
    pub fn of_item(key: &ItemKey, result: &str) -> Result<Self, String> {
        let accession: AccessionNumber = key
            .as_str()
            .strip_prefix(kind::PROCESS_FILING)
            .and_then(|rest| rest.strip_prefix('/'))
            .and_then(|rest| rest.parse().ok())
            .ok_or_else(|| format!("`{key}` names no filing: expected {}/ACCESSION", kind::PROCESS_FILING))?;
        let filing: Self = serde_json::from_str(result)
            .map_err(|error| format!("the result is not that of a processed filing: {error}"))?;
        let is_hash = |text: &str| {
            text.len() == HASH_LEN && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        for (field, text) in [("input_key", &filing.input_key), ("manifest_sha256", &filing.manifest_sha256)]
        {
            if !is_hash(text) {
                let text = shortened(text, MAX_REPORT_CHARS);
                return Err(format!(
                    "the result's {field} is `{text}`: expected {HASH_LEN} hexadecimal digits"
                ));
            }
        }
        let manifest = layout::manifest(&accession, &filing.input_key);
        if !filing.manifest_uri.ends_with(manifest.as_str()) {
            let uri = shortened(&filing.manifest_uri, MAX_REPORT_CHARS);
            return Err(format!(
                "the result's manifest_uri is `{uri}`: expected one that ends in {manifest}"
            ));
        }
        Ok(filing)
    }

    /// The reports of a filing that were not loaded, in short.
    pub fn other_reports_of(manifest: &Manifest) -> Vec<String> {
        let others = &manifest.other_reports;
        let short = |report: &OtherReport| shortened(&report.to_string(), MAX_REPORT_CHARS);
        let mut named: Vec<String> = others.iter().take(MAX_OTHER_REPORTS).map(short).collect();
        if others.len() > MAX_OTHER_REPORTS {
            named.push(format!("and {} more", others.len() - MAX_OTHER_REPORTS));
        }
        named
    }

    /// The files of a manifest, in short: addresses would be too long for a result.
    pub fn tables_of(manifest: &Manifest) -> BTreeMap<String, TableFile> {
        let short =
            |file: &OutputFile| (file.table.clone(), TableFile { rows: file.rows, bytes: file.bytes });
        manifest.files.iter().map(short).collect()
    }

    /// The table, address and size of every file of the filing, in the order of the tables' names.
    pub fn locations(&self, accession: &AccessionNumber) -> Vec<FileLocation> {
        let manifest = layout::manifest(accession, &self.input_key);
        let Some(root) = self.manifest_uri.strip_suffix(manifest.as_str()) else { return Vec::new() };
        // Results that were recorded before they told where files are have no date.
        if self.filing_date.len() != "YYYY-MM-DD".len() || !self.filing_date.is_ascii() {
            return Vec::new();
        }
        let location = |(table, file): (&String, &TableFile)| {
            let folder = schema::table(table)?.folder();
            let key = layout::table_file(&folder, &self.filing_date, accession, &self.input_key);
            Some((table.clone(), format!("{root}{key}"), *file))
        };
        self.tables.iter().filter_map(location).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_what_an_ingestion_needs_or_says_what_is_wrong() {
        let key = |text: &str| text.parse::<ItemKey>().unwrap();
        let (filed, hash) = ("process_filing/0000000001-24-000001", "0a".repeat(32));
        let good = serde_json::json!({
            "skipped": false, "input_key": hash, "manifest_sha256": hash,
            "manifest_uri": format!("s3://bucket/prefix/manifests/0000000001-24-000001/{hash}.json"),
            "degraded": false, "occurrences": 1, "facts": 1, "rows": 1, "bytes": 1,
        });
        assert!(FilingProcessed::of_item(&key(filed), &good.to_string()).is_ok());
        let with = |field: &str, value: serde_json::Value| {
            let mut result = good.clone();
            result[field] = value;
            FilingProcessed::of_item(&key(filed), &result.to_string()).unwrap_err()
        };
        for (error, part) in [
            (with("rows", "many".into()), "is not that of a processed filing"),
            (with("tables", serde_json::json!({"Fact": "x"})), "is not that of a processed filing"),
            (with("input_key", "../..".into()), "input_key is `../..`"),
            (with("manifest_sha256", "".into()), "manifest_sha256 is ``: expected 64"),
            (with("manifest_uri", "s3://bucket/other.json".into()), "expected one that ends in manifests/"),
            (FilingProcessed::of_item(&key(filed), "{}").unwrap_err(), "missing field"),
            (FilingProcessed::of_item(&key("process_filing/x"), "{}").unwrap_err(), "names no filing"),
        ] {
            assert!(error.contains(part), "{error}");
        }
    }
}
