//! Filings that a round goes on without, as a result can hold them: it has a limit, and the log names all of them.

use std::collections::BTreeMap;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::kinds::sec_xbrl::{Accepted, kind};
use edgraph_worker::handler::Refusals;

use crate::accepted::named_by;

/// Bytes that reasons may take: a result holds 4 KiB.
const MAX_REASONS_BYTES: usize = 3 * 1024;
/// Characters of one reason there.
const MAX_REASON_CHARS: usize = 400;

/// The lines of a list whose filings are rejected, with the filing and the reason.
pub(crate) fn among<'a>(
    accepted: &'a [Accepted],
    rejected: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = (&'a Accepted, AccessionNumber, &'a String)> {
    accepted.iter().filter_map(|line| {
        let accession: AccessionNumber = named_by(line.key.as_str(), kind::PROCESS_FILING).ok()?;
        Some((line, accession, rejected.get(accession.as_str())?))
    })
}

/// Refuses the results of filings whose output is missing or damaged: a retry makes them again. What is refused for other
/// reasons, or stands in no line of the list, a retry would not mend.
pub(crate) fn refuse(refusals: &Refusals, accepted: &[Accepted], damaged: &BTreeMap<String, String>) {
    for (line, _, reason) in among(accepted, damaged) {
        refusals.add(line.key.clone(), reason.clone());
    }
}

/// Logs every rejection, and keeps the first that fit, with how many there are beside them.
pub(crate) fn told(rejected: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut kept = BTreeMap::new();
    let (mut bytes, mut more) = (0, 0);
    for (accession, reason) in rejected {
        tracing::warn!(%accession, reason, "filing rejected");
        let reason: String = reason.chars().take(MAX_REASON_CHARS).collect();
        // Escapes count: the result is JSON.
        let size = accession.len() + serde_json::to_string(&reason).map_or(0, |text| text.len());
        if bytes + size > MAX_REASONS_BYTES {
            more += 1;
            continue;
        }
        bytes += size;
        kept.insert(accession, reason);
    }
    if more > 0 {
        kept.insert("others".to_owned(), format!("{more} more, named in the log"));
    }
    kept
}

#[cfg(test)]
mod tests {
    use edgraph_shared::kinds::sec_xbrl::Ingested;

    use super::*;

    #[test]
    fn a_result_stays_small_however_many_filings_are_rejected() {
        let rejected: BTreeMap<String, String> =
            (0..500).map(|number| (format!("filing {number:03}"), "\"reason\" ".repeat(100))).collect();
        let ingested = Ingested { rejected: told(rejected), ..Ingested::default() };
        let kept = ingested.rejected.len() - 1;
        assert!((3..20).contains(&kept), "{kept}");
        assert_eq!(ingested.rejected["others"], format!("{} more, named in the log", 500 - kept));
        assert!(serde_json::to_string(&ingested).unwrap().len() < 4 * 1024);
    }
}
