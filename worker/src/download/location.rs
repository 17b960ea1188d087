//! Places that keep documents in a known layout: a web address or a directory.

use std::fmt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use edgraph_shared::blocking;
use edgraph_shared::secret::without_credentials;
use url::Url;

use super::content::Defect;
use super::gzip::{self, Refused};
use super::{Content, Error};

/// The longest name in a path: no file system takes a longer one.
const MAX_NAME_BYTES: usize = 255;

/// Where a mirror begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// An http or https address.
    Web(Url),
    /// A directory.
    Directory(PathBuf),
}

/// Where one document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// An http or https address.
    Web(Url),
    /// A file.
    File(PathBuf),
}

/// A text that names no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no place to read from: {cause}")]
pub struct BadBase {
    text: String,
    cause: &'static str,
}

impl Base {
    /// Reads `http(s)://host[:port]/[path]`, `file:///directory` or the path of a directory, which must be there.
    ///
    /// # Errors
    /// [`BadBase`] for anything else.
    pub fn parse(text: &str) -> Result<Self, BadBase> {
        // A password is refused below, and not repeated.
        let shown = if text.contains("://") { without_credentials(text) } else { text.into() };
        let bad = |cause| BadBase { text: shown.clone().into_owned(), cause };
        if !text.contains("://") {
            return Self::directory(PathBuf::from(text)).ok_or_else(|| bad("there is no such directory"));
        }
        let url = Url::parse(text).map_err(|_| bad("not a valid URL"))?;
        match url.scheme() {
            "http" | "https" if url.query().is_some() || url.fragment().is_some() => {
                Err(bad("a base has neither query nor fragment"))
            }
            "http" | "https" if !url.username().is_empty() || url.password().is_some() => {
                Err(bad("user names and passwords in URLs are not supported"))
            }
            "http" | "https" => Ok(Self::Web(url)),
            "file" => {
                let path = url.to_file_path().map_err(|()| bad("expected file:/// and an absolute path"))?;
                Self::directory(path).ok_or_else(|| bad("there is no such directory"))
            }
            _ => Err(bad("expected http, https or file")),
        }
    }

    fn directory(path: PathBuf) -> Option<Self> {
        path.is_dir().then_some(Self::Directory(path))
    }

    /// The address, if it is on the web.
    pub fn web(&self) -> Option<&Url> {
        match self {
            Self::Web(url) => Some(url),
            Self::Directory(_) => None,
        }
    }

    /// The place of a document below the base, one name per path segment.
    ///
    /// # Errors
    /// [`Error::UnsafeName`] for a name that could lead elsewhere.
    pub fn resolve(&self, names: &[&str]) -> Result<Location, Error> {
        if let Some(name) = names.iter().find(|name| !is_safe_name(name)) {
            return Err(Error::UnsafeName { name: (*name).chars().take(MAX_NAME_BYTES).collect() });
        }
        Ok(match self {
            Self::Directory(path) => Location::File(path.join(names.iter().collect::<PathBuf>())),
            Self::Web(url) => {
                let mut url = url.clone();
                url.path_segments_mut().expect("http addresses have paths").pop_if_empty().extend(names);
                Location::Web(url)
            }
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web(url) => url.fmt(f),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// Whether a name from outside is one path segment that stays where it is put.
pub fn is_safe_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
        && name.len() <= MAX_NAME_BYTES
        && !name.contains(|c: char| matches!(c, '/' | '\\' | ':') || c.is_control())
}

/// Reads a file of at most `limit` bytes that looks like what is expected.
pub(crate) async fn read_file(path: &Path, content: Content, limit: u64) -> Result<Bytes, Error> {
    let failed = |error: std::io::Error| Error::of_file(path, &error);
    let meta = tokio::fs::metadata(path).await.map_err(failed)?;
    if !meta.is_file() {
        return Err(Error::NotFound { url: path.display().to_string() });
    }
    if meta.len() > limit {
        return Err(Error::TooLarge { url: path.display().to_string(), limit });
    }
    let bytes = tokio::fs::read(path).await.map_err(failed)?;
    let bytes = plain(bytes.into(), limit, path.display())?;
    content.check(&bytes).map_err(|(Defect::Disguise(cause) | Defect::Damage(cause))| Error::Broken {
        url: path.display().to_string(),
        cause,
    })?;
    Ok(bytes)
}

/// A body without gzip that its place left on it, of at most `limit` bytes still.
pub(super) fn plain(body: Bytes, limit: u64, place: impl fmt::Display) -> Result<Bytes, Error> {
    if !gzip::is_packed(&body) {
        return Ok(body);
    }
    let unpacked = blocking::in_place(|| gzip::unpacked(body, limit));
    unpacked.unwrap_or_else(|panic| Err(Refused::Damaged(panic.to_string()))).map_err(|refused| {
        let url = place.to_string();
        match refused {
            Refused::TooLarge => Error::TooLarge { url, limit },
            Refused::Damaged(cause) => Error::Broken { url, cause },
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_outside_cannot_leave_the_base() {
        let web = Base::parse("http://mirror.example:8080/edgar/").unwrap();
        let location = |names: &[&str]| web.resolve(names).map(|location| location.to_string());
        assert_eq!(
            location(&["files", "a b.json"]).unwrap(),
            "http://mirror.example:8080/edgar/files/a%20b.json"
        );
        assert_eq!(location(&["%2e%2e"]).unwrap(), "http://mirror.example:8080/edgar/%252e%252e");
        for name in ["", ".", "..", "a/b", "..\\a", "a\0b", "c:"] {
            assert!(matches!(location(&["files", name]), Err(Error::UnsafeName { .. })), "{name:?}");
        }
    }

    #[test]
    fn bases_are_addresses_or_directories() {
        let folder = tempfile::tempdir().unwrap();
        let spaced = folder.path().join("a b");
        std::fs::create_dir(&spaced).unwrap();
        let encoded = Url::from_directory_path(&spaced).unwrap();
        assert!(encoded.as_str().contains("%20"));
        let Ok(Base::Directory(found)) = Base::parse(encoded.as_str()) else { panic!("{encoded}") };
        assert_eq!(found, spaced);
        for bad in [
            "ftp://a/b",
            "file://host/absent",
            "/no/such/folder",
            "https://a/b?c",
            "https://u:p@a/",
            "http://",
        ] {
            let error = Base::parse(bad).expect_err(bad).to_string();
            assert!(!error.contains("u:p@"), "{error}");
        }
    }
}
