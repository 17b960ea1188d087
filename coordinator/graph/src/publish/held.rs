//! Which filings the tables hold now, each in which version: what a graph can be built of.

use std::collections::BTreeMap;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::storage::SharedStore;

use super::file_name::portions_in;
use super::log::Log;
use super::run::LAST;
use crate::error::Error;

/// The filings of a store's tables by the stem of their files. Read from the table that is written last: what it names,
/// all others have.
///
/// # Errors
/// The store's, and [`Error::Invalid`] for a log that cannot be read or that names one filing twice.
pub(crate) async fn held(store: &SharedStore) -> Result<BTreeMap<AccessionNumber, String>, Error> {
    let (_, table) = LAST;
    let snapshot = Log::new(store, table).read().await?;
    let mut held = BTreeMap::new();
    for add in snapshot.adds.values() {
        for portion in portions_in(table, add)? {
            let stem = portion.stem.into_owned();
            if let Some(other) = held.insert(portion.accession, stem.clone()) {
                let problem = format!("it holds {stem} and {other}: run a pipeline over that filing again");
                return Err(Error::invalid(table.folder(), problem));
            }
        }
    }
    Ok(held)
}
