//! The record of an end: asked for once the pipeline has ended, and anew whenever what it says has changed.

use super::*;
use crate::pipeline::item::Item;
use crate::pipeline::{Back, Head, MAX_LOST_GRANTS, NotAnEnd, raised_floor};

/// Ended, with one of two items dead.
fn ended() -> Story {
    let mut story = Story::discovered(2, DeadPolicy::FinishWithout { max_dead: 1, max_dead_fraction: 0.0 });
    story.work("work/1");
    story.kill("work/2");
    story.accept_list();
    story.work("load/1");
    assert_eq!(story.state(), PipelineState::CompletedWithFailures);
    story
}

fn record(story: &mut Story) -> u64 {
    let version = story.pipeline.awaits_record().expect("it has ended and is not recorded");
    story.apply(Event::Recorded { version });
    version
}

fn written(story: &Story) -> (Head, Vec<Item>) {
    let items = story.pipeline.items().map(|(_, item)| item.clone());
    (story.pipeline.head().clone(), items.collect())
}

#[test]
fn an_end_awaits_its_record_until_it_is_there() {
    let mut story = Story::discovered(1, DeadPolicy::Fail);
    assert_eq!(story.pipeline.awaits_record(), None, "it has not ended");
    story.apply(Event::Recorded { version: story.pipeline.head().version });
    story.apply(Event::Cancel);
    let before = story.pipeline.head().clone();
    assert_eq!(story.pipeline.awaits_record(), Some(before.version));

    story.now = story.now.plus(TTL);
    story.apply(Event::Recorded { version: before.version - 1 });
    assert_eq!(story.pipeline.head(), &before, "an older version says nothing of this one");
    record(&mut story);
    let after = story.pipeline.head();
    assert_eq!((story.pipeline.awaits_record(), after.updated), (None, before.updated));
    assert_eq!(after.version, before.version + 1, "it is committed, and the next leader knows it");
}

#[test]
fn what_changes_after_the_record_asks_for_another() {
    let mut story = ended();
    let first = record(&mut story);
    story.apply(retry());
    assert_eq!(story.pipeline.awaits_record(), None, "it goes on");
    story.work("work/2");
    story.accept_list();
    story.work("load/2");
    assert!(record(&mut story) > first);
    // A worker proves that a token is higher than is known.
    let lease = LeaseRef { token: FencingToken(9), ..story_lease("work/2") };
    story.apply(Event::TokenProven(lease));
    assert!(story.pipeline.awaits_record().is_some());
}

fn story_lease(key: &str) -> LeaseRef {
    let (pipeline, key) = ("p".parse().unwrap(), key.parse().unwrap());
    LeaseRef { pipeline, key, token: FencingToken(1), lease_id: LeaseId(77) }
}

#[test]
fn what_comes_back_is_what_ended_and_gives_no_token_again() {
    let mut story = ended();
    let (mut head, items) = written(&story);
    record(&mut story);
    let (status, shown) = (story.pipeline.status(), story.pipeline.item_snapshot(story.ix("work/2")));
    // It was retried before it was lost: what is written knows nothing of it.
    story.apply(retry());
    let lost = story.grant("work/2");

    head.token_floor = raised_floor(&head, &items);
    let now = story.now.plus(TTL);
    let (pipeline, changes) = Back::of(head, items).unwrap().arrive(now);
    assert_eq!((changes.items.len(), changes.head.restored), (4, Some(now)));
    story.pipeline = pipeline;
    assert_eq!((story.pipeline.status(), story.pipeline.awaits_record()), (status, None));
    assert_eq!(story.pipeline.item_snapshot(story.ix("work/2")), shown);
    assert_eq!(story.pipeline.forgotten_after(), Some(now), "retention counts from here");

    story.apply(retry());
    let again = story.grant("work/2");
    assert!(again.token > lost.token, "{again:?} after {lost:?}");
    assert_eq!(story.complete(&lost), SettleAnswer::Superseded);
    assert_eq!(story.complete(&again), SettleAnswer::Accepted);

    // Every return is above all that could be given after the one before it.
    let (head, items) = written(&story);
    let floor = raised_floor(&head, &items);
    assert_eq!(floor, FencingToken(again.token.0 + MAX_LOST_GRANTS));
    assert!(raised_floor(&Head { token_floor: floor, ..head }, &items) > floor);
}

#[test]
fn what_is_no_end_does_not_come_back() {
    let (head, items) = written(&ended());
    let refused = |head: Head, items: Vec<Item>| Back::of(head, items).unwrap_err();
    let running = Head { state: PipelineState::Running, ..head.clone() };
    assert_eq!(refused(running, items.clone()), NotAnEnd::Unfinished(PipelineState::Running));
    let (open, open_items) = written(&Story::discovered(1, DeadPolicy::Fail));
    assert_eq!(
        refused(Head { state: PipelineState::Failed, ..open }, open_items),
        NotAnEnd::Open("work/1".into())
    );
    let mut strange = items.clone();
    strange[1].parents = vec![ItemIx(99)];
    assert_eq!(refused(head.clone(), strange), NotAnEnd::Strange("work/1".into()));
    assert!(matches!(refused(Head { kinds: Default::default(), ..head }, items), NotAnEnd::Strange(_)));
}
