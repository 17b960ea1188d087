//! Notices that this machine is about to be taken away: EC2's, read from the instance metadata service.
//!
//! ```text
//! watch: look every 5 s ──▶ metadata: token, two documents ──▶ Notices ──▶ runtime: what to do about it
//! ```
//! It only says what the cloud said. A metadata service that is away, slow or talks nonsense is complained of once and
//! asked again; it never ends a worker.

mod metadata;

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use metadata::Metadata;

/// Where every EC2 machine finds its metadata service.
pub const METADATA_URL: &str = "http://169.254.169.254/";
/// As often as AWS asks to look; of two minutes' notice it costs little.
const EVERY: Duration = Duration::from_secs(5);

/// Whether notices are watched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Where a metadata service answers when the worker starts.
    #[default]
    Auto,
    /// On EC2, whether the service answers at the start or not.
    Ec2,
    /// Not at all.
    Off,
}

/// How notices are watched.
#[derive(Debug, Clone)]
pub struct SpotConfig {
    /// Whether at all.
    pub mode: Mode,
    /// Where the metadata service is, by `http`.
    pub metadata: Url,
    /// The time between two looks.
    pub every: Duration,
}

impl SpotConfig {
    /// Every 5 seconds.
    pub fn new(mode: Mode, metadata: Url) -> Self {
        Self { mode, metadata, every: EVERY }
    }
}

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

/// Begins to watch on the caller's runtime.
pub fn watch(config: SpotConfig) -> Notices {
    if config.mode == Mode::Off {
        return Notices::none();
    }
    let (sender, newest) = watch::channel(None);
    let watching = AbortOnDropHandle::new(tokio::spawn(look_again_and_again(config, sender)));
    Notices { newest, heard: None, _watching: Some(watching) }
}

/// Ends with an interruption: nothing comes after it.
async fn look_again_and_again(config: SpotConfig, newest: watch::Sender<Option<Notice>>) {
    let mut metadata = match Metadata::new(config.metadata) {
        Ok(metadata) => metadata,
        Err(error) => return tracing::warn!(%error, "spot notices are not watched"),
    };
    if config.mode == Mode::Auto
        && let Err(error) = metadata.sign_in().await
        && error.means_elsewhere()
    {
        return tracing::info!(%error, "not on EC2: spot notices are not watched");
    }
    tracing::info!("watching for EC2 spot notices");
    let mut looks = interval(config.every);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut complained = false;
    loop {
        looks.tick().await;
        match metadata.look().await {
            Ok(found) => {
                if std::mem::take(&mut complained) {
                    tracing::info!("the EC2 metadata service answers again");
                }
                let Some(notice) = found else { continue };
                if newest.send_replace(Some(notice)) != Some(notice) {
                    tracing::warn!(?notice, "EC2 gave notice");
                }
                if matches!(notice, Notice::Interruption { .. }) {
                    return;
                }
            }
            Err(error) if complained => tracing::debug!(%error, "still no look at EC2's spot notices"),
            Err(error) => {
                complained = true;
                tracing::warn!(%error, "cannot look at EC2's spot notices; trying again");
            }
        }
    }
}
