//! Workers and clients that say what cannot be: they get nothing by it, and nobody else loses anything.

use edgraph_shared::ids::FencingToken;
use edgraph_shared::model::{
    ChildrenAnswer, FinishSpec, LeaseRef, MAX_FREE_SLOTS, MAX_KINDS, ResultRule, SettleAnswer, Welcome,
};

use super::*;
use crate::pipeline::{MAX_GRANTS_PER_STEP, MAX_LOST_GRANTS, SpecError};

fn welcome(step: Step) -> Welcome {
    let welcome = step.messages.into_iter().find_map(|(_, message)| match message {
        CoordinatorMessage::Welcome(welcome) => Some(welcome),
        _ => None,
    });
    welcome.expect("a Hello is answered")
}

/// Another worker says that it holds this lease.
fn claims(core: &mut Core, kind: &str, lease: LeaseRef) -> Welcome {
    let kinds = vec![KindLimit { kind: kind.into(), max_leases: 1 }];
    let hello = Hello { held: vec![lease], kinds, ..hello("thief", "t", 0, 1) };
    welcome(core.step(Command::Connected { session: SessionId(66), hello }, NOW, 5))
}

fn settled(step: Step) -> Vec<SettleAnswer> {
    let settled = step.messages.into_iter().filter_map(|(_, message)| match message {
        CoordinatorMessage::Settled(settlements) => Some(settlements),
        _ => None,
    });
    settled.flatten().map(|settlement| settlement.answer).collect()
}

#[test]
fn a_token_that_no_loss_explains_proves_nothing() {
    let mut core = core_with(&["a"], 1, None);
    let lease = connect(&mut core, 1, 1, 1)[0].lease.clone();
    let ahead = |by: u64| LeaseRef { token: FencingToken(lease.token.0.saturating_add(by)), ..lease.clone() };
    for (kind, claimed) in
        [("work", ahead(u64::MAX)), ("work", ahead(MAX_LOST_GRANTS + 1)), ("other", ahead(1))]
    {
        assert_eq!(claims(&mut core, kind, claimed.clone()).lost, [claimed]);
        assert_eq!(core.fleet().workers().map(|(_, worker)| worker.held().len()).sum::<usize>(), 1);
    }
    assert_eq!(settled(say(&mut core, 1, done(lease.clone(), "{}"), NOW)), [SettleAnswer::Accepted]);

    // What a loss does explain is believed: the item is given out again under a token above the proven one.
    let mut core = core_with(&["a"], 1, None);
    let lease = connect(&mut core, 1, 1, 1)[0].lease.clone();
    let proven = LeaseRef { token: FencingToken(MAX_LOST_GRANTS), ..lease };
    assert_eq!(claims(&mut core, "work", proven.clone()).lost, [proven]);
    assert_eq!(connect(&mut core, 2, 1, 1)[0].lease.token.0, MAX_LOST_GRANTS + 1);
}

#[test]
fn nobody_speaks_for_a_lease_of_another_worker() {
    let mut core = core_with(&["a"], 1, None);
    let lease = connect(&mut core, 1, 1, 1)[0].lease.clone();
    assert_eq!(claims(&mut core, "work", lease.clone()).lost, vec![lease.clone()]);
    let release = WorkerMessage::Release {
        leases: vec![lease.clone()],
        reason: edgraph_shared::model::ReleaseReason::NotStarted,
    };
    for message in [done(lease.clone(), "{}"), release] {
        assert_eq!(settled(say(&mut core, 66, message, NOW)), [SettleAnswer::Superseded]);
    }
    let items = vec![WorkItem::new("work", "a/9".parse().unwrap(), "")];
    let children = WorkerMessage::AddChildren { request_id: 1, lease: lease.clone(), chunk: 0, items };
    let answer = say(&mut core, 66, children, NOW).messages.remove(0).1;
    let lost = CoordinatorMessage::ChildrenAdded { request_id: 1, answer: ChildrenAnswer::LeaseLost };
    assert_eq!(answer, lost);
    assert_eq!(settled(say(&mut core, 1, done(lease.clone(), "{}"), NOW)), [SettleAnswer::Accepted]);
}

#[test]
fn credit_has_an_end_and_so_has_what_one_step_grants() {
    let mut core = core_with(&["a"], 3_000, None);
    let first = connect(&mut core, 1, u32::MAX, u32::MAX);
    assert_eq!(first.len(), MAX_GRANTS_PER_STEP);
    let credits = WorkerMessage::Credits { free_slots: u32::MAX, kinds: Vec::new() };
    say(&mut core, 1, credits, NOW);
    for _ in 0..20 {
        core.step(Command::Tick, NOW, 4);
    }
    let worker = core.fleet().worker(&"w1".parse().unwrap()).unwrap();
    let most = MAX_FREE_SLOTS as usize + 2 * MAX_GRANTS_PER_STEP;
    assert!(worker.held().len() <= most && worker.credits == 0, "{} leases", worker.held().len());
}

#[test]
fn a_spec_of_thousands_of_kinds_is_refused_at_once() {
    let mut spec = spec("a", 1, None);
    spec.roots =
        (0..66_000).map(|n| WorkItem::new(format!("k{n}"), format!("k{n}/1").parse().unwrap(), "")).collect();
    let mut core = Core::new(Timing::default());
    let started = std::time::Instant::now();
    let command = Command::Start { id: None, request_id: String::new(), spec: Box::new(spec) };
    let reply = core.step(command, NOW, 1).reply;
    let Some(Err(CommandError::Spec(SpecError::TooManyKinds { kinds }))) = reply else { panic!("{reply:?}") };
    assert_eq!(kinds, 66_001, "with the counted one");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert!(kinds > MAX_KINDS);
}

#[test]
fn a_result_that_its_reader_cannot_use_is_the_end_of_its_item_alone() {
    let mut spec = spec("process_filing", 2, None);
    spec.limits.get_mut("work").unwrap().result = ResultRule::Filing;
    spec.finish = vec![FinishSpec { kind: "load".into(), payload: String::new() }];
    let mut core = Core::new(Timing::default());
    let id: PipelineId = "a".parse().unwrap();
    let command = Command::Start { id: Some(id.clone()), request_id: String::new(), spec: Box::new(spec) };
    core.step(command, NOW, 1);
    let lease = connect(&mut core, 1, 1, 1)[0].lease.clone();
    assert_eq!(
        settled(say(&mut core, 1, done(lease.clone(), "{\"rows\": 1}"), NOW)),
        [SettleAnswer::Superseded]
    );
    assert_eq!(
        settled(say(&mut core, 1, done(lease.clone(), "{\"rows\": 1}"), NOW)),
        [SettleAnswer::Superseded]
    );
    let status = core.pipelines()[&id].status();
    assert_eq!((status.tasks.dead, status.tasks.succeeded), (1, 0));
    assert!(status.failures[0].reason.contains("names no filing"), "{}", status.failures[0].reason);
}
