//! One company: which filings, each handed on as `process_filing/{accession}`.
//!
//! The company's snapshot is kept in the store for ingestion and for later runs. A child's payload has only what every filer's file says
//! alike, so a filing that several companies list is one item.

use async_trait::async_trait;
use edgraph_shared::failure::Failure;
use edgraph_shared::kinds::sec_xbrl::{
    Damage, DiscoverFilings, FilingsFound, ProcessFiling, Processing, kind,
};
use edgraph_shared::manifest::FilingMetadata;
use edgraph_shared::model::WorkItem;
use edgraph_shared::storage::SharedStore;

use super::damage::within_result;
use super::submissions::Snapshots;
use crate::edgar::Edgar;
use crate::filing::select::{self, Selection};
use crate::handler::{Handler, Job};

/// Older pages of one company; the largest filers have some twenty.
const MAX_PAGES: usize = 500;

/// The handler of `discover_filings`.
pub struct DiscoverFilingsHandler {
    /// Where submissions are.
    pub edgar: Edgar,
    /// Where snapshots go.
    pub store: SharedStore,
}

#[async_trait]
impl Handler for DiscoverFilingsHandler {
    fn kind(&self) -> &'static str {
        kind::DISCOVER_FILINGS
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        let wanted: DiscoverFilings = job.payload()?;
        let (Selection { chosen, left_out }, damage) = self.discover(&wanted).await?;
        let found = FilingsFound { filings: chosen.len() as u64, left_out, damage: within_result(damage) };
        job.children.add(chosen.into_iter().map(|filing| child(filing, wanted.processing)).collect()).await?;
        Ok(serde_json::to_string(&found).expect("strings and numbers always serialise"))
    }
}

impl DiscoverFilingsHandler {
    /// A company's filings to be processed, newest first; how many were left out for what reason; and the rows of
    /// EDGAR's lists that cannot be read.
    ///
    /// # Errors
    /// As EDGAR or the store failed; permanent when nobody has the company.
    pub async fn discover(&self, wanted: &DiscoverFilings) -> Result<(Selection, Damage), Failure> {
        let snapshots = Snapshots { edgar: &self.edgar, store: &self.store };
        let submissions = snapshots.company(wanted.cik, wanted.submissions_max_age_s).await?;
        let (mut filings, mut damage) = (submissions.filings, submissions.damage);
        let mut pages = submissions.older_pages;
        // Newest first, so that enough filings make the older pages needless.
        pages.sort_by(|a, b| b.to.cmp(&a.to).then_with(|| a.name.cmp(&b.name)));
        pages.dedup_by(|a, b| a.name == b.name);
        for page in pages.iter().take(MAX_PAGES) {
            if select::reaches(&wanted.filings, page, &filings) {
                let page = snapshots.older(page).await?;
                filings.extend(page.filings);
                damage.extend(page.damage);
            }
        }
        Ok((select::select(filings, &wanted.filings), damage))
    }
}

fn child(metadata: FilingMetadata, processing: Processing) -> WorkItem {
    let key = format!("{}/{}", kind::PROCESS_FILING, metadata.accession);
    let key = key.parse().expect("a kind and an accession number are a key");
    let payload = serde_json::to_string(&ProcessFiling { metadata, processing });
    WorkItem::new(kind::PROCESS_FILING, key, payload.expect("strings and numbers always serialise"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use edgraph_shared::failure::FailureClass;
    use edgraph_shared::ids::Cik;
    use edgraph_shared::kinds::sec_xbrl::FilingFilter;
    use edgraph_shared::storage::{LocalStore, layout};
    use serde_json::{Value, json};

    use super::*;
    use crate::download::Rate;
    use crate::edgar::EdgarConfig;
    use crate::tests::scripted::{Scripted, not_found, ok};

    fn columns(rows: &[(&str, &str, &str)]) -> Value {
        let column = |pick: fn(&(&str, &str, &str)) -> String| rows.iter().map(pick).collect::<Vec<_>>();
        json!({
            "accessionNumber": column(|row| row.0.into()),
            "filingDate": column(|row| row.1.into()),
            "reportDate": column(|_| String::new()),
            "acceptanceDateTime": column(|row| format!("{}T16:30:00.000Z", row.1)),
            "form": column(|row| row.2.into()),
            "isXBRL": rows.iter().map(|_| 1).collect::<Vec<_>>(),
            "primaryDocument": column(|_| "a.htm".into()),
        })
    }

    /// A company with one filing in the first file and one in each of two pages.
    fn file(name: &str) -> Option<Value> {
        let page = |name: &str, day: &str| json!({"name": name, "filingCount": 1, "filingFrom": day, "filingTo": day});
        Some(match name {
            "CIK0000000042.json" => json!({
                "cik": "42", "name": "Example Corp",
                "filings": {
                    "recent": columns(&[("0000000042-24-000001", "2024-02-01", "10-K")]),
                    "files": [page("old-2.json", "2012-02-01"), page("old-1.json", "2020-02-01")],
                }
            }),
            "CIK0000000043.json" => json!({
                "cik": 43, "name": "Empty Corp", "filings": {"recent": columns(&[]), "files": []}
            }),
            "CIK0000000045.json" => json!({
                "cik": 45, "name": "Odd Corp", "filings": {
                    "recent": {"accessionNumber": ["0000000045-24-000001", null], "form": ["10-K", "10-K"],
                               "filingDate": ["2024-02-01", "2023-02-01"],
                               "acceptanceDateTime": ["2024-02-01T16:30:00.000Z", ""]},
                    "files": [page("gone.json", "2020-02-01"), {"name": null}, page("none.json", "2019-02-01"),
                              page("odd.json", "2018-02-01")],
                }
            }),
            "none.json" => json!({"filings": []}),
            "odd.json" => {
                let mut odd = columns(&[
                    ("0000000045-18-000001", "2018-02-01", "10-K"),
                    ("0000000045-18-000002", "2018-01-01", "10-K"),
                ]);
                odd["filingDate"] = json!(["2018-02-01"]);
                odd
            }
            "old-1.json" => columns(&[("0000000042-20-000001", "2020-02-01", "10-K/A")]),
            "old-2.json" => columns(&[("0000000042-12-000001", "2012-02-01", "10-K")]),
            _ => return None,
        })
    }

    struct Kit {
        _folder: tempfile::TempDir,
        server: Scripted,
        handler: DiscoverFilingsHandler,
        max_age_s: u64,
        seen: usize,
    }

    impl Kit {
        async fn new() -> Self {
            let answer = |path: &str, _| match file(path.rsplit('/').next().unwrap()) {
                Some(file) => ok(file.to_string()),
                None => not_found(),
            };
            let server = Scripted::start(answer).await;
            let folder = tempfile::tempdir().unwrap();
            let store: SharedStore = Arc::new(LocalStore::open(folder.path()).unwrap());
            let edgar = Edgar::new(EdgarConfig { rate: Rate::Off, ..EdgarConfig::at(&server.url) }).unwrap();
            let handler = DiscoverFilingsHandler { edgar, store };
            Self { _folder: folder, server, handler, max_age_s: 0, seen: 0 }
        }

        async fn discover(
            &self,
            cik: u64,
            since: Option<&str>,
            max: Option<u32>,
        ) -> Result<Selection, Failure> {
            Ok(self.discover_all(cik, since, max).await?.0)
        }

        async fn discover_all(
            &self,
            cik: u64,
            since: Option<&str>,
            max: Option<u32>,
        ) -> Result<(Selection, Damage), Failure> {
            let filings = FilingFilter {
                forms: vec!["10-K".into()],
                amendments: false,
                since: since.map(str::to_owned),
                until: None,
                max_filings_per_entity: max,
            };
            let cik = Cik::new(cik).unwrap();
            self.handler
                .discover(&DiscoverFilings {
                    cik,
                    filings,
                    submissions_max_age_s: self.max_age_s,
                    processing: Processing::default(),
                })
                .await
        }

        /// What was asked for since the last time.
        fn asked(&mut self) -> Vec<String> {
            let names = self.server.names();
            let new = names[self.seen..].to_vec();
            self.seen = names.len();
            new
        }
    }

    #[tokio::test]
    async fn older_pages_are_read_as_far_as_the_filter_reaches() {
        type Case = (Option<&'static str>, Option<u32>, &'static [&'static str], usize);
        let cases: [Case; 3] = [
            (None, None, &["CIK0000000042.json", "old-1.json", "old-2.json"], 2),
            (Some("2016-01-01"), None, &["CIK0000000042.json", "old-1.json"], 1),
            (None, Some(1), &["CIK0000000042.json"], 1),
        ];
        for (since, max, names, chosen) in cases {
            let kit = Kit::new().await;
            let selection = kit.discover(42, since, max).await.unwrap();
            assert_eq!(kit.server.names(), names);
            assert_eq!(selection.chosen.len(), chosen);
            let snapshot = kit.handler.store.get(&layout::submissions(Cik::new(42).unwrap())).await.unwrap();
            assert_eq!(snapshot, file("CIK0000000042.json").unwrap().to_string());
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_used_while_it_is_young_and_as_announced() {
        let first = ["CIK0000000042.json"];
        let mut kit = Kit::new().await;
        let fresh = kit.discover(42, None, None).await.unwrap();
        assert_eq!(kit.asked().len(), 3);
        // Older pages never change; the first file does.
        assert_eq!(kit.discover(42, None, None).await.unwrap(), fresh);
        assert_eq!(kit.asked(), first);
        kit.max_age_s = 3_600;
        assert_eq!(kit.discover(42, None, None).await.unwrap(), fresh);
        assert_eq!(kit.asked(), Vec::<String>::new());

        // A note about other bytes, from the future, or old, is no reason to trust the snapshot.
        let store = kit.handler.store.clone();
        let note = layout::submissions_note(Cik::new(42).unwrap());
        let written: Value = serde_json::from_slice(&store.get(&note).await.unwrap()).unwrap();
        for (field, value) in
            [("sha256", "0"), ("fetched_at", "2999-01-01T00:00:00Z"), ("fetched_at", "2001-01-01T00:00:00Z")]
        {
            let mut wrong = written.clone();
            wrong[field] = value.into();
            store.put(&note, wrong.to_string().into()).await.unwrap();
            assert_eq!(kit.discover(42, None, None).await.unwrap(), fresh);
            assert_eq!(kit.asked(), first, "{field} {value}");
        }

        // A page that is not the one announced is asked for again.
        let page = layout::older_submissions("old-1.json").unwrap();
        store.put(&page, columns(&[]).to_string().into()).await.unwrap();
        assert_eq!(kit.discover(42, None, None).await.unwrap(), fresh);
        assert_eq!(kit.asked(), ["old-1.json"]);
    }

    #[tokio::test]
    async fn a_company_without_filings_is_no_failure_and_an_unknown_one_is() {
        let kit = Kit::new().await;
        assert_eq!(kit.discover(43, None, None).await.unwrap(), Selection::default());
        let failure = kit.discover(44, None, None).await.unwrap_err();
        assert_eq!(failure.class, FailureClass::Permanent);
        assert!(failure.message.ends_with("/submissions/CIK0000000044.json: not found"), "{failure}");
    }

    #[tokio::test]
    async fn odd_rows_and_pages_cost_themselves_and_are_named_once() {
        let kit = Kit::new().await;
        // Again from what is kept, which says the same.
        for _ in 0..2 {
            let (selection, damage) = kit.discover_all(45, None, None).await.unwrap();
            let chosen: Vec<&str> = selection.chosen.iter().map(|filing| filing.accession.as_str()).collect();
            assert_eq!(chosen, ["0000000045-24-000001", "0000000045-18-000001"]);
            assert_eq!(selection.left_out, Default::default());
            let lost = "the older filings that it lists are left out";
            assert_eq!(
                damage.named,
                [
                    "CIK0000000045.json: filings.recent.accessionNumber[1] is null, expected NNNNNNNNNN-NN-NNNNNN"
                        .to_owned(),
                    "CIK0000000045.json: filings.files[1].name is null, expected the name of a file".to_owned(),
                    format!("gone.json: not found; {lost}"),
                    format!(
                        "none.json: not a submissions file: accessionNumber is missing, expected a list; {lost}"
                    ),
                    "odd.json: filingDate[1] of 0000000045-18-000002 is missing, expected YYYY-MM-DD".to_owned(),
                ]
            );
        }
    }

    #[tokio::test]
    async fn the_payload_of_a_filing_follows_from_the_filing_alone() {
        let selection = Kit::new().await.discover(42, None, Some(1)).await.unwrap();
        let item = child(selection.chosen[0].clone(), Processing::default());
        assert_eq!(item.key.as_str(), "process_filing/0000000042-24-000001");
        let payload: ProcessFiling = serde_json::from_str(&item.payload).unwrap();
        assert_eq!(payload.metadata, selection.chosen[0]);
        assert!(!item.payload.contains("\"cik\""));
    }
}
