//! Names of the objects in a store: the one place that spells them.
//!
//! ```text
//! raw/{accession}.zip  raw/{accession}.json            as downloaded, and the sidecar
//! submissions/CIK{cik10}.json                          a company's snapshot
//! taxonomies/{host}/{path}                             standard schemas
//! graph/nodes/{Table}/year=YYYY/month=MM/{stem}.parquet  and graph/relationships/…, text/…, flat/facts/…
//! manifests/{accession}/{input key}.json  manifests/{accession}/current
//! pipelines/{id}/accepted-{round}.jsonl
//! ```

use super::{Error, ObjectKey};
use crate::ids::{AccessionNumber, Cik, PipelineId};

/// Hex digits of the input key in a file name: enough that different inputs never share one.
const STEM_KEY_DIGITS: usize = 12;

fn key(text: String) -> ObjectKey {
    text.parse().expect("built from validated parts")
}

/// The filing's zip as downloaded.
pub fn raw_zip(accession: &AccessionNumber) -> ObjectKey {
    key(format!("raw/{accession}.zip"))
}

/// The sidecar of the filing's zip.
pub fn raw_sidecar(accession: &AccessionNumber) -> ObjectKey {
    key(format!("raw/{accession}.json"))
}

/// A company's submissions snapshot.
pub fn submissions(cik: Cik) -> ObjectKey {
    key(format!("submissions/CIK{}.json", cik.cik10()))
}

/// A standard schema, by the host and path of its URL.
///
/// # Errors
/// [`Error::BadKey`] if host or path would leave the folder.
pub fn taxonomy(host: &str, path: &str) -> Result<ObjectKey, Error> {
    format!("taxonomies/{host}/{}", path.trim_start_matches('/')).parse()
}

/// The file of one table of one filing, Hive-partitioned by filing date (`YYYY-MM-DD`).
///
/// `folder` is the table's own, such as `graph/nodes/Fact` ([`crate::schema::Table::folder`]).
pub fn table_file(
    folder: &str,
    filing_date: &str,
    accession: &AccessionNumber,
    input_key: &str,
) -> ObjectKey {
    let (year, month) = (&filing_date[..4], &filing_date[5..7]);
    let stem = &input_key[..STEM_KEY_DIGITS.min(input_key.len())];
    key(format!("{folder}/year={year}/month={month}/{accession}-{stem}.parquet"))
}

/// A manifest.
pub fn manifest(accession: &AccessionNumber, input_key: &str) -> ObjectKey {
    key(format!("manifests/{accession}/{input_key}.json"))
}

/// The pointer to a filing's current manifest: its input key.
pub fn current_manifest(accession: &AccessionNumber) -> ObjectKey {
    key(format!("manifests/{accession}/current"))
}

/// What a round of a pipeline accepted, one JSON object a line.
pub fn accepted(pipeline: &PipelineId, round: u32) -> ObjectKey {
    key(format!("pipelines/{pipeline}/accepted-{round}.jsonl"))
}
