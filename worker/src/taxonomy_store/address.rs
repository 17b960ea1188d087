//! Addresses of standard schemas: which are looked for at all, and whose host may be asked. Pure.

use std::fmt;

use edgraph_shared::storage::{ObjectKey, layout};
use url::Url;

use crate::download::is_safe_name;

/// Hosts that publish the taxonomies of SEC filings and the specifications they rest on.
pub(super) const OFFICIAL_HOSTS: [&str; 11] = [
    "www.xbrl.org",
    "xbrl.org",
    "xbrl.fasb.org",
    "xbrl.sec.gov",
    "taxonomies.xbrl.us",
    "xbrl.us",
    "www.xbrl.us",
    "www.w3.org",
    "w3.org",
    "xbrl.ifrs.org",
    "www.ifrs.org",
];

/// What names of schemas and linkbases end in.
const DOCUMENTS: [&str; 2] = [".xsd", ".xml"];

/// Why a document cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// It is not here, and downloads are off.
    #[error("not in the store, and downloads are off (--offline)")]
    Offline,
    /// Its host has no such document.
    #[error("its host has no such document")]
    NotFound,
    /// Its address is not one that is downloaded from.
    #[error("not from a host that taxonomies are downloaded from; give it with --taxonomies")]
    HostNotAllowed,
}

/// Where a standard document is published, whatever the scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    host: String,
    path: Vec<String>,
}

impl Address {
    /// Reads a URL. `None` for what no publisher uses: other schemes, ports, users, queries, encoded characters, and
    /// names that could lead out of a folder.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.port().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none();
        let host = url.domain().filter(|host| plain && is_safe_name(host))?.to_ascii_lowercase();
        let path: Vec<String> = url.path_segments()?.map(str::to_owned).collect();
        path.iter().all(|name| is_safe_name(name) && !name.contains('%')).then_some(Self { host, path })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn is_official(&self) -> bool {
        OFFICIAL_HOSTS.contains(&self.host.as_str())
    }

    /// `{host}/{path}`: the same for http and https.
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.host, self.path.join("/"))
    }

    /// Host and path as names below a source.
    pub(super) fn names(&self) -> Vec<&str> {
        std::iter::once(&self.host).chain(&self.path).map(String::as_str).collect()
    }

    /// Its object in the store. `None` if it cannot have one: its name is too long, or is not a document's, so that it
    /// might be the folder of another.
    pub(super) fn object(&self) -> Option<ObjectKey> {
        self.is_document().then(|| layout::taxonomy(&self.host, &self.path.join("/")).ok()).flatten()
    }

    /// What the fleet knows of it. `None` where it has no object.
    pub(super) fn claim(&self) -> Option<ObjectKey> {
        self.is_document().then(|| layout::taxonomy_claim(&self.host, &self.path.join("/")).ok()).flatten()
    }

    /// Whether the last name, and no other, is a schema's or linkbase's.
    fn is_document(&self) -> bool {
        let named = |name: &String| {
            let lower = name.to_ascii_lowercase();
            DOCUMENTS.iter().any(|extension| lower.ends_with(extension))
        };
        self.path.split_last().is_some_and(|(last, folders)| named(last) && !folders.iter().any(named))
    }

    /// Where it is downloaded from.
    pub(super) fn https(&self) -> Url {
        Url::parse(&format!("https://{}", self.key())).expect("host and path came from a URL")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_are_looked_for() {
        let cases = [
            (
                "http://www.xbrl.org/2003/xbrl-instance-2003-12-31.xsd",
                "www.xbrl.org/2003/xbrl-instance-2003-12-31.xsd",
                true,
            ),
            (
                "https://XBRL.fasb.org:443/us-gaap/2024/elts/a.xsd#x",
                "xbrl.fasb.org/us-gaap/2024/elts/a.xsd",
                true,
            ),
            ("http://www.xbrl.org/a/../b/./c.xsd", "www.xbrl.org/b/c.xsd", true),
            ("http://taxonomy.example.org/a.xsd", "taxonomy.example.org/a.xsd", false),
            ("http://xbrl.org.evil.example/a.xsd", "xbrl.org.evil.example/a.xsd", false),
        ];
        for (url, key, official) in cases {
            let address = Address::parse(url).unwrap();
            assert_eq!((address.key().as_str(), address.is_official()), (key, official), "{url}");
            assert_eq!(address.https().as_str(), format!("https://{key}"));
            assert_eq!(address.object().unwrap().as_str(), format!("taxonomies/{key}"));
        }
        let refused = [
            "file:///etc/passwd",
            "ftp://www.xbrl.org/a.xsd",
            "http://www.xbrl.org:8080/a.xsd",
            "http://user@www.xbrl.org/a.xsd",
            "http://www.xbrl.org/a.xsd?b=c",
            "http://www.xbrl.org/..%2f..%2fetc/passwd",
            "http://www.xbrl.org/a//b.xsd",
            "http://www.xbrl.org/",
            "http://127.0.0.1/a.xsd",
            "http://2130706433/a.xsd",
            "http://0x7f.1/a.xsd",
            "http://[::1]/a.xsd",
            "http://[::ffff:169.254.169.254]/a.xsd",
            "a.xsd",
            "",
        ];
        for url in refused {
            assert_eq!(Address::parse(url), None, "{url}");
        }
        let trailing_dot = Address::parse("http://www.xbrl.org./a.xsd");
        assert!(trailing_dot.is_none_or(|address| !address.is_official()));
    }

    #[test]
    fn no_object_is_the_folder_of_another() {
        let object = |url: &str| Address::parse(url).unwrap().object().map(|key| key.to_string());
        assert_eq!(object("http://www.xbrl.org/2003/a.XSD").unwrap(), "taxonomies/www.xbrl.org/2003/a.XSD");
        for url in
            ["http://www.xbrl.org/2003", "http://www.xbrl.org/a.xsd/b.xsd", "http://www.xbrl.org/.xsd/a.xml"]
        {
            assert_eq!(object(url), None, "{url}");
            assert_eq!(Address::parse(url).unwrap().claim(), None, "{url}");
        }
    }
}
