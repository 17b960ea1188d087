//! The parts of EDGAR that have hosts of their own, and what each of them serves.

/// Which part of EDGAR a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Base {
    /// `files/` and `Archives/`, as on `www.sec.gov`.
    Archives,
    /// `submissions/` and `api/`, as on `data.sec.gov`.
    Data,
    /// Both, as a mirror under one address.
    Both,
    /// Not EDGAR: `{host}/{path}` of taxonomy files.
    Taxonomies,
}

impl Base {
    /// Whether it has documents at such paths at all.
    pub(super) fn serves(self, path: &str) -> bool {
        let prefixes: &[&str] = match self {
            Self::Archives => &["/files/", "/Archives/"],
            Self::Data => &["/submissions/", "/api/"],
            Self::Both => &["/files/", "/Archives/", "/submissions/", "/api/"],
            Self::Taxonomies => &["/"],
        };
        prefixes.iter().any(|prefix| path.starts_with(prefix))
    }

    /// The SEC asks for a contact; hosts of taxonomies do not.
    pub(super) fn asks_for_contact(self) -> bool {
        self != Self::Taxonomies
    }
}
