//! What runs in this process without a server elsewhere: the whole pipeline on a laptop, and looks at single filings.
//!
//! The embedded run is the same code as in production: the engine with the memory tracker, its gRPC services on a
//! loopback port, workers that connect to it, a local directory as the store. Only the assembly is here.

mod run;
mod outcome;
mod plan;
mod patience;
mod inspect;
mod text;

pub use inspect::{InspectError, Inspection, Inspector, Occurrence};
pub use outcome::Outcome;
pub use plan::{Plan, plan};
pub use run::{Config, Error, Options, run};
pub use text::{TextError, text};

pub use edgraph_worker::download::{Agent, Rate};
pub use edgraph_worker::edgar::EdgarConfig;
pub use edgraph_worker::handlers::processor::{ProcessorTag, ProcessorVersion};
pub use edgraph_worker::taxonomy_store::TaxonomyConfig;
pub use edgraph_worker::universe::list::{ListError, read as read_list};
pub use edgraph_worker::universe::sp500;
