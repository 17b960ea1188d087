use std::path::PathBuf;
use std::sync::Arc;

use edgraph_shared::failure::FailureClass;
use edgraph_shared::storage::LocalStore;

use super::*;
use crate::download::Rate;
use crate::edgar::EdgarConfig;
use crate::tests::scripted::{Scripted, not_found, ok};

const INSTANCE: &str = "<x:xbrl xmlns:x='http://www.xbrl.org/2003/instance'/>";
const INLINE: &str = "<html xmlns:ix='http://www.xbrl.org/2013/inlineXBRL'></html>";

struct Kit {
    _folder: tempfile::TempDir,
    store: SharedStore,
    edgar: Edgar,
    server: Scripted,
}

impl Kit {
    async fn new(answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let server = Scripted::start(answer).await;
        let folder = tempfile::tempdir().unwrap();
        let store: SharedStore = Arc::new(LocalStore::open(folder.path()).unwrap());
        let edgar = Edgar::new(EdgarConfig { rate: Rate::Off, ..EdgarConfig::at(&server.url) }).unwrap();
        Self { _folder: folder, store, edgar, server }
    }

    async fn fetch(&self, metadata: &FilingMetadata) -> Result<RawFiling, Failure> {
        let ciks = [42, 43].map(|number| Cik::new(number).unwrap());
        fetch(&self.edgar, &self.store, metadata, &ciks).await
    }
}

fn metadata() -> FilingMetadata {
    FilingMetadata {
        accession: "0000000042-24-000001".parse().unwrap(),
        form: "10-K".into(),
        filing_date: "2024-02-01".into(),
        report_date: "2023-12-31".into(),
        accepted_at: "2024-02-01T16:30:00.000Z".into(),
        primary_document: "a.htm".into(),
    }
}

fn zip() -> Bytes {
    archive::pack(vec![("a.xml".into(), INSTANCE.into()), ("a.xsd".into(), "<schema/>".into())])
}

#[tokio::test]
async fn a_filing_is_one_request_and_then_none() {
    let kit = Kit::new(|_, _| ok(zip())).await;
    let first = kit.fetch(&metadata()).await.unwrap();
    assert_eq!(first.files.len(), 2);
    assert_eq!(first.sidecar.sha256, sha256_hex(&zip()));
    let second = kit.fetch(&metadata()).await.unwrap();
    assert_eq!((second.files, second.sidecar), (first.files, first.sidecar));
    assert_eq!(kit.server.names(), ["0000000042-24-000001-xbrl.zip"]);
}

#[tokio::test]
async fn a_torn_file_is_downloaded_anew_and_keeps_its_record() {
    let kit = Kit::new(|_, _| ok(zip())).await;
    let first = kit.fetch(&metadata()).await.unwrap();
    let key = layout::raw_zip(&metadata().accession);
    for torn in [Bytes::new(), zip().slice(..50), archive::pack(vec![("b.xml".into(), INSTANCE.into())])] {
        kit.store.put(&key, torn).await.unwrap();
        let amended = FilingMetadata { report_date: "2024-01-01".into(), ..metadata() };
        let again = kit.fetch(&amended).await.unwrap();
        assert_eq!((again.files, again.sidecar), (first.files.clone(), first.sidecar.clone()));
    }
    assert_eq!(kit.server.requests().len(), 4);
}

#[tokio::test]
async fn without_an_archive_single_files_are_zipped() {
    let index = r#"{"directory": {"item": [{"name": "a.htm"}, {"name": "a.xsd"}, {"name": "a_htm.xml"},
                    {"name": "ex.htm"}, {"name": "a_lab.xml"}]}}"#;
    let kit = Kit::new(move |path, _| match path.rsplit('/').next().unwrap() {
        "index.json" => ok(index),
        "a.htm" => ok(INLINE),
        name if name.ends_with(".zip") => not_found(),
        _ => ok("<a/>"),
    })
    .await;
    let raw = kit.fetch(&metadata()).await.unwrap();
    let names: Vec<&str> = raw.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a.htm", "a.xsd", "a_lab.xml"]);
    assert!(raw.sidecar.url.ends_with("/index.json"));
    let requests = kit.server.requests().len();
    assert_eq!(kit.fetch(&metadata()).await.unwrap().files, raw.files);
    assert_eq!(kit.server.requests().len(), requests);
}

#[tokio::test]
async fn without_an_archive_every_page_of_the_report_is_fetched() {
    for (meta_links, expected) in [
        (None, vec!["a.htm", "a.xsd", "a_d2.htm", "ex.htm"]),
        (Some(r#"{"instance": {"a.htm a_d2.htm": {}, "ex.htm": {}}}"#), vec!["a.htm", "a.xsd", "a_d2.htm"]),
    ] {
        let listed = meta_links.map(|_| r#", {"name": "MetaLinks.json"}"#).unwrap_or_default();
        let index = format!(
            r#"{{"directory": {{"item": [{{"name": "a.htm"}}, {{"name": "a_d2.htm"}}, {{"name": "ex.htm"}},
               {{"name": "R2.htm"}}, {{"name": "plain.htm"}}, {{"name": "a.xsd"}}{listed}]}}}}"#
        );
        let kit = Kit::new(move |path, _| match path.rsplit('/').next().unwrap() {
            "index.json" => ok(&index),
            "MetaLinks.json" => ok(meta_links.unwrap_or_default()),
            "a.htm" | "a_d2.htm" | "ex.htm" | "R2.htm" => ok(INLINE),
            "plain.htm" => ok("<html/>"),
            name if name.ends_with(".zip") => not_found(),
            _ => ok("<a/>"),
        })
        .await;
        let raw = kit.fetch(&metadata()).await.unwrap();
        let names: Vec<&str> = raw.files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, expected, "{meta_links:?}");
    }
}

#[tokio::test]
async fn an_odd_entry_of_the_index_costs_itself_and_is_named() {
    let kit = Kit::new(|path, _| match path.rsplit('/').next().unwrap() {
        "index.json" => {
            ok(r#"{"directory": {"item": [{"name": "a.xml", "size": null, "type": 7}, {"name": null},
                               {"size": "7"}, {"name": "a.xsd", "last-modified": null}]}}"#)
        }
        "a.xml" => ok(INSTANCE),
        "a.xsd" => ok("<schema/>"),
        _ => not_found(),
    })
    .await;
    let raw = kit.fetch(&metadata()).await.unwrap();
    let names: Vec<&str> = raw.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a.xml", "a.xsd"]);
    let named = "42/000000004224000001/index.json: directory.item";
    let expected = ["null", "missing"]
        .iter()
        .zip(1..)
        .map(|(value, at)| format!("{named}[{at}].name is {value}, expected a file name"));
    assert_eq!(raw.damage.named, expected.collect::<Vec<_>>());

    // Without what is needed the odd entry may be to blame.
    let kit = Kit::new(|path, _| match path.rsplit('/').next().unwrap() {
        "index.json" => ok(r#"{"directory": {"item": [{"name": "a.jpg"}, {"name": null}]}}"#),
        _ => not_found(),
    })
    .await;
    let message = kit.fetch(&metadata()).await.unwrap_err().message;
    assert!(
        message.ends_with(
            "index.json: no XBRL among its files; 42/000000004224000001/index.json: \
        directory.item[1].name is null, expected a file name"
        ),
        "{message}"
    );
}

#[tokio::test]
async fn a_page_in_place_of_the_primary_document_is_told_by_its_size() {
    const PAGE: &str = "<html>Please wait.</html>";
    for (size, is_taken) in [("7000", false), ("25", true), ("", true)] {
        let index = format!(
            r#"{{"directory": {{"item": [{{"name": "a.htm", "size": "{size}"}}, {{"name": "a.xml"}}]}}}}"#
        );
        let kit = Kit::new(move |path, _| match path.rsplit('/').next().unwrap() {
            "index.json" => ok(&index),
            "a.htm" => ok(PAGE),
            "a.xml" => ok(INSTANCE),
            _ => not_found(),
        })
        .await;
        match kit.fetch(&metadata()).await {
            Ok(raw) => assert!(is_taken && raw.files.len() == 1, "{size}: {raw:?}"),
            Err(failure) => {
                assert_eq!((is_taken, failure.class), (false, FailureClass::Transient));
                assert!(
                    failure.message.contains("/a.htm: 25 bytes without facts where"),
                    "{}",
                    failure.message
                );
                assert_eq!(kit.store.list(&"raw".parse().unwrap()).await.unwrap(), []);
            }
        }
    }
}

#[tokio::test]
async fn the_next_company_is_tried_when_one_has_no_such_folder() {
    let kit = Kit::new(|path, _| if path.contains("/data/43/") { ok(zip()) } else { not_found() }).await;
    let raw = kit.fetch(&metadata()).await.unwrap();
    assert!(raw.sidecar.url.contains("/data/43/"));
    let nobody = Kit::new(|_, _| not_found()).await;
    let failure = nobody.fetch(&metadata()).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Permanent);
    assert_eq!(failure.message, "filing 0000000042-24-000001 is not in EDGAR's archives under CIK 42, 43");
    assert_eq!(nobody.server.requests().len(), 4);
}

#[tokio::test]
async fn what_is_refused_is_not_stored() {
    let mut damaged = zip().to_vec();
    damaged[40] ^= 0x55;
    let hostile = {
        let mut writer = ::zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        writer.start_file("a/b.xml", ::zip::write::SimpleFileOptions::default()).unwrap();
        writer.finish().unwrap().into_inner()
    };
    for (bytes, class) in [(damaged, FailureClass::Transient), (hostile, FailureClass::Permanent)] {
        let kit = Kit::new(move |_, _| ok(&bytes)).await;
        assert_eq!(kit.fetch(&metadata()).await.unwrap_err().class, class);
        assert_eq!(kit.store.list(&"raw".parse().unwrap()).await.unwrap(), []);
    }
}

/// Real filings, when they are at hand.
#[tokio::test]
async fn real_filings_are_read_from_a_directory() {
    let corpus =
        std::env::var_os("EDGRAPH_CORPUS").map_or_else(|| PathBuf::from("../../shared/edgar"), PathBuf::from);
    if !corpus.join("files/company_tickers.json").is_file() {
        println!("skipped: no corpus");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let store: SharedStore = Arc::new(LocalStore::open(folder.path()).unwrap());
    let edgar = Edgar::new(EdgarConfig::at(corpus.display().to_string())).unwrap();
    let listings =
        crate::edgar::tickers::parse(&edgar.company_tickers().await.unwrap().bytes).unwrap().listings;
    let mut filings = 0;
    for listing in listings {
        let bytes = edgar.submissions(listing.cik).await.unwrap().bytes;
        let submissions = crate::edgar::submissions::parse(&bytes).unwrap();
        assert_eq!(submissions.company.cik, listing.cik);
        for filing in submissions.filings {
            let metadata = filing.metadata;
            let raw = fetch(&edgar, &store, &metadata, &[listing.cik]).await.unwrap();
            let candidates = candidates(&raw.files, &metadata.primary_document);
            let has_page = raw.files.iter().any(|(name, bytes)| {
                name.ends_with(".htm")
                    && edgraph_xbrl::sniff::sniff(bytes) == edgraph_xbrl::sniff::Kind::Inline
            });
            assert_eq!(candidates[0].kind == SourceKind::Inline, has_page, "{candidates:?}");
            assert_eq!(candidates.len(), 1, "{candidates:?}");
            filings += 1;
        }
    }
    assert!(filings > 0);
}
