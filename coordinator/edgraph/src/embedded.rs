//! The whole pipeline in this process, without a server elsewhere: `edgraph run`.
//!
//! The same code as in production: the engine with the memory tracker, its gRPC services on a loopback port, workers
//! that connect to it, a local directory as the store. Only the assembly is here.

mod lock;
mod run;
mod outcome;
mod plan;
mod untouched;
mod retries;

pub use lock::{LockError, take_store};
pub use outcome::RunResult;
pub use plan::{Plan, plan};
pub use run::{Config, Error, Options, run};
