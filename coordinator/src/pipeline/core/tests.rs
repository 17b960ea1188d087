//! Turns among pipelines and workers, starts, drains and the scaling signal, without tokio.

mod admission;
mod returns;
mod fleet;
mod graphs;
mod hostile;
mod starts;
mod suspects;
mod streams;
mod costs;

use edgraph_shared::model::{
    Completion, CoordinatorMessage, Grant, Hello, Home, KindLimit, KindSettings, LeaseRef, PipelineSpec,
    WorkItem, WorkerMessage,
};

use super::*;

const NOW: Millis = Millis(1_000);

fn spec(pipeline: &str, items: usize, exclusive: Option<&str>) -> PipelineSpec {
    let root = |n| WorkItem::new("work", format!("{pipeline}/{n}").parse().unwrap(), "");
    let settings = KindSettings { exclusive: exclusive.map(str::to_owned), ..KindSettings::default() };
    PipelineSpec {
        kind: "test".into(),
        roots: (0..items).map(root).collect(),
        counted_kind: "work".into(),
        limits: [("work".to_owned(), settings)].into(),
        ..PipelineSpec::default()
    }
}

fn core_with(pipelines: &[&str], items: usize, exclusive: Option<&str>) -> Core {
    let mut core = Core::new(Timing::default());
    for id in pipelines {
        let spec = Box::new(spec(id, items, exclusive));
        let id = Some(id.parse().unwrap());
        let step = core.step(Command::Start { id, request_id: String::new(), spec }, NOW, 1);
        assert!(matches!(step.reply, Some(Ok(Reply::Started(_, true)))));
    }
    core
}

fn hello(worker: &str, incarnation: &str, free_slots: u32, max_leases: u32) -> Hello {
    Hello {
        worker: worker.parse().unwrap(),
        incarnation: incarnation.parse().unwrap(),
        held: Vec::new(),
        free_slots,
        kinds: vec![KindLimit { kind: "work".into(), max_leases }],
        version: "1".into(),
        home: Home::default(),
    }
}

/// An item is done, with this result.
fn done(lease: LeaseRef, result: &str) -> WorkerMessage {
    let (result, refused) = (result.to_owned(), Vec::new());
    WorkerMessage::Complete(vec![Completion { lease, result, skipped: false, children: 0, refused }])
}

fn connect(core: &mut Core, session: u64, free_slots: u32, max_leases: u32) -> Vec<Grant> {
    let hello = hello(&format!("w{session}"), "i", free_slots, max_leases);
    grants(core.step(Command::Connected { session: SessionId(session), hello }, NOW, 2))
}

fn say(core: &mut Core, session: u64, message: WorkerMessage, now: Millis) -> Step {
    core.step(Command::Message { session: SessionId(session), message }, now, 3)
}

fn grants(step: Step) -> Vec<Grant> {
    let granted = step.messages.into_iter().filter_map(|(_, message)| match message {
        CoordinatorMessage::Grant(grants) => Some(grants),
        _ => None,
    });
    granted.flatten().collect()
}

#[test]
fn pipelines_take_turns() {
    let mut core = core_with(&["a", "b", "c"], 3, None);
    let keys: Vec<String> =
        connect(&mut core, 1, 5, 9).iter().map(|grant| grant.lease.key.to_string()).collect();
    assert_eq!(keys, ["a/0", "b/0", "c/0", "a/1", "b/1"]);
}

#[test]
fn items_that_come_one_by_one_are_spread_over_idle_workers() {
    let mut core = core_with(&[], 0, None);
    for session in 1..=8 {
        connect(&mut core, session, 4, 4);
    }
    let mut given = BTreeMap::<SessionId, usize>::new();
    for id in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        let spec = Box::new(spec(id, 1, None));
        let start = Command::Start { id: Some(id.parse().unwrap()), request_id: String::new(), spec };
        let messages = core.step(start, NOW, 4).messages;
        messages.iter().for_each(|(session, _)| *given.entry(*session).or_default() += 1);
    }
    assert_eq!(given, (1..=8).map(|session| (SessionId(session), 1)).collect(), "one each");
}

#[test]
fn nobody_gets_more_than_its_credit_or_its_limit() {
    let mut core = core_with(&["a"], 10, None);
    assert_eq!(connect(&mut core, 1, 2, 9).len(), 2);
    assert_eq!(connect(&mut core, 2, 9, 1).len(), 1);
    assert_eq!(connect(&mut core, 3, 9, 0).len(), 0);
    let kinds = vec![KindLimit { kind: "work".into(), max_leases: 3 }];
    let message = WorkerMessage::Credits { free_slots: 0, kinds };
    assert_eq!(grants(say(&mut core, 3, message, NOW)).len(), 3);
}

#[test]
fn an_exclusive_name_is_held_once_over_all_pipelines() {
    let mut core = core_with(&["a", "b"], 2, Some("graph"));
    let granted = connect(&mut core, 1, 4, 4);
    assert_eq!(granted.len(), 1);
    assert_eq!(connect(&mut core, 2, 4, 4).len(), 0);
    let lease = granted[0].lease.clone();
    let next = grants(say(&mut core, 1, done(lease, "{}"), NOW));
    assert_eq!(next.len(), 1, "the name is free again");
}

#[test]
fn the_same_seed_gives_the_same_step() {
    let run = || connect(&mut core_with(&["a"], 4, None), 1, 4, 4);
    assert_eq!(run(), run());
}

#[test]
fn a_finished_pipeline_is_forgotten_after_its_retention() {
    let mut core = core_with(&["a"], 1, None);
    core.step(Command::Cancel("a".parse().unwrap()), NOW, 4);
    let retention = Timing::default().retention;
    core.step(Command::Tick, NOW.plus(retention), 5);
    assert_eq!(core.pipelines().len(), 1);
    let step = core.step(Command::Tick, NOW.plus(retention + Duration::from_secs(1)), 6);
    assert_eq!((step.changes.len(), core.pipelines().len()), (1, 0));
}

#[test]
fn a_leader_that_was_away_takes_no_lease_for_it() {
    let ttl = Timing::default().lease_ttl;
    let held = |core: &Core| core.fleet().workers().map(|(_, worker)| worker.held().len()).sum::<usize>();
    let mut core = core_with(&["a"], 2, None);
    connect(&mut core, 1, 2, 2);
    let mut now = NOW.plus(ttl * 10);
    core.step(Command::Tick, now, 4);
    assert_eq!(held(&core), 2, "the heartbeats of that time wait to be heard");
    // A worker that is really gone is noticed all the same: a TTL after its last heartbeat, not counting the absence.
    for _ in 0..10 {
        now = now.plus(ttl / 10);
        core.step(Command::Tick, now, 5);
    }
    assert_eq!(held(&core), 0);
}

#[test]
fn an_expired_lease_is_called_lost_once_somebody_else_has_its_item() {
    let ttl = Timing::default().lease_ttl;
    let mut core = core_with(&["a"], 1, None);
    let lease = connect(&mut core, 1, 1, 1)[0].lease.clone();
    let mut now = NOW;
    for _ in 0..=10 {
        now = now.plus(ttl / 10);
        core.step(Command::Tick, now, 4);
    }
    let lost = |core: &mut Core| {
        let beat = WorkerMessage::Heartbeat { sequence: 1, held: vec![lease.clone()], progress: Vec::new() };
        match say(core, 1, beat, now).urgent.pop() {
            Some((_, CoordinatorMessage::HeartbeatAck { lost, .. })) => lost,
            other => panic!("a heartbeat was answered with {other:?}"),
        }
    };
    assert_eq!(lost(&mut core), Vec::new(), "its result would still be taken");
    assert_eq!(connect(&mut core, 2, 1, 1).len(), 1);
    assert_eq!(lost(&mut core), vec![lease.clone()]);
}
