//! The whole pipeline in this process, without a server elsewhere: `edgraph run` and `edgraph dev`.
//!
//! The same code as in production: the engine with the memory tracker, its gRPC services on a loopback port, workers
//! that connect to it, a local directory as the store. Only the assembly is here.

mod lock;
mod error;
mod fleet;
mod open;
mod outcome;
mod run;
mod dev;
mod plan;
mod untouched;
mod retries;

pub use dev::{DevConfig, dev};
pub use error::Error;
pub use fleet::Setup;
pub use lock::{LockError, take_store};
pub use open::Page;
pub use outcome::RunResult;
pub use plan::{Plan, plan};
pub use run::{Config, Observe, run};
