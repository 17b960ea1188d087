//! A pure XBRL and Inline XBRL parser: bytes in, facts and networks out.
//!
//! ```text
//! filing bytes ──▶ instance | inline ──▶ Instance ─┐       ┌──▶ value: what texts mean by their types
//!                                                  ├───────┼──▶ enumeration: which elements values name
//! schema, linkbase bytes ──▶ taxonomy ──▶ Dts ─────┘       └──▶ checks: what is wrong between them
//! ```
//!
//! What it must not do: no I/O, no clock, no threads, no async, no workspace crate. Loading a DTS is a conversation:
//! [`taxonomy::Loader`] says which URL it needs and the caller feeds bytes.
//!
//! Bad data gives a value *and* [`Diagnostic`]s: three bad facts must not cost the other four thousand. [`Error`] is
//! for what is not XBRL at all. No fact is ever dropped because its concept is undeclared.

pub mod name;
pub mod model;
pub mod diagnostic;
pub mod tally;
pub mod decimal;
mod reader;
mod markup;
mod canonical;
mod context;
mod unit;
mod footnote;
mod value_name;
mod assembly;
pub mod sniff;
pub mod instance;
pub mod inline;
pub mod taxonomy;
pub mod value;
pub mod enumeration;
pub mod checks;

pub use diagnostic::{Diagnostic, Error};
pub use name::QName;
pub use tally::Tally;
