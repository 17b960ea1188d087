//! What a worker's Hello, and the end of its pipeline, mean for the leases that it holds.

use edgraph_shared::model::CancelReason;

use super::*;

fn held(core: &Core) -> usize {
    core.fleet().workers().map(|(_, worker)| worker.held().len()).sum()
}

/// Lets time pass as it does for a leader that is there all the while.
fn wait(core: &mut Core, from: Millis, duration: Duration) -> Millis {
    let steps = 10;
    let now = |step: u32| from.plus(duration * step / steps);
    (1..=steps).for_each(|step| drop(core.step(Command::Tick, now(step), 9)));
    now(steps)
}

fn say_hello(core: &mut Core, session: u64, incarnation: &str, held: &[Grant], now: Millis) -> Step {
    let held = held.iter().map(|grant| grant.lease.clone()).collect();
    let hello = Hello { held, ..hello("w1", incarnation, 0, 9) };
    core.step(Command::Connected { session: SessionId(session), hello }, now, 7)
}

#[test]
fn hello_extends_the_leases_that_it_names() {
    let ttl = Timing::default().lease_ttl;
    let mut core = core_with(&["a"], 2, None);
    let granted = connect(&mut core, 1, 2, 2);
    let later = wait(&mut core, NOW, ttl * 9 / 10);
    say_hello(&mut core, 2, "i", &granted, later);
    let later = wait(&mut core, later, ttl * 9 / 10);
    assert_eq!(held(&core), 2);
    wait(&mut core, later, ttl / 2);
    assert_eq!(held(&core), 0);
}

#[test]
fn what_hello_does_not_name_goes_back_uncounted_and_what_an_older_process_held_is_lost() {
    for (incarnation, lost_leases) in [("i", 0), ("j", 1)] {
        let mut core = core_with(&["a"], 2, None);
        let granted = connect(&mut core, 1, 2, 2);
        let named = if incarnation == "i" { &granted[..1] } else { &[] };
        if incarnation == "j" {
            core.step(Command::Disconnected(SessionId(1)), NOW, 3);
        }
        say_hello(&mut core, 2, incarnation, named, NOW);
        assert_eq!(held(&core), named.len());
        let pipeline = &core.pipelines()[&granted[1].lease.pipeline];
        let (ix, _) = pipeline.find(&granted[1].lease.key).unwrap();
        assert_eq!(pipeline.item_snapshot(ix).lost_leases, lost_leases);
    }
}

#[test]
fn a_cancelled_pipeline_tells_its_workers_at_once() {
    let mut core = core_with(&["a"], 3, None);
    connect(&mut core, 1, 2, 2);
    let step = core.step(Command::Cancel("a".parse().unwrap()), NOW, 4);
    let told = |message: &CoordinatorMessage| {
        matches!(message, CoordinatorMessage::CancelItem { reason: CancelReason::Pipeline, .. })
    };
    assert_eq!(step.messages.iter().filter(|(_, message)| told(message)).count(), 2);
    assert_eq!(held(&core), 2, "until they answer");
}
