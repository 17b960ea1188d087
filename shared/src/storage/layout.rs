//! Names of the objects in a store: the one place that spells them, but for the accepted lists.
//!
//! ```text
//! raw/{accession}.zip  raw/{accession}.json            as downloaded, and the sidecar
//! submissions/CIK{cik10}.json                          a company's snapshot
//! submissions/fetched/CIK{cik10}.json                  when, and of what bytes
//! submissions/older/{name}                             its older pages, by EDGAR's names
//! files/company_tickers.json                           the SEC's list of companies
//! files/fetched/company_tickers.json                   when, and of what bytes
//! taxonomies/{host}/{path}                             standard schemas
//! taxonomies-claims/{host}/{path}                      who downloads one of them, and its sha256 afterwards
//! graph/nodes/{Table}/year=YYYY/month=M/{stem}.parquet  and graph/relationships/…, text/…, flat/facts/…
//! {the same folders}/_delta_log/…                      which of those files are the table, version by version
//! graph/nodes/{Table}/year=YYYY/month=M/part-{uuid}.parquet  rows of many filings
//! manifests/{accession}/{input key}.json  manifests/{accession}/current
//! manifests/{accession}/{input key}.compacted          which of its files are gone, since parts have their rows
//! store.json                                           the store's own id
//! pipelines/{id}/accepted-{round}.jsonl                what a round accepted; the coordinator writes it
//! pipelines/{id}/finished.jsonl                        how a pipeline ended, for a tracker that was lost
//! pipelines/{id}/finished/{end}/{number}.jsonl         its items
//! ```
//!
//! The accepted list is spelled elsewhere, by `accepted_path` in the coordinator's `pipeline::gate`, since the core
//! decides when a list is written and knows no store; the ingester finds the name in its payload. Here it is told from
//! other names.

use uuid::Uuid;

use super::{Error, ObjectKey};
use crate::ids::{AccessionNumber, Cik, PipelineId};

/// Hex digits of the input key in a file name: enough that different inputs never share one.
const STEM_KEY_DIGITS: usize = 12;

fn key(text: String) -> ObjectKey {
    text.parse().expect("built from validated parts")
}

/// What says which store this is.
pub fn identity() -> ObjectKey {
    key("store.json".to_owned())
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

/// The folder of all companies' snapshots; their notes and older pages lie in folders of it.
pub fn submissions_folder() -> ObjectKey {
    key("submissions".to_owned())
}

/// The note beside a company's snapshot.
pub fn submissions_note(cik: Cik) -> ObjectKey {
    key(format!("submissions/fetched/CIK{}.json", cik.cik10()))
}

/// An older page of a company's submissions.
///
/// # Errors
/// [`Error::BadKey`] if the name would leave the folder.
pub fn older_submissions(name: &str) -> Result<ObjectKey, Error> {
    Ok(format!("submissions/older/{name}").parse()?)
}

/// The SEC's list of companies with tickers.
pub fn company_tickers() -> ObjectKey {
    key("files/company_tickers.json".to_owned())
}

/// The note beside the list of companies.
pub fn company_tickers_note() -> ObjectKey {
    key("files/fetched/company_tickers.json".to_owned())
}

/// A standard schema, by the host and path of its URL.
///
/// # Errors
/// [`Error::BadKey`] if host or path would leave the folder.
pub fn taxonomy(host: &str, path: &str) -> Result<ObjectKey, Error> {
    Ok(format!("taxonomies/{host}/{}", path.trim_start_matches('/')).parse()?)
}

/// What the fleet knows of a standard schema: who downloads it, or its hash.
///
/// # Errors
/// [`Error::BadKey`] if host or path would leave the folder.
pub fn taxonomy_claim(host: &str, path: &str) -> Result<ObjectKey, Error> {
    Ok(format!("taxonomies-claims/{host}/{}", path.trim_start_matches('/')).parse()?)
}

/// The file of one table of one filing, Hive-partitioned by filing date (`YYYY-MM-DD`). The month has no leading zero:
/// DuckDB takes `02` for a text, and `2` is a number to every reader.
///
/// `folder` is the table's own, such as `graph/nodes/Fact` ([`crate::schema::Table::folder`]).
pub fn table_file(
    folder: &str,
    filing_date: &str,
    accession: &AccessionNumber,
    input_key: &str,
) -> ObjectKey {
    let (year, month) = (&filing_date[..4], filing_date[5..7].trim_start_matches('0'));
    let stem = file_stem(accession, input_key);
    key(format!("{folder}/year={year}/month={month}/{stem}.parquet"))
}

/// What the files of one filing are called in all tables, made from this input: it tells every version from any other.
pub fn file_stem(accession: &AccessionNumber, input_key: &str) -> String {
    format!("{accession}-{}", &input_key[..STEM_KEY_DIGITS.min(input_key.len())])
}

/// The filing that files of this name are of, and the digits of its input key: what [`file_stem`] made the name of.
pub fn of_file_stem(stem: &str) -> Option<(AccessionNumber, &str)> {
    let (accession, digits) = stem.rsplit_once('-')?;
    Some((accession.parse().ok()?, digits))
}

/// The name of a file with the rows of many filings. Nothing else is ever called so: what is made again is another object.
pub fn part_name(id: Uuid) -> String {
    format!("part-{}.parquet", id.simple())
}

/// Whether a file of a table is one with the rows of many filings, by its name.
pub fn is_part_name(name: &str) -> bool {
    let id = name.strip_prefix("part-").and_then(|rest| rest.strip_suffix(".parquet"));
    id.is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The log of a table's versions, by which readers know which of its files count.
pub fn table_log(folder: &str) -> ObjectKey {
    key(format!("{folder}/_delta_log"))
}

/// The folder of all filings' manifests and pointers, a folder for each.
pub fn manifests_folder() -> ObjectKey {
    key("manifests".to_owned())
}

/// A manifest.
pub fn manifest(accession: &AccessionNumber, input_key: &str) -> ObjectKey {
    key(format!("manifests/{accession}/{input_key}.json"))
}

/// The note beside a manifest that says which of its files are gone: [`crate::manifest::Compacted`].
pub fn compacted(accession: &AccessionNumber, input_key: &str) -> ObjectKey {
    key(format!("manifests/{accession}/{input_key}.compacted"))
}

/// The folder of all manifests of a filing, and of the pointer to the current one.
pub fn manifests_of(accession: &AccessionNumber) -> ObjectKey {
    key(format!("manifests/{accession}"))
}

/// The pointer to a filing's current manifest: its input key. Empty once something of that output was found damaged,
/// until the filing was made again.
pub fn current_manifest(accession: &AccessionNumber) -> ObjectKey {
    key(format!("manifests/{accession}/current"))
}

/// The folder of what coordinators write about pipelines.
pub fn pipelines_folder() -> ObjectKey {
    key("pipelines".to_owned())
}

/// Whether an object is an accepted list.
pub fn is_accepted_list(key: &ObjectKey) -> bool {
    let ["pipelines", _, name] = key.as_str().split('/').collect::<Vec<_>>()[..] else { return false };
    let round = name.strip_prefix("accepted-").and_then(|rest| rest.strip_suffix(".jsonl"));
    round.is_some_and(|round| round.parse::<u32>().is_ok())
}

/// How a pipeline ended.
pub fn finished(pipeline: &PipelineId) -> ObjectKey {
    key(format!("pipelines/{pipeline}/finished.jsonl"))
}

/// The folder of the items of finished pipelines: of each end that was written, a folder.
pub fn finished_pieces(pipeline: &PipelineId) -> ObjectKey {
    key(format!("pipelines/{pipeline}/finished"))
}

/// Some of the items of an end, by its folder.
///
/// # Errors
/// [`Error::BadKey`] if the folder's name would leave the one that it is in.
pub fn finished_piece(pipeline: &PipelineId, end: &str, number: usize) -> Result<ObjectKey, Error> {
    Ok(format!("pipelines/{pipeline}/finished/{end}/{number}.jsonl").parse()?)
}

/// The pipeline whose end an object tells, if it is such a one.
pub fn is_finished(key: &ObjectKey) -> Option<PipelineId> {
    let ["pipelines", id, "finished.jsonl"] = key.as_str().split('/').collect::<Vec<_>>()[..] else {
        return None;
    };
    id.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accepted_list_is_told_from_what_lies_beside_it() {
        for (name, expected) in [
            ("pipelines/nightly/accepted-1.jsonl", true),
            ("pipelines/nightly/accepted-12.jsonl", true),
            ("pipelines/nightly/accepted-.jsonl", false),
            ("pipelines/nightly/accepted-1.json", false),
            ("pipelines/nightly/more/accepted-1.jsonl", false),
            ("raw/nightly/accepted-1.jsonl", false),
        ] {
            assert_eq!(is_accepted_list(&key(name.to_owned())), expected, "{name}");
        }
    }

    #[test]
    fn the_end_of_a_pipeline_is_told_from_what_lies_beside_it() {
        let pipeline: PipelineId = "nightly".parse().unwrap();
        let piece = finished_piece(&pipeline, "7-12", 0).unwrap();
        assert_eq!(is_finished(&finished(&pipeline)), Some(pipeline));
        for name in
            ["pipelines/finished.jsonl", "pipelines/No id/finished.jsonl", "raw/nightly/finished.jsonl"]
        {
            assert_eq!(is_finished(&key(name.to_owned())), None, "{name}");
        }
        assert_eq!((is_finished(&piece), is_accepted_list(&piece)), (None, false));
        assert!(finished_piece(&"nightly".parse().unwrap(), "../other", 0).is_err());
    }
}
