//! Why a fleet in this process did not start, or was cut off.

use std::io;
use std::net::SocketAddr;

use edgraph_coordinator::engine::EngineError;
use edgraph_coordinator::service::ServeError;
use edgraph_shared::failure::Failure;
use edgraph_shared::storage;
use edgraph_worker::edgar::ConfigError;
use edgraph_worker::universe::ResolveError;

use super::lock::LockError;

/// Why a run did not start, or was cut off.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The output folder is in use, or cannot be written.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store in the output folder does not open.
    #[error(transparent)]
    Store(#[from] storage::Error),
    /// EDGAR or a source of taxonomies is configured wrongly.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The companies cannot be told.
    #[error(transparent)]
    Universe(#[from] ResolveError),
    /// The graph does not open.
    #[error(transparent)]
    Graph(#[from] edgraph_graph::Error),
    /// EDGAR's lists, what is kept in the store, or a source of taxonomies cannot be read.
    #[error(transparent)]
    Kept(#[from] Failure),
    /// The loopback server does not start.
    #[error("coordinator and workers cannot talk over the loopback interface: {0}; is it up?")]
    Loopback(io::Error),
    /// An address that others were to be served at is taken, or not of this machine.
    #[error("cannot listen at {address}: {source}; give another {flag}")]
    Listen {
        /// What gives the address.
        flag: &'static str,
        /// As configured.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// An address at which others than this machine's own users would be let in.
    #[error(
        "{flag} {address}: nothing would keep strangers out; give an address of loopback, such as 127.0.0.1:0"
    )]
    Exposed {
        /// What gives the address.
        flag: &'static str,
        /// As configured.
        address: SocketAddr,
    },
    /// The page or the services ended.
    #[error(transparent)]
    Service(#[from] ServeError),
    /// The engine ended early.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The run was interrupted.
    #[error("interrupted; what is done is kept, and running it again goes on from there")]
    Interrupted,
}

impl Error {
    /// Whether the command line is to blame.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Error::Config(_)
                | Error::Universe(ResolveError::Unknown(_))
                | Error::Graph(edgraph_graph::Error::Invalid { .. })
                | Error::Exposed { .. }
        )
    }
}
