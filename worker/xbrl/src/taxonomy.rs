//! Schemas and linkbases: parsing each document on its own, then joining them into a DTS.
//!
//! ```text
//! bytes ──▶ document::parse ──▶ Arc<Document> ─┐            (parsed once per process, shared between filings)
//! bytes ──▶ document::parse ──▶ Arc<Document> ─┼─▶ Loader ──▶ Dts ──▶ concepts, roles, networks, labels
//!                    URL that nobody has ──────┘  needed/feed/missing
//! ```
//!
//! [`Loader`] does no I/O. It says which URLs it needs; the caller feeds parsed documents or says what is missing.

mod href;
mod parsing;
mod linkbase;
mod schema;
mod document;
mod loaded;
mod catalog;
mod concept;
mod endpoint;
mod base_set;
mod inventory;
mod dts;
mod network;
mod label;
mod loader;
#[cfg(test)]
pub(crate) mod tests;

pub use base_set::MAX_RELATIONSHIPS;
pub use concept::{BaseType, Concept, ExtensibleEnumeration, ItemType, Substitution};
pub use document::{Content, Document, parse};
pub use dts::Dts;
pub use endpoint::{Endpoint, ResolvedName, ResourceId};
pub use href::{Href, Leads, Purpose, canonical_url};
pub use inventory::{Counts, Role};
pub use label::{CONCEPT_LABEL, CONCEPT_REFERENCE, ELEMENT_LABEL, ELEMENT_REFERENCE, Label, Reference};
pub use linkbase::{ArcUse, Bearer, ExtendedLink, LinkArc, LinkKind, Linkbase, Locator, Resource, RoleRef};
pub use loaded::{Loaded, Missing};
pub use loader::{Loader, MAX_DOCUMENTS};
pub use network::{End, Network, Relationship};
pub use schema::{
    ArcroleType, Balance, ElementDeclaration, Import, LinkbaseRef, PeriodType, RoleType, Schema,
    TypeDeclaration, WhiteSpace,
};
