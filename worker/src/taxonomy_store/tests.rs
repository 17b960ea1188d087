use std::fs;
use std::path::Path;

use edgraph_shared::storage::{LocalStore, layout};

use super::*;
use crate::download::Rate;
use crate::edgar::EdgarConfig;
use crate::tests::scripted::{Scripted, not_found, ok, reply};

const URL: &str = "http://www.xbrl.org/2003/a.xsd";
const SCHEMA: &str =
    "<schema xmlns='http://www.w3.org/2001/XMLSchema' targetNamespace='http://a.example/a'/>";
const OTHER: &str = "<schema xmlns='http://www.w3.org/2001/XMLSchema' targetNamespace='http://a.example/b'/>";

struct Kit {
    folder: tempfile::TempDir,
    objects: SharedStore,
}

impl Kit {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("edgar")).unwrap();
        let objects = Arc::new(LocalStore::open(folder.path().join("store")).unwrap());
        Self { folder, objects }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, source: &str, text: &str) {
        let file = self.path(source).join("www.xbrl.org/2003/a.xsd");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    async fn put(&self, text: &'static str) {
        self.objects
            .put(&layout::taxonomy("www.xbrl.org", "2003/a.xsd").unwrap(), text.into())
            .await
            .unwrap();
    }

    /// A new process: nothing remembered. EDGAR is a directory, so official hosts are off.
    fn taxonomies(&self, sources: &[&str]) -> TaxonomyStore {
        let edgar = Edgar::new(EdgarConfig::at(self.path("edgar").display().to_string())).unwrap();
        let place = |source: &&str| {
            if source.contains("://") {
                (*source).to_owned()
            } else {
                self.path(source).display().to_string()
            }
        };
        let config = TaxonomyConfig {
            sources: sources.iter().map(place).collect(),
            offline: false,
            ..TaxonomyConfig::default()
        };
        TaxonomyStore::new(&config, self.objects.clone(), &edgar).unwrap()
    }
}

fn content(lookup: Lookup<Bytes>) -> Result<String, String> {
    match lookup {
        Lookup::Found { sha256, content } => {
            assert_eq!(*sha256, sha256_hex(&content));
            Ok(String::from_utf8(content.to_vec()).unwrap())
        }
        other => Err(format!("{other:?}")),
    }
}

#[tokio::test]
async fn sources_come_in_order_before_the_store() {
    let kit = Kit::new();
    kit.put(OTHER).await;
    kit.write("second", SCHEMA);
    fs::create_dir(kit.path("first")).unwrap();
    assert_eq!(content(kit.taxonomies(&["first", "second"]).bytes(URL).await.unwrap()).unwrap(), SCHEMA);
    assert_eq!(content(kit.taxonomies(&["first"]).bytes(URL).await.unwrap()).unwrap(), OTHER);
    let mirror = Scripted::start(
        |path, _| if path == "/t/www.xbrl.org/2003/a.xsd" { ok(SCHEMA) } else { not_found() },
    );
    let mirror = mirror.await;
    let taxonomies = kit.taxonomies(&["first", &format!("{}/t", mirror.url)]);
    assert_eq!(content(taxonomies.bytes(URL).await.unwrap()).unwrap(), SCHEMA);
    let stored = kit.objects.get(&layout::taxonomy("www.xbrl.org", "2003/a.xsd").unwrap()).await.unwrap();
    assert_eq!(stored, OTHER, "what a user brings along never becomes the official copy");
}

#[tokio::test]
async fn what_cannot_be_had_says_why() {
    let kit = Kit::new();
    let taxonomies = kit.taxonomies(&[]);
    let cases = [
        (URL, Missing::Offline),
        ("http://www.example.org/a.xsd", Missing::HostNotAllowed),
        ("file:///etc/passwd", Missing::HostNotAllowed),
    ];
    for (url, expected) in cases {
        let found = taxonomies.bytes(url).await.unwrap();
        assert!(matches!(found, Lookup::Missing(reason) if reason == expected), "{url}: {found:?}");
        assert_eq!(taxonomies.lookup_only(url).await.unwrap(), None);
    }
    kit.put("<schema>torn").await;
    assert!(matches!(kit.taxonomies(&[]).bytes(URL).await.unwrap(), Lookup::Missing(Missing::Offline)));
    kit.put("<other/>").await;
    assert!(matches!(kit.taxonomies(&[]).document(URL).await.unwrap(), Lookup::Malformed { .. }));
}

#[tokio::test]
async fn eight_workers_make_one_download_and_one_parse() {
    let kit = Kit::new();
    let mirror = Scripted::start(|_, _| ok(SCHEMA)).await;
    let taxonomies = kit.taxonomies(&[&mirror.url]);
    let documents = futures::future::join_all((0..8).map(|_| taxonomies.document(URL))).await;
    let documents: Vec<Arc<Document>> = documents
        .into_iter()
        .map(|lookup| match lookup.unwrap() {
            Lookup::Found { content, .. } => content,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(documents.iter().all(|document| Arc::ptr_eq(document, &documents[0])));
    assert_eq!(
        taxonomies.lookup_only(URL).await.unwrap().as_deref(),
        Some(sha256_hex(SCHEMA.as_bytes()).as_str())
    );
    assert_eq!(mirror.requests().len(), 1);
}

#[tokio::test]
async fn those_who_waited_share_a_failure_and_the_next_asks_again() {
    let kit = Kit::new();
    let answer = |_: &str, before| if before == 0 { reply("400 Bad Request", "", "") } else { ok(SCHEMA) };
    let mirror = Scripted::start(answer).await;
    let taxonomies = kit.taxonomies(&[&mirror.url]);
    for lookup in futures::future::join_all((0..8).map(|_| taxonomies.bytes(URL))).await {
        assert!(matches!(lookup.unwrap(), Lookup::Unavailable(_)));
    }
    assert_eq!(mirror.requests().len(), 1);
    assert_eq!(content(taxonomies.bytes(URL).await.unwrap()).unwrap(), SCHEMA);
}

#[tokio::test]
async fn a_lookup_is_remembered_and_a_later_download_corrects_it() {
    let kit = Kit::new();
    let taxonomies = kit.taxonomies(&[]);
    assert_eq!(taxonomies.lookup_only(URL).await.unwrap(), None);
    kit.put(SCHEMA).await;
    assert_eq!(taxonomies.lookup_only(URL).await.unwrap(), None, "remembered");
    assert!(content(taxonomies.bytes(URL).await.unwrap()).is_ok());
    assert!(taxonomies.lookup_only(URL).await.unwrap().is_some());
    fs::remove_dir_all(kit.path("store").join("taxonomies")).unwrap();
    assert!(taxonomies.lookup_only(URL).await.unwrap().is_some(), "remembered without the bytes");
}

#[test]
fn a_source_that_is_not_there_is_an_error_at_the_start() {
    let kit = Kit::new();
    let edgar = Edgar::new(EdgarConfig { rate: Rate::Off, ..EdgarConfig::at("http://127.0.0.1:1") }).unwrap();
    let config = TaxonomyConfig {
        sources: vec![Path::new("no/such/folder").display().to_string()],
        offline: false,
        ..TaxonomyConfig::default()
    };
    let error = TaxonomyStore::new(&config, kit.objects.clone(), &edgar).err().unwrap();
    assert!(error.to_string().contains("`no/such/folder`"), "{error}");
}
