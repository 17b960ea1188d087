//! The gate, rounds, and the commands of clients.

use super::*;
use crate::pipeline::IllegalTransition;

const WITHOUT_ONE: DeadPolicy = DeadPolicy::FinishWithout { max_dead: 1, max_dead_fraction: 0.0 };

#[test]
fn from_work_to_the_end() {
    let mut story = Story::discovered(2, DeadPolicy::default());
    story.work("work/1");
    assert_eq!((story.state(), story.gates_fired()), (PipelineState::Running, 0));
    story.work("work/2");
    assert_eq!((story.state(), story.gates_fired()), (PipelineState::Finishing, 1));
    assert!(
        story.pipeline.best(|_| Some(Taking::Anything)).is_none(),
        "not before the accepted list is written"
    );
    story.apply(Event::AcceptedWritten { round: 1, outcome: Err("disk full".into()) });
    assert!(story.pipeline.status().state_reason.contains("disk full"));
    assert_eq!(story.pipeline.awaits_accepted(), Some(1));
    story.accept_list();
    let (_, finish) = story.pipeline.find(&"load/1".parse().unwrap()).unwrap();
    let expected = r#"{"round":1,"params":{},"accepted":"pipelines/p/accepted-1.jsonl","count":2}"#;
    assert_eq!(&*finish.payload, expected);
    assert_eq!(story.pipeline.status().progress_percent, 99);
    story.work("load/1");
    let status = story.pipeline.status();
    assert_eq!((status.state, status.progress_percent), (PipelineState::Completed, 100));
    assert!(status.ended_ms.is_some() && status.discovery_complete);
}

#[test]
fn what_dead_items_lead_to() {
    let without_half = DeadPolicy::FinishWithout { max_dead: 0, max_dead_fraction: 0.5 };
    let without_any = DeadPolicy::FinishWithout { max_dead: 0, max_dead_fraction: 1.0 };
    for (policy, dead, expected) in [
        (WITHOUT_ONE, 1, PipelineState::Finishing),
        (WITHOUT_ONE, 2, PipelineState::Held),
        (without_half, 2, PipelineState::Finishing),
        (without_half, 3, PipelineState::Held),
        (without_any, 3, PipelineState::Finishing),
        (without_any, 4, PipelineState::Failed),
        (DeadPolicy::Hold, 1, PipelineState::Held),
        (DeadPolicy::Fail, 1, PipelineState::Failed),
    ] {
        let mut story = Story::discovered(4, policy);
        for n in 1..=4 {
            let key = format!("work/{n}");
            if n <= dead { story.kill(&key) } else { story.work(&key) }
        }
        assert_eq!(story.state(), expected, "{policy:?} with {dead} dead");
    }
}

#[test]
fn nothing_found_is_a_success_that_says_so() {
    let story = Story::discovered(0, DeadPolicy::Hold);
    assert_eq!(story.state(), PipelineState::Completed);
    assert_eq!(story.pipeline.status().state_reason, "there were no work items");
}

#[test]
fn a_dead_root_fails_the_pipeline_and_its_retry_opens_a_round() {
    let mut story = Story::new(WITHOUT_ONE);
    story.kill("find/1");
    assert_eq!(story.state(), PipelineState::Failed);
    assert_eq!(story.apply(retry()), [acted(1)]);
    assert_eq!((story.state(), story.pipeline.head().round), (PipelineState::Running, 2));
}

#[test]
fn retrying_a_finished_pipeline_opens_the_next_round() {
    let mut story = Story::discovered(2, WITHOUT_ONE);
    story.kill("work/1");
    story.work("work/2");
    story.accept_list();
    story.work("load/1");
    assert_eq!(story.state(), PipelineState::CompletedWithFailures);
    assert_eq!(story.pipeline.status().failures[0].reason, "broken");

    assert_eq!(story.apply(retry()), [acted(1)]);
    assert_eq!((story.state(), story.pipeline.status().ended_ms), (PipelineState::Running, None));
    story.work("work/1");
    assert_eq!(story.pipeline.accepted(ItemIx(0), 99).0.len(), 2, "the list of a round is the whole list");
    story.accept_list();
    story.work("load/2");
    assert_eq!((story.state(), story.gates_fired()), (PipelineState::Completed, 2));
    assert_eq!(story.apply(retry()), [acted(0)]);
}

#[test]
fn a_dead_finish_item_is_retried_in_its_own_round() {
    let mut story = Story::discovered(1, DeadPolicy::Hold);
    story.work("work/1");
    story.accept_list();
    story.kill("load/1");
    assert_eq!(story.state(), PipelineState::Failed);
    assert_eq!(story.pipeline.status().state_reason, "load/1: broken");
    story.apply(retry());
    assert_eq!((story.state(), story.pipeline.head().round), (PipelineState::Finishing, 1));
    story.work("load/1");
    assert_eq!((story.state(), story.gates_fired()), (PipelineState::Completed, 1));
}

#[test]
fn a_dead_finish_item_beside_dead_work_makes_way_for_the_next_round() {
    let mut story = Story::discovered(2, WITHOUT_ONE);
    story.kill("work/1");
    story.work("work/2");
    story.accept_list();
    story.kill("load/1");
    story.apply(retry());
    assert_eq!(story.item_state("load/1"), ItemState::Cancelled);
    story.work("work/1");
    story.accept_list();
    story.work("load/2");
    assert_eq!(story.state(), PipelineState::Completed);
}

#[test]
fn the_decisions_about_a_hold() {
    let held = || {
        let mut story = Story::discovered(2, DeadPolicy::Hold);
        story.kill("work/1");
        story.work("work/2");
        assert_eq!(story.state(), PipelineState::Held);
        story
    };
    let mut story = held();
    story.apply(Event::Resume);
    assert_eq!(story.state(), PipelineState::Finishing);
    let mut story = held();
    story.apply(retry());
    assert_eq!((story.state(), story.pipeline.head().round), (PipelineState::Running, 1));
    let mut story = held();
    story.apply(Event::Cancel);
    assert_eq!(story.state(), PipelineState::Cancelled);
}

#[test]
fn cancel_waits_for_what_runs() {
    let close: [fn(&mut Story, &LeaseRef); 4] = [
        |story, lease| assert_eq!(story.complete(lease), SettleAnswer::Cancelled),
        |story, lease| assert_eq!(story.fail(lease, Failure::transient("no")), SettleAnswer::Cancelled),
        |story, lease| assert_eq!(story.release(lease, ReleaseReason::Preempted), SettleAnswer::Cancelled),
        |story, _| story.wait(TTL),
    ];
    for close in close {
        let mut story = Story::discovered(2, DeadPolicy::Hold);
        let lease = story.grant("work/1");
        story.apply(Event::Pause);
        story.apply(Event::Cancel);
        story.apply(Event::Cancel);
        assert_eq!(story.item_state("work/2"), ItemState::Cancelled);
        assert_eq!(story.state(), PipelineState::Cancelling);
        close(&mut story, &lease);
        assert_eq!(story.state(), PipelineState::Cancelled);
        assert_eq!(story.item_state("work/1"), ItemState::Cancelled);
        assert_eq!(story.complete(&lease), SettleAnswer::Cancelled);
        assert!(!story.pipeline.head().paused, "cancel beats pause");
    }
}

#[test]
fn pause_stops_grants_and_nothing_else() {
    let mut story = Story::discovered(2, DeadPolicy::Hold);
    let lease = story.grant("work/1");
    story.apply(Event::Pause);
    assert!(story.pipeline.best(|_| Some(Taking::Anything)).is_none());
    assert_eq!(story.complete(&lease), SettleAnswer::Accepted);
    story.apply(Event::Resume);
    assert_eq!(story.pipeline.best(|_| Some(Taking::Anything)), Some(story.ix("work/2")));
}

#[test]
fn a_deadline_cancels() {
    let mut spec = spec(DeadPolicy::Hold);
    spec.deadline = Some(Duration::from_secs(5));
    let mut story = Story::with(spec);
    story.wait(Duration::from_secs(4));
    assert_eq!(story.state(), PipelineState::Running);
    story.wait(Duration::from_secs(1));
    assert_eq!(story.state(), PipelineState::Cancelled);
    assert_eq!(story.pipeline.status().state_reason, "not finished within 5s");
}

#[test]
fn the_deadline_of_a_retry_counts_from_the_retry() {
    let mut spec = spec(WITHOUT_ONE);
    spec.deadline = Some(Duration::from_secs(5));
    let mut story = Story::with(spec);
    story.kill("find/1");
    story.wait(Duration::from_secs(60));
    story.apply(retry());
    story.wait(Duration::from_secs(4));
    assert_eq!(story.state(), PipelineState::Running);
    story.wait(Duration::from_secs(1));
    assert_eq!(story.state(), PipelineState::Cancelled);
}

#[test]
fn a_pause_ends_with_the_pipeline() {
    let mut story = Story::discovered(2, WITHOUT_ONE);
    let leases = ["work/1", "work/2"].map(|key| story.grant(key));
    story.apply(Event::Pause);
    for lease in &leases {
        story.fail(lease, Failure::permanent("broken"));
    }
    assert_eq!(story.state(), PipelineState::Held);
    story.apply(Event::Resume);
    assert_eq!((story.state(), story.pipeline.head().paused), (PipelineState::Failed, false));
}

#[test]
fn illegal_moves_are_errors_that_change_nothing() {
    let finished = || Story::discovered(0, DeadPolicy::Hold);
    let finishing = || {
        let mut story = Story::discovered(1, DeadPolicy::Hold);
        story.work("work/1");
        story
    };
    for (mut story, event) in [
        (finished(), Event::Cancel),
        (finished(), Event::Pause),
        (finished(), Event::Resume),
        (finishing(), retry()),
    ] {
        let (state, name, before) = (story.state(), event.name(), story.pipeline.status());
        let error = story.pipeline.apply(event, story.now).unwrap_err();
        assert_eq!(error, IllegalTransition { state, event: name });
        assert_eq!(story.pipeline.status(), before);
    }
}

#[test]
fn an_order_by_priority_then_age_within_limits() {
    let mut limited = spec(DeadPolicy::Hold);
    limited.limits.get_mut("work").unwrap().max_in_flight = Some(2);
    let mut story = Story::with(limited);
    let root = story.grant("find/1");
    let urgent = WorkItem { priority: 1, ..item("work", "work/3") };
    story.add(&root, 0, vec![item("work", "work/1"), item("work", "work/2"), urgent]);
    for key in ["work/3", "work/1"] {
        assert_eq!(story.pipeline.best(|_| Some(Taking::Anything)), Some(story.ix(key)));
        story.grant(key);
    }
    assert_eq!(story.pipeline.best(|_| Some(Taking::Anything)), None, "two are in flight");
    assert_eq!(story.pipeline.best(|kind| (kind.name == "find").then_some(Taking::Anything)), None);
}

/// With `list` before `load` at the end of a round, and two work items done.
fn with_two_steps() -> Story {
    let mut spec = spec(DeadPolicy::default());
    spec.finish.insert(0, FinishSpec { kind: "list".into(), payload: String::new() });
    let mut story = Story::with(spec);
    story.discover(2);
    story.work("work/1");
    story.work("work/2");
    story
}

#[test]
fn a_round_ends_with_one_item_after_the_other() {
    let mut story = with_two_steps();
    assert!(story.pipeline.find(&"load/1".parse().unwrap()).is_none(), "not before the first is done");
    story.accept_list();
    story.kill("list/1");
    assert_eq!(story.state(), PipelineState::Failed);
    story.apply(retry());
    assert_eq!((story.state(), story.pipeline.head().round), (PipelineState::Finishing, 1));
    story.work("list/1");
    assert_eq!((story.state(), story.gates_fired()), (PipelineState::Finishing, 1));
    for (key, params) in [("list/1", "null"), ("load/1", "{}")] {
        let (_, item) = story.pipeline.find(&key.parse().unwrap()).unwrap();
        let expected =
            format!(r#"{{"round":1,"params":{params},"accepted":"pipelines/p/accepted-1.jsonl","count":2}}"#);
        assert_eq!(*item.payload, *expected);
    }
    assert!(story.pipeline.status().discovery_complete);
    story.work("load/1");
    assert_eq!(story.state(), PipelineState::Completed);
}

#[test]
fn a_result_that_the_end_of_the_round_refuses_is_made_again_by_a_retry() {
    let mut story = with_two_steps();
    story.accept_list();
    story.finish_refusing("list/1", &["work/2"]);
    assert_eq!((story.state(), story.item_state("work/2")), (PipelineState::Finishing, ItemState::Dead));
    // The list is what it was; who comes later refuses the same.
    let (_, load) = story.pipeline.find(&"load/1".parse().unwrap()).unwrap();
    assert!(load.payload.ends_with(r#""count":2}"#), "{}", load.payload);
    story.finish_refusing("load/1", &["work/2"]);
    let status = story.pipeline.status();
    assert_eq!((status.state, status.tasks.dead), (PipelineState::CompletedWithFailures, 1));
    assert_eq!(status.failures[0].reason, "gone");
    assert_eq!(story.apply(retry()), [acted(1)]);
    story.work("work/2");
    story.accept_list();
    story.work("list/2");
    story.work("load/2");
    assert_eq!((story.state(), story.gates_fired()), (PipelineState::Completed, 2));
}

#[test]
fn only_the_end_of_a_round_refuses_and_only_what_is_counted() {
    let mut story = with_two_steps();
    story.accept_list();
    for (key, refused, reason) in [
        ("list/1", "work/9", "which is no work item of the pipeline"),
        ("list/1", "find/1", "which is no work item of the pipeline"),
    ] {
        story.finish_refusing(key, &[refused]);
        let status = story.pipeline.status();
        assert_eq!(status.state, PipelineState::Failed);
        assert!(status.state_reason.contains(reason), "{}", status.state_reason);
        story.apply(retry());
    }
    let mut story = Story::discovered(2, DeadPolicy::Hold);
    story.work("work/1");
    story.finish_refusing("work/2", &["work/1"]);
    assert_eq!(story.item_state("work/1"), ItemState::Succeeded);
    assert!(story.pipeline.status().failures[0].reason.contains("only an item that ends the round may"));
}
