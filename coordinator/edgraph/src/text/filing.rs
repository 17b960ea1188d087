//! A filing's rows in a store, by what its manifest says.

use bytes::Bytes;
use edgraph_graph::publish::{self, WantedRows};
use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::manifest::{Manifest, OutputFile, pointed_at};
use edgraph_shared::schema::{Row, Table};
use edgraph_shared::storage::{self, ObjectKey, SharedStore, layout};
use edgraph_worker::output::parquet;

use super::error::TextError;

/// A filing that was processed.
pub(super) struct Filing<'a> {
    store: &'a SharedStore,
    /// What its files are called.
    stem: String,
    files: Vec<OutputFile>,
}

impl<'a> Filing<'a> {
    /// Finds it.
    pub(super) async fn find(store: &'a SharedStore, accession: AccessionNumber) -> Result<Self, TextError> {
        let pointer = layout::current_manifest(&accession);
        let current = store.find(&pointer).await?;
        let Some(input_key) = current.as_deref().and_then(pointed_at) else {
            return Err(TextError::NoFiling { accession, store: store.uri(&pointer) });
        };
        let manifest = store.get(&layout::manifest(&accession, input_key)).await?;
        let manifest: Manifest =
            serde_json::from_slice(&manifest).map_err(|source| TextError::Manifest { accession, source })?;
        Ok(Self { store, stem: layout::file_stem(&accession, input_key), files: manifest.files })
    }

    /// Its rows in a table.
    pub(super) async fn rows(&self, table: &'static Table) -> Result<Vec<Row>, TextError> {
        let mut rows = Vec::new();
        for file in self.files.iter().filter(|file| file.table == table.name) {
            rows.append(&mut parquet::decode(table, self.bytes(table, file).await?)?);
        }
        Ok(rows)
    }

    /// Its own file, or its rows in a larger one if the table was compacted.
    async fn bytes(&self, table: &'static Table, file: &OutputFile) -> Result<Bytes, TextError> {
        let key: ObjectKey = file.key.parse().map_err(storage::Error::from)?;
        match self.store.get(&key).await {
            Err(missing @ storage::Error::NotFound { .. }) => {
                let wanted = WantedRows { stem: self.stem.clone(), rows: file.rows };
                Ok(publish::extract_one(self.store, table, wanted).await?.ok_or(missing)?)
            }
            found => Ok(found?),
        }
    }
}
