//! Parsed documents, the least recently used given up first. Pure.

use std::collections::HashMap;
use std::sync::Arc;

use edgraph_xbrl::taxonomy::Document;

/// A cache bounded by the size of the bytes that were parsed.
pub(super) struct Parsed {
    /// By URL and hash: a document's references are resolved against its URL.
    documents: HashMap<(String, String), Entry>,
    bytes: u64,
    max_bytes: u64,
    uses: u64,
}

struct Entry {
    document: Arc<Document>,
    bytes: u64,
    last_use: u64,
}

impl Parsed {
    pub(super) fn new(max_bytes: u64) -> Self {
        Self { documents: HashMap::new(), bytes: 0, max_bytes, uses: 0 }
    }

    pub(super) fn get(&mut self, url: &str, sha256: &str) -> Option<Arc<Document>> {
        self.uses += 1;
        let entry = self.documents.get_mut(&(url.to_owned(), sha256.to_owned()))?;
        entry.last_use = self.uses;
        Some(entry.document.clone())
    }

    /// Keeps a document, unless it alone is larger than the cache.
    pub(super) fn put(&mut self, url: &str, sha256: &str, document: Arc<Document>, bytes: u64) {
        if bytes > self.max_bytes {
            return;
        }
        self.uses += 1;
        let entry = Entry { document, bytes, last_use: self.uses };
        self.bytes += bytes;
        if let Some(old) = self.documents.insert((url.to_owned(), sha256.to_owned()), entry) {
            self.bytes -= old.bytes;
        }
        while self.bytes > self.max_bytes {
            // Some hundred documents at most: a scan costs less than a second index.
            let oldest =
                self.documents.iter().min_by_key(|(_, entry)| entry.last_use).map(|(key, _)| key.clone());
            let gone = oldest.and_then(|key| self.documents.remove(&key));
            self.bytes -= gone.map_or(self.bytes, |entry| entry.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_goes_first() {
        let schema = b"<schema xmlns='http://www.w3.org/2001/XMLSchema'/>";
        let document = Arc::new(edgraph_xbrl::taxonomy::parse("http://a.example/a.xsd", schema).unwrap().0);
        let mut parsed = Parsed::new(10);
        for url in ["a", "b"] {
            parsed.put(url, "1", document.clone(), 5);
        }
        assert!(parsed.get("a", "1").is_some());
        parsed.put("c", "1", document.clone(), 4);
        let kept: Vec<bool> = ["a", "b", "c"].map(|url| parsed.get(url, "1").is_some()).into();
        assert_eq!(kept, [true, false, true]);
        parsed.put("d", "1", document, 11);
        assert!(parsed.get("d", "1").is_none());
        assert!(parsed.get("a", "2").is_none());
    }
}
