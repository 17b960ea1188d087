//! Filings of a few rows, written to a store as a worker would, and publications of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use edgraph_graph::Error;
use edgraph_graph::publish::{self, Permit, Publication};
use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::kinds::sec_xbrl::{Accepted, FilingProcessed, Published};
use edgraph_shared::manifest::{FilingMetadata, Manifest, OutputFile, sha256_hex};
use edgraph_shared::schema::{self, Row, Table};
use edgraph_shared::storage::{SharedStore, layout};
use edgraph_worker::output::parquet;
use futures::FutureExt;

/// Tables that every filing of the kit has rows of.
pub(super) const FILLED: [&str; 4] = ["Report", "Fact", "Label", "flat/facts"];

/// A version of a filing: what it says depends on these fields alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Filing {
    pub(super) number: u32,
    pub(super) version: u32,
}

/// The first version of a filing.
pub(super) fn filing(number: u32) -> Filing {
    Filing { number, version: 1 }
}

impl Filing {
    pub(super) fn again(self) -> Self {
        Self { version: self.version + 1, ..self }
    }

    pub(super) fn accession(self) -> AccessionNumber {
        format!("0000000001-24-{:06}", self.number).parse().unwrap()
    }

    pub(super) fn input_key(self) -> String {
        sha256_hex(format!("{self:?}").as_bytes())
    }

    fn filing_date(self) -> String {
        format!("{}-{:02}-01", 2020 + self.number % 5, 1 + self.number % 12)
    }

    /// Identifiers of its facts, which no other filing has, whatever its version.
    pub(super) fn facts(self) -> Vec<String> {
        (0..2).map(|place| format!("fact {place} of {}", self.accession())).collect()
    }

    /// Its rows of a table. Texts are in every second version alone.
    fn rows(self, table: &Table) -> Vec<Row> {
        let accession = self.accession().to_string();
        let rows: Vec<Row> = match table.name {
            "Report" => vec![table.sparse_row([("identifier", accession.as_str().into())])],
            "Label" => return vec![table.sparse_row([("identifier", "a label of all".into())])],
            "Fact" => {
                let fact =
                    |id: String| table.sparse_row([("identifier", id.into()), ("value", self.text().into())]);
                self.facts().into_iter().map(fact).collect()
            }
            "flat/facts" => {
                let fact = |id: String| {
                    table.sparse_row([
                        ("fact_id", id.into()),
                        ("numeric_value", f64::from(self.version).into()),
                    ])
                };
                self.facts().into_iter().map(fact).collect()
            }
            "text" if self.version.is_multiple_of(2) => {
                vec![table.sparse_row([("fact_id", self.facts()[0].clone().into())])]
            }
            _ => Vec::new(),
        };
        // Only shared rows name no filing, and those are not here.
        let place = table.column_index("accession");
        let owned = |mut row: Row| {
            row[place.expect("the row belongs to a filing")] = accession.as_str().into();
            row
        };
        rows.into_iter().map(owned).collect()
    }

    /// Its manifest, with these files.
    pub(super) fn manifest(self, files: Vec<OutputFile>) -> Manifest {
        let accession = self.accession();
        Manifest {
            accession,
            input_key: self.input_key(),
            processor_version: "test".into(),
            source: "instance".into(),
            source_document: "a.xml".into(),
            owner: Cik::new(1).unwrap(),
            metadata: FilingMetadata {
                accession,
                form: "10-K".into(),
                filing_date: self.filing_date(),
                report_date: String::new(),
                accepted_at: "2024-02-01T00:00:00.000Z".into(),
                primary_document: "a.htm".into(),
            },
            raw_sha256: String::new(),
            taxonomies: Vec::new(),
            occurrences: 2,
            files,
            diagnostics: BTreeMap::new(),
            first_diagnostics: Vec::new(),
            other_reports: Vec::new(),
            sec_tickers: Vec::new(),
        }
    }

    /// The key of its file of a table.
    pub(super) fn key(self, table: &Table) -> String {
        let (accession, input_key) = (self.accession(), self.input_key());
        layout::table_file(&table.folder(), &self.filing_date(), &accession, &input_key).to_string()
    }

    fn text(self) -> String {
        format!("version {}", self.version)
    }
}

/// Writes a filing as a worker does, its pointer last, and says that it was accepted.
pub(super) async fn accept(store: &SharedStore, filing: Filing) -> Accepted {
    accept_with(store, filing, |_| {}).await
}

/// As [`accept`], with a manifest that somebody has changed before it was hashed.
pub(super) async fn accept_with(
    store: &SharedStore,
    filing: Filing,
    change: impl FnOnce(&mut Manifest),
) -> Accepted {
    let (accession, input_key) = (filing.accession(), filing.input_key());
    let mut files = Vec::new();
    for table in schema::all_tables() {
        let rows = filing.rows(table);
        if rows.is_empty() {
            continue;
        }
        let bytes = parquet::encode(table, &rows).unwrap();
        let key = filing.key(table);
        store.put(&key.parse().unwrap(), bytes.clone()).await.unwrap();
        files.push(OutputFile {
            table: table.name.into(),
            key,
            rows: rows.len() as u64,
            bytes: bytes.len() as u64,
            sha256: sha256_hex(&bytes),
        });
    }
    let mut manifest = filing.manifest(files);
    change(&mut manifest);
    let bytes = serde_json::to_vec(&manifest).unwrap();
    let accepted = accepted(&manifest, sha256_hex(&bytes));
    store.put(&layout::manifest(&accession, &input_key), bytes.into()).await.unwrap();
    store.put(&layout::current_manifest(&accession), input_key.into()).await.unwrap();
    accepted
}

/// The line of the accepted list for a manifest.
pub(super) fn accepted(manifest: &Manifest, manifest_sha256: String) -> Accepted {
    Accepted {
        key: format!("process_filing/{}", manifest.accession).parse().unwrap(),
        parents: Vec::new(),
        result: FilingProcessed {
            skipped: false,
            input_key: manifest.input_key.clone(),
            manifest_uri: String::new(),
            manifest_sha256,
            degraded: false,
            occurrences: manifest.occurrences,
            facts: manifest.rows("Fact"),
            rows: manifest.files.iter().map(|file| file.rows).sum(),
            bytes: 0,
            filing_date: manifest.metadata.filing_date.clone(),
            tables: FilingProcessed::tables_of(manifest),
            damage: Default::default(),
            other_reports: Vec::new(),
        },
    }
}

/// A publication that nobody takes away.
pub(super) fn publication(store: &SharedStore, pipeline: &str, round: u32) -> Publication {
    let permit: Permit = Arc::new(|| std::future::ready(Ok(())).boxed());
    Publication {
        store: store.clone(),
        pipeline: pipeline.to_owned(),
        round,
        permit,
        progress: Default::default(),
    }
}

pub(super) async fn try_publish(
    store: &SharedStore,
    round: u32,
    accepted: &[Accepted],
) -> Result<Published, Error> {
    publish::run(&publication(store, "nightly", round), accepted).await
}

pub(super) async fn publish(store: &SharedStore, round: u32, accepted: &[Accepted]) -> Published {
    try_publish(store, round, accepted).await.unwrap()
}

/// Writes filings and publishes them as one round.
pub(super) async fn publish_filings(store: &SharedStore, round: u32, filings: &[Filing]) -> Published {
    let mut lines = Vec::new();
    for filing in filings {
        lines.push(accept(store, *filing).await);
    }
    publish(store, round, &lines).await
}

/// The counts of filings: added, replaced, unchanged, outdated.
pub(super) fn counts(published: &Published) -> (u64, u64, u64, u64) {
    (published.added, published.replaced, published.unchanged, published.outdated)
}
