//! Finding all documents of a DTS without touching one: a conversation about URLs (XBRL 2.1 section 3.2).
//!
//! ```text
//! Loader::new(entry points) ─▶ needed() ─▶ caller: feed(url, document) | missing(url) ─▶ needed() … empty ─▶ finish()
//! ```
//!
//! Discovery goes in rounds: what the documents of one round lead to is the next round. So the caller can fetch a
//! whole round in parallel and answer in any order, and the order of the documents still depends on their content
//! alone.

use std::sync::Arc;

use foldhash::HashMap;

use super::document::Document;
use super::dts::Dts;
use super::href::{Purpose, canonical_url};
use super::loaded::{Loaded, Missing};
use crate::Diagnostic;

/// Documents in one DTS. The largest standard entry points, all labels and references included, have some 800;
/// a filing has 20 to 40.
pub const MAX_DOCUMENTS: usize = 2_000;

/// Discovers a DTS.
#[derive(Debug, Default)]
pub struct Loader {
    slots: Vec<Slot>,
    by_key: HashMap<String, usize>,
    /// Where the current round begins in `slots`.
    round: usize,
    /// Unanswered slots of the current round.
    open: usize,
    /// The first URL beyond the limit.
    refused: Option<Arc<str>>,
}

#[derive(Debug)]
struct Slot {
    /// The URL as it was first written.
    url: Arc<str>,
    purpose: Purpose,
    answer: Option<Answer>,
}

#[derive(Debug)]
enum Answer {
    Document(Arc<Document>),
    Missing,
}

impl Loader {
    /// Begins with the entry points: the instance's schemaRefs, linkbaseRefs, roleRefs and arcroleRefs, absolute, in
    /// document order. Fragments are ignored.
    pub fn new<S: AsRef<str>>(entry_points: impl IntoIterator<Item = S>) -> Self {
        let mut loader = Self::default();
        for url in entry_points {
            loader.want(url.as_ref(), Purpose::Content);
        }
        loader.advance();
        loader
    }

    /// The URLs to answer now, in order of discovery; empty when the DTS is complete.
    pub fn needed(&self) -> Vec<Arc<str>> {
        self.slots[self.round..]
            .iter()
            .filter(|slot| slot.answer.is_none())
            .map(|slot| slot.url.clone())
            .collect()
    }

    /// Answers a needed URL with its document. A URL that is not needed is ignored.
    pub fn feed(&mut self, url: &str, document: Arc<Document>) {
        self.answer(url, Answer::Document(document));
    }

    /// Answers that nobody has the document, or that it could not be parsed: the DTS goes on without it.
    pub fn missing(&mut self, url: &str) {
        self.answer(url, Answer::Missing);
    }

    /// Joins the documents. `is_own` says of a URL whether the document is the filing's own, rather than a standard
    /// taxonomy's. URLs that were not answered count as missing.
    pub fn finish(self, is_own: impl Fn(&str) -> bool) -> Dts {
        let mut documents = Vec::new();
        let mut missing = Vec::new();
        for slot in self.slots {
            match slot.answer {
                Some(Answer::Document(document)) => {
                    let is_own = is_own(&slot.url);
                    documents.push(Loaded { url: slot.url, document, is_own });
                }
                Some(Answer::Missing) | None => {
                    missing.push(Missing { url: slot.url, purpose: slot.purpose })
                }
            }
        }
        let refused = self.refused.map(|url| {
            let message =
                format!("more than {MAX_DOCUMENTS} documents; this one and those after it are left out");
            Diagnostic::new("too-many-documents", &url, 0, message)
        });
        Dts::new(documents, missing, refused.into_iter().collect())
    }

    fn answer(&mut self, url: &str, answer: Answer) {
        let Some(&slot) = self.by_key.get(&canonical_url(url)) else { return };
        if slot >= self.round && self.slots[slot].answer.is_none() {
            self.slots[slot].answer = Some(answer);
            self.open -= 1;
            self.advance();
        }
    }

    /// Starts rounds until one has something to answer or nothing is left.
    fn advance(&mut self) {
        while self.open == 0 && self.round < self.slots.len() {
            let finished = self.round..self.slots.len();
            self.round = finished.end;
            for slot in finished {
                if let Some(Answer::Document(document)) = &self.slots[slot].answer {
                    let document = document.clone();
                    document.references.iter().for_each(|leads| self.want(&leads.url, leads.purpose));
                }
            }
        }
    }

    fn want(&mut self, url: &str, purpose: Purpose) {
        let key = canonical_url(url);
        if let Some(&slot) = self.by_key.get(&key) {
            let known = &mut self.slots[slot].purpose;
            *known = purpose.max(*known);
            return;
        }
        if self.slots.len() == MAX_DOCUMENTS {
            // One is enough to say so; a hostile schema could name millions.
            self.refused.get_or_insert_with(|| url.into());
            return;
        }
        let url = url.split_once('#').map_or(url, |(document, _)| document);
        self.by_key.insert(key, self.slots.len());
        self.slots.push(Slot { url: url.into(), purpose, answer: None });
        self.open += 1;
    }
}
