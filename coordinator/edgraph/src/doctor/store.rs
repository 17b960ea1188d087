//! The store: can an object be written, read, listed and removed, and is a conditional write refused when it has to be.

use bytes::Bytes;
use edgraph_shared::storage::{self, Address, Error, Expect, ObjectKey, SharedStore};

use super::finding::Finding;
use super::folders;

const PART: &str = "store";
/// Nothing else has these names; both are gone afterwards.
const FOLDER: &str = "doctor";
const PROBE: &str = "doctor/probe";

pub(super) async fn examine(address: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    match address.parse() {
        // None is made: a folder that is not there is made by the first run.
        Ok(Address::Directory(folder)) if !folder.is_dir() => {
            let says = format!("there is no {} yet; the first run makes it", folder.display());
            return vec![Finding::well(PART, says)];
        }
        Ok(Address::Directory(folder)) => findings.extend(folders::examine(PART, &folder)),
        _ => {}
    }
    let store = match storage::open(address).await {
        Ok(store) => store,
        Err(error) => {
            findings.push(Finding::wrong(PART, format!("--store: {error}")));
            return findings;
        }
    };
    findings.push(match probe(&store).await {
        Ok(()) => {
            Finding::well(PART, format!("{address}: writes, conditional writes, reads, lists and removes"))
        }
        Err(says) => Finding::wrong(PART, format!("--store {address}: {says}")),
    });
    store.close();
    findings
}

async fn probe(store: &SharedStore) -> Result<(), String> {
    let key = |name: &str| name.parse::<ObjectKey>().expect("short and plain");
    let (key, folder) = (key(PROBE), key(FOLDER));
    let text = |error: Error| error.to_string();
    store.put(&key, Bytes::from_static(b"probe")).await.map_err(text)?;
    match store.put_if(&key, Bytes::from_static(b"other"), Expect::Absent).await {
        Err(Error::Conflict { .. }) => {}
        Err(error) => return Err(error.to_string()),
        Ok(()) => {
            return Err(
                "it takes conditional writes and does not look at the condition, so that tables would lose \
                        filings; use an S3 that honours If-None-Match"
                    .to_owned(),
            );
        }
    }
    if store.get(&key).await.map_err(text)? != Bytes::from_static(b"probe") {
        return Err("it returns other bytes than were written".to_owned());
    }
    let listed = store.list(&folder).await.map_err(text)?;
    if !listed.iter().any(|object| object.key == key) {
        return Err("it does not list what was written".to_owned());
    }
    store.delete(&key).await.map_err(text)
}
