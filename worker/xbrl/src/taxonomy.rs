//! Schemas and linkbases: parsing each document on its own, then joining them into a DTS.
//!
//! ```text
//! bytes ──▶ document::parse ──▶ Arc<Document> ─┐            (parsed once per process, shared between filings)
//! bytes ──▶ document::parse ──▶ Arc<Document> ─┼─▶ Loader ──▶ Dts ──▶ concepts, roles, networks, labels
//!                    URL that nobody has ──────┘  needed/feed/missing
//! ```
//!
//! [`Loader`] does no I/O. It says which URLs it needs; the caller feeds parsed documents or says what is missing.

mod catalog;
mod concept;
mod document;
mod dts;
mod endpoint;
mod href;
mod inventory;
mod label;
mod linkbase;
mod loader;
mod network;
mod schema;
#[cfg(test)]
mod tests;

pub use concept::{BaseType, Concept, ItemType, Substitution};
pub use document::{Content, Document, parse};
pub use dts::Dts;
pub use endpoint::{Endpoint, ResolvedName, ResourceId};
pub use href::{Href, Leads, Purpose, canonical_url};
pub use inventory::{Counts, Role};
pub use label::{CONCEPT_LABEL, CONCEPT_REFERENCE, ELEMENT_LABEL, ELEMENT_REFERENCE, Label, Reference};
pub use linkbase::{ArcUse, Bearer, ExtendedLink, LinkArc, LinkKind, Linkbase, Locator, Resource, RoleRef};
pub use loader::{Loaded, Loader, MAX_DOCUMENTS, Missing};
pub use network::{End, MAX_RELATIONSHIPS, Network, Relationship};
pub use schema::{
    ArcroleType, Balance, ElementDeclaration, Import, LinkbaseRef, PeriodType, RoleType, Schema,
    TypeDeclaration,
};
