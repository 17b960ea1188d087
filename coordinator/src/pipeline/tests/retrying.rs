//! What happens to very many items at once happens in several steps, and to all of them.

use super::*;
use crate::pipeline::MAX_CHANGED_PER_STEP;

const MANY: usize = 2 * MAX_CHANGED_PER_STEP + 5;

/// All items leased at once.
fn leased() -> Story {
    let mut spec = spec(DeadPolicy::FinishWithout { max_dead: 0, max_dead_fraction: 1.0 });
    spec.roots = (0..MANY).map(|n| item("work", &format!("work/{n}"))).collect();
    let mut story = Story::with(spec);
    story.pipeline.take_changes();
    for n in 0..MANY {
        story.grant(&format!("work/{n}"));
    }
    story
}

fn lease(n: usize) -> LeaseRef {
    LeaseRef {
        pipeline: "p".parse().unwrap(),
        key: format!("work/{n}").parse().unwrap(),
        token: FencingToken(1),
        lease_id: LeaseId(1 + n as u64),
    }
}

/// Items that each of the next events changes, until none does any more.
fn steps(story: &mut Story, first: Event) -> Vec<usize> {
    let mut changed = Vec::new();
    let mut event = Some(first);
    loop {
        let event = event.take().unwrap_or(Event::Tick { jitter: 0.5 });
        let effects = story.pipeline.apply(event, story.now).expect("legal");
        story.effects.extend(effects);
        match story.pipeline.take_changes() {
            Some(changes) => changed.push(changes.items.len()),
            None => return changed,
        }
    }
}

#[test]
fn leases_that_expire_together_end_in_steps() {
    let mut story = leased();
    story.now = story.now.plus(TTL);
    let ended = steps(&mut story, Event::Tick { jitter: 0.5 });
    assert_eq!(ended, [MAX_CHANGED_PER_STEP, MAX_CHANGED_PER_STEP, 5]);
    assert_eq!(story.pipeline.status().tasks.leased, 0);
}

#[test]
fn a_retry_of_many_goes_on_in_steps_and_the_gate_waits_for_the_last() {
    let mut story = leased();
    for n in 1..MANY {
        story.fail(&lease(n), Failure::permanent("broken"));
    }
    let dead = MANY - 1;
    assert_eq!(steps(&mut story, retry()), [MAX_CHANGED_PER_STEP, MAX_CHANGED_PER_STEP, 4]);
    assert_eq!(story.effects.last(), Some(&acted(dead as u64)));
    assert_eq!(story.pipeline.status().tasks.dead, 0);

    // After the end, too: with the first step alone nothing is over, though all that is back is done.
    for n in 1..MANY {
        let lease = story.grant(&format!("work/{n}"));
        story.fail(&lease, Failure::permanent("broken"));
    }
    assert_eq!(story.complete(&lease(0)), SettleAnswer::Accepted);
    story.accept_list();
    story.work("load/1");
    story.apply(retry());
    assert_eq!(story.pipeline.next_alarm(), Some(Millis::ZERO));
    assert_eq!(story.pipeline.status().waiting_for, "its dead items are being put back");
    for n in 1..=MAX_CHANGED_PER_STEP {
        story.work(&format!("work/{n}"));
    }
    assert_eq!((story.state(), story.gates_fired()), (PipelineState::Running, 1));

    // What dies again behind the place where it goes on stays dead.
    story.apply(Event::Tick { jitter: 0.5 });
    story.kill(&format!("work/{}", MAX_CHANGED_PER_STEP + 1));
    assert_eq!(steps(&mut story, Event::Tick { jitter: 0.5 }), [4]);
    assert_eq!(story.pipeline.status().tasks.dead, 1);
    story.apply(Event::Cancel);
    assert_eq!(story.state(), PipelineState::Cancelling);
}

fn by_reason(words: &str) -> Selection {
    Selection { reason: Some(words.to_owned()), ..Selection::default() }
}

#[test]
fn a_retry_of_one_cause_leaves_the_others_dead_in_however_many_steps() {
    let mut story = leased();
    for n in 1..MANY {
        let cause = if n % 2 == 0 { "no schema Xyz at host" } else { "damaged archive" };
        story.fail(&lease(n), Failure::permanent(cause));
    }
    let (all, even) = (MANY as u64 - 1, MANY as u64 / 2);
    assert_eq!(story.pipeline.count_meant(Deed::Revive, &by_reason("schema xyz")), even);
    steps(&mut story, Event::Sweep(Deed::Revive, by_reason("schema xyz")));
    assert_eq!(story.effects.last(), Some(&acted(even)));
    assert_eq!(story.pipeline.status().tasks.dead, all - even);
    // What comes back begins with budgets as new; what does not is as it was.
    let item = |story: &Story, n: usize| {
        story.pipeline.find(&format!("work/{n}").parse().unwrap()).unwrap().1.clone()
    };
    assert_eq!(
        (item(&story, 2).state.name(), item(&story, 3).state.name()),
        (ItemState::Ready, ItemState::Dead)
    );

    // After the end: of nothing that is dead, nothing happens; of some, a round begins and ends with the others dead.
    for n in (2..MANY).step_by(2) {
        story.work(&format!("work/{n}"));
    }
    assert_eq!(story.complete(&lease(0)), SettleAnswer::Accepted);
    story.accept_list();
    story.work("load/1");
    assert_eq!(story.state(), PipelineState::CompletedWithFailures);
    let of_kind = |kind: &str| Selection { kind: Some(kind.into()), ..Selection::default() };
    for none in [by_reason("schema"), of_kind("load")] {
        assert_eq!(story.apply(Event::Sweep(Deed::Revive, none)), [acted(0)]);
        assert_eq!(story.state(), PipelineState::CompletedWithFailures);
    }

    // A finish item that is dead, too, is retried alone where it alone is meant, and given up where work is.
    for (only, expected) in
        [(of_kind("load"), PipelineState::Finishing), (of_kind("work"), PipelineState::Running)]
    {
        let mut story =
            Story::discovered(2, DeadPolicy::FinishWithout { max_dead: 9, max_dead_fraction: 1.0 });
        story.kill("work/1");
        story.work("work/2");
        story.accept_list();
        story.kill("load/1");
        assert_eq!(story.state(), PipelineState::Failed);
        assert_eq!(story.apply(Event::Sweep(Deed::Revive, only)), [acted(1)]);
        assert_eq!(story.state(), expected);
    }
}
