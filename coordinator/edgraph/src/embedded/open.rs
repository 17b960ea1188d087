//! What a fleet in this process shows to others: the page, and the services for clients.

use std::net::SocketAddr;

use edgraph_coordinator::http;
use edgraph_coordinator::service::{self, Queries, ServeConfig, ServeError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::error::Error;
use super::fleet::Fleet;

/// Where the page is served, and what answers questions to the graph there.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Absent where there is no graph.
    pub graph: Option<Queries>,
}

impl Page {
    fn config(&self) -> ServeConfig {
        ServeConfig { graph: self.graph.clone(), ..ServeConfig::default() }
    }
}

/// Something served, and where.
pub(super) struct Open {
    /// Its address.
    pub(super) url: String,
    task: JoinHandle<Result<(), ServeError>>,
}

impl Open {
    /// Serves the page of a fleet, as long as that lives.
    pub(super) async fn page(page: &Page, fleet: &Fleet) -> Result<Self, Error> {
        let (listener, url) = bind("--ui", page.listen).await?;
        let serving = http::serve(listener, fleet.seat.clone(), page.config(), fleet.stop.clone());
        Ok(Self { url, task: tokio::spawn(serving) })
    }

    /// Serves clients of a fleet, as long as that lives.
    pub(super) async fn services(listen: SocketAddr, page: &Page, fleet: &Fleet) -> Result<Self, Error> {
        let (listener, url) = bind("--listen", listen).await?;
        let serving = service::serve(listener, fleet.seat.clone(), page.config(), fleet.stop.clone());
        Ok(Self { url, task: tokio::spawn(serving) })
    }

    /// Waits for its end, which is an error before the fleet's.
    pub(super) async fn ended(&mut self) -> Result<(), Error> {
        let ended = (&mut self.task).await;
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())).map_err(Error::Service)
    }
}

async fn bind(flag: &'static str, address: SocketAddr) -> Result<(TcpListener, String), Error> {
    if !address.ip().is_loopback() {
        return Err(Error::Exposed { flag, address });
    }
    let failed = |source| Error::Listen { flag, address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, format!("http://{bound}")))
}
