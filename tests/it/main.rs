//! The integration tests: one binary, a story per module.

mod program;
mod layering;
mod documents;
mod store;
mod samples;
mod golden;
mod increments;
mod taxonomies;
mod http;
mod faults;
mod determinism;
mod kills;
mod reprocess;
mod messages;
mod universe;
mod odd_lists;
mod presets;
mod coordinator;
mod grpcurl;
mod api;
mod client;
mod commands;
mod worker;
mod corpus;
mod fleet;
