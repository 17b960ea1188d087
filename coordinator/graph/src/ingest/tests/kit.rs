//! Filings made of a few rows, written to a store as a worker would, and a graph to load them into.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, MutexGuard, PoisonError};

use bytes::Bytes;
use edgraph_shared::graph_id;
use edgraph_shared::ids::Cik;
use edgraph_shared::kinds::sec_xbrl::{Accepted, FilingProcessed, Ingested};
use edgraph_shared::manifest::{FilingMetadata, Manifest, OutputFile, sha256_hex};
use edgraph_shared::schema::{self, Row, Table};
use edgraph_shared::storage::{LocalStore, ObjectKey, Store, layout};
use edgraph_worker::output::parquet;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::super::{BatchLimits, Ingestion, TableSum, checksum, run};
use crate::Error;

/// A filing: what it says depends on these fields alone.
#[derive(Clone, Debug)]
pub(super) struct Filing {
    pub(super) number: u32,
    /// What is processed anew has another version, and rows that say so.
    pub(super) version: u32,
    pub(super) owner: u64,
    pub(super) companies: Vec<u64>,
    /// Concepts that it has facts of; each has a label.
    pub(super) concepts: Vec<&'static str>,
    /// Concepts it knows only by name.
    pub(super) unresolved: Vec<&'static str>,
    /// Makes the label of this concept differ though its identifier does not.
    pub(super) mislabelled: Option<&'static str>,
    /// Makes facts point to this concept, which is nowhere.
    pub(super) dangling: Option<&'static str>,
    /// Makes this the identifier of its facts.
    pub(super) misnamed: Option<&'static str>,
    /// Has a footnote, and a concept with a label, that nothing leads to.
    pub(super) astray: bool,
}

impl Filing {
    pub(super) fn new(number: u32, concepts: &[&'static str]) -> Self {
        Self {
            number,
            version: 1,
            owner: 1,
            companies: vec![1],
            concepts: concepts.to_vec(),
            unresolved: Vec::new(),
            mislabelled: None,
            dangling: None,
            misnamed: None,
            astray: false,
        }
    }

    pub(super) fn again(&self, concepts: &[&'static str]) -> Self {
        Self { version: self.version + 1, concepts: concepts.to_vec(), ..self.clone() }
    }

    pub(super) fn accession(&self) -> String {
        format!("0000000001-{:02}-{:06}", 10 + self.number % 14, self.number)
    }

    fn accepted_at(&self) -> String {
        format!("{}-02-01T00:00:00.000Z", 2010 + self.number % 14)
    }

    fn input_key(&self) -> String {
        sha256_hex(format!("{self:?}").as_bytes())
    }

    /// Rows by table.
    pub(super) fn rows(&self) -> BTreeMap<&'static str, Vec<Row>> {
        let accession = self.accession();
        let report = graph_id::report(&accession.parse().unwrap()).to_string();
        let uri = graph_id::company_uri(Cik::new(self.owner).unwrap());
        let entity = graph_id::entity(&uri).to_string();
        let node_id = |object: &str, content: &str| graph_id::node_id(object, content).to_string();
        let (period, unit) = (node_id("period", "2024"), node_id("unit", "USD"));
        let fact_set = node_id("factset", &accession);
        let mut rows: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
        let mut push = |name: &'static str, row: Row| rows.entry(name).or_default().push(row);
        let link = |name: &str, from: &str, to: &str| {
            table(name).sparse_row([
                ("from", from.into()),
                ("to", to.into()),
                ("accession", (&accession).into()),
            ])
        };
        push(
            "Entity",
            table("Entity").sparse_row([
                ("identifier", (&entity).into()),
                ("uri", uri.into()),
                ("is_resolved", false.into()),
                ("as_of", self.accepted_at().into()),
                ("accession", (&accession).into()),
            ]),
        );
        push(
            "Period",
            table("Period").sparse_row([("identifier", (&period).into()), ("fiscal_year", 2024.into())]),
        );
        push("Unit", table("Unit").sparse_row([("identifier", (&unit).into()), ("value", "USD".into())]));
        push(
            "Report",
            table("Report").sparse_row([
                ("identifier", (&report).into()),
                ("form", "10-K".into()),
                ("xbrl_processor_version", self.version.to_string().into()),
                ("accession", (&accession).into()),
            ]),
        );
        push(
            "FactSet",
            table("FactSet")
                .sparse_row([("identifier", (&fact_set).into()), ("accession", (&accession).into())]),
        );
        let mut filer = link("ENTITY_HAS_REPORT", &entity, &report);
        filer[table("ENTITY_HAS_REPORT").column_index("role").unwrap()] = "filer".into();
        push("ENTITY_HAS_REPORT", filer);
        push("REPORT_HAS_FACT_SET", link("REPORT_HAS_FACT_SET", &report, &fact_set));
        if self.astray {
            let [footnote, element, label] =
                ["footnote", "element", "label"].map(|kind| node_id(kind, "astray"));
            for (name, identifier) in [("Footnote", &footnote), ("Element", &element)] {
                push(
                    name,
                    table(name)
                        .sparse_row([("identifier", identifier.into()), ("accession", (&accession).into())]),
                );
            }
            push("Label", table("Label").sparse_row([("identifier", (&label).into())]));
            push("ELEMENT_HAS_LABEL", link("ELEMENT_HAS_LABEL", &element, &label));
        }
        for concept in self.concepts.iter().chain(&self.unresolved) {
            let resolved = self.concepts.contains(concept);
            let element = node_id("element", concept);
            let label = node_id("label", concept);
            let of_its_own = || node_id("fact", &format!("{accession}{concept}"));
            let fact = self.misnamed.map_or_else(of_its_own, str::to_owned);
            let value = f64::from(self.number) + 0.5;
            push(
                "Element",
                table("Element").sparse_row([
                    ("identifier", (&element).into()),
                    ("name", (*concept).into()),
                    ("type", format!("said by {accession} version {}", self.version).into()),
                    ("is_resolved", resolved.into()),
                    ("as_of", self.accepted_at().into()),
                    ("accession", (&accession).into()),
                ]),
            );
            let text = if self.mislabelled == Some(concept) { "something else" } else { concept };
            push(
                "Label",
                table("Label").sparse_row([("identifier", (&label).into()), ("value", text.into())]),
            );
            push(
                "Fact",
                table("Fact").sparse_row([
                    ("identifier", (&fact).into()),
                    ("value", value.to_string().into()),
                    ("numeric_value", value.into()),
                    ("is_nil", false.into()),
                    ("is_primary", true.into()),
                    ("accession", (&accession).into()),
                ]),
            );
            let of = self.dangling.unwrap_or(&element);
            for (name, from, to) in [
                ("ELEMENT_HAS_LABEL", &*element, &*label),
                ("REPORT_HAS_FACT", &report, &fact),
                ("FACT_HAS_ELEMENT", &fact, of),
                ("FACT_HAS_ENTITY", &fact, &entity),
                ("FACT_HAS_PERIOD", &fact, &period),
                ("FACT_HAS_UNIT", &fact, &unit),
                ("FACT_SET_CONTAINS_FACT", &fact_set, &fact),
            ] {
                push(name, link(name, from, to));
            }
        }
        rows
    }
}

fn table(name: &str) -> &'static Table {
    schema::table(name).unwrap()
}

fn pointer(accepted: &Accepted) -> ObjectKey {
    let accession = accepted.key.as_str().rsplit('/').next().unwrap();
    layout::current_manifest(&accession.parse().unwrap())
}

/// A store, and a folder for graphs.
pub(super) struct Kit {
    runtime: Runtime,
    store: LocalStore,
    root: TempDir,
    pub(super) limits: BatchLimits,
    pub(super) cancel: CancellationToken,
    pub(super) lease: Result<(), String>,
    _turn: MutexGuard<'static, ()>,
}

impl Kit {
    pub(super) fn new() -> Self {
        let turn = super::ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let root = tempfile::Builder::new().prefix("it's a graph ").tempdir().unwrap();
        let kit = Self {
            runtime: Runtime::new().unwrap(),
            store: LocalStore::open(root.path().join("store")).unwrap(),
            root,
            limits: BatchLimits::default(),
            cancel: CancellationToken::new(),
            lease: Ok(()),
            _turn: turn,
        };
        for cik in 1..=3 {
            kit.snapshot(cik, 2023);
        }
        kit
    }

    /// Writes the snapshot of a company as of a year.
    pub(super) fn snapshot(&self, cik: u64, year: u32) {
        let snapshot = serde_json::json!({
            "cik": cik.to_string(), "entityType": "operating", "sic": "3571", "sicDescription": "Computers",
            "name": format!("Company {cik} in {year}"), "tickers": [], "exchanges": [], "ein": "12", "lei": null,
            "website": "", "investorWebsite": "", "category": "", "fiscalYearEnd": "1231",
            "stateOfIncorporation": "", "phone": "",
            "filings": {"recent": {
                "accessionNumber": [format!("0000000001-{:02}-000001", year % 100)],
                "filingDate": [format!("{year}-02-01")], "reportDate": [""],
                "acceptanceDateTime": [format!("{year}-02-01T00:00:00.000Z")], "form": ["10-K"], "isXBRL": [1],
                "primaryDocument": ["a.htm"],
            }, "files": []},
        });
        self.put(&layout::submissions(Cik::new(cik).unwrap()), serde_json::to_vec(&snapshot).unwrap());
    }

    pub(super) fn put(&self, key: &ObjectKey, bytes: impl Into<Bytes>) {
        self.runtime.block_on(self.store.put(key, bytes.into())).unwrap();
    }

    pub(super) fn file(&self, key: &str) -> PathBuf {
        self.store.path(&key.parse().unwrap())
    }

    /// Writes a filing and its manifest, and says that it was accepted.
    pub(super) fn accept(&self, filing: &Filing) -> Accepted {
        self.accept_with(filing, |_| {})
    }

    /// As [`Kit::accept`], with a manifest that somebody has changed before it was hashed.
    pub(super) fn accept_with(&self, filing: &Filing, change: impl FnOnce(&mut Manifest)) -> Accepted {
        let accession = filing.accession().parse().unwrap();
        let input_key = filing.input_key();
        let tables = filing.rows();
        let mut files = Vec::new();
        for table in schema::graph_tables() {
            let Some(rows) = tables.get(table.name) else { continue };
            let bytes = parquet::encode(table, rows).unwrap();
            let key = layout::table_file(&table.folder(), "2024-02-01", &accession, &input_key);
            files.push(OutputFile {
                table: table.name.into(),
                key: key.to_string(),
                rows: rows.len() as u64,
                bytes: bytes.len() as u64,
                sha256: sha256_hex(&bytes),
            });
            self.put(&key, bytes);
        }
        let mut manifest = Manifest {
            accession,
            input_key: input_key.clone(),
            processor_version: "test".into(),
            source: "instance".into(),
            source_document: "a.xml".into(),
            owner: Cik::new(filing.owner).unwrap(),
            metadata: FilingMetadata {
                accession,
                form: "10-K".into(),
                filing_date: "2024-02-01".into(),
                report_date: "2023-12-31".into(),
                accepted_at: filing.accepted_at(),
                primary_document: "a.htm".into(),
            },
            sec_tickers: Vec::new(),
            raw_sha256: String::new(),
            taxonomies: Vec::new(),
            occurrences: filing.concepts.len() as u64,
            files,
            diagnostics: BTreeMap::new(),
            first_diagnostics: Vec::new(),
            other_reports: Vec::new(),
        };
        change(&mut manifest);
        let bytes = serde_json::to_vec(&manifest).unwrap();
        let manifest_sha256 = sha256_hex(&bytes);
        self.put(&layout::manifest(&accession, &input_key), bytes);
        let parent = |cik: &u64| format!("discover_filings/{cik:010}").parse().unwrap();
        Accepted {
            key: format!("process_filing/{accession}").parse().unwrap(),
            parents: filing.companies.iter().map(parent).collect(),
            result: FilingProcessed {
                skipped: false,
                input_key,
                manifest_uri: String::new(),
                manifest_sha256,
                degraded: false,
                occurrences: manifest.occurrences,
                facts: manifest.rows("Fact"),
                rows: manifest.files.iter().map(|file| file.rows).sum(),
                bytes: 0,
                filing_date: String::new(),
                tables: BTreeMap::new(),
                damage: Default::default(),
                other_reports: Vec::new(),
            },
        }
    }

    /// Makes a filing's output current, as a worker does last.
    pub(super) fn point(&self, accepted: &Accepted) {
        self.put(&pointer(accepted), accepted.result.input_key.clone());
    }

    /// What is current of a filing.
    pub(super) fn pointer(&self, accepted: &Accepted) -> String {
        std::fs::read_to_string(self.store.path(&pointer(accepted))).unwrap()
    }

    pub(super) fn graph(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Loads what was accepted into the graph of this name.
    pub(super) fn ingest(&self, name: &str, accepted: &[Accepted]) -> Result<Ingested, Error> {
        let lease = self.lease.clone();
        let job = Ingestion {
            graph: self.graph(name),
            scratch: self.root.path().join("scratch"),
            store: Arc::new(self.store.clone()),
            limits: self.limits,
            cancel: self.cancel.clone(),
            progress: Default::default(),
            refusals: Default::default(),
            lease_check: Arc::new(move || lease.clone()),
        };
        run(&job, accepted, self.runtime.handle())
    }

    /// As [`Kit::ingest`], of filings as they are.
    pub(super) fn load(&self, name: &str, filings: &[Filing]) -> Ingested {
        let accepted: Vec<Accepted> = filings.iter().map(|filing| self.accept(filing)).collect();
        self.ingest(name, &accepted).unwrap()
    }

    pub(super) fn sum(&self, name: &str) -> BTreeMap<&'static str, TableSum> {
        checksum(&self.graph(name)).unwrap()
    }

    /// What a fresh load of these filings gives.
    pub(super) fn fresh(&self, filings: &[Filing]) -> BTreeMap<&'static str, TableSum> {
        let name = "fresh";
        let _ = std::fs::remove_dir_all(self.graph(name));
        self.load(name, filings);
        self.sum(name)
    }

    /// Names of what lies in the graph's folder.
    pub(super) fn listing(&self, name: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.graph(name)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}
