//! The accepted list: what the gate of a round let through, one JSON object per line.

use std::fmt::Display;
use std::str::FromStr;

use edgraph_shared::failure::Failure;
use edgraph_shared::kinds::sec_xbrl::{Accepted, EndOfRound};
use edgraph_shared::storage::{ObjectKey, SharedStore};
use edgraph_worker::handler::Job;

use crate::error::Error;

/// What an item that ends a round is given: the number of the round, and its list.
pub(crate) async fn of(job: &Job, store: &SharedStore) -> Result<(u32, Vec<Accepted>), Failure> {
    let EndOfRound { round, accepted } = job.payload()?;
    let accepted = read(store, &accepted).await.map_err(|error| error.failure())?;
    Ok((round, accepted))
}

/// Reads the list of this name.
async fn read(store: &SharedStore, key: &str) -> Result<Vec<Accepted>, Error> {
    let object: ObjectKey = key.parse()?;
    let list = store.get(&object).await?;
    let lines = list.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    let parse = |(number, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|error| Error::invalid(format!("{key}:{}", number + 1), error))
    };
    lines.map(parse).collect()
}

/// What the key of an item says behind its kind: an accession number, a CIK.
pub(crate) fn named_by<T: FromStr>(key: &str, kind: &str) -> Result<T, Error>
where
    T::Err: Display,
{
    let wrong = |problem: String| Error::invalid(format!("accepted list, item {key:?}"), problem);
    let rest = key.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/'));
    let rest = rest.ok_or_else(|| wrong(format!("expected {kind}/…")))?;
    rest.parse().map_err(|error: T::Err| wrong(error.to_string()))
}
