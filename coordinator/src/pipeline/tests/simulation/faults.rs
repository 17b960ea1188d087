//! What goes wrong, when, and how often it really did.

use super::chance::Chance;
use super::leader::{Coordinator, Role};
use super::tracker::CLOCK_AHEAD;
use super::world::{Event, World};

macro_rules! faults {
    ($($name:ident),* $(,)?) => {
        /// Everything that goes wrong, and everything rare that must have been seen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Fault { $($name),* }

        impl Fault {
            pub(super) const ALL: &[Fault] = &[$(Fault::$name),*];
        }
    };
}

faults!(
    // Switched on by seed.
    Delay,
    TwiceToCoordinator,
    TwiceToWorker,
    TwiceToTracker,
    TwiceToLeaderFromClient,
    LostRequest,
    LostReply,
    WorkerCrash,
    WorkerFreeze,
    WorkerPreempted,
    WorkerDrained,
    StreamCut,
    WorkerPartition,
    TrackerPartition,
    TrackerAway,
    RollbackLiving,
    RollbackDead,
    Wipe,
    KeyLost,
    ClockSet,
    LeaderCrash,
    CrashBeforeCommit,
    CrashAfterEffect,
    CrashBeforeRelease,
    CrashAtGate,
    LeaderFreeze,
    AcceptedFails,
    EndFails,
    ItemTransient,
    ItemThrottled,
    ItemUnavailable,
    ItemPermanent,
    ItemPreempted,
    ItemHangs,
    ItemLong,
    ItemSkips,
    ItemMiscounts,
    ItemRefuses,
    ClientCancels,
    ClientPauses,
    ClientRetries,
    ClientSweeps,
    OwnItems,
    SameName,
    // Follow from the others.
    Takeover,
    SteppedDown,
    Rewritten,
    LostWrites,
    AnswerLate,
    AnswerSuperseded,
    AnswerTooLate,
    AnswerCancelled,
    AnswerUnknown,
    ChunkAgain,
    SharedChild,
    LeaseLost,
    Held,
    GrantRefused,
    ReadHeldBack,
    LonelyWorker,
    NameRefused,
    EndTold,
    EndToldAgain,
);

impl Fault {
    /// How often it strikes in a run in which it is switched on, where it strikes by the clock.
    fn strikes(self) -> u64 {
        match self {
            Self::WorkerCrash | Self::WorkerFreeze | Self::StreamCut | Self::CrashAtGate => 3,
            Self::WorkerPreempted | Self::WorkerPartition | Self::TrackerAway | Self::LeaderFreeze => 2,
            Self::LeaderCrash
            | Self::CrashBeforeCommit
            | Self::CrashAfterEffect
            | Self::CrashBeforeRelease
            | Self::WorkerDrained
            | Self::TrackerPartition
            | Self::RollbackLiving
            | Self::RollbackDead
            | Self::Wipe
            | Self::KeyLost
            | Self::ClockSet => 1,
            _ => 0,
        }
    }

    /// Few runs may lose writes: what is checked of those that do not is much stronger.
    fn percent_of_runs(self) -> u64 {
        match self {
            Self::RollbackDead => 8,
            Self::RollbackLiving => 15,
            Self::Wipe | Self::KeyLost => 12,
            Self::ClientCancels | Self::ItemPermanent => 25,
            _ => 40,
        }
    }

    fn is_switched(self) -> bool {
        self < Self::Takeover
    }
}

#[derive(Clone)]
pub(super) struct Faults {
    enabled: Vec<bool>,
    pub(super) counts: Vec<u64>,
}

impl Faults {
    pub(super) fn of_seed(chance: &mut Chance) -> Self {
        let enabled =
            Fault::ALL.iter().map(|fault| fault.is_switched() && chance.percent(fault.percent_of_runs()));
        Self { enabled: enabled.collect(), counts: vec![0; Fault::ALL.len()] }
    }

    pub(super) fn enabled(&self, fault: Fault) -> bool {
        self.enabled[fault as usize]
    }

    pub(super) fn count(&mut self, fault: Fault) {
        self.counts[fault as usize] += 1;
    }
}

/// When the leader is to die next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CrashPoint {
    BeforeCommit,
    AfterEffect,
    /// After the effect of the commit in which the gate fires.
    AtGate,
    BeforeRelease,
}

impl World {
    pub(super) fn plan_faults(&mut self) {
        for fault in Fault::ALL.iter().copied().filter(|fault| fault.strikes() > 0) {
            if self.faults.enabled(fault) {
                for _ in 0..self.chance.between(1, fault.strikes()) {
                    let at = self.chance.between(300, self.trouble_ends);
                    self.schedule(at, Event::Strike(fault));
                }
            }
        }
    }

    /// A coin that counts: whether a fault without a time of its own strikes now.
    pub(super) fn strikes_now(&mut self, fault: Fault, percent: u64) -> bool {
        let strikes = self.faults.enabled(fault) && self.in_trouble() && self.chance.percent(percent);
        if strikes {
            self.faults.count(fault);
        }
        strikes
    }

    pub(super) fn strike(&mut self, fault: Fault) {
        self.note(|| format!("fault {fault:?}"));
        let worker = self.chance.below(self.workers.len());
        match fault {
            Fault::WorkerCrash => self.crash_worker(worker),
            Fault::WorkerFreeze => {
                let wakes = self.chance.between(200, 3_500);
                self.freeze_worker(worker, wakes);
            }
            Fault::WorkerPreempted => self.preempt_worker(worker),
            Fault::WorkerDrained => return self.drain_worker_by_operator(worker),
            Fault::StreamCut => match self.workers[worker].stream {
                Some(stream) => self.cut(stream),
                None => return,
            },
            Fault::WorkerPartition => {
                let until = self.now + self.chance.between(300, 3_000);
                for coordinator in 0..self.coordinators.len() {
                    if self.chance.percent(70) {
                        self.partitions.push((worker, coordinator, until));
                        for stream in 0..self.streams.len() {
                            let (of_worker, to) =
                                (self.streams[stream].worker, self.streams[stream].coordinator);
                            if (of_worker, to) == (worker, coordinator) {
                                self.cut_silently(stream);
                            }
                        }
                    }
                }
            }
            Fault::TrackerPartition => {
                let coordinator = self.chance.below(self.coordinators.len());
                let pause = self.chance.between(300, 3_000);
                self.tracker_partition = (coordinator, self.now + pause);
                self.cut_off(coordinator, pause);
            }
            Fault::TrackerAway => {
                let pause = self.chance.between(100, 3_000);
                self.tracker_away(pause);
            }
            Fault::RollbackLiving => {
                if self.leader().is_none() || !self.roll_back() {
                    return;
                }
            }
            Fault::RollbackDead => {
                let Some(leader) = self.leader() else { return };
                if !self.roll_back() {
                    return;
                }
                self.crash_coordinator(leader);
            }
            // With nothing that tells of it, or as after a restart.
            Fault::Wipe => {
                // The leader may be cut off from it for so long that it is replaced, and come back.
                if let Some(leader) = self.leader().filter(|_| self.chance.percent(50)) {
                    let pause = self.chance.between(2_000, 4_000);
                    self.tracker_partition = (leader, self.now + pause);
                    self.cut_off(leader, pause);
                }
                self.tracker.wipe();
                self.lost();
                if self.chance.percent(50) {
                    self.tracker.run += 1;
                    let pause = self.chance.between(1, 1_500);
                    self.tracker_away(pause);
                }
            }
            Fault::KeyLost => {
                self.tracker.lose_key(&mut self.chance);
                self.lost();
            }
            Fault::ClockSet => {
                let ahead = self.chance.between(CLOCK_AHEAD.0, CLOCK_AHEAD.1);
                self.tracker.clock_went_back |= ahead < self.tracker.clock_ahead;
                self.tracker.clock_ahead = ahead;
            }
            Fault::LeaderCrash => match self.leader() {
                Some(leader) => self.crash_coordinator(leader),
                None => return,
            },
            Fault::LeaderFreeze => match self.leader() {
                Some(leader) => {
                    let wakes = self.chance.between(200, 3_500);
                    self.freeze_coordinator(leader, wakes);
                }
                None => return,
            },
            // Counted when the point is reached.
            Fault::CrashBeforeCommit => return self.armed = Some((CrashPoint::BeforeCommit, fault)),
            Fault::CrashAfterEffect => return self.armed = Some((CrashPoint::AfterEffect, fault)),
            Fault::CrashAtGate => return self.armed = Some((CrashPoint::AtGate, fault)),
            Fault::CrashBeforeRelease => return self.armed = Some((CrashPoint::BeforeRelease, fault)),
            other => unreachable!("{other:?} does not strike by the clock"),
        }
        self.faults.count(fault);
    }

    /// The tracker comes back with an older state.
    fn roll_back(&mut self) -> bool {
        let which = self.chance.below(8);
        let rolled_back = self.tracker.roll_back(which);
        if rolled_back {
            let pause = self.chance.between(1, 800);
            self.tracker_away(pause);
            self.lost();
        }
        rolled_back
    }

    fn tracker_away(&mut self, pause: u64) {
        self.tracker.away_until = self.tracker.away_until.max(self.now + pause);
        (0..self.coordinators.len()).for_each(|coordinator| self.cut_off(coordinator, pause));
    }

    /// The tracker has lost writes.
    fn lost(&mut self) {
        (self.loss_pending, self.lost_at) = (true, self.now);
        // The tracker may now believe one that was replaced and has not heard of it.
        let believe = |process: &&Coordinator| matches!(process.role, Role::Leading(_));
        if self.coordinators.iter().filter(believe).count() > 1 {
            self.history.begin_anew(u64::MAX);
        }
    }

    /// Whether the leader dies here.
    pub(super) fn dies_at(&mut self, coordinator: usize, point: CrashPoint) -> bool {
        let Some((_, fault)) = self.armed.filter(|(armed, _)| *armed == point) else { return false };
        self.armed = None;
        self.faults.count(fault);
        self.crash_coordinator(coordinator);
        true
    }
}
