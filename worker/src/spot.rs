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
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use metadata::{Error, Machine, Metadata};

pub use edgraph_runtime::{Notice, Notices};

/// Where every EC2 machine finds its metadata service.
pub const METADATA_URL: &str = "http://169.254.169.254/";
/// As often as AWS asks to look; of two minutes' notice it costs little.
const EVERY: Duration = Duration::from_secs(5);
/// Silence decides whose machine this is after so many questions, with the time of a look between them: half a minute,
/// in which the network of a machine that has just begun comes up. The worker works meanwhile.
const FIRST_QUESTIONS: usize = 6;

/// Whether notices are watched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Where a metadata service answers within half a minute of the start.
    #[default]
    Auto,
    /// As `auto`, but for interruptions alone: recommendations to rebalance are not heeded.
    Interruption,
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

/// Begins to watch on the caller's runtime.
pub fn watch(config: SpotConfig) -> Notices {
    if config.mode == Mode::Off {
        return Notices::none();
    }
    let (sender, newest) = watch::channel(None);
    let watching = AbortOnDropHandle::new(tokio::spawn(look_again_and_again(config, sender)));
    Notices::of(newest, watching)
}

/// Ends with an interruption: nothing comes after it.
async fn look_again_and_again(config: SpotConfig, newest: watch::Sender<Option<Notice>>) {
    let mut metadata = match Metadata::new(config.metadata) {
        Ok(metadata) => metadata,
        Err(error) => return tracing::warn!(%error, "spot notices are not watched"),
    };
    if config.mode != Mode::Ec2 && !is_on_ec2(&mut metadata, config.every).await {
        return;
    }
    tracing::info!("watching for EC2 spot notices");
    let mut looks = interval(config.every);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut complained = false;
    loop {
        looks.tick().await;
        match look(&mut metadata, config.mode).await {
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

/// Finds out once whether this is a machine of EC2.
async fn is_on_ec2(metadata: &mut Metadata, between: Duration) -> bool {
    for question in 1..=FIRST_QUESTIONS {
        let Err(error) = metadata.sign_in().await else { return true };
        match error.machine() {
            Machine::Ec2 => return true,
            Machine::Other => {
                tracing::info!(%error, "not on EC2: spot notices are not watched");
                return false;
            }
            Machine::Unknown if question < FIRST_QUESTIONS => tokio::time::sleep(between).await,
            Machine::Unknown => tracing::info!(
                %error,
                "not on EC2, it seems: spot notices are not watched; in a container on EC2 the metadata service needs \
                 a hop limit of 2"
            ),
        }
    }
    false
}

/// Of two notices the one that is certain.
async fn look(metadata: &mut Metadata, mode: Mode) -> Result<Option<Notice>, Error> {
    match metadata.interruption().await? {
        None if mode != Mode::Interruption => metadata.recommendation().await,
        notice => Ok(notice),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::scripted::{Scripted, not_found, ok, reply};

    /// A metadata service that says nothing to the first questions, and what it answers then.
    async fn service(silent: usize, status: &'static str) -> Scripted {
        let answer = move |_: &str, asked| {
            if asked < silent { Vec::new() } else { reply(status, "", "AQAEA-token==") }
        };
        Scripted::start(answer).await
    }

    fn at(service: &Scripted) -> Metadata {
        Metadata::new(service.url.parse().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn silence_is_asked_again_and_whatever_else_is_said_decides() {
        for (silent, status, on_ec2, questions) in [
            (0, "200 OK", true, 1),
            (FIRST_QUESTIONS - 1, "200 OK", true, FIRST_QUESTIONS),
            (FIRST_QUESTIONS, "200 OK", false, FIRST_QUESTIONS),
            (0, "404 Not Found", false, 1),
            (2, "403 Forbidden", false, 3),
            (1, "503 Service Unavailable", true, 2),
        ] {
            let service = service(silent, status).await;
            let found = is_on_ec2(&mut at(&service), Duration::from_millis(1)).await;
            assert_eq!((found, service.requests().len()), (on_ec2, questions), "{silent} {status}");
        }
    }

    #[tokio::test]
    async fn a_refused_connection_decides_at_once() {
        let service = service(0, "200 OK").await;
        let mut metadata = at(&service);
        service.stop().await;
        let asking = is_on_ec2(&mut metadata, Duration::from_secs(3_600));
        let found = tokio::time::timeout(Duration::from_secs(60), asking).await;
        assert_eq!(found, Ok(false), "it waited to ask again");
    }

    #[tokio::test]
    async fn recommendations_are_heeded_but_where_interruptions_alone_are() {
        let answer = |path: &str, _| match path.rsplit('/').next() {
            Some("token") => ok("AQAEA-token=="),
            Some("rebalance") => ok(r#"{"noticeTime":"2027-03-01T10:00:00Z"}"#),
            _ => not_found(),
        };
        let service = Scripted::start(answer).await;
        let mut metadata = at(&service);
        assert_eq!(look(&mut metadata, Mode::Interruption).await.unwrap(), None);
        assert_eq!(service.names(), ["token", "instance-action"]);
        assert_eq!(look(&mut metadata, Mode::Auto).await.unwrap(), Some(Notice::Rebalance));
    }
}
