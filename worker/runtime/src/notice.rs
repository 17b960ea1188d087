//! What the cloud says of this machine.

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

/// What the cloud says of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// It is likely to be interrupted, nobody knows when.
    Rebalance,
    /// It is taken away.
    Interruption {
        /// Then.
        at: Instant,
    },
}

/// The notices of a machine, each given once. Dropping it ends the watching.
#[derive(Debug)]
pub struct Notices {
    newest: watch::Receiver<Option<Notice>>,
    heard: Option<Notice>,
    _watching: Option<AbortOnDropHandle<()>>,
}

impl Notices {
    /// Of a machine that nobody takes away.
    pub fn none() -> Self {
        Self { newest: watch::channel(None).1, heard: None, _watching: None }
    }

    /// Those that a watcher sends.
    pub fn of(newest: watch::Receiver<Option<Notice>>, watching: AbortOnDropHandle<()>) -> Self {
        Self { newest, heard: None, _watching: Some(watching) }
    }

    /// Waits for one that was not heard yet. Cancel safe.
    pub async fn next(&mut self) -> Notice {
        let heard = self.heard;
        let news = self.newest.wait_for(|newest| newest.is_some() && *newest != heard).await;
        let Ok(Some(notice)) = news.map(|newest| *newest) else {
            // Nobody watches, or there is nothing to come after an interruption.
            return std::future::pending().await;
        };
        self.heard = Some(notice);
        notice
    }
}
