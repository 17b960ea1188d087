//! Items that clients name and settle themselves.

use super::*;
use crate::pipeline::{ClientSays, ItemEnd};
use edgraph_shared::model::ClientItems;

fn own(expected: u64) -> Story {
    let spec = PipelineSpec {
        roots: Vec::new(),
        finish: Vec::new(),
        client_items: Some(ClientItems { expected }),
        ..spec(DeadPolicy::FinishWithout { max_dead: 0, max_dead_fraction: 1.0 })
    };
    Story::with(spec)
}

fn says(story: &mut Story, says: ClientSays, request: &str) -> Result<(u64, bool), String> {
    let effects = story.apply(Event::ClientSays { says, request: request.into() });
    match effects.into_iter().next_back().expect("an answer") {
        Effect::Acted(Acted { items, ended }) => Ok((items, ended)),
        Effect::ItemsRefused { reason } => Err(reason),
        other => panic!("no answer but {other:?}"),
    }
}

fn named(keys: &[&str], last: bool) -> ClientSays {
    ClientSays::Named { items: keys.iter().map(|key| item("work", key)).collect(), last }
}

fn done(keys: &[&str]) -> ClientSays {
    let end = |key: &&str| (key.parse().unwrap(), ItemEnd::Done { result: "1".into() });
    ClientSays::Settled(keys.iter().map(end).collect())
}

fn failed(key: &str) -> ClientSays {
    ClientSays::Settled(vec![(key.parse().unwrap(), ItemEnd::Failed { reason: "no paper".into() })])
}

#[test]
fn so_many_items_as_were_expected_end_the_work_and_one_call_is_told() {
    let mut story = own(3);
    assert_eq!(says(&mut story, done(&["a"]), "r1"), Ok((1, false)));
    assert_eq!(says(&mut story, done(&["a"]), "r2"), Ok((0, false)), "done once");
    assert_eq!(says(&mut story, failed("b"), "r3"), Ok((1, false)));
    let status = story.pipeline.status();
    assert_eq!((status.expected_tasks, status.progress_percent, status.discovery_complete), (3, 66, false));
    assert_eq!(says(&mut story, done(&["c"]), "r4"), Ok((1, true)));
    assert_eq!(story.state(), PipelineState::CompletedWithFailures);
    assert_eq!(says(&mut story, done(&["c"]), "r4"), Ok((0, true)), "its first answer was lost");
    assert_eq!(says(&mut story, done(&["c"]), "r5"), Ok((0, false)), "somebody else");
    assert_eq!(says(&mut story, done(&["c"]), ""), Ok((0, false)), "nobody");
    // What failed is tried again by a retry, in a round that somebody else may end.
    assert_eq!(story.apply(retry()), [acted(1)]);
    assert_eq!(says(&mut story, done(&["c"]), "r4"), Ok((0, false)), "of the round before");
    assert_eq!(says(&mut story, done(&["b"]), "r6"), Ok((1, true)));
    assert_eq!(story.state(), PipelineState::Completed);
}

#[test]
fn without_a_number_a_client_says_when_all_are_named() {
    let mut story = own(0);
    assert_eq!(says(&mut story, named(&["a", "b"], false), "r1"), Ok((2, false)));
    assert_eq!(says(&mut story, named(&["b"], false), "r2"), Ok((0, false)));
    assert_eq!(story.pipeline.status().waiting_for, "its clients have not settled 2 items, nor named all");
    assert_eq!(says(&mut story, done(&["a", "b", "c"]), "r3"), Ok((3, false)));
    assert_eq!(story.state(), PipelineState::Running);
    assert_eq!(says(&mut story, named(&[], true), "r4"), Ok((0, true)));
    assert_eq!(story.state(), PipelineState::Completed);
    assert_eq!(says(&mut story, named(&[], true), "r5"), Ok((0, false)));

    let mut story = own(0);
    assert_eq!(says(&mut story, named(&[], true), "r1"), Ok((0, true)), "nothing to do");
    assert_eq!(story.state(), PipelineState::Completed);
}

#[test]
fn what_failed_may_still_be_done_as_long_as_the_round_lasts() {
    let mut story = own(2);
    assert_eq!(says(&mut story, failed("a"), "r1"), Ok((1, false)));
    assert_eq!(says(&mut story, failed("a"), "r2"), Ok((0, false)));
    assert_eq!(says(&mut story, done(&["a"]), "r3"), Ok((1, false)));
    assert_eq!(says(&mut story, failed("a"), "r4"), Ok((0, false)), "it is done");
    assert_eq!(says(&mut story, done(&["b"]), "r5"), Ok((1, true)));
    assert_eq!(story.state(), PipelineState::Completed);
}

#[test]
fn what_breaks_a_rule_is_refused_whole_and_changes_nothing() {
    let mut workers = Story::discovered(1, DeadPolicy::Hold);
    let refused = says(&mut workers, done(&["work/1"]), "r").unwrap_err();
    assert!(refused.starts_with("its items are its workers'"), "{refused}");

    let mut story = own(2);
    for (call, expected) in [
        (done(&["a", "b", "c"]), "item `a` is new, and no more than 2 items were expected"),
        (
            ClientSays::Named { items: vec![item("find", "f")], last: false },
            "item `f`: clients name items of the kind `work`, not `find`",
        ),
    ] {
        assert_eq!(says(&mut story, call, "r"), Err(expected.to_owned()));
    }
    assert_eq!(story.pipeline.items().count(), 1, "but for the one that stands for the naming");
    assert_eq!(says(&mut story, named(&["a"], true), "r"), Ok((1, false)));
    let late = says(&mut story, done(&["b"]), "r").unwrap_err();
    assert_eq!(late, "item `b` is new, and there were to be no more");
    assert_eq!(story.pipeline.status().expected_tasks, 1);
    assert_eq!(says(&mut story, done(&["a"]), "r"), Ok((1, true)));
    let late = says(&mut story, done(&["b"]), "r").unwrap_err();
    assert_eq!(late, "item `b` is new, and the pipeline is completed");
}

#[test]
fn no_worker_is_given_one_and_a_cancel_ends_them() {
    let mut story = own(2);
    says(&mut story, named(&["a", "b"], false), "r1").unwrap();
    assert_eq!(story.pipeline.best(|_| Some(Taking::Anything)), None);
    assert!(!story.pipeline.has_grantable());
    let why = story.pipeline.item_snapshot(story.ix("a")).waiting_for;
    assert!(why.starts_with("it is its clients'"), "{why}");
    story.apply(Event::Cancel);
    assert_eq!(story.state(), PipelineState::Cancelled);
    assert_eq!(says(&mut story, done(&["a"]), "r2"), Ok((0, false)));
    let unnamed = own(0);
    let mut unnamed = unnamed;
    unnamed.apply(Event::Cancel);
    assert_eq!(unnamed.state(), PipelineState::Cancelled, "though more were to be named");
}
