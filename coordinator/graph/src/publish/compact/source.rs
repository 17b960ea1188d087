//! The files that are made into parts, once they are known to be what was accepted.

use std::collections::HashMap;

use bytes::Bytes;
use edgraph_shared::manifest::{Manifest, pointed_at, sha256_hex};
use edgraph_shared::schema::Table;
use edgraph_shared::storage::{SharedStore, layout};
use edgraph_worker::output::parquet::check_columns;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::super::file_name::{Portion, key_of};
use super::super::parts;
use super::plan::Input;
use crate::error::Error;

/// A file, or why it stays as it is.
pub(super) enum Fetched {
    Whole(Bytes),
    Left(String),
}

/// The inputs of one compaction.
pub(super) struct Sources<'a> {
    store: &'a SharedStore,
    table: &'static Table,
    inputs: &'a [Input<'a>],
    /// Parts, by their place: their rows are read a few at a time.
    parts: HashMap<usize, Result<Bytes, String>>,
}

impl<'a> Sources<'a> {
    /// Reads the parts among the inputs: they are few, and each less than half as large as wanted.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn open(
        store: &'a SharedStore,
        table: &'static Table,
        inputs: &'a [Input<'a>],
    ) -> Result<Self, Error> {
        let mut parts = HashMap::new();
        for (number, input) in inputs.iter().enumerate().filter(|(_, input)| input.of_one().is_none()) {
            let part = match parts::get(store, table, input.add).await {
                Err(error @ Error::Damaged { .. }) => Err(error.to_string()),
                part => Ok(part?),
            };
            parts.insert(number, part.and_then(|file| fits(table, file)));
        }
        Ok(Self { store, table, inputs, parts })
    }

    /// An input.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn fetch(&self, number: usize) -> Result<Fetched, Error> {
        let input = &self.inputs[number];
        let file = match (self.parts.get(&number), input.of_one()) {
            (Some(part), _) => part.clone(),
            (None, Some(portion)) => self.own(input, portion).await?.and_then(|file| fits(self.table, file)),
            (None, None) => Err("nobody can tell whose rows are in it".to_owned()),
        };
        Ok(file.map_or_else(Fetched::Left, Fetched::Whole))
    }

    /// A filing's own file, with the hash that its current manifest has for it: after this nobody asks for it any more.
    async fn own(&self, input: &Input<'_>, portion: &Portion<'_>) -> Result<Result<Bytes, String>, Error> {
        let Some(key) = key_of(self.table, &input.add.path) else {
            return Ok(Err("it lies outside of the table's folder".to_owned()));
        };
        let pointer = self.store.find(&layout::current_manifest(&portion.accession)).await?;
        let input_key = pointer.as_deref().and_then(pointed_at);
        let is_of = |input_key: &&str| layout::file_stem(&portion.accession, input_key) == portion.stem;
        let Some(input_key) = input_key.filter(is_of) else {
            return Ok(Err("its filing is being made again".to_owned()));
        };
        let manifest = self.store.find(&layout::manifest(&portion.accession, input_key)).await?;
        let manifest = manifest.and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
        let expected =
            manifest.and_then(|manifest| manifest.files.into_iter().find(|file| file.key == key.as_str()));
        let Some(expected) = expected else {
            return Ok(Err("its filing's manifest cannot be read or does not name it".to_owned()));
        };
        let Some(bytes) = self.store.find(&key).await? else { return Ok(Err("it is missing".to_owned())) };
        if (bytes.len() as u64, sha256_hex(&bytes)) != (expected.bytes, expected.sha256) {
            return Ok(Err("it is not what its filing's manifest says".to_owned()));
        }
        if Some(expected.rows) != portion.rows {
            return Ok(Err("its filing's manifest and the table's log say different rows".to_owned()));
        }
        Ok(Ok(bytes))
    }
}

/// A file whose columns are the table's: what was written by an older version has others, and stays until it is replaced.
fn fits(table: &'static Table, file: Bytes) -> Result<Bytes, String> {
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file.clone()).map_err(|error| error.to_string())?;
    check_columns(table, builder.schema()).map_err(|error| error.to_string())?;
    Ok(file)
}
