//! A user's own list of companies, as a text from a file or the web. What the text means is the command line's
//! business; workers get the names and never need the place.

use std::path::Path;
use std::time::Duration;

use url::Url;

use crate::download::location::read_file;
use crate::download::{Content, Downloader, Error, Hosts, Rate, Timeouts, Turnstile};
use crate::edgar::{ConfigError, EdgarConfig};

/// A list of all companies of the world with their names is smaller.
const MAX_LIST_BYTES: u64 = 4 << 20;
/// Somebody waits at a terminal.
const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    idle: Duration::from_secs(15),
    total: Duration::from_secs(60),
};

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// An address of a kind that is not read.
    #[error("{0} is no list of companies: expected a file, file:///path, or an http(s) address")]
    Address(String),
    /// It cannot be read; the message names the place.
    #[error(transparent)]
    Read(#[from] Error),
    /// The User-Agent cannot be sent.
    #[error(transparent)]
    Agent(#[from] ConfigError),
    /// Bytes that are no text.
    #[error("{0} is not UTF-8 text")]
    NotText(String),
}

impl ListError {
    /// Whether the place is wrong, and not only out of reach now.
    pub fn is_usage(&self) -> bool {
        !matches!(
            self,
            Self::Read(Error::Throttled { .. } | Error::Unreachable { .. } | Error::Broken { .. })
        )
    }
}

/// Reads a list from a path, `file:///path` or an http(s) address.
///
/// # Errors
/// [`ListError`] names the place.
pub async fn read(place: &str, user_agent: Option<&str>) -> Result<String, ListError> {
    let bytes = if !place.contains("://") {
        read_file(Path::new(place), Content::Text, MAX_LIST_BYTES).await?
    } else {
        let bad = || ListError::Address(place.to_owned());
        let url = Url::parse(place).map_err(|_| bad())?;
        match url.scheme() {
            "file" => {
                let path = url.to_file_path().map_err(|()| bad())?;
                read_file(&path, Content::Text, MAX_LIST_BYTES).await?
            }
            "http" | "https" => download(&url, user_agent).await?,
            _ => return Err(bad()),
        }
    };
    String::from_utf8(bytes.into()).map_err(|_| ListError::NotText(place.to_owned()))
}

async fn download(url: &Url, user_agent: Option<&str>) -> Result<bytes::Bytes, ListError> {
    let config = EdgarConfig { user_agent: user_agent.map(str::to_owned), ..EdgarConfig::default() };
    // One request before anything else is asked: it needs no turn.
    let turnstile = Turnstile::new(Rate::Off);
    let downloader = Downloader::new(config.agent()?, Hosts::of([url]), turnstile, TIMEOUTS);
    Ok(downloader.get(url, Content::Text, MAX_LIST_BYTES).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::scripted::{Scripted, not_found, ok};

    #[tokio::test]
    async fn a_list_comes_from_a_file_or_the_web() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.txt");
        std::fs::write(&path, "A\nB\n").unwrap();
        let server = Scripted::start(|path, _| match path {
            "/list" => ok("C\n"),
            "/page" => ok("<!DOCTYPE html><p>A page</p>"),
            _ => not_found(),
        })
        .await;
        let path = path.display().to_string();
        assert_eq!(read(&path, None).await.unwrap(), "A\nB\n");
        assert_eq!(read(&format!("file://{path}"), None).await.unwrap(), "A\nB\n");
        assert_eq!(read(&format!("{}/list", server.url), None).await.unwrap(), "C\n");

        let absent = format!("{}/absent", server.url);
        for (place, part) in [
            (absent.as_str(), "/absent: not found"),
            ("ftp://example.com/list", "expected a file"),
            ("no/such/file", "no/such/file: not found"),
        ] {
            let error = read(place, None).await.unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
