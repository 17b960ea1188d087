//! The pipeline kinds that need no spec from the client: a module for each, and one table of them.
//!
//! A kind says what a pipeline of it is made of, in terms the core knows, and which files its results stand for. What
//! its items do is a handler in the worker's `kinds`; their payloads are in `edgraph_shared::kinds`. Core and engine
//! see specs only.

pub mod sec_xbrl;

use edgraph_shared::ids::ItemKey;
use edgraph_shared::kinds::sec_xbrl::{FileLocation, NAME as SEC_XBRL};
use edgraph_shared::model::PipelineSpec;

/// What a pipeline of a known kind with these parameters (JSON text) is made of; `None` for other kinds, which bring
/// their spec.
pub fn preset(kind: &str, params: &str) -> Option<PipelineSpec> {
    match kind {
        SEC_XBRL => Some(sec_xbrl::preset(params)),
        _ => None,
    }
}

/// The files that a succeeded item made, told from its result; none where that does not say.
pub fn locations(item_kind: &str, key: &ItemKey, result: &str) -> Vec<FileLocation> {
    sec_xbrl::locations(item_kind, key, result)
}
