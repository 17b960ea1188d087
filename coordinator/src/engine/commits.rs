//! The engine's way with its tracker: one commit at a time, sent until it is answered; the lock renewed meanwhile;
//! pipelines written whole that the tracker has lost.
//!
//! ```text
//! what is decided             waits for                       then
//! something to commit         Commit: sent until answered     done ▶ let out, rest if the tracker is slow
//!                                                             diverged ▶ Commit of those pipelines whole
//!                                                             fenced ▶ the lead is over, nothing is let out
//! nothing, lead proven        nothing                         let out
//! nothing, lead not proven    Proof: the next renewal         let out
//! ```

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use edgraph_shared::ids::PipelineId;
use edgraph_shared::retry;

use super::batch::Release;
use super::handle::Counters;
use super::limits::RETRY;
use super::monitoring;
use super::pending::{Answered, Done, Waited};
use super::removals::Removals;
use super::shell::{Shell, quiet_after};
use crate::pipeline::core::Command;
use crate::tracker::{Mark, Part, Predecessor, Renewed, Term, Tracker, TrackerError};

/// A commit that takes longer waits for the disk: one more in a group costs nothing there.
const SLOW: Duration = Duration::from_millis(3);
/// How long the next commit then waits for the answers to what the last one let out. Without it, workers fall into
/// two groups, each of which waits for the other's commit.
const REST: Duration = Duration::from_millis(1);

/// This part of the lock's TTL is not counted on: clocks differ, and an answer takes a while to arrive.
pub(super) const MARGIN: u32 = 5;

impl Shell {
    /// Starts the next commit, or lets out what waits for none.
    pub(super) fn flush(&mut self) {
        while self.in_flight.is_none() && self.rest.is_none() {
            let batch = self.batches.take(&self.core);
            if batch.is_none() && !self.verify {
                return;
            }
            let (mut parts, releases, items) = batch.unwrap_or_default().into_parts(&mut self.marks);
            if std::mem::take(&mut self.verify) {
                parts.extend(self.marks.verify(&parts));
            }
            if !parts.is_empty() {
                self.send(parts, releases, items);
            } else if Instant::now() < *self.proven.borrow() {
                self.release(releases);
            } else {
                self.await_proof(releases);
            }
        }
    }

    fn send(&mut self, parts: Vec<Part>, releases: Vec<Release>, items: usize) {
        let (tracker, term) = (Arc::clone(&self.tracker), Arc::clone(&self.term));
        let (stats, removals) = (Arc::clone(&self.stats), Arc::clone(&self.removals));
        removals.have_turn(&parts);
        self.shown.send(&parts);
        self.in_flight = Some(Box::pin(async move {
            let sent = Instant::now();
            let (result, was_away) = until_done(tracker.as_ref(), &term, &parts, &stats, &removals).await;
            let answered = Answered { result, items, was_away, took: sent.elapsed() };
            Done { releases, waited: Waited::Commit(answered) }
        }));
    }

    /// What no commit has to make true is let out by a leader that still leads: one that was stopped for a while, or
    /// that a standby has replaced, must not answer from its memory. It waits in its turn for the next renewal.
    fn await_proof(&mut self, releases: Vec<Release>) {
        let mut proven = self.proven.subscribe();
        self.in_flight = Some(Box::pin(async move {
            // The sender lives as long as this future does.
            let _ = proven.wait_for(|until| Instant::now() < *until).await;
            Done { releases, waited: Waited::Proof }
        }));
    }

    pub(super) fn waited(&mut self, Done { releases, waited }: Done) -> Result<(), TrackerError> {
        self.in_flight = None;
        match waited {
            Waited::Commit(answered) => self.committed(answered, releases),
            Waited::Proof => {
                self.release(releases);
                Ok(())
            }
        }
    }

    fn committed(&mut self, answered: Answered, releases: Vec<Release>) -> Result<(), TrackerError> {
        let Answered { result, items, was_away, took } = answered;
        // A tracker that was away may have lost writes it had acknowledged, also those of pipelines that this commit does
        // not touch.
        self.verify |= was_away;
        match result {
            Ok(()) => {
                self.marks.acknowledge();
                self.shown.acknowledge();
                self.stats.commits.fetch_add(1, Ordering::Relaxed);
                self.stats.changes.fetch_add(items as u64, Ordering::Relaxed);
                monitoring::committed(took, items);
                tracing::debug!(point = "commit.reply", releases = releases.len());
                if took >= SLOW && !self.batches.are_empty() {
                    self.rest = Some(Box::pin(tokio::time::sleep(REST)));
                }
                self.release(releases);
                Ok(())
            }
            Err(TrackerError::Diverged { pipelines }) => {
                let parts = self.rewrite(&pipelines);
                self.send(parts, releases, items);
                for pipeline in pipelines {
                    self.step(Command::LostWrites(pipeline), None);
                }
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Makes these pipelines whole again in the tracker, as they are in memory now: with what waits to be committed,
    /// which so is committed early and released in its turn.
    fn rewrite(&mut self, pipelines: &[PipelineId]) -> Vec<Part> {
        let part = |id: &PipelineId| {
            tracing::warn!(pipeline = %id, "the tracker has lost writes; the pipeline is written whole");
            self.stats.rewrites.fetch_add(1, Ordering::Relaxed);
            monitoring::rewritten();
            self.batches.forget(id);
            match self.core.pipelines().get(id) {
                Some(pipeline) => self.marks.whole(pipeline),
                None => self.marks.removed(id.clone()),
            }
        };
        pipelines.iter().map(part).collect()
    }

    /// A renewal of the lock after this wait.
    pub(super) fn renew_after(&mut self, wait: Duration) {
        let (tracker, term) = (Arc::clone(&self.tracker), Arc::clone(&self.term));
        self.renewal = Some(Box::pin(async move {
            tokio::time::sleep(wait).await;
            let asked = Instant::now();
            (asked, tracker.renew(&term).await)
        }));
    }

    pub(super) fn renewed(
        &mut self,
        (asked, renewed): (Instant, Result<Renewed, TrackerError>),
    ) -> Result<(), TrackerError> {
        let lock = self.term.leader.lock;
        if renewed.is_ok() {
            let until = asked + lock.ttl - lock.ttl / MARGIN;
            self.proven.send_replace(until);
            let alone_from = matches!(renewed, Ok(Renewed::Retaken)).then(|| {
                // From now on, not from when it was asked: until it was answered another one could be.
                self.clock.now().plus(quiet_after(Predecessor::Unknown, &self.term))
            });
            self.step(Command::LeadProven { until: self.clock.at(until), alone_from }, None);
        }
        let mut wait = lock.renew_every;
        // While a commit is under way, its own attempts say whether the tracker answers: they are more frequent.
        let is_watched = self.in_flight.is_some();
        if renewed.is_ok() && !is_watched {
            self.stats.tracker_did();
        }
        match renewed {
            Ok(Renewed::Kept) => {}
            Ok(renewed @ (Renewed::Reconnected | Renewed::Retaken)) => {
                tracing::info!(?renewed, "the tracker was away; every pipeline is verified");
                self.verify = true;
            }
            Err(TrackerError::Unavailable(trouble)) => {
                if !is_watched {
                    self.stats.tracker_did_not("the lead's renewal", &trouble);
                }
                wait = lock.retry_every;
            }
            Err(error) => return Err(error),
        }
        self.renew_after(wait);
        Ok(())
    }
}

/// Says what only this leader's memory held, now that another one leads without it.
pub(super) async fn name_what_is_lost(
    tracker: Arc<dyn Tracker>,
    acknowledged: Vec<(PipelineId, Mark)>,
    epoch: u64,
) {
    match tracker.behind(&acknowledged).await {
        Ok(lost) if lost.is_empty() => {}
        Ok(lost) => {
            let lost: Vec<&str> = lost.iter().map(PipelineId::as_str).collect();
            tracing::error!(
                epoch,
                pipelines = lost.join(" "),
                "the tracker came back without commits that it had acknowledged, and another coordinator leads from \
                 what was left: start these pipelines again"
            );
        }
        Err(error) => tracing::error!(epoch, %error, "whether acknowledged commits are lost cannot be asked"),
    }
}

/// Sends one commit until the tracker answers for it, and says whether it was away. The same commit again is safe.
async fn until_done(
    tracker: &dyn Tracker,
    term: &Term,
    parts: &[Part],
    stats: &Counters,
    removals: &Removals,
) -> (Result<(), TrackerError>, bool) {
    let (base, max) = RETRY;
    let mut waits = retry::full_jitter(base, max);
    let mut was_away = false;
    loop {
        match tracker.commit(term, parts).await {
            Err(TrackerError::Unavailable(trouble)) => {
                was_away = true;
                stats.tracker_did_not("a commit", &trouble);
                tokio::time::sleep(waits.next().unwrap_or(max)).await;
                removals.send_ahead(tracker, term).await;
            }
            done => {
                stats.tracker_did();
                return (done, was_away);
            }
        }
    }
}
