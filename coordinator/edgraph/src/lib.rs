//! The `edgraph` program: a command line over the coordinator, the graph and, in an embedded run, workers.
//!
//! [`cli`] reads arguments and prints; what commands do is beside it: [`serve`] assembles a coordinator as a process,
//! [`embedded`] the whole pipeline in this one, [`answers`] asks the graph for others, [`inspect`] and [`text`] look into
//! one filing, [`prose`] makes text of markup, and [`doctor`] looks at everything that has to be there. Nothing is decided here but whether a night is due ([`nightly`]).

#![warn(missing_docs)]

pub mod nightly;
pub mod answers;
pub mod serve;
pub mod embedded;
pub mod inspect;
pub mod prose;
pub mod text;
pub mod doctor;
pub mod cli;
