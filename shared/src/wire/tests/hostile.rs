//! Peers that break the rules: what it costs them, and what it does not.

use edgraph_proto::json;
use v1::work_request::Message;

use super::*;
use crate::failure::{FailureClass, MAX_DEPENDENCY_LEN};
use crate::model::{
    MAX_CHILDREN_PER_CHUNK, MAX_FREE_SLOTS, MAX_KINDS, MAX_LEASES_NAMED, MAX_OUTCOMES_PER_STEP,
    MAX_PARAMS_LEN, MAX_PROGRESS_LEN, MAX_REFUSAL_LEN, MAX_REFUSED, MAX_RESULT_LEN, MAX_ROOTS,
    MAX_VERSION_LEN,
};

const MIB: usize = 1024 * 1024;

fn said(message: Message) -> Result<Said, WireError> {
    stream::said_by_worker(v1::WorkRequest { message: Some(message) })
}

fn messages(message: Message) -> Vec<WorkerMessage> {
    match said(message) {
        Ok(Said::Messages(messages)) => messages,
        other => panic!("{other:?}"),
    }
}

fn lease_ref() -> v1::LeaseRef {
    super::super::work::lease_to(&lease())
}

fn hello() -> v1::Hello {
    v1::Hello { worker_id: "w".into(), incarnation: "i".into(), ..Default::default() }
}

fn children(items: Vec<v1::WorkItem>) -> Message {
    Message::AddChildren(v1::AddChildren { request_id: 9, lease: Some(lease_ref()), chunk: 0, items })
}

fn child(payload: usize) -> v1::WorkItem {
    v1::WorkItem { kind: "work".into(), key: "work/7".into(), payload: "x".repeat(payload), priority: 0 }
}

#[test]
fn texts_for_people_are_cut_and_slots_are_clamped() {
    let hello = v1::Hello { version: "v".repeat(8 * MIB), free_slots: u32::MAX, ..hello() };
    let [WorkerMessage::Hello(hello)] = &messages(Message::Hello(hello))[..] else { panic!("a Hello") };
    assert_eq!((hello.version.len(), hello.free_slots), (MAX_VERSION_LEN, MAX_FREE_SLOTS));

    let credits = v1::Credits { free_slots: u32::MAX, kinds: Vec::new() };
    let credits = messages(Message::Credits(credits));
    assert_eq!(credits, [WorkerMessage::Credits { free_slots: MAX_FREE_SLOTS, kinds: Vec::new() }]);

    let draining = v1::Draining { reason: "é".repeat(MIB), deadline: None };
    let draining = messages(Message::Draining(draining));
    let reason = "é".repeat(MAX_PROGRESS_LEN / 2);
    assert_eq!(draining, [WorkerMessage::Draining { reason, deadline: None }]);

    let failure = v1::Failure {
        class: v1::FailureClass::Unavailable.into(),
        dependency: "d".repeat(8 * MIB),
        ..Default::default()
    };
    let fail = v1::FailedLease { lease: Some(lease_ref()), failure: Some(failure) };
    let failed = messages(Message::Fail(v1::Fail { failures: vec![fail] }));
    let [WorkerMessage::Fail(failed)] = &failed[..] else { panic!("{failed:?}") };
    let FailureClass::Unavailable { dependency } = &failed[0].failure.class else { panic!("{failed:?}") };
    assert_eq!(dependency.len(), MAX_DEPENDENCY_LEN);
}

#[test]
fn lists_have_bounds() {
    let held = vec![lease_ref(); MAX_LEASES_NAMED + 1];
    let kinds =
        |n: usize| (0..n).map(|n| v1::KindLimit { kind: format!("k{n}"), max_leases: 1 }).collect::<Vec<_>>();
    let report = v1::LeaseProgress { lease: Some(lease_ref()), ..Default::default() };
    let too_many = [
        ("hello.held", Message::Hello(v1::Hello { held: held.clone(), ..hello() })),
        ("hello.kinds", Message::Hello(v1::Hello { kinds: kinds(MAX_KINDS + 1), ..hello() })),
        ("credits.kinds", Message::Credits(v1::Credits { free_slots: 0, kinds: kinds(MAX_KINDS + 1) })),
        ("heartbeat.held", Message::Heartbeat(v1::Heartbeat { held, ..Default::default() })),
        (
            "heartbeat.progress",
            Message::Heartbeat(v1::Heartbeat {
                progress: vec![report; MAX_LEASES_NAMED + 1],
                ..Default::default()
            }),
        ),
    ];
    for (field, message) in too_many {
        assert_eq!(said(message).unwrap_err().field(), field);
    }
    assert!(said(Message::Hello(v1::Hello { kinds: kinds(MAX_KINDS), ..hello() })).is_ok());
}

#[test]
fn children_that_may_not_be_are_refused_and_the_stream_goes_on() {
    for (items, part) in [
        (vec![child(2); MAX_CHILDREN_PER_CHUNK + 1], "1001 items, at most 1000"),
        (vec![child(70_000)], "item `work/7`: `item.payload` has 70000 bytes, at most 65536"),
        (vec![v1::WorkItem { kind: "Work".into(), ..child(2) }], "`item.kind`: only a-z"),
        (vec![v1::WorkItem { key: "\n".into(), ..child(2) }], "`item.key`"),
    ] {
        let refused = said(children(items)).unwrap();
        let Said::Refused(CoordinatorMessage::ChildrenAdded { request_id: 9, answer }) = refused else {
            panic!("{refused:?}");
        };
        let ChildrenAnswer::Refused { reason } = answer else { panic!("{answer:?}") };
        assert!(reason.contains(part), "{reason}");
    }
    // The same rule before anything is sent.
    let long = WorkItem { payload: "x".repeat(70_000), ..item() };
    assert!(stream::check_children(&[item(), long]).unwrap_err().contains("70000 bytes"));
    assert_eq!(stream::check_children(&[item()]), Ok(()));
}

#[test]
fn an_outcome_that_cannot_be_taken_is_the_permanent_failure_of_its_item_alone() {
    let completion = |result: usize| v1::Completion {
        lease: Some(lease_ref()),
        result: "1".repeat(result),
        ..Default::default()
    };
    let complete = v1::Complete { completions: vec![completion(1), completion(MAX_RESULT_LEN + 1)] };
    let told = messages(Message::Complete(complete));
    let [WorkerMessage::Complete(good), WorkerMessage::Fail(bad)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((good.len(), &bad[0].failure.class), (1, &FailureClass::Permanent));
    assert!(bad[0].failure.message.contains("4097 bytes, at most 4096"), "{}", bad[0].failure.message);

    let refused = |key: &str, count: usize| {
        let refused = v1::RefusedResult { key: key.into(), reason: "x".repeat(9_999) };
        let completion = v1::Completion { refused: vec![refused; count], ..completion(1) };
        messages(Message::Complete(v1::Complete { completions: vec![completion] }))
    };
    let [WorkerMessage::Complete(taken)] = &refused("work/1", MAX_REFUSED)[..] else { panic!("not taken") };
    assert_eq!((taken[0].refused.len(), taken[0].refused[0].reason.len()), (MAX_REFUSED, MAX_REFUSAL_LEN));
    for (key, count, part) in [("work/1", MAX_REFUSED + 1, "501 results"), ("", 1, "refused.key")] {
        let [WorkerMessage::Fail(bad)] = &refused(key, count)[..] else { panic!("{key} {count}: taken") };
        assert!(bad[0].failure.message.contains(part), "{}", bad[0].failure.message);
    }

    let negative = prost_types::Duration { seconds: -1, nanos: 0 };
    let throttled = v1::Failure {
        class: v1::FailureClass::Throttled.into(),
        retry_after: Some(negative),
        ..Default::default()
    };
    for failure in [None, Some(throttled)] {
        let fail = v1::FailedLease { lease: Some(lease_ref()), failure };
        let told = messages(Message::Fail(v1::Fail { failures: vec![fail] }));
        let [WorkerMessage::Fail(failed)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(failed[0].failure.class, FailureClass::Permanent);
    }
}

#[test]
fn many_outcomes_are_taken_in_several_steps() {
    let leases = vec![lease_ref(); 2 * MAX_OUTCOMES_PER_STEP + 1];
    let told = messages(Message::Release(v1::Release { leases, reason: 2 }));
    let sizes: Vec<usize> = told
        .iter()
        .map(|message| match message {
            WorkerMessage::Release { leases, .. } => leases.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sizes, [MAX_OUTCOMES_PER_STEP, MAX_OUTCOMES_PER_STEP, 1]);
    assert_eq!(messages(Message::Release(v1::Release::default())), []);
}

fn base() -> PipelineSpec {
    let mut base = PipelineSpec::default();
    base.limits.entry("ingest".into()).or_default().exclusive = Some("graph".into());
    base
}

fn start(change: impl FnOnce(&mut v1::PipelineSpec)) -> Result<PipelineSpec, WireError> {
    let mut spec = v1::PipelineSpec { counted_kind: "work".into(), ..Default::default() };
    change(&mut spec);
    pipeline::spec_from("test", "{}", Some(spec), base())
}

fn exclusive(kind: &str, name: &str) -> Result<PipelineSpec, WireError> {
    let settings = v1::KindSettings { exclusive: name.into(), ..Default::default() };
    start(|spec| drop(spec.limits.insert(kind.into(), settings)))
}

#[test]
fn a_spec_is_bounded_and_what_handlers_are_given_is_json() {
    assert_eq!(
        start(|spec| spec.roots = vec![v1::NewItem::default(); MAX_ROOTS + 1]).unwrap_err().field(),
        "spec.roots"
    );
    let kinds = |spec: &mut v1::PipelineSpec| {
        spec.limits = (0..66_000).map(|n| (format!("k{n}"), v1::KindSettings::default())).collect();
    };
    assert_eq!(start(kinds).unwrap_err().field(), "spec.limits");
    let counter = v1::DisplayCounter { name: "n".into(), kind: "work".into() };
    assert_eq!(start(|spec| spec.counters = vec![counter; 99]).unwrap_err().field(), "spec.counters");

    let steps = |kinds: &'static [&str]| {
        let step = |kind: &&str| v1::FinishSpec { kind: (*kind).into(), params: None };
        start(move |spec| spec.finish = kinds.iter().map(step).collect())
    };
    assert!(steps(&["list", "load"]).is_ok());
    assert!(steps(&["list", "load", "list"]).unwrap_err().to_string().contains("names a kind twice"));
    assert_eq!(steps(&["load"; 9]).unwrap_err().field(), "spec.finish");
    let long = json::to_struct([("x".to_owned(), "x".repeat(MAX_PARAMS_LEN).into())].into_iter().collect());
    let step = v1::FinishSpec { kind: "load".into(), params: Some(long) };
    assert_eq!(start(|spec| spec.finish = vec![step]).unwrap_err().field(), "spec.finish.params");
    let step = v1::FinishSpec { kind: "load".into(), params: Some(Default::default()) };
    assert_eq!(start(|spec| spec.finish = vec![step]).unwrap().finish[0].payload, "{}");
    let item = |payload: serde_json::Value| {
        let payload = Some(json::to_value(payload));
        let item = v1::NewItem { kind: "work".into(), key: "work/1".into(), payload, priority: -1 };
        start(|spec| spec.roots = vec![item]).map(|spec| spec.roots[0].payload.clone())
    };
    assert_eq!(item(serde_json::json!({"b": 2, "a": [0.5]})), Ok(r#"{"a":[0.5],"b":2}"#.to_owned()));
    assert_eq!(item("x".repeat(70_000).into()).unwrap_err().field(), "item.payload");
    let nameless = v1::NewItem { kind: "work".into(), ..Default::default() };
    assert_eq!(start(|spec| spec.roots = vec![nameless]).unwrap_err().field(), "spec.roots.key");
}

#[test]
fn nobody_takes_the_one_writer_rule_away() {
    let kept = |spec: PipelineSpec| spec.limits["ingest"].exclusive.clone();
    let graph = Some("graph".to_owned());
    assert_eq!(start(|_| ()).map(kept), Ok(graph.clone()));
    assert_eq!(exclusive("ingest", "").map(kept), Ok(graph.clone()));
    assert_eq!(exclusive("ingest", "graph").map(kept), Ok(graph.clone()));
    assert_eq!(exclusive("work", "mine").map(kept), Ok(graph));
    for (kind, name) in [("ingest", "other"), ("work", "graph"), ("work", "Two words")] {
        assert_eq!(exclusive(kind, name).unwrap_err().field(), "spec.limits.exclusive", "{kind} {name}");
    }
}

#[test]
fn a_filter_that_nobody_understands_is_refused() {
    assert_eq!(items::item_state_from(0), Ok(None));
    for state in [-1, 6, i32::MAX] {
        let error = items::item_state_from(state).unwrap_err();
        assert_eq!(error.field(), "state");
        assert!(error.to_string().contains(&state.to_string()), "{error}");
    }
}
