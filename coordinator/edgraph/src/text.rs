//! The whole text of a fact that is too long for the graph, read back from the store.

use bytes::Bytes;
use edgraph_graph::publish::{self, WantedRows};
use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::manifest::{Manifest, OutputFile, pointed_at};
use edgraph_shared::schema::{self, Table, Value};
use edgraph_shared::storage::{self, ObjectKey, SharedStore, layout};
use edgraph_worker::output::parquet;

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The filing is not in the store.
    #[error("filing {accession} is not in {store}; `edgraph run` processes filings")]
    NoFiling {
        /// The filing.
        accession: AccessionNumber,
        /// The store.
        store: String,
    },
    /// The filing has no such fact, or its values are all short enough for the graph.
    #[error("filing {accession} has no text of {concept} over 1,024 bytes; it has {}", list(.available))]
    NoText {
        /// The filing.
        accession: AccessionNumber,
        /// The concept asked for.
        concept: String,
        /// Concepts that do have one.
        available: Vec<String>,
    },
    /// The manifest cannot be read.
    #[error(
        "the manifest of {accession} cannot be read: {source}; process the filing again with --refresh all"
    )]
    Manifest {
        /// The filing.
        accession: AccessionNumber,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] parquet::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] storage::Error),
    /// The filing's table was compacted, and cannot be read.
    #[error(transparent)]
    Table(#[from] edgraph_graph::Error),
}

fn list(concepts: &[String]) -> String {
    if concepts.is_empty() { "none at all".to_owned() } else { concepts.join(", ") }
}

/// The texts of a concept (`{prefix}:{name}` or the name alone) in a filing, in document order.
///
/// # Errors
/// [`TextError`] names the filing and what it has instead.
pub async fn text(
    store: &SharedStore,
    accession: AccessionNumber,
    concept: &str,
) -> Result<Vec<String>, TextError> {
    let pointer = layout::current_manifest(&accession);
    let current = store.find(&pointer).await?;
    let Some(input_key) = current.as_deref().and_then(pointed_at) else {
        return Err(TextError::NoFiling { accession, store: store.uri(&pointer) });
    };
    let manifest = store.get(&layout::manifest(&accession, input_key)).await?;
    let manifest: Manifest =
        serde_json::from_slice(&manifest).map_err(|source| TextError::Manifest { accession, source })?;
    let table = schema::table("text").expect("the schema has it");
    let mut texts = Vec::new();
    let mut available = Vec::new();
    for file in manifest.files.iter().filter(|file| file.table == table.name) {
        let stem = layout::file_stem(&accession, input_key);
        for row in parquet::decode(table, bytes(store, table, file, stem).await?)? {
            let [_, Value::String(name), _, _, Value::String(text), _] = row.as_slice() else { continue };
            if **name == *concept || name.rsplit(':').next() == Some(concept) {
                texts.push(text.to_string());
            } else if !available.iter().any(|known: &String| **known == **name) {
                available.push(name.to_string());
            }
        }
    }
    if texts.is_empty() {
        return Err(TextError::NoText { accession, concept: concept.to_owned(), available });
    }
    Ok(texts)
}

/// The filing's own file, or its rows in a larger one if its table was compacted.
async fn bytes(
    store: &SharedStore,
    table: &'static Table,
    file: &OutputFile,
    stem: String,
) -> Result<Bytes, TextError> {
    let key: ObjectKey = file.key.parse().map_err(storage::Error::from)?;
    match store.get(&key).await {
        Err(missing @ storage::Error::NotFound { .. }) => {
            let found = publish::extract_one(store, table, WantedRows { stem, rows: file.rows }).await?;
            Ok(found.ok_or(missing)?)
        }
        found => Ok(found?),
    }
}
