//! What is done to selected items at once: open ones are cancelled, waiting ones run now.

use super::*;
use crate::pipeline::{MAX_CHANGED_PER_STEP, Sweep};

fn everything() -> Selection {
    Selection::default()
}

fn sweep(story: &mut Story, deed: Deed, only: Selection) -> Vec<Effect> {
    story.apply(Event::Sweep(deed, only))
}

fn state_of(story: &Story, key: &str) -> ItemState {
    story.pipeline.find(&key.parse().unwrap()).unwrap().1.state.name()
}

#[test]
fn cancelled_items_are_settled_at_once_and_their_workers_are_told() {
    let mut story = Story::discovered(3, DeadPolicy::Hold);
    let lease = story.grant("work/1");
    let done = story.grant("work/2");
    assert_eq!(story.complete(&done), SettleAnswer::Accepted);
    let selected = story.pipeline.count_meant(Deed::Cancel, &everything());
    let effects = sweep(&mut story, Deed::Cancel, everything());
    assert!(selected == 2 && effects.contains(&acted(2)), "{selected} {effects:?}");
    let told =
        effects.iter().any(|effect| matches!(effect, Effect::Cancel { lease: told, .. } if *told == lease));
    let closed = effects.iter().any(|effect| matches!(effect, Effect::LeaseClosed { .. }));
    assert!(told && closed, "{effects:?}");
    for (key, state) in
        [("work/1", ItemState::Cancelled), ("work/2", ItemState::Succeeded), ("work/3", ItemState::Cancelled)]
    {
        assert_eq!(state_of(&story, key), state, "{key}");
    }
    // Whatever the worker says then changes nothing, and the round ends without them.
    assert_eq!(story.complete(&lease), SettleAnswer::Cancelled);
    assert_eq!(story.fail(&lease, Failure::permanent("broken")), SettleAnswer::Cancelled);
    assert_eq!(story.state(), PipelineState::Finishing);
    story.accept_list();
    story.work("load/1");
    assert_eq!(story.state(), PipelineState::Completed);
}

#[test]
fn a_pipeline_whose_items_are_all_cancelled_is_cancelled() {
    let mut story = Story::discovered(2, DeadPolicy::Hold);
    sweep(&mut story, Deed::Cancel, Selection { kind: Some("work".into()), ..everything() });
    let status = story.pipeline.status();
    assert_eq!(
        (status.state, &*status.state_reason),
        (PipelineState::Cancelled, "all work items were cancelled")
    );
}

#[test]
fn what_ends_the_round_is_not_cancelled_with_the_items() {
    let mut story = Story::discovered(1, DeadPolicy::Hold);
    story.work("work/1");
    assert_eq!(story.state(), PipelineState::Finishing);
    let illegal = story.pipeline.apply(Event::Sweep(Deed::Cancel, everything()), story.now).unwrap_err();
    assert_eq!(illegal.to_string(), "cannot cancel items: the pipeline is ingesting");
}

#[test]
fn items_that_wait_after_an_attempt_run_now_and_keep_their_budgets() {
    let mut story = Story::discovered(3, DeadPolicy::Hold);
    for key in ["work/1", "work/2"] {
        let lease = story.grant(key);
        let what = if key == "work/1" { "no route to host" } else { "timed out" };
        story.fail(&lease, Failure::transient(what));
    }
    let only = |words: &str| Selection { reason: Some(words.into()), ..everything() };
    assert_eq!(story.pipeline.count_meant(Deed::Advance, &everything()), 2);
    assert_eq!(sweep(&mut story, Deed::Advance, only("route")), [acted(1)]);
    let failures = |story: &Story, key: &str| story.pipeline.find(&key.parse().unwrap()).unwrap().1.failures;
    assert_eq!(failures(&story, "work/1"), 1);
    story.grant("work/1");
    let waits = story.pipeline.item_snapshot(story.ix("work/2"));
    assert!(waits.next_run_ms.is_some() && waits.waiting_for.contains("not yet due"), "{waits:?}");
    assert_eq!(sweep(&mut story, Deed::Advance, everything()), [acted(1)]);
    assert_eq!(sweep(&mut story, Deed::Advance, everything()), [acted(0)]);
    story.grant("work/2");
}

#[test]
fn many_are_gone_through_in_steps_one_sweep_after_the_other_and_the_gate_waits() {
    let many = 2 * MAX_CHANGED_PER_STEP + 5;
    let mut spec = spec(DeadPolicy::FinishWithout { max_dead: 0, max_dead_fraction: 1.0 });
    spec.roots = (0..many).map(|n| item("work", &format!("work/{n}"))).collect();
    let mut story = Story::with(spec);
    story.work("work/0");
    story.kill("work/1");
    assert_eq!(sweep(&mut story, Deed::Cancel, everything()), [acted(many as u64 - 2)]);
    assert_eq!(story.pipeline.status().waiting_for, "items of it are being cancelled");
    // A retry meanwhile has its turn afterwards.
    assert_eq!(story.apply(retry()), [acted(1)]);
    assert_eq!((story.state(), story.gates_fired()), (PipelineState::Running, 0));
    let mut steps = 0;
    while story.pipeline.next_alarm() == Some(Millis::ZERO) {
        story.apply(Event::Tick { jitter: 0.5 });
        steps += 1;
    }
    let tasks = story.pipeline.status().tasks;
    assert_eq!((tasks.succeeded, tasks.ready, tasks.cancelled), (1, 1, many as u64 - 2));
    assert_eq!(steps, 3);
    for n in 0..16 {
        assert!(story.pipeline.has_room_to_sweep(), "{n}");
        story.pipeline.head.sweeps.push(Sweep { deed: Deed::Advance, next: ItemIx(0), only: everything() });
    }
    assert!(!story.pipeline.has_room_to_sweep());
}

#[test]
fn an_item_says_why_it_waits() {
    let mut spec = spec(DeadPolicy::Hold);
    spec.roots = (0..3).map(|n| item("work", &format!("work/{n}"))).collect();
    spec.limits.get_mut("work").unwrap().max_in_flight = Some(1);
    let mut story = Story::with(spec);
    let why = |story: &Story, key: &str| story.pipeline.item_snapshot(story.ix(key)).waiting_for;
    assert_eq!(why(&story, "work/1"), "");
    let lease = story.grant("work/0");
    assert_eq!(
        (why(&story, "work/0"), why(&story, "work/1")),
        (String::new(), "1 `work` items run, and no more may at a time".into())
    );
    story.pipeline.show_takers(story.now, |kind| Some(format!("no worker takes `{}`", kind.name)));
    assert_eq!(why(&story, "work/1"), "no worker takes `work`");
    story.pipeline.show_takers(story.now, |_| None);
    let away = Failure::new(
        edgraph_shared::failure::FailureClass::Unavailable { dependency: "host".into() },
        "refused",
    );
    story.fail(&lease, away);
    assert_eq!(why(&story, "work/0"), "for host: refused");
    story.apply(Event::Pause);
    assert_eq!(why(&story, "work/1"), "its pipeline is paused: resume it");
}

#[test]
fn failures_are_grouped_by_their_cause() {
    let mut story = Story::discovered(4, DeadPolicy::Hold);
    for (n, reason) in [
        "https://h.example/0000320193-24-000001.zip: 404",
        "disk full",
        "https://h.example/0000320193-24-000002.zip: 404",
    ]
    .iter()
    .enumerate()
    {
        let lease = story.grant(&format!("work/{}", n + 1));
        story.fail(&lease, Failure::permanent(*reason));
    }
    let groups = story.pipeline.status().failure_groups;
    let shown: Vec<_> =
        groups.iter().map(|group| (&*group.words, group.items, group.first.as_str())).collect();
    assert_eq!(shown, [("… 404", 2, "work/1"), ("disk full", 1, "work/2")]);
    assert_eq!(groups[0].reason, "https://h.example/0000320193-24-000001.zip: 404");
    // The words of a group select it.
    let only = Selection { reason: Some(groups[0].words.clone()), ..everything() };
    assert_eq!(sweep(&mut story, Deed::Revive, only), [acted(2)]);
    assert_eq!(story.pipeline.status().failure_groups.len(), 1);
}
