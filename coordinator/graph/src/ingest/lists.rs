//! What the accepted lists of all pipelines say: under which companies filings were found. Tables do not know it.

use std::collections::{BTreeMap, BTreeSet};

use edgraph_shared::ids::{AccessionNumber, Cik, ItemKey};
use edgraph_shared::storage::{ObjectKey, SharedStore, layout};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;

use super::listed;
use crate::error::Error;

/// Lists read at a time: each may have hundreds of bytes for every filing of a market.
const CONCURRENT_LISTS: usize = 4;

/// Companies by the filings that were found under them.
pub(super) type Companies = BTreeMap<AccessionNumber, BTreeSet<Cik>>;

/// What is needed of a line. Its result may be one that this program does not know.
#[derive(Deserialize)]
struct Line {
    key: ItemKey,
    parents: Vec<ItemKey>,
}

/// Reads every list of a store. Lines of other kinds of pipelines say nothing about filings.
///
/// # Errors
/// The store's.
pub(super) async fn companies(store: &SharedStore) -> Result<Companies, Error> {
    let objects = store.list(&layout::pipelines_folder()).await?;
    let lists = objects.into_iter().map(|object| object.key).filter(layout::is_accepted_list);
    let lists = lists.map(|key| async move { Ok::<_, Error>((store.get(&key).await?, key)) });
    let read = stream::iter(lists.collect::<Vec<_>>()).buffer_unordered(CONCURRENT_LISTS);
    let add = |mut all, (list, key): (bytes::Bytes, ObjectKey)| async move {
        take(&mut all, &list, &key);
        Ok(all)
    };
    read.try_fold(Companies::new(), add).await
}

/// Takes in the lines of a list. What cannot be read is left out and said: a list lost costs a company, not the graph.
fn take(companies: &mut Companies, list: &[u8], key: &ObjectKey) {
    let mut unreadable = 0_u64;
    for line in list.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let Ok(Line { key, parents }) = serde_json::from_slice(line) else {
            unreadable += 1;
            continue;
        };
        if let Ok(accession) = listed::filing(key.as_str()) {
            let found = parents.iter().filter_map(|parent| listed::company(parent.as_str()).ok());
            companies.entry(accession).or_default().extend(found);
        }
    }
    if unreadable > 0 {
        tracing::warn!(list = %key, lines = unreadable, "lines of an accepted list cannot be read and are left out");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_adds_the_companies_that_it_names() {
        let key: ObjectKey = "pipelines/nightly/accepted-1.jsonl".parse().unwrap();
        let line = |filing: &str, company: u64| {
            format!(
                r#"{{"key":"{filing}","parents":["discover_filings/{company:010}"],"result":{{"of":"any kind"}}}}"#
            )
        };
        let filing = "process_filing/0000000001-24-000001";
        let mut found = Companies::new();
        for list in [
            format!("{}\n{}\n", line(filing, 1), line("else/1", 2)),
            format!("{}\nno line at all\n{{\n", line(filing, 3)),
        ] {
            take(&mut found, list.as_bytes(), &key);
        }
        let companies = [1, 3].map(|number| Cik::new(number).unwrap());
        let accession = "0000000001-24-000001".parse().unwrap();
        assert_eq!(found, Companies::from([(accession, companies.into())]));
    }
}
