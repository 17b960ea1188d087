//! Shared nodes of the database being loaded: which are there, which rows win, and writing those.
//!
//! Keeps the standing of every row it has seen, so that a row is asked for once in a load, and of an empty graph
//! nothing is asked at all.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use edgraph_shared::schema::{NODES, Row, Table, Value};
use uuid::Uuid;

use super::merge::{self, Identifier, Merged, Standing, Verdict};
use super::state;
use crate::database::ddl;
use crate::database::kuzu::Session;
use crate::error::Error;

/// Rows of one shared table that a transaction writes.
pub(super) struct Change {
    table: &'static Table,
    insert: Merged,
    update: Merged,
}

impl Change {
    /// Whether a row is among those to be written.
    pub(super) fn holds(&self, row: &Row) -> bool {
        let Value::String(identifier) = &row[0] else { return false };
        self.insert.contains_key(identifier) || self.update.contains_key(identifier)
    }
}

/// The shared nodes of an open database, in which nobody else writes.
pub(super) struct SharedNodes<'a, 'd> {
    session: &'a Session<'d>,
    /// Rows of each table before this load: an empty one need not be asked.
    before: BTreeMap<&'static str, u64>,
    /// Rows inserted since.
    inserted: BTreeMap<&'static str, u64>,
    /// Standings of all rows seen or written.
    standings: BTreeMap<&'static str, HashMap<Key, Standing>>,
    /// Texts of standings, each once: many rows come from one filing.
    texts: HashSet<Arc<str>>,
}

/// An identifier in 16 bytes, of which there may be millions: identifiers are UUIDs, and whatever else comes is hashed.
type Key = [u8; 16];

fn key(identifier: &str) -> Key {
    match identifier.parse::<Uuid>() {
        Ok(uuid) => *uuid.as_bytes(),
        Err(_) => merge::digest(&vec![identifier.into()]),
    }
}

impl<'a, 'd> SharedNodes<'a, 'd> {
    /// The shared nodes behind a session.
    pub(super) fn new(session: &'a Session<'d>) -> Result<Self, Error> {
        let mut before = BTreeMap::new();
        for table in tables() {
            before.insert(table.name, state::count(session, table)?);
        }
        Ok(Self {
            session,
            before,
            inserted: BTreeMap::new(),
            standings: BTreeMap::new(),
            texts: HashSet::new(),
        })
    }

    /// Rows that each table should have now.
    pub(super) fn rows(&self) -> BTreeMap<&'static str, u64> {
        let inserted = |name| self.inserted.get(name).copied().unwrap_or_default();
        self.before.iter().map(|(name, before)| (*name, before + inserted(*name))).collect()
    }

    /// Splits merged rows into what is to be written, and rows that differ where they must not.
    pub(super) fn compare(
        &mut self,
        table: &'static Table,
        merged: Merged,
        scratch: &Path,
    ) -> Result<(Change, Vec<(Identifier, Row)>), Error> {
        let (known, texts) = (self.standings.entry(table.name).or_default(), &mut self.texts);
        if self.before[table.name] > 0 {
            let unknown = merged.keys().filter(|name| !known.contains_key(&key(name))).map(|name| &**name);
            for row in state::existing(self.session, table, unknown, scratch)? {
                if let Value::String(identifier) = &row[0] {
                    known.insert(key(identifier), merge::standing(table, &row).sharing(texts));
                }
            }
        }
        let mut change = Change { table, insert: Merged::new(), update: Merged::new() };
        let mut conflicts = Vec::new();
        for (identifier, (standing, row)) in merged {
            match known.get(&key(&identifier)).map(|present| merge::compare(table, present, &standing)) {
                None => drop(change.insert.insert(identifier, (standing, row))),
                Some(Verdict::Keep) => {}
                Some(Verdict::Take) => drop(change.update.insert(identifier, (standing, row))),
                Some(Verdict::Conflict) => conflicts.push((identifier, row)),
            }
        }
        Ok((change, conflicts))
    }

    /// Writes a change, inside the caller's transaction.
    pub(super) fn write(&self, change: &Change, scratch: &Path) -> Result<(), Error> {
        let rows = |merged: &Merged| merged.values().map(|(_, row)| row.clone()).collect::<Vec<Row>>();
        if !change.insert.is_empty() {
            let file = state::write(scratch, "insert", change.table, &rows(&change.insert))?;
            self.session.run(&format!("COPY `{}` FROM {file}", change.table.name))?;
        }
        update(self.session, change.table, &rows(&change.update), scratch)
    }

    /// Remembers what a transaction has written; answers how many rows.
    pub(super) fn committed(&mut self, changes: Vec<Change>) -> u64 {
        let mut written = 0;
        for Change { table, insert, update } in changes {
            written += (insert.len() + update.len()) as u64;
            *self.inserted.entry(table.name).or_default() += insert.len() as u64;
            let standings = self.standings.entry(table.name).or_default();
            for (identifier, (standing, _)) in insert.into_iter().chain(update) {
                standings.insert(key(&identifier), standing.sharing(&mut self.texts));
            }
        }
        written
    }
}

/// Node tables whose rows filings share.
pub(super) fn tables() -> impl Iterator<Item = &'static Table> {
    NODES.iter().filter(|table| merge::rule(table).is_some())
}

/// Sets every column of rows that are in the database, found by the first column.
pub(super) fn update(
    session: &Session<'_>,
    table: &'static Table,
    rows: &[Row],
    scratch: &Path,
) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let file = state::write(scratch, "update", table, rows)?;
    let columns: Vec<String> = table.columns[1..].iter().map(|column| format!("`{}`", column.name)).collect();
    let sets: Vec<String> = columns.iter().map(|column| format!("n.{column} = {column}")).collect();
    let (name, columns, sets) = (table.name, columns.join(", "), sets.join(", "));
    let (key, wanted) = (table.columns[0].name, ddl::key_in_file(table));
    session.run(&format!(
        "LOAD FROM {file} WITH {wanted} AS wanted, {columns} MATCH (n:`{name}` {{`{key}`: wanted}}) SET {sets}"
    ))
}
