//! Operators: who is there, who is to leave, how many are needed; and what workers say of running items.

use edgraph_shared::ids::WorkerId;
use edgraph_shared::model::{LeaseProgress, Progress, WorkerDrain, WorkerState, WorkerStatus};

use super::*;

fn workers(core: &mut Core, after: Option<&str>, limit: usize) -> Vec<WorkerStatus> {
    let after = after.map(|after| after.parse().unwrap());
    match core.step(Command::ListWorkers { after, limit }, NOW, 1).reply {
        Some(Ok(Reply::Workers(workers))) => workers,
        other => panic!("a list is not answered with {other:?}"),
    }
}

fn drain(core: &mut Core, worker: &str) -> Step {
    core.step(Command::DrainWorker(worker.parse().unwrap()), NOW, 1)
}

fn stops(step: &Step) -> usize {
    let is_stop = |message: &CoordinatorMessage| matches!(message, CoordinatorMessage::StopWorker { .. });
    step.messages.iter().filter(|(_, message)| is_stop(message)).count()
}

fn arrive(core: &mut Core, session: u64, hello: Hello) -> Step {
    core.step(Command::Connected { session: SessionId(session), hello }, NOW, 2)
}

fn complete(core: &mut Core, session: u64, grant: &Grant, now: Millis) -> Step {
    say(core, session, done(grant.lease.clone(), "{}"), now)
}

#[test]
fn workers_are_listed_while_they_are_connected_or_hold_leases() {
    let mut core = core_with(&["a"], 3, None);
    connect(&mut core, 1, 2, 9);
    connect(&mut core, 2, 4, 9);
    connect(&mut core, 3, 1, 0);
    let later = NOW.plus(Duration::from_secs(3));
    say(&mut core, 1, WorkerMessage::Draining { reason: String::new(), deadline: None }, later);
    core.step(Command::Disconnected(SessionId(2)), NOW, 3);
    core.step(Command::Disconnected(SessionId(3)), NOW, 3);
    let seen: Vec<_> = workers(&mut core, None, 9)
        .into_iter()
        .map(|w| (w.id.to_string(), w.state, w.leases, w.free_slots))
        .collect();
    assert_eq!(
        seen,
        [("w1".to_owned(), WorkerState::Draining, 2, 0), ("w2".to_owned(), WorkerState::Detached, 1, 0)]
    );
    assert_eq!(workers(&mut core, Some("w1"), 9).len(), 1);
    assert_eq!(workers(&mut core, None, 1)[0].last_seen_ms, later.0);
    assert_eq!(workers(&mut core, None, 1)[0].kinds, [("work".to_owned(), 9)].into());
}

#[test]
fn a_drained_worker_is_told_and_gets_nothing_more_until_its_process_ends() {
    let mut core = core_with(&["a"], 9, None);
    let granted = connect(&mut core, 1, 1, 9);
    let step = drain(&mut core, "w1");
    assert_eq!(stops(&step), 1);
    assert!(matches!(&step.reply, Some(Ok(Reply::Worker(w))) if w.state == WorkerState::Draining));
    assert_eq!(stops(&drain(&mut core, "w1")), 1, "idempotent, and told again");
    complete(&mut core, 1, &granted[0], NOW);
    let credits = WorkerMessage::Credits { free_slots: 3, kinds: Vec::new() };
    assert_eq!(grants(say(&mut core, 1, credits, NOW)).len(), 0);

    // The same process again, also when it held nothing in between.
    core.step(Command::Disconnected(SessionId(1)), NOW, 3);
    assert!(workers(&mut core, None, 9).is_empty());
    let step = arrive(&mut core, 2, hello("w1", "i", 3, 9));
    assert_eq!((stops(&step), grants(step).len()), (1, 0));
    // The next process is not drained.
    core.step(Command::Disconnected(SessionId(2)), NOW, 3);
    let step = arrive(&mut core, 3, hello("w1", "j", 3, 9));
    assert_eq!((stops(&step), grants(step).len()), (0, 3));
}

#[test]
fn a_worker_is_listed_with_what_it_said_last_of_its_end_until_it_connects_anew() {
    let mut core = core_with(&["a"], 1, None);
    connect(&mut core, 1, 0, 9);
    let said = |core: &mut Core| workers(core, None, 1)[0].drain.clone();
    assert_eq!(said(&mut core), None);
    let later = NOW.plus(Duration::from_secs(3));
    for (reason, left, gone) in [
        ("EC2 recommends", None, None),
        ("EC2 takes", Some(Duration::from_secs(120)), Some(later.plus(Duration::from_secs(120)).0)),
        ("stopping", Some(Duration::ZERO), Some(later.0)),
    ] {
        let draining = WorkerMessage::Draining { reason: reason.into(), deadline: left };
        say(&mut core, 1, draining, later);
        let expected = WorkerDrain { reason: reason.into(), deadline_ms: gone };
        assert_eq!(said(&mut core), Some(expected));
    }
    arrive(&mut core, 2, hello("w1", "i", 1, 9));
    assert_eq!(said(&mut core), None, "it says so again if it is still true");
}

#[test]
fn a_drained_worker_that_stays_away_is_forgotten() {
    let mut core = core_with(&["a"], 1, None);
    connect(&mut core, 1, 0, 9);
    drain(&mut core, "w1");
    core.step(Command::Disconnected(SessionId(1)), NOW, 3);
    core.step(Command::Tick, NOW.plus(Duration::from_secs(600)), 4);
    assert_eq!(core.fleet().workers().count(), 1);
    core.step(Command::Tick, NOW.plus(Duration::from_secs(4_000)), 5);
    assert_eq!(core.fleet().workers().count(), 0);
}

#[test]
fn nobody_drains_a_worker_that_is_not_there() {
    let worker: WorkerId = "w9".parse().unwrap();
    let reply = drain(&mut core_with(&["a"], 1, None), "w9").reply;
    assert_eq!(reply, Some(Err(CommandError::WorkerNotFound { worker })));
}

#[test]
fn the_scaling_signal_counts_work_in_seconds() {
    let mut core = core_with(&["a", "b"], 10, None);
    let signal = |core: &mut Core| match core.step(Command::ScalingSignal, NOW, 1).reply {
        Some(Ok(Reply::Scaling(signal))) => signal,
        other => panic!("a signal is not answered with {other:?}"),
    };
    core.step(Command::Pause("b".parse().unwrap()), NOW, 1);
    let granted = connect(&mut core, 1, 4, 3);
    let first = signal(&mut core);
    assert_eq!((first.ready_items, first.leased_items), (7, 3));
    assert_eq!((first.active_workers, first.slots), (1, 4));
    assert_eq!(first.backlog, Duration::from_secs(10), "a second each, as long as nothing has ended");

    let later = NOW.plus(Duration::from_secs(5));
    complete(&mut core, 1, &granted[0], later);
    assert_eq!(signal(&mut core).backlog, Duration::from_secs(9 * 5));
    drain(&mut core, "w1");
    let last = signal(&mut core);
    assert_eq!((last.active_workers, last.slots), (0, 0));
}

#[test]
fn progress_is_shown_while_the_lease_is_current_and_never_committed() {
    let mut core = core_with(&["a"], 2, None);
    let granted = connect(&mut core, 1, 2, 9);
    let beat = |grant: &Grant, done| {
        let progress = Progress { done, total: 9, text: "loading".into() };
        let progress = vec![LeaseProgress { lease: grant.lease.clone(), progress }];
        WorkerMessage::Heartbeat { sequence: 1, held: Vec::new(), progress }
    };
    let shown = |core: &Core| core.pipelines()[&granted[0].lease.pipeline].status().running;
    let step = say(&mut core, 1, beat(&granted[0], 4), NOW);
    assert_eq!((step.changes.len(), step.refreshed.len()), (0, 1));
    assert_eq!((shown(&core).len(), shown(&core)[0].progress.done), (1, 4));
    complete(&mut core, 1, &granted[0], NOW);
    assert!(shown(&core).is_empty());
    say(&mut core, 1, beat(&granted[0], 5), NOW);
    assert!(shown(&core).is_empty(), "the lease is closed");
}

#[test]
fn throughput_and_time_left_are_those_of_the_last_minute() {
    let mut core = core_with(&["a"], 10, None);
    let granted = connect(&mut core, 1, 10, 10);
    let status = |core: &Core| core.pipelines()[&granted[0].lease.pipeline].status();
    for (grant, second) in granted.iter().zip(1..=4) {
        complete(&mut core, 1, grant, NOW.plus(Duration::from_secs(2 * second)));
    }
    assert_eq!(status(&core).tasks_per_second, 0.5);
    assert_eq!(status(&core).eta, Some(Duration::from_secs(12)));
}

#[test]
fn a_status_says_what_keeps_the_work_from_going_on() {
    let mut core = core_with(&["a"], 2, None);
    let waits = |core: &Core| core.pipelines()[&"a".parse().unwrap()].status().waiting_for;
    assert_eq!(waits(&core), "no worker takes `work`");
    let mut now = NOW;
    let mut tick = |core: &mut Core| {
        now = now.plus(Duration::from_secs(1));
        core.step(Command::Tick, now, 4).refreshed.len()
    };
    let granted = connect(&mut core, 1, 1, 1);
    assert_eq!(tick(&mut core), 1, "that somebody takes it is news");
    assert_eq!(waits(&core), "");
    assert_eq!(tick(&mut core), 0);

    core.step(Command::Pause("a".parse().unwrap()), NOW, 5);
    assert_eq!(waits(&core), "it is paused: resume it");
    core.step(Command::Resume("a".parse().unwrap()), NOW, 6);
    let failure = edgraph_shared::failure::Failure::unavailable("object store", "no answer");
    let lease = granted[0].lease.clone();
    let failed = WorkerMessage::Fail(vec![edgraph_shared::model::FailedLease { lease, failure }]);
    say(&mut core, 1, failed, NOW);
    assert_eq!(waits(&core), "`work` items wait for object store: no answer");
    core.step(Command::Disconnected(SessionId(1)), NOW, 7);
    assert_eq!(tick(&mut core), 1);
    assert!(waits(&core).ends_with("; no worker takes `work`"), "{}", waits(&core));
    core.step(Command::Cancel("a".parse().unwrap()), NOW, 8);
    assert_eq!(waits(&core), "");
}
