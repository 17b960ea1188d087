use std::collections::BTreeMap;
use std::sync::Arc;

use edgraph_shared::ids::Cik;
use edgraph_shared::manifest::{FilingMetadata, Sidecar, sha256_hex};
use edgraph_shared::storage::LocalStore;

use super::*;
use crate::download::Rate;
use crate::edgar::{Edgar, EdgarConfig};
use crate::taxonomy_store::TaxonomyConfig;
use crate::tests::scripted::{Scripted, not_found, ok};

const VERSION: &str = "edgraph test";
const HERE: &str = "http://www.xbrl.org/2003/here.xsd";
const GONE: &str = "http://www.xbrl.org/2003/gone.xsd";
const FACTS: &str = "graph/nodes/Fact/year=2024/month=02/0000000042-24-000001-00.parquet";
const ROWS: &str = "as good as Parquet";
const SCHEMA: &str = "<schema xmlns='http://www.w3.org/2001/XMLSchema'/>";

struct Kit {
    _folder: tempfile::TempDir,
    store: SharedStore,
    mirror: Scripted,
}

fn accession() -> AccessionNumber {
    "0000000042-24-000001".parse().unwrap()
}

impl Kit {
    /// A filing processed with one schema at hand and, when degraded, one missing.
    async fn processed(degraded: bool) -> Self {
        let mirror = Scripted::start(|_, _| not_found()).await;
        let folder = tempfile::tempdir().unwrap();
        let store: SharedStore = Arc::new(LocalStore::open(folder.path()).unwrap());
        let kit = Self { _folder: folder, store, mirror };
        kit.put(&layout::taxonomy("www.xbrl.org", "2003/here.xsd").unwrap(), SCHEMA).await;
        let metadata = FilingMetadata {
            accession: accession(),
            form: "10-K".into(),
            filing_date: "2024-02-01".into(),
            report_date: String::new(),
            accepted_at: String::new(),
            primary_document: "a.htm".into(),
        };
        let sidecar =
            Sidecar { sha256: "00".into(), bytes: 1, url: String::new(), metadata: metadata.clone() };
        let mut taxonomies =
            vec![TaxonomyFile { url: HERE.into(), sha256: Some(sha256_hex(SCHEMA.as_bytes())) }];
        if degraded {
            taxonomies.insert(0, TaxonomyFile { url: GONE.into(), sha256: None });
        }
        let file = OutputFile {
            table: "Fact".into(),
            key: FACTS.into(),
            rows: 1,
            bytes: ROWS.len() as u64,
            sha256: sha256_hex(ROWS.as_bytes()),
        };
        kit.put(&FACTS.parse().unwrap(), ROWS).await;
        let tickers = vec!["ONE".to_owned(), "ONE-B".to_owned()];
        let key = input_key(&sidecar.sha256, &taxonomies, &metadata, &tickers, VERSION);
        let manifest = Manifest {
            accession: accession(),
            input_key: key.clone(),
            processor_version: VERSION.into(),
            source: "inline".into(),
            source_document: "a.htm".into(),
            owner: Cik::new(42).unwrap(),
            metadata,
            sec_tickers: tickers,
            raw_sha256: sidecar.sha256.clone(),
            taxonomies,
            occurrences: 1,
            files: vec![file],
            diagnostics: BTreeMap::new(),
            first_diagnostics: Vec::new(),
            other_reports: Vec::new(),
        };
        kit.put(&layout::raw_sidecar(&accession()), &serde_json::to_string(&sidecar).unwrap()).await;
        let text = serde_json::to_string(&manifest).unwrap();
        kit.put(&layout::manifest(&accession(), &key), &text).await;
        kit.put(&layout::current_manifest(&accession()), &key).await;
        kit
    }

    async fn put(&self, key: &ObjectKey, text: &str) {
        self.store.put(key, text.to_owned().into()).await.unwrap();
    }

    async fn is_current(&self, mode: TaxonomyMode, refresh: Refresh, version: &str) -> bool {
        // A mirror stands for the official hosts of a degraded filing.
        self.check(&[], mode, refresh, version).await.unwrap().is_some()
    }

    async fn check(
        &self,
        sources: &[String],
        taxonomy_mode: TaxonomyMode,
        refresh: Refresh,
        version: &str,
    ) -> Result<Option<(Manifest, Bytes)>, Failure> {
        let edgar = Edgar::new(EdgarConfig { rate: Rate::Off, ..EdgarConfig::at(&self.mirror.url) }).unwrap();
        let config = TaxonomyConfig { sources: sources.to_vec(), offline: true, ..TaxonomyConfig::default() };
        let taxonomies = TaxonomyStore::new(&config, self.store.clone(), &edgar).unwrap();
        current(&self.store, &taxonomies, &accession(), &Processing { taxonomy_mode, refresh }, version).await
    }
}

#[tokio::test]
async fn output_is_current_while_everything_it_depends_on_is_the_same() {
    use Refresh::{All, Degraded, None};
    use TaxonomyMode::{BestEffort, Strict};
    let cases = [
        (false, Strict, None, VERSION, true),
        (false, BestEffort, None, VERSION, true),
        (false, Strict, Degraded, VERSION, true),
        (false, Strict, All, VERSION, false),
        (false, Strict, None, "edgraph next", false),
        (true, Strict, None, VERSION, false),
        (true, BestEffort, None, VERSION, true),
        (true, BestEffort, Degraded, VERSION, true),
        (true, BestEffort, All, VERSION, false),
    ];
    for (degraded, mode, refresh, version, expected) in cases {
        let kit = Kit::processed(degraded).await;
        let current = kit.is_current(mode, refresh, version).await;
        assert_eq!(current, expected, "{degraded} {mode:?} {refresh:?} {version}");
        assert!(kit.mirror.requests().is_empty(), "EDGAR was asked");
    }
}

#[tokio::test]
async fn a_change_of_anything_is_seen() {
    let sidecar = layout::raw_sidecar(&accession());
    let here = layout::taxonomy("www.xbrl.org", "2003/here.xsd").unwrap();
    let pointer = layout::current_manifest(&accession());
    let gone = layout::taxonomy("www.xbrl.org", "2003/gone.xsd").unwrap();
    let other = "<schema xmlns='http://www.w3.org/2001/XMLSchema' version='2'/>";
    let facts: ObjectKey = FACTS.parse().unwrap();
    let changes = [
        (&facts, ""),
        (&facts, "shorter"),
        (&sidecar, "{"),
        (&here, other),
        (&here, "torn"),
        (&pointer, "../raw"),
        (&gone, SCHEMA),
    ];
    for (key, text) in changes {
        let kit = Kit::processed(true).await;
        assert!(kit.is_current(TaxonomyMode::BestEffort, Refresh::None, VERSION).await);
        kit.put(key, text).await;
        assert!(!kit.is_current(TaxonomyMode::BestEffort, Refresh::None, VERSION).await, "{key} {text}");
    }
    for gone in [&pointer, &facts] {
        let kit = Kit::processed(false).await;
        kit.store.delete(gone).await.unwrap();
        assert!(!kit.is_current(TaxonomyMode::Strict, Refresh::None, VERSION).await, "{gone}");
    }
}

#[tokio::test]
async fn what_a_source_brings_along_counts() {
    let kit = Kit::processed(false).await;
    let mirror =
        Scripted::start(|_, _| ok("<schema xmlns='http://www.w3.org/2001/XMLSchema' version='2'/>")).await;
    let found =
        kit.check(std::slice::from_ref(&mirror.url), TaxonomyMode::Strict, Refresh::None, VERSION).await;
    assert!(found.unwrap().is_none());
    assert_eq!(mirror.requests().len(), 1);
}
