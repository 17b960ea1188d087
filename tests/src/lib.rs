//! The test kit: what the integration tests stand on, and nothing they assert.
//!
//! Real parts only: an EDGAR that speaks HTTP and misbehaves by script ([`edgar`]), filings to serve from it
//! ([`corpus`]), and bounded waiting ([`eventually`]). The kit depends on no package of the product, so that a
//! change there cannot bend the yardstick.

pub mod corpus;
pub mod edgar;
pub mod eventually;
