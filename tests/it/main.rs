//! The integration tests: one binary, a story per module.

mod program;
mod layering;
mod samples;
mod golden;
mod increments;
mod taxonomies;
mod http;
mod determinism;
mod kills;
mod messages;
mod presets;
mod client;
mod corpus;
