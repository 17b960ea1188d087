//! Parts of which filings are replaced: made again without them, before the version that names the new ones.

use std::collections::{BTreeMap, BTreeSet};

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::schema::Table;
use edgraph_shared::storage::{SharedStore, layout};

use super::action::Add;
use super::file_name::{key_of, portions_of};
use super::log::now_ms;
use super::parts;
use super::plan::{Rewrite, Rewritten, Wanted};
use crate::error::Error;
use crate::withdraw::withdraw;

/// Makes parts of one table again. What was made counts for as long as nobody else changes the old one.
pub(super) struct Rewriter<'a> {
    store: &'a SharedStore,
    table: &'static Table,
    /// By the old part's path and what was left out of it; `None` where there was nothing to be read.
    made: BTreeMap<(String, BTreeSet<AccessionNumber>), Option<Add>>,
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(store: &'a SharedStore, table: &'static Table) -> Self {
        Self { store, table, made: BTreeMap::new() }
    }

    /// What stands for these parts. One that is damaged goes with all that it had: its other filings are withdrawn, so
    /// that the next run makes them again.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn all(&mut self, rewrites: Vec<Rewrite<'_>>) -> Result<Rewritten, Error> {
        let mut rewritten = Rewritten::new();
        for Rewrite { part, without } in rewrites {
            let key = (part.path.clone(), without);
            if !self.made.contains_key(&key) {
                let made = match parts::without(self.store, self.table, part, &key.1, now_ms()).await {
                    Err(error @ Error::Damaged { .. }) => {
                        tracing::error!(%error, "a part is damaged: all its filings are made again by the next run");
                        self.withdraw(part, &key.1).await?;
                        None
                    }
                    made => Some(made?),
                };
                self.made.insert(key.clone(), made);
            }
            rewritten.extend(self.made[&key].clone().map(|add| (key.0, add)));
        }
        Ok(rewritten)
    }

    /// Whether a filing's own file is there in its size.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn is_there(&self, filing: &Wanted) -> Result<bool, Error> {
        let Some(file) = &filing.file else { return Ok(false) };
        let Some(key) = key_of(self.table, &file.path) else { return Ok(false) };
        let found = self.store.head(&key).await?;
        Ok(found.is_some_and(|found| found.bytes == file.bytes))
    }

    async fn withdraw(&self, part: &Add, replaced: &BTreeSet<AccessionNumber>) -> Result<(), Error> {
        for portion in portions_of(part).into_iter().flatten() {
            let digits = layout::of_file_stem(&portion.stem).map(|(_, digits)| digits);
            if let Some(digits) = digits.filter(|_| !replaced.contains(&portion.accession)) {
                withdraw(self.store, &portion.accession, digits).await?;
            }
        }
        Ok(())
    }
}
