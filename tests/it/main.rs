//! The integration tests: one binary, a story per module.

mod program;
mod layering;
mod store;
mod samples;
mod golden;
mod increments;
mod taxonomies;
mod http;
mod determinism;
mod kills;
mod messages;
mod presets;
mod coordinator;
mod grpcurl;
mod api;
mod client;
mod commands;
mod worker;
mod corpus;
mod fleet;
