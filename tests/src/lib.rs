//! The test kit: what the integration tests stand on, and nothing they assert.
//!
//! Real parts only: an EDGAR that speaks HTTP and misbehaves by script ([`edgar`]), filings to serve from it
//! ([`corpus`]), an S3 API with signatures ([`s3`]), a Redis to kill and wires to cut ([`redis`], [`proxy`]), a machine's
//! metadata ([`metadata`]), processes and fleets of them ([`process`], [`fleet`]), what their handlers wrote down
//! ([`history`]), and bounded waiting ([`eventually`]). The kit uses no package of the product, so that a change there
//! cannot hide itself from the tests; its one program, `scripted-worker`, is a worker and uses the worker's.

pub mod eventually;
pub mod process;
pub mod corpus;
mod socket;
pub mod edgar;
pub mod s3;
pub mod redis;
pub mod metadata;
pub mod proxy;
pub mod history;
pub mod fleet;
