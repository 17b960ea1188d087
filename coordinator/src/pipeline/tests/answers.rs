//! Every answer to every closing message, and what it costs the item.

use super::*;

type Close = fn(&mut Story, &LeaseRef) -> SettleAnswer;

const COMPLETE: Close = |story, lease| story.complete(lease);
const FAIL: Close = |story, lease| story.fail(lease, Failure::transient("again"));
const RELEASE: Close = |story, lease| story.release(lease, ReleaseReason::Preempted);

#[test]
fn a_message_that_comes_again_gets_its_answer_and_changes_nothing() {
    for close in [COMPLETE, FAIL, RELEASE] {
        let mut story = Story::discovered(2, DeadPolicy::Hold);
        let lease = story.grant("work/1");
        assert_eq!(close(&mut story, &lease), SettleAnswer::Accepted);
        story.pipeline.take_changes();
        let before = story.pipeline.status();
        assert_eq!(close(&mut story, &lease), SettleAnswer::Accepted);
        assert_eq!(story.pipeline.take_changes(), None);
        assert_eq!(story.pipeline.status(), before);
    }
}

#[test]
fn a_lease_closes_once() {
    for (first, then) in [
        (COMPLETE, FAIL),
        (COMPLETE, RELEASE),
        (FAIL, COMPLETE),
        (FAIL, RELEASE),
        (RELEASE, COMPLETE),
        (RELEASE, FAIL),
    ] {
        let mut story = Story::discovered(2, DeadPolicy::Hold);
        let lease = story.grant("work/1");
        first(&mut story, &lease);
        let before = story.pipeline.status();
        assert_eq!(then(&mut story, &lease), SettleAnswer::Superseded);
        assert_eq!(story.pipeline.status(), before);
    }
}

#[test]
fn a_repeat_is_recognised_after_the_next_grant() {
    let mut story = Story::discovered(1, DeadPolicy::Hold);
    let first = story.grant("work/1");
    assert_eq!(story.release(&first, ReleaseReason::NotStarted), SettleAnswer::Accepted);
    let second = story.grant("work/1");
    assert_eq!(story.release(&first, ReleaseReason::NotStarted), SettleAnswer::Accepted);
    assert_eq!(story.complete(&first), SettleAnswer::Superseded);
    assert!(second.token > first.token);
    assert_eq!(story.complete(&second), SettleAnswer::Accepted);
}

#[test]
fn unknown_leases() {
    let mut story = Story::discovered(1, DeadPolicy::Hold);
    let lease = story.grant("work/1");
    let other_item = LeaseRef { key: "work/none".parse().unwrap(), ..lease.clone() };
    let other_lease = LeaseRef { lease_id: LeaseId(99), ..lease.clone() };
    let future = LeaseRef { token: lease.token.next(), ..lease.clone() };
    for close in [COMPLETE, FAIL, RELEASE] {
        assert_eq!(close(&mut story, &other_item), SettleAnswer::Unknown);
        assert_eq!(close(&mut story, &other_lease), SettleAnswer::Superseded);
        assert_eq!(close(&mut story, &future), SettleAnswer::Unknown);
    }
    assert_eq!(story.complete(&lease), SettleAnswer::Accepted);
}

#[test]
fn a_late_completion_is_accepted_until_somebody_else_has_the_item() {
    let mut story = Story::discovered(2, DeadPolicy::Hold);
    let lease = story.grant("work/1");
    story.wait(TTL);
    assert_eq!(story.item_state("work/1"), ItemState::Ready);
    assert_eq!(story.complete(&lease), SettleAnswer::AcceptedLate);
    assert_eq!(story.complete(&lease), SettleAnswer::AcceptedLate);
    assert_eq!(story.item_state("work/1"), ItemState::Succeeded);

    let lease = story.grant("work/2");
    story.wait(TTL);
    let newer = story.grant("work/2");
    assert_eq!(story.complete(&lease), SettleAnswer::Superseded);
    assert_eq!(story.complete(&newer), SettleAnswer::Accepted);
    assert_eq!(story.gates_fired(), 1);
}

#[test]
fn a_late_completion_revives_an_item_whose_workers_vanished_until_the_gate_has_fired() {
    let mut story = Story::discovered(2, DeadPolicy::FinishWithout { max_dead: 1, max_dead_fraction: 0.0 });
    let lose_all = |story: &mut Story, key: &str| {
        story.grant(key);
        story.wait(TTL);
        let last = story.grant(key);
        story.wait(TTL);
        assert_eq!(story.item_state(key), ItemState::Dead);
        last
    };
    let last = lose_all(&mut story, "work/1");
    assert_eq!(story.complete(&last), SettleAnswer::AcceptedLate);
    let last = lose_all(&mut story, "work/2");
    assert_eq!(story.state(), PipelineState::Finishing);
    assert_eq!(story.complete(&last), SettleAnswer::TooLate);
    assert_eq!(story.complete(&last), SettleAnswer::TooLate);
    assert_eq!(story.item_state("work/2"), ItemState::Dead);
}

#[test]
fn a_late_completion_ends_a_hold() {
    let mut story = Story::discovered(1, DeadPolicy::Hold);
    story.grant("work/1");
    story.wait(TTL);
    let last = story.grant("work/1");
    story.wait(TTL);
    assert_eq!(story.state(), PipelineState::Held);
    assert_eq!(story.complete(&last), SettleAnswer::AcceptedLate);
    assert_eq!(story.state(), PipelineState::Finishing);
}

#[test]
fn heartbeats_keep_a_lease_but_not_beyond_max_run() {
    let mut story = Story::discovered(1, DeadPolicy::Hold);
    let lease = story.grant("work/1");
    let started = story.now;
    while story.now.since(started) + TTL / 3 < MAX_RUN {
        story.wait(TTL / 3);
        let (item, deadline) = (story.ix("work/1"), story.now.plus(TTL));
        story.apply(Event::Renewed { item, deadline });
        assert_eq!(story.item_state("work/1"), ItemState::Leased);
    }
    story.wait(TTL / 3);
    assert_eq!(story.item_state("work/1"), ItemState::Ready);
    let snapshot = story.pipeline.item_snapshot(story.ix("work/1"));
    assert_eq!((snapshot.failures, snapshot.lost_leases), (1, 0));
    assert_eq!(snapshot.reason, "ran longer than 60s, its max_run");
    assert!(story.effects.iter().any(|effect| matches!(effect, Effect::Cancel { .. })));
    assert_eq!(story.complete(&lease), SettleAnswer::Superseded);
}

#[test]
fn budgets_are_counted_apart() {
    let transient = || Failure::transient("again");
    let throttled = || Failure::throttled(Duration::from_secs(9), "slow down");
    let cases: [(&str, Vec<Failure>, ItemState); 5] = [
        ("two failures of three", vec![transient(), transient()], ItemState::Ready),
        ("three failures", vec![transient(), throttled(), transient()], ItemState::Dead),
        ("one permanent", vec![Failure::permanent("no")], ItemState::Dead),
        ("two preemptions", vec![Failure::preempted("spot"), Failure::preempted("spot")], ItemState::Dead),
        ("one of each", vec![transient(), Failure::preempted("spot"), transient()], ItemState::Ready),
    ];
    for (name, failures, expected) in cases {
        let mut story = Story::discovered(1, DeadPolicy::Hold);
        for failure in failures {
            story.wait(Duration::from_secs(10));
            let lease = story.grant("work/1");
            story.fail(&lease, failure);
        }
        assert_eq!(story.item_state("work/1"), expected, "{name}");
    }
}

fn is_offered(story: &Story) -> bool {
    story.pipeline.best(|_| Some(Taking::Anything)).is_some()
}

#[test]
fn a_failed_item_waits_and_a_throttled_one_as_long_as_it_was_told() {
    let mut story = Story::discovered(1, DeadPolicy::Hold);
    let lease = story.grant("work/1");
    story.fail(&lease, Failure::transient("again"));
    assert!(!is_offered(&story));
    story.wait(Duration::from_millis(500));
    assert!(is_offered(&story), "the jitter of 0.5 halves a wait of 1 s");
    let lease = story.grant("work/1");
    story.fail(&lease, Failure::throttled(Duration::from_secs(30), "slow down"));
    story.wait(Duration::from_secs(29));
    assert!(!is_offered(&story));
    story.wait(Duration::from_secs(1));
    assert!(is_offered(&story));
}

#[test]
fn an_unavailable_dependency_costs_nothing_until_the_age_limit() {
    let mut story = Story::discovered(1, DeadPolicy::Hold);
    let down = || Failure::unavailable("host", "no answer");
    // As long again as it has been down: 1 s after 0 s and 1 s, 2 s after 2 s, and so on up to a minute.
    for seconds in [1, 1, 2, 4, 8, 16, 32] {
        let lease = story.grant("work/1");
        story.fail(&lease, down());
        assert_eq!(story.pipeline.status().unavailable["work"], "host: no answer");
        story.wait(Duration::from_secs(seconds) - Duration::from_millis(1));
        assert!(!is_offered(&story), "tried again before {seconds} s");
        story.wait(Duration::from_millis(1));
        assert!(is_offered(&story), "not tried again after {seconds} s");
    }
    for expected in [ItemState::Ready, ItemState::Dead] {
        let lease = story.grant("work/1");
        story.fail(&lease, down());
        assert_eq!(story.item_state("work/1"), expected);
        story.wait(Duration::from_secs(60));
    }
}

#[test]
fn an_unavailable_dependency_of_one_item_keeps_no_other_waiting() {
    let mut story = Story::discovered(2, DeadPolicy::Hold);
    let lease = story.grant("work/1");
    story.fail(&lease, Failure::unavailable("host", "no answer"));
    assert_eq!(story.pipeline.best(|_| Some(Taking::Anything)), Some(story.ix("work/2")));
}

#[test]
fn what_is_given_back_keeps_its_place() {
    let mut story = Story::discovered(3, DeadPolicy::Hold);
    let lease = story.grant("work/1");
    story.release(&lease, ReleaseReason::Preempted);
    assert_eq!(story.pipeline.best(|_| Some(Taking::Anything)), Some(story.ix("work/1")));
    story.grant("work/1");
    let ix = story.ix("work/1");
    story.apply(Event::Unclaimed(ix));
    assert_eq!(story.pipeline.best(|_| Some(Taking::Anything)), Some(ix));
    assert_eq!(story.pipeline.item_snapshot(ix).preemptions, 1);
    assert_eq!(story.pipeline.item_snapshot(ix).lost_leases, 0);
}

#[test]
fn a_proven_token_is_never_given_out_again() {
    let mut story = Story::discovered(1, DeadPolicy::Hold);
    let lease = story.grant("work/1");
    let proven = LeaseRef { token: edgraph_shared::ids::FencingToken(9), ..lease.clone() };
    story.apply(Event::TokenProven(proven));
    assert_eq!(story.complete(&lease), SettleAnswer::Superseded);
    assert_eq!(story.grant("work/1").token.0, 10);
}

#[test]
fn children_come_in_chunks_each_counted_once() {
    let mut story = Story::new(DeadPolicy::Hold);
    let root = story.grant("find/1");
    let chunk =
        |range: std::ops::Range<u32>| range.map(|n| item("work", &format!("work/{n}"))).collect::<Vec<_>>();
    assert_eq!(story.add(&root, 0, chunk(0..3)), ChildrenAnswer::Accepted);
    assert_eq!(story.add(&root, 0, chunk(0..3)), ChildrenAnswer::Accepted);
    assert_eq!(story.add(&root, 1, chunk(2..5)), ChildrenAnswer::Accepted);
    assert_eq!(story.pipeline.status().tasks.expected(), 5);
    // The worker believes to have sent more than arrived: nothing may be lost silently.
    assert_eq!(story.complete_with(&root, 9), SettleAnswer::Superseded);
    assert_eq!(story.item_state("find/1"), ItemState::Ready);
    story.wait(Duration::from_secs(1));
    let root = story.grant("find/1");
    assert_eq!(story.add(&root, 0, chunk(0..5)), ChildrenAnswer::Accepted);
    assert_eq!(story.complete_with(&root, 5), SettleAnswer::Accepted);
    assert_eq!(story.pipeline.status().tasks.expected(), 5);
}

#[test]
fn a_chunk_after_one_that_the_store_has_lost_begins_the_item_anew() {
    let mut story = Story::new(DeadPolicy::Hold);
    let root = story.grant("find/1");
    assert_eq!(story.add(&root, 1, vec![item("work", "work/1")]), ChildrenAnswer::LeaseLost);
    assert_eq!(story.item_state("find/1"), ItemState::Ready);
    assert_eq!(story.pipeline.status().tasks.expected(), 0);
    assert_eq!(story.complete_with(&root, 2), SettleAnswer::Superseded);
    let root = story.grant("find/1");
    assert_eq!(story.add(&root, 0, vec![item("work", "work/1")]), ChildrenAnswer::Accepted);
}

#[test]
fn a_child_keeps_the_set_of_its_parents() {
    let mut two_roots = spec(DeadPolicy::Hold);
    two_roots.roots.push(item("find", "find/2"));
    let mut story = Story::with(two_roots);
    for root in ["find/1", "find/2"] {
        let lease = story.grant(root);
        assert_eq!(story.add(&lease, 0, vec![item("work", "work/1")]), ChildrenAnswer::Accepted);
        assert_eq!(story.complete_with(&lease, 1), SettleAnswer::Accepted);
    }
    story.work("work/1");
    let (accepted, _) = story.pipeline.accepted(ItemIx(0), 99);
    let parents: Vec<String> = accepted[0].parents.iter().map(ToString::to_string).collect();
    assert_eq!((accepted.len(), parents), (1, vec!["find/1".to_owned(), "find/2".to_owned()]));
}

#[test]
fn children_that_break_a_rule_are_refused_whole() {
    let other_payload = WorkItem::new("work", "work/1".parse().unwrap(), "other");
    for (items, reason) in [
        (vec![item("work", "work/8"), other_payload.clone()], "item `work/1`: exists with another payload"),
        (vec![item("work", "work/8"), item("find", "work/1")], "item `work/1`: exists with another kind"),
        (vec![item("load", "load/7")], "item `load/7`: `load` belongs to an item that ends the round"),
        (vec![item("work", "load/7")], "item `load/7`: `load` belongs to an item that ends the round"),
    ] {
        let mut story = Story::new(DeadPolicy::Hold);
        let root = story.grant("find/1");
        story.add(&root, 0, vec![item("work", "work/1")]);
        let answer = story.add(&root, 1, items);
        assert_eq!(answer, ChildrenAnswer::Refused { reason: reason.into() });
        assert!(story.pipeline.find(&"work/8".parse().unwrap()).is_none());
    }
    let mut story = Story::new(DeadPolicy::Hold);
    let root = story.grant("find/1");
    story.wait(TTL);
    assert_eq!(story.add(&root, 0, vec![item("work", "work/1")]), ChildrenAnswer::LeaseLost);
}
