//! The documents of a DTS one by one: those that somebody had, and those that nobody had.

use std::sync::Arc;

use super::document::Document;
use super::href::Purpose;

/// A document in its place in a DTS.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The URL under which the DTS first named it.
    pub url: Arc<str>,
    /// The document, shared with other DTSs.
    pub document: Arc<Document>,
    /// Whether it is the filing's own.
    pub is_own: bool,
}

/// A document nobody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its URL, as the DTS first named it.
    pub url: Arc<str>,
    /// What is lost without it.
    pub purpose: Purpose,
}
