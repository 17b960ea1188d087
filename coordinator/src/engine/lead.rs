//! Becoming the leader, being it, and waiting for it again: the life of one coordinator.

use std::sync::Arc;
use std::time::{Duration, Instant};

use edgraph_shared::model::Home;
use edgraph_shared::retry;
use edgraph_shared::storage::SharedStore;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::vigil::Vigil;
use super::{AcceptedSink, Engine, EngineConfig, EngineStats, RequestRules, Role, Timing};
use crate::tracker::{Lead, Leader, LockSight, LockTiming, Look, Tracker, TrackerError};

/// What a coordinator needs to lead.
#[derive(Clone)]
pub struct LeadConfig {
    /// Lease TTL and what goes with it.
    pub timing: Timing,
    /// How the lead is held, and how often a standby tries.
    pub lock: LockTiming,
    /// Where pipelines are kept, and who leads.
    pub tracker: Arc<dyn Tracker>,
    /// Where accepted lists are written.
    pub accepted: Arc<dyn AcceptedSink>,
    /// Where the ends of pipelines are written, for a tracker that may be lost; absent where nobody restores them.
    pub finished: Option<SharedStore>,
    /// How requests to the SEC are limited.
    pub requests: RequestRules,
    /// Where this coordinator and its workers belong. The tracker keeps the pipelines of one store.
    pub home: Home,
    /// Where others reach this coordinator, a URL or `host:port`.
    pub advertise: Option<String>,
}

/// Leads whenever it can, until `shutdown`; `role` says at every moment whether it does. A tracker that cannot be
/// reached is waited for.
///
/// # Errors
/// [`TrackerError::AnotherStore`]: this coordinator has no business with this tracker.
pub async fn run(
    config: LeadConfig,
    role: watch::Sender<Role>,
    shutdown: CancellationToken,
) -> Result<(), TrackerError> {
    // A leader id of its own for every term, so that the tracker does not take a late write of the old one for one of
    // the new one.
    let next_leader =
        || Leader::new(config.advertise.clone(), config.lock).of_store(config.home.store.clone());
    let mut leader = next_leader();
    let mut watch = Watch { since: Instant::now(), vigil: Vigil::new(config.lock.ttl) };
    let mut said = String::new();
    while !shutdown.is_cancelled() {
        let attempt = tokio::select! {
            attempt = watch.attempt(&config, &leader) => attempt,
            () = shutdown.cancelled() => break,
        };
        let standby = match attempt {
            Ok(lead) => {
                let engine = EngineConfig {
                    timing: config.timing,
                    tracker: Arc::clone(&config.tracker),
                    accepted: Arc::clone(&config.accepted),
                    finished: config.finished.clone(),
                    requests: config.requests.clone(),
                    home: config.home.clone(),
                };
                let Engine { handle, task } = Engine::lead(engine, lead, shutdown.clone());
                role.send_replace(Role::Leading(handle.clone()));
                let ended = task.await;
                let EngineStats { commits, changes, rewrites, .. } = handle.stats();
                tracing::info!(leader = leader.id, commits, changes, rewrites, "lead ended");
                role.send_replace(Role::Standby { leader: None });
                match ended {
                    Ok(Ok(())) => break,
                    Ok(Err(error)) => tracing::warn!(leader = leader.id, %error, "lead lost"),
                    Err(panic) => tracing::error!(error = %panic, "the engine panicked"),
                }
                leader = next_leader();
                said.clear();
                Role::Standby { leader: None }
            }
            Err(NotYet::Failed(error @ TrackerError::AnotherStore { .. })) => return Err(error),
            Err(not_yet) => {
                let text = not_yet.to_string();
                if text != said {
                    match &not_yet {
                        NotYet::Failed(TrackerError::Unavailable(trouble)) if trouble.fix.is_some() => {
                            tracing::error!(reason = text, "cannot lead, and tries again");
                        }
                        NotYet::Failed(TrackerError::Unavailable(_)) => {
                            tracing::warn!(reason = text, "cannot lead yet");
                        }
                        _ => tracing::info!(reason = text, "waits as standby"),
                    }
                    said = text;
                }
                match not_yet {
                    NotYet::Failed(TrackerError::Led { leader }) => Role::Standby { leader },
                    NotYet::Failed(TrackerError::Unavailable(trouble)) => Role::Barred(trouble),
                    NotYet::Failed(_) | NotYet::Watching { .. } => Role::Standby { leader: None },
                }
            }
        };
        role.send_if_modified(|role| {
            let is_news = match (&*role, &standby) {
                (Role::Standby { leader }, Role::Standby { leader: now }) => leader != now,
                (Role::Barred(trouble), Role::Barred(now)) => trouble != now,
                _ => true,
            };
            if is_news {
                *role = standby;
            }
            is_news
        });
        tokio::select! {
            () = tokio::time::sleep(retry::vary(config.lock.retry_every)) => {}
            () = shutdown.cancelled() => break,
        }
    }
    role.send_replace(Role::Standby { leader: None });
    Ok(())
}

/// Why a coordinator does not lead now.
#[derive(Debug, thiserror::Error)]
enum NotYet {
    #[error(transparent)]
    Failed(#[from] TrackerError),
    #[error(
        "nobody is seen to lead; whoever lives and knows more than the tracker has {} s to come first",
        ttl.as_secs_f64()
    )]
    Watching { ttl: Duration },
}

/// A coordinator's watch over the lock.
struct Watch {
    since: Instant,
    vigil: Vigil,
}

impl Watch {
    async fn attempt(&mut self, config: &LeadConfig, leader: &Leader) -> Result<Lead, NotYet> {
        let asked = self.since.elapsed();
        let look: Look = config.tracker.look(leader).await.inspect_err(|_| self.vigil.away())?;
        if !self.vigil.sees(asked, self.since.elapsed(), &look) {
            return Err(match look.lock {
                LockSight::Held { .. } => TrackerError::Led { leader: look.leader }.into(),
                _ => NotYet::Watching { ttl: config.lock.ttl },
            });
        }
        let led = config.tracker.lead(leader, &look).await;
        // Whatever came between the look and the lead is a break of the watch.
        Ok(led.inspect_err(|_| self.vigil.away())?)
    }
}
