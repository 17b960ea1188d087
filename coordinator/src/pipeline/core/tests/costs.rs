//! What a step costs: by what changes, and not by what is there.

use std::time::Instant;

use edgraph_shared::failure::Failure;
use edgraph_shared::model::{FailedLease, ItemState, PipelineState};

use super::*;
use crate::pipeline::{MAX_CHANGED_PER_STEP, Selection};

/// How much more a step may take where there is twenty times as much: room for caches and for a busy machine, and far
/// from twenty.
const MUCH: u32 = 6;

/// Holds the cost of something that happens where there is little against that where there is twenty times as much.
/// The fastest of several counts: the machine has others to serve.
#[track_caller]
fn check_flat(little: usize, cost: impl Fn(usize) -> Box<dyn FnMut()>) {
    let fastest = |size: usize| {
        let mut once = cost(size);
        let runs = (0..9).map(|_| {
            let began = Instant::now();
            once();
            began.elapsed()
        });
        runs.min().expect("several runs")
    };
    let (few, many) = (fastest(little), fastest(20 * little));
    // Below this, what is measured is the clock.
    let floor = Duration::from_micros(50);
    assert!(many <= few.max(floor) * MUCH, "{few:?} with {little}, {many:?} with twenty times as much");
}

fn beat(sequence: u64) -> WorkerMessage {
    WorkerMessage::Heartbeat { sequence, held: Vec::new(), progress: Vec::new() }
}

#[test]
fn idle_workers_cost_nothing_while_an_item_waits_that_nobody_can_be_given() {
    check_flat(500, |workers| {
        let mut core = core_with(&["a", "b"], 1, Some("graph"));
        for session in 1..=workers as u64 {
            connect(&mut core, session, 4, 4);
        }
        assert!(core.pipelines().values().any(Pipeline::has_grantable), "the name is taken by one of them");
        let demand = || WorkerMessage::RequestDemand {
            family: edgraph_shared::model::HostFamily::Sec,
            asked: 0,
            answered: 0,
        };
        for session in 1..=workers as u64 {
            say(&mut core, session, demand(), NOW);
        }
        Box::new(move || {
            for sequence in 0..100 {
                assert_eq!(say(&mut core, 1 + sequence, beat(sequence), NOW).urgent.len(), 1);
                core.step(Command::Tick, NOW, 7);
            }
        })
    });
}

#[test]
fn pipelines_cost_nothing_while_nothing_of_them_is_due() {
    check_flat(100, |pipelines| {
        let ids: Vec<String> = (0..pipelines).map(|n| format!("p{n}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut core = core_with(&ids, 1, None);
        core.step(Command::Tick, NOW, 5);
        Box::new(move || {
            for seed in 0..1_000 {
                assert_eq!(core.step(Command::Tick, NOW, seed).changes, []);
            }
        })
    });
}

/// The items of pipeline `a` in a state, of a kind where one is given, and where the next page begins.
fn listed(
    core: &mut Core,
    state: Option<ItemState>,
    kind: Option<&str>,
    from: u32,
    limit: usize,
) -> (Vec<String>, Option<u32>) {
    let selection = Selection { state, kind: kind.map(str::to_owned), ..Selection::default() };
    let command = Command::ListItems { pipeline: "a".parse().unwrap(), selection, from, limit };
    match core.step(command, NOW, 1).reply {
        Some(Ok(Reply::Items(items, next))) => {
            (items.into_iter().map(|item| item.key.to_string()).collect(), next)
        }
        other => panic!("a list is not answered with {other:?}"),
    }
}

#[test]
fn a_page_of_items_costs_nothing_for_those_that_are_not_in_it() {
    check_flat(5_000, |items| {
        let mut core = core_with(&["a"], items, None);
        let lease = connect(&mut core, 1, 1, 1).remove(0).lease;
        let failure = Failure::permanent("no");
        say(&mut core, 1, WorkerMessage::Fail(vec![FailedLease { lease, failure }]), NOW);
        Box::new(move || {
            for _ in 0..100 {
                let dead = listed(&mut core, Some(ItemState::Dead), None, 0, 9);
                assert_eq!(dead, (vec!["a/0".to_owned()], None));
                let none = listed(&mut core, Some(ItemState::Succeeded), Some("work"), 0, 9);
                assert_eq!(none, (Vec::new(), None));
            }
        })
    });
}

#[test]
fn pages_of_items_are_in_order_of_creation_whatever_they_are_filtered_by() {
    let mut core = core_with(&["a"], 5, None);
    let lease = connect(&mut core, 1, 1, 1).remove(0).lease;
    let failure = Failure::permanent("no");
    say(&mut core, 1, WorkerMessage::Fail(vec![FailedLease { lease, failure }]), NOW);
    let keys = |keys: &[u32]| keys.iter().map(|n| format!("a/{n}")).collect::<Vec<_>>();
    assert_eq!(listed(&mut core, None, None, 0, 3), (keys(&[0, 1, 2]), Some(3)));
    assert_eq!(listed(&mut core, None, Some("work"), 3, 3), (keys(&[3, 4]), None));
    assert_eq!(listed(&mut core, Some(ItemState::Ready), None, 0, 2), (keys(&[1, 2]), Some(3)));
    assert_eq!(listed(&mut core, None, Some("other"), 0, 3), (Vec::new(), None));
    assert_eq!(listed(&mut core, None, None, u32::MAX, usize::MAX), (Vec::new(), None));
}

#[test]
fn a_long_cancel_is_many_short_steps() {
    let mut core = core_with(&["a"], 2 * MAX_CHANGED_PER_STEP + 5, None);
    let granted = connect(&mut core, 1, 1, 1);
    let id: PipelineId = "a".parse().unwrap();
    let changed = |step: &Step| match &step.changes[..] {
        [PipelineChange::Saved(changes)] => changes.items.len(),
        other => panic!("{} changes", other.len()),
    };
    let step = core.step(Command::Cancel(id.clone()), NOW, 4);
    let told =
        |(_, message): &(_, CoordinatorMessage)| matches!(message, CoordinatorMessage::CancelItem { .. });
    assert!(step.messages.iter().any(told), "what runs is told with the first one");
    assert_eq!(changed(&step), MAX_CHANGED_PER_STEP);
    assert_eq!(core.pipelines()[&id].status().waiting_for, "its waiting items are being cancelled");

    // Another leader goes on where this one ended.
    let stored = core
        .pipelines()
        .values()
        .map(|pipeline| (pipeline.head().clone(), pipeline.items().map(|(_, item)| item.clone()).collect()));
    let mut core = Core::restore(Timing::default(), stored.collect(), NOW, NOW);
    let steps: Vec<usize> = (0..2).map(|seed| changed(&core.step(Command::Tick, NOW, seed))).collect();
    assert_eq!(steps, [MAX_CHANGED_PER_STEP, 4]);
    assert_eq!(core.step(Command::Tick, NOW, 6).changes, []);
    assert_eq!(core.pipelines()[&id].status().waiting_for, "its workers have not stopped yet");
    // In steps, or the leader would be thought away.
    let expired = (1..=4).map(|nth| NOW.plus(Timing::default().lease_ttl / 3 * nth)).inspect(|now| {
        core.step(Command::Tick, *now, 7);
    });
    let expired = expired.last().expect("several");
    assert_eq!(core.pipelines()[&id].head().state, PipelineState::Cancelled);
    assert_eq!(core.pipelines()[&id].status().tasks.cancelled as usize, 2 * MAX_CHANGED_PER_STEP + 5);
    assert_eq!(granted.len(), 1);

    let step = core.step(Command::Delete(id), expired, 8);
    assert_eq!(step.discarded.len(), 1, "and is dropped where nobody waits for it");
}
