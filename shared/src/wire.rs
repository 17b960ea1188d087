//! Proto types to model types and back: the only place where the two meet.
//!
//! Reading parses: ids, sizes and enums are checked here, so that nothing behind this border checks them again. Writing
//! cannot fail. [`stream`] converts the Work stream, [`pipeline`] and [`items`] the PipelineService, [`fleet`] the
//! AdminService, [`graph`] and [`answers`] the GraphService. What these have in common is below them: single fields in
//! `field`, work items, leases and failures in `work`, request tokens in `request_tokens`, versions in `protocol`, and in
//! `said` what workers say, which costs an item at most.

mod protocol;
mod error;
mod field;
mod work;
mod request_tokens;
mod said;
pub mod parameters;
pub mod stream;
pub mod pipeline;
pub mod items;
pub mod fleet;
pub mod graph;
pub mod answers;

pub use error::WireError;
pub use field::{duration_to, kind_from, parse_id};
pub use protocol::{ProtocolMismatch, Side};

#[cfg(test)]
mod tests;
