//! Becoming the leader, being it, and waiting for it again: the life of one coordinator.

use std::sync::Arc;

use edgraph_shared::retry;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{AcceptedSink, Engine, EngineConfig, EngineStats, RequestRules, Role, Timing};
use crate::tracker::{Leader, LockTiming, Tracker, TrackerError};

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
    /// How requests to the SEC are limited.
    pub requests: RequestRules,
    /// Where others reach this coordinator, `host:port`.
    pub advertise: Option<String>,
}

/// Leads whenever it can, until `shutdown`; `role` says at every moment whether it does. A tracker that cannot be
/// reached is waited for. Fails only where waiting cannot help: the tracker holds what this version cannot read.
pub async fn run(
    config: LeadConfig,
    role: watch::Sender<Role>,
    shutdown: CancellationToken,
) -> Result<(), TrackerError> {
    let mut leader = Leader::new(config.advertise.clone(), config.lock);
    let mut said = String::new();
    while !shutdown.is_cancelled() {
        let engine = EngineConfig {
            timing: config.timing,
            tracker: Arc::clone(&config.tracker),
            accepted: Arc::clone(&config.accepted),
            requests: config.requests.clone(),
        };
        let attempt = tokio::select! {
            attempt = Engine::lead(engine, &leader, shutdown.clone()) => attempt,
            () = shutdown.cancelled() => break,
        };
        let standby = match attempt {
            Ok(Engine { handle, task }) => {
                role.send_replace(Role::Leading(handle.clone()));
                let ended = task.await;
                let EngineStats { commits, changes, rewrites } = handle.stats();
                tracing::info!(leader = leader.id, commits, changes, rewrites, "lead ended");
                role.send_replace(Role::Standby { leader: None });
                match ended {
                    Ok(Ok(())) => break,
                    Ok(Err(error)) => tracing::warn!(leader = leader.id, %error, "lead lost"),
                    Err(panic) => tracing::error!(error = %panic, "the engine panicked"),
                }
                // The next term gets a leader id of its own, so that the tracker does not take a late write of the old term
                // for one of the new term.
                leader = Leader::new(config.advertise.clone(), config.lock);
                said.clear();
                Role::Standby { leader: None }
            }
            Err(error @ TrackerError::Unreadable { .. }) => return Err(error),
            Err(error) => {
                let text = error.to_string();
                if text != said {
                    match &error {
                        TrackerError::Unavailable(trouble) if trouble.fix.is_some() => {
                            tracing::error!(reason = text, "cannot lead, and tries again");
                        }
                        TrackerError::Unavailable(_) => tracing::warn!(reason = text, "cannot lead yet"),
                        _ => tracing::info!(reason = text, "waits as standby"),
                    }
                    said = text;
                }
                match error {
                    TrackerError::Led { leader } => Role::Standby { leader },
                    TrackerError::Unavailable(trouble) => Role::Barred(trouble),
                    _ => Role::Standby { leader: None },
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
