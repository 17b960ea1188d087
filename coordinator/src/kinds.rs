//! The pipeline kinds that need no spec from the client: a module for each, and one table of them.
//!
//! A kind says what a pipeline of it is made of, in terms the core knows, and which files its results stand for. What
//! its items do is a handler in the worker's `kinds`; their payloads are in `edgraph_shared::kinds`. Core and engine
//! see specs only.

pub mod sec_xbrl;
pub mod gc;
pub mod compact;

use edgraph_shared::ids::ItemKey;
use edgraph_shared::kinds::compact::{NAME as COMPACT, parameters_from as compact_parameters_from};
use edgraph_shared::kinds::gc::{NAME as GC, parameters_from as gc_parameters_from};
use edgraph_shared::kinds::sec_xbrl::{FileLocation, NAME as SEC_XBRL, parameters_from};
use edgraph_shared::model::PipelineSpec;

pub use edgraph_shared::kinds::BadParameter;

/// Whether parameters (JSON text) of a known kind can be taken; those of other kinds are their handlers' business.
///
/// # Errors
/// Every parameter that cannot.
pub fn check(kind: &str, params: &str) -> Result<(), Vec<BadParameter>> {
    match kind {
        SEC_XBRL => parameters_from(params).map(drop),
        GC => gc_parameters_from(params).map(drop),
        COMPACT => compact_parameters_from(params).map(drop),
        _ => Ok(()),
    }
}

/// What the coordinator has to say of a pipeline of this kind with these parameters (JSON text): all of it for a known
/// kind, and for the others, which bring their spec, the rules that hold in every pipeline.
pub fn base(kind: &str, params: &str) -> PipelineSpec {
    match kind {
        SEC_XBRL => sec_xbrl::preset(params),
        GC => gc::preset(params),
        COMPACT => compact::preset(params),
        _ => PipelineSpec { limits: sec_xbrl::everywhere(), ..PipelineSpec::default() },
    }
}

/// An item kind as a label of monitoring: clients' own kinds, of which there may be any number, are one.
pub fn label(item_kind: &str) -> &'static str {
    let mut known = sec_xbrl::ITEM_KINDS.into_iter().chain(gc::ITEM_KINDS).chain(compact::ITEM_KINDS);
    known.find(|known| *known == item_kind).unwrap_or("other")
}

/// The files that a succeeded item made, told from its result; none where that does not say.
pub fn locations(item_kind: &str, key: &ItemKey, result: &str) -> Vec<FileLocation> {
    sec_xbrl::locations(item_kind, key, result)
}
