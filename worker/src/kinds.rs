//! The pipeline kinds whose items this worker can do: a module for each, with a handler for every item kind.
//!
//! What a pipeline of a kind is made of is in the coordinator's `kinds`, payloads and results are in
//! `edgraph_shared::kinds`.

pub mod sec_xbrl;
