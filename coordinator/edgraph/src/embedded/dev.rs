//! A whole fleet in one process, for whoever builds on it: services for clients, workers, ingester and page, without Redis.
//!
//! Pipelines are started by clients and forgotten with the process; what they made stays in the folder.

use std::net::SocketAddr;

use tokio_util::sync::CancellationToken;

use super::error::Error;
use super::fleet::{Fleet, Setup};
use super::open::{Open, Page};

/// A fleet to develop with.
#[derive(Clone, Debug)]
pub struct DevConfig {
    /// What it is made of.
    pub setup: Setup,
    /// Where clients find it; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where people find it.
    pub page: Page,
}

/// Serves until `shutdown`. `announce` is told the addresses, of the services and of the page.
///
/// # Errors
/// [`Error`] if it cannot start, or what it serves fails.
pub async fn dev(
    config: DevConfig,
    announce: impl FnOnce(&str, &str),
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let mut fleet = Fleet::start(&config.setup).await?;
    let served = serve(&config, &fleet, announce, &shutdown).await;
    fleet.settle().await;
    fleet.stop().await;
    served
}

async fn serve(
    config: &DevConfig,
    fleet: &Fleet,
    announce: impl FnOnce(&str, &str),
    shutdown: &CancellationToken,
) -> Result<(), Error> {
    let mut services = Open::services(config.listen, &config.page, fleet).await?;
    let mut page = Open::page(&config.page, fleet).await?;
    announce(&services.url, &page.url);
    tokio::select! {
        () = shutdown.cancelled() => Ok(()),
        ended = services.ended() => ended,
        ended = page.ended() => ended,
    }
}
