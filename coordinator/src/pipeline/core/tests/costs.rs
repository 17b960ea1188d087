//! What a step costs: by what changes, and not by what is there.

use std::time::Instant;

use super::*;

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
