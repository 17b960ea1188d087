//! Loading a staged batch: one transaction of merged nodes, copied rows and markers.
//!
//! Shared nodes are merged before anything is copied, so that COPY can stay strict. A filing that contradicts others
//! is left out and the rest goes on; whatever the database itself refuses ends the load, and the database is thrown
//! away.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use edgraph_shared::graph_id;
use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::schema::{self, Row, Table, Value};

use super::copy::{self, filer_table};
use super::diagnose::diagnose;
use super::entity;
use super::merge::{self, Merged};
use super::plan::{Marker, Markers};
use super::shared::{self, Change, SharedNodes};
use super::stage::{StagedBatch, StagedFiling};
use super::state;
use crate::database::ddl;
use crate::database::kuzu::Session;
use crate::error::Error;

/// What was written.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Node rows, inserted or updated.
    pub nodes: u64,
    /// Relationship rows.
    pub relationships: u64,
    /// Markers written.
    pub markers: Markers,
    /// Filings refused, with the reason.
    pub rejected: Refused,
    /// Filings of whose output something is damaged, and the input key it was made from.
    pub damaged: BTreeMap<AccessionNumber, String>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loading {
    /// It is in the database, but for filings that were refused before anything was written.
    Loaded,
    /// The database refused rows of it, and must be thrown away: after a copy of relationships was rolled back, Kuzu
    /// loses rows of the same table that are committed later.
    Spoiled,
}

/// Filings refused, with the reason.
pub(super) type Refused = BTreeMap<AccessionNumber, String>;

/// One load into one database.
pub(super) struct Loader<'a, 'd> {
    session: &'a Session<'d>,
    /// Entity rows of companies, from their snapshots.
    entities: &'a BTreeMap<Cik, Row>,
    /// The shared nodes of the database.
    shared: SharedNodes<'a, 'd>,
    /// What was written so far.
    pub written: Written,
}

impl<'a, 'd> Loader<'a, 'd> {
    /// A loader for an open database, in which nobody else writes.
    pub(super) fn new(session: &'a Session<'d>, entities: &'a BTreeMap<Cik, Row>) -> Result<Self, Error> {
        Ok(Self { session, entities, shared: SharedNodes::new(session)?, written: Written::default() })
    }

    /// Rows that the shared tables should have now.
    pub(super) fn shared_rows(&self) -> BTreeMap<&'static str, u64> {
        self.shared.rows()
    }

    /// Loads a batch. Filings whose shared rows contradict others are left out and the rest is loaded.
    pub(super) fn load(&mut self, batch: &StagedBatch) -> Result<Loading, Error> {
        let scratch = batch.folder.path();
        let mut group: Vec<&StagedFiling> = batch.filings.iter().collect();
        while !group.is_empty() {
            let changes = match self.merge(&group, scratch)? {
                Ok(changes) => changes,
                Err(refused) => {
                    group.retain(|filing| !refused.contains_key(&filing.accession));
                    self.written.rejected.extend(refused);
                    continue;
                }
            };
            let Err(error) = self.transact(&group, changes, scratch) else { break };
            let Error::Rows { .. } = &error else { return Err(error) };
            let guilty = diagnose(&group, &|filing, table| self.contribution(filing, table))?;
            if guilty.is_empty() {
                return Err(error);
            }
            self.written.rejected.extend(guilty);
            return Ok(Loading::Spoiled);
        }
        Ok(Loading::Loaded)
    }

    /// Adds companies to filings that are in the graph, and newer data of companies that are.
    pub(super) fn extend(
        &mut self,
        markers: &Markers,
        extend: &BTreeMap<AccessionNumber, BTreeSet<Cik>>,
        refresh: &BTreeSet<Cik>,
        scratch: &Path,
    ) -> Result<(), Error> {
        let mut merged = Merged::new();
        let companies = extend.values().flatten().chain(refresh);
        let rows = companies.filter_map(|cik| self.entities.get(cik)).cloned().collect();
        merged.append(&mut merge::check(entity::table(), &merged, rows).map_err(|conflict| {
            Error::invalid("snapshots of companies", merge::describe(entity::table(), &conflict.row))
        })?);
        let (change, _) = self.shared.compare(entity::table(), merged, scratch)?;
        let mut filers = Vec::new();
        let mut extended = Markers::new();
        for (accession, companies) in extend {
            let Some(marker) = markers.get(accession) else { continue };
            let mut marker = marker.clone();
            let rows = co_registrants(accession, &marker.form, marker.owner, companies);
            *marker.rows.entry(filer_table().name.to_owned()).or_default() += rows.len() as u64;
            filers.extend(rows);
            marker.companies.extend(companies);
            extended.insert(*accession, marker);
        }
        self.session.run("BEGIN TRANSACTION")?;
        self.shared.write(&change, scratch)?;
        if !filers.is_empty() {
            copy::copy_rows(self.session, filer_table(), &filers, scratch)?;
        }
        let rows: Vec<Row> = extended.iter().map(|(key, marker)| state::marker_row(key, marker)).collect();
        shared::update(self.session, &ddl::FILING, &rows, scratch)?;
        self.session.run("COMMIT")?;
        self.written.relationships += filers.len() as u64;
        self.written.markers.extend(extended);
        self.written.nodes += self.shared.committed(vec![change]);
        Ok(())
    }

    /// Writes a group in one transaction.
    fn transact(
        &mut self,
        group: &[&StagedFiling],
        changes: Vec<Change>,
        scratch: &Path,
    ) -> Result<(), Error> {
        let filers = |filing: &&StagedFiling| {
            co_registrants(&filing.accession, &filing.form, filing.owner, &filing.companies)
        };
        let filers: Vec<Row> = group.iter().flat_map(filers).collect();
        let markers: Markers = group.iter().map(|filing| (filing.accession, marker(filing))).collect();
        tracing::debug!(stage = "copy");
        self.session.run("BEGIN TRANSACTION")?;
        for change in &changes {
            self.shared.write(change, scratch)?;
        }
        copy::copy(self.session, group, &filers, scratch)?;
        let rows: Vec<Row> = markers.iter().map(|(key, marker)| state::marker_row(key, marker)).collect();
        let file = state::write(scratch, "markers", &ddl::FILING, &rows)?;
        self.session.run(&format!("COPY `{}` FROM {file}", ddl::FILING.name))?;
        tracing::debug!(stage = "commit");
        self.session.run("COMMIT")?;
        for (table, rows) in markers.values().flat_map(|marker| &marker.rows) {
            match schema::table(table) {
                Some(table) if table.is_relationship() => self.written.relationships += rows,
                Some(table) if merge::rule(table).is_none() => self.written.nodes += rows,
                _ => {}
            }
        }
        self.written.markers.extend(markers);
        self.written.nodes += self.shared.committed(changes);
        Ok(())
    }

    /// Merges the shared rows of a group and compares them with the database.
    fn merge(
        &mut self,
        group: &[&StagedFiling],
        scratch: &Path,
    ) -> Result<Result<Vec<Change>, Refused>, Error> {
        let mut merged: Vec<(&'static Table, Merged)> =
            shared::tables().map(|table| (table, Merged::new())).collect();
        let mut refused = BTreeMap::new();
        for filing in group {
            match self.check(filing, &merged)? {
                Ok(own) => merged.iter_mut().zip(own).for_each(|((_, all), mut own)| all.append(&mut own)),
                Err(reason) => drop(refused.insert(filing.accession, reason)),
            }
        }
        let mut changes = Vec::new();
        let mut differing = BTreeMap::new();
        for (table, merged) in merged {
            let (change, conflicts) = self.shared.compare(table, merged, scratch)?;
            for (identifier, row) in &conflicts {
                let present = state::existing(self.session, table, std::iter::once(&**identifier), scratch)?;
                let reason = difference(table, row, present.first(), "the graph has");
                for filing in group {
                    let rows = self.contribution(filing, table)?;
                    if rows.iter().any(|row| row[0] == Value::String(identifier.clone())) {
                        differing.entry(filing.accession).or_insert_with(|| reason.clone());
                    }
                }
            }
            changes.push(change);
        }
        // Filings that contradict the graph are refused first: some others contradict only those, and may stay.
        let refused = if differing.is_empty() { refused } else { differing };
        Ok(if refused.is_empty() { Ok(changes) } else { Err(refused) })
    }

    /// What a filing adds to every shared table, or why it may not.
    fn check(
        &self,
        filing: &StagedFiling,
        merged: &[(&'static Table, Merged)],
    ) -> Result<Result<Vec<Merged>, String>, Error> {
        let mut own = Vec::with_capacity(merged.len());
        for (table, merged) in merged {
            let rows = match self.contribution(filing, table) {
                Err(Error::Invalid { what, problem }) => return Ok(Err(format!("{what}: {problem}"))),
                rows => rows?,
            };
            match merge::check(table, merged, rows) {
                Ok(rows) => own.push(rows),
                Err(conflict) => {
                    let present = conflict.present.as_ref();
                    return Ok(Err(difference(table, &conflict.row, present, "another filing has")));
                }
            }
        }
        Ok(Ok(own))
    }

    /// The rows a filing brings to a shared table.
    fn contribution(&self, filing: &StagedFiling, table: &'static Table) -> Result<Vec<Row>, Error> {
        let mut rows = filing.decode(table)?;
        if table.name == entity::table().name {
            rows.extend(filing.companies.iter().filter_map(|cik| self.entities.get(cik)).cloned());
        }
        Ok(rows)
    }
}

/// The rows for companies a filing is listed under, other than the filer.
fn co_registrants(
    accession: &AccessionNumber,
    form: &str,
    owner: Cik,
    companies: &BTreeSet<Cik>,
) -> Vec<Row> {
    let row = |cik: &Cik| {
        filer_table().row([
            ("from", graph_id::entity(&graph_id::company_uri(*cik)).into()),
            ("to", graph_id::report(accession).into()),
            ("filing_context", format!("Filing: {form}").into()),
            ("role", "co-registrant".into()),
            ("accession", accession.as_str().into()),
        ])
    };
    companies.iter().filter(|cik| **cik != owner).map(row).collect()
}

fn marker(filing: &StagedFiling) -> Marker {
    let mut rows: BTreeMap<String, u64> =
        filing.rows.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect();
    let others = filing.companies.iter().filter(|cik| **cik != filing.owner).count() as u64;
    if others > 0 {
        *rows.entry(filer_table().name.to_owned()).or_default() += others;
    }
    Marker {
        input_key: filing.input_key.clone(),
        owner: filing.owner,
        form: filing.form.clone(),
        accepted_at: filing.accepted_at.clone(),
        companies: filing.companies.clone(),
        occurrences: filing.occurrences,
        rows,
    }
}

fn difference(table: &Table, row: &Row, present: Option<&Row>, who: &str) -> String {
    let row = merge::describe(table, row);
    match present {
        Some(present) => {
            format!("table {}: row {row} where {who} {}", table.name, merge::describe(table, present))
        }
        None => format!("table {}: row {row} has no identifier", table.name),
    }
}
