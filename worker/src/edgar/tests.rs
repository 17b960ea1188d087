use std::fs;

use super::*;
use crate::download::{Error, Rate};
use crate::tests::scripted::{Scripted, not_found, ok, reply};

#[tokio::test]
async fn documents_lie_where_edgar_has_them() {
    let server = Scripted::start(|path, _| {
        ok(if path.ends_with("zip") {
            format!("PK\x05\x06{}", "\0".repeat(18))
        } else {
            format!("{{\"p\": \"{path}\"}}")
        })
    })
    .await;
    let data = Scripted::start(|_, _| ok("{}")).await;
    let config = EdgarConfig {
        archives: format!("{}/mirror/", server.url),
        data: data.url.clone(),
        rate: Rate::Off,
        ..EdgarConfig::default()
    };
    let edgar = Edgar::new(config).unwrap();
    let (cik, accession) = (Cik::new(42).unwrap(), "0000000042-24-000001".parse().unwrap());
    edgar.company_tickers().await.unwrap();
    edgar.submissions(cik).await.unwrap();
    let zip = edgar.xbrl_zip(cik, &accession).await.unwrap();
    edgar.filing_index(cik, &accession).await.unwrap();
    let folder = "/mirror/Archives/edgar/data/42/000000004224000001";
    assert_eq!(zip.url, format!("{}{folder}/0000000042-24-000001-xbrl.zip", server.url));
    let paths: Vec<String> = server.requests().into_iter().map(|request| request.path).collect();
    let zip = format!("{folder}/0000000042-24-000001-xbrl.zip");
    assert_eq!(paths, ["/mirror/files/company_tickers.json".into(), zip, format!("{folder}/index.json")]);
    assert_eq!(data.names(), ["CIK0000000042.json"]);
    assert!(data.requests()[0].head.contains(&format!("user-agent: {}", config::DEFAULT_AGENT)));
}

#[tokio::test]
async fn a_document_is_counted_once_however_often_it_is_asked_for() {
    let server = Scripted::start(|path, before| match path {
        "/files/company_tickers.json" if before < 1 => {
            reply("429 Too Many Requests", "retry-after: 60\r\n", "")
        }
        "/files/company_tickers.json" => ok("{}"),
        _ => not_found(),
    })
    .await;
    let config = EdgarConfig { rate: Rate::Off, ..EdgarConfig::at(&server.url) };
    let edgar = Edgar::new(config.clone()).unwrap();
    assert!(matches!(edgar.company_tickers().await, Err(Error::Throttled { .. })));
    assert_eq!(edgar.asked(), 0, "it is to be asked for again");
    let edgar = Edgar::new(config).unwrap();
    edgar.company_tickers().await.unwrap();
    assert!(matches!(edgar.submissions(Cik::new(42).unwrap()).await, Err(Error::NotFound { .. })));
    assert_eq!(edgar.clone().asked(), 2, "what is not there was asked for too");
}

#[tokio::test]
async fn a_directory_is_edgar_too_and_is_never_left() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("files")).unwrap();
    fs::create_dir(folder.path().join("submissions")).unwrap();
    fs::write(folder.path().join("files/company_tickers.json"), "{}").unwrap();
    fs::write(folder.path().join("secret"), "{}").unwrap();
    let edgar = Edgar::new(EdgarConfig::at(format!("file://{}", folder.path().display()))).unwrap();
    assert!(edgar.is_local());
    assert_eq!(edgar.company_tickers().await.unwrap().bytes, "{}");
    assert!(matches!(edgar.submissions(Cik::new(42).unwrap()).await, Err(Error::NotFound { .. })));
    for name in ["../secret", "..", "/etc/passwd", "a/../../secret"] {
        assert!(matches!(edgar.submissions_page(name).await, Err(Error::UnsafeName { .. })), "{name}");
    }
}
