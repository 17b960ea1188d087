//! Random sequences of everything that can happen, checked against a recount and the promises of the core.

use std::collections::BTreeMap;

use edgraph_shared::ids::ItemKey;
use edgraph_shared::model::{PhaseCounts, PipelineStatus};
use proptest::prelude::*;

use super::*;
use crate::pipeline::item::State;

#[derive(Debug, Clone)]
enum Move {
    Grant,
    Heartbeat,
    AddChildren { lease: usize, first: u32, count: u32 },
    Complete { lease: usize, skipped: bool },
    Fail { lease: usize, class: u8 },
    Release { lease: usize },
    Unclaim { lease: usize },
    LoseHolder { lease: usize },
    Wait { seconds: u64 },
    Cancel,
    Pause,
    Resume,
    RetryFailed,
    AcceptedWritten { works: bool },
    Restart,
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        12 => Just(Move::Grant),
        3 => Just(Move::Heartbeat),
        6 => (0usize..40, 0u32..12, 0u32..5)
            .prop_map(|(lease, first, count)| Move::AddChildren { lease, first, count }),
        14 => (0usize..40, any::<bool>()).prop_map(|(lease, skipped)| Move::Complete { lease, skipped }),
        6 => (0usize..40, 0u8..5).prop_map(|(lease, class)| Move::Fail { lease, class }),
        2 => (0usize..40).prop_map(|lease| Move::Release { lease }),
        1 => (0usize..40).prop_map(|lease| Move::Unclaim { lease }),
        1 => (0usize..40).prop_map(|lease| Move::LoseHolder { lease }),
        5 => (1u64..40).prop_map(|seconds| Move::Wait { seconds }),
        1 => Just(Move::Pause),
        3 => Just(Move::Resume),
        2 => Just(Move::RetryFailed),
        3 => any::<bool>().prop_map(|works| Move::AcceptedWritten { works }),
        1 => Just(Move::Restart),
        1 => Just(Move::Cancel),
    ]
}

/// What an observer outside has seen, to compare the core with.
#[derive(Default)]
struct Observer {
    /// Every lease ever granted, with the chunks and children sent under it.
    leases: Vec<(LeaseRef, u32, u32)>,
    accepted: BTreeMap<ItemKey, u32>,
    gates: BTreeMap<u32, u32>,
    tokens: BTreeMap<ItemKey, u64>,
    keys: Vec<ItemKey>,
}

fn check_invariants(story: &Story, seen: &Observer) {
    let pipeline = &story.pipeline;
    pipeline.check();
    let mut recount: BTreeMap<String, PhaseCounts> = BTreeMap::new();
    let mut open = 0;
    for (ix, item) in pipeline.items() {
        let counts = recount.entry(pipeline.kind_name(ix).to_owned()).or_default();
        match &item.state {
            State::Ready { .. } => counts.ready += 1,
            State::Leased(_) => counts.leased += 1,
            State::Succeeded { skipped, .. } => {
                counts.succeeded += 1;
                counts.skipped += u64::from(*skipped);
            }
            State::Dead { .. } => counts.dead += 1,
            State::Cancelled => counts.cancelled += 1,
        }
        open += usize::from(item.state.is_open());
        assert!(
            item.failures <= 3 && item.lost_leases <= 2 && item.preemptions <= 2,
            "no budget is overspent"
        );
    }
    for kind in pipeline.kinds() {
        assert_eq!(kind.counts(), recount[&kind.name], "counts of {}", kind.name);
    }
    let state = story.state();
    let expects_open =
        matches!(state, PipelineState::Running | PipelineState::Finishing | PipelineState::Cancelling);
    assert_eq!(open > 0, expects_open, "{state:?} with {open} open items");
    for key in &seen.keys {
        assert!(pipeline.find(key).is_some(), "{key} is lost");
    }
    for (round, fired) in &seen.gates {
        assert_eq!(*fired, 1, "the gate of round {round} fired {fired} times");
    }
    for (key, accepted) in &seen.accepted {
        assert_eq!(*accepted, 1, "{key} was accepted {accepted} times");
    }
}

/// A status without what a leader has in memory alone.
fn kept(status: PipelineStatus) -> PipelineStatus {
    PipelineStatus { tasks_per_second: 0.0, eta: None, running: Vec::new(), ..status }
}

fn play(story: &mut Story, seen: &mut Observer, step: Move) {
    let pick = |seen: &Observer, lease: usize| {
        // Counted from the newest, so that most picks are current leases.
        let place = seen.leases.len().checked_sub(1 + lease % 8)?;
        Some((place, seen.leases[place].clone()))
    };
    let effects_before = story.effects.len();
    match step {
        Move::Grant => {
            if let Some(ix) = story.pipeline.best(|_| Some(Taking::Anything)) {
                let (_, item) = story.pipeline.items().find(|(other, _)| *other == ix).unwrap();
                let key = item.key.clone();
                let lease = story.grant(key.as_str());
                let newest = seen.tokens.insert(key, lease.token.0).unwrap_or(0);
                assert!(lease.token.0 > newest, "tokens rise");
                seen.leases.push((lease, 0, 0));
            }
        }
        Move::Heartbeat => {
            let leased: Vec<ItemIx> =
                story.pipeline.items().filter(|(_, item)| item.lease().is_some()).map(|(ix, _)| ix).collect();
            for item in leased {
                let deadline = story.now.plus(TTL);
                story.apply(Event::Renewed { item, deadline });
            }
        }
        Move::AddChildren { lease, first, count } => {
            if let Some((place, (lease, chunks, children))) = pick(seen, lease) {
                let keys: Vec<String> = (first..first + count).map(|n| format!("work/{n}")).collect();
                let items = keys.iter().map(|key| item("work", key)).collect();
                if story.add(&lease, chunks, items) == ChildrenAnswer::Accepted {
                    seen.leases[place] = (lease, chunks + 1, children + count);
                    seen.keys.extend(keys.iter().map(|key| key.parse().unwrap()));
                }
            }
        }
        Move::Complete { lease, skipped } => {
            if let Some((_, (lease, _, children))) = pick(seen, lease) {
                let was_done = story.item_state(lease.key.as_str()) == ItemState::Succeeded;
                let completion = Completion {
                    lease: lease.clone(),
                    result: "{}".into(),
                    skipped,
                    children,
                    refused: Vec::new(),
                };
                let answer = story.settle(Event::Completed { completion: completion.clone(), jitter: 0.5 });
                let taken = matches!(answer, SettleAnswer::Accepted | SettleAnswer::AcceptedLate);
                if taken && !was_done {
                    *seen.accepted.entry(lease.key.clone()).or_default() += 1;
                }
                let before = story.pipeline.status();
                assert_eq!(story.settle(Event::Completed { completion, jitter: 0.5 }), answer);
                assert_eq!(story.pipeline.status(), before, "a repeat changes nothing");
            }
        }
        Move::Fail { lease, class } => {
            if let Some((_, (lease, ..))) = pick(seen, lease) {
                let failure = match class {
                    0 => Failure::transient("t"),
                    1 => Failure::throttled(Duration::from_secs(3), "slow"),
                    2 => Failure::unavailable("host", "down"),
                    3 => Failure::preempted("spot"),
                    _ => Failure::permanent("p"),
                };
                let answer = story.fail(&lease, failure.clone());
                assert_eq!(story.fail(&lease, failure), answer);
            }
        }
        Move::Release { lease } => {
            if let Some((_, (lease, ..))) = pick(seen, lease) {
                story.release(&lease, ReleaseReason::Preempted);
            }
        }
        Move::Unclaim { lease } | Move::LoseHolder { lease } => {
            if let Some((_, (lease, ..))) = pick(seen, lease) {
                let ix = story.ix(lease.key.as_str());
                let lost = matches!(step, Move::LoseHolder { .. });
                story.apply(if lost { Event::HolderLost(ix) } else { Event::Unclaimed(ix) });
            }
        }
        Move::Wait { seconds } => story.wait(Duration::from_secs(seconds)),
        Move::Cancel => drop(story.pipeline.apply(Event::Cancel, story.now)),
        Move::Pause => drop(story.pipeline.apply(Event::Pause, story.now)),
        Move::Resume => {
            if let Ok(effects) = story.pipeline.apply(Event::Resume, story.now) {
                story.effects.extend(effects);
            }
        }
        Move::RetryFailed => drop(story.pipeline.apply(retry(), story.now)),
        Move::AcceptedWritten { works } => {
            let round = story.pipeline.head().round;
            let outcome = if works { Ok(()) } else { Err("disk full".into()) };
            story.apply(Event::AcceptedWritten { round, outcome });
        }
        Move::Restart => {
            let head = story.pipeline.head().clone();
            let items = story.pipeline.items().map(|(_, item)| item.clone()).collect();
            let before = kept(story.pipeline.status());
            story.pipeline = Pipeline::restore(head, items, story.now, story.now.plus(TTL));
            assert_eq!(kept(story.pipeline.status()), before, "a restart changes nothing that is kept");
            story.apply(Event::Tick { jitter: 0.5 });
        }
    }
    for effect in &story.effects[effects_before..] {
        if let Effect::WriteAccepted { round } = effect {
            *seen.gates.entry(*round).or_default() += 1;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_nothing_counts_twice_and_the_gate_fires_once(
        steps in prop::collection::vec(moves(), 1..120),
        max_dead in 0u64..4,
    ) {
        let policy = DeadPolicy::FinishWithout { max_dead, max_dead_fraction: 0.0 };
        let (mut story, mut seen) = (Story::new(policy), Observer::default());
        for step in steps {
            play(&mut story, &mut seen, step);
            check_invariants(&story, &seen);
        }
    }

    #[test]
    fn a_patient_fleet_always_reaches_an_end(steps in prop::collection::vec(moves(), 1..60)) {
        let policy = DeadPolicy::FinishWithout { max_dead: 1_000, max_dead_fraction: 1.0 };
        let (mut story, mut seen) = (Story::new(policy), Observer::default());
        for step in steps {
            play(&mut story, &mut seen, step);
        }
        play(&mut story, &mut seen, Move::Resume);
        for _ in 0..400 {
            story.wait(Duration::from_secs(100));
            play(&mut story, &mut seen, Move::AcceptedWritten { works: true });
            let grants = seen.leases.len();
            play(&mut story, &mut seen, Move::Grant);
            if seen.leases.len() > grants {
                play(&mut story, &mut seen, Move::Complete { lease: 0, skipped: false });
            }
        }
        prop_assert!(story.state().is_finished(), "stuck in {:?}", story.state());
        check_invariants(&story, &seen);
    }
}
