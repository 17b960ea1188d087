//! Ends that are to be recorded, and pipelines that come back.

use super::*;
use crate::pipeline::Back;

fn cancelled(core: &mut Core, id: &str) -> Step {
    core.step(Command::Cancel(id.parse().unwrap()), NOW, 4)
}

/// A pipeline as its record has it.
fn back(core: &Core, id: &str) -> Back {
    let pipeline = &core.pipelines()[&id.parse().unwrap()];
    let items = pipeline.items().map(|(_, item)| item.clone()).collect();
    Back::of(pipeline.head().clone(), items).unwrap()
}

fn restore(core: &mut Core, back: Back, now: Millis) -> (Result<bool, CommandError>, usize) {
    let step = core.step(Command::Restore(Box::new(back)), now, 5);
    let restored = step.reply.unwrap().map(|reply| match reply {
        Reply::Restored(_, is_new) => is_new,
        other => panic!("{other:?}"),
    });
    (restored, step.changes.len())
}

#[test]
fn an_end_is_to_be_recorded_with_its_step_and_again_until_it_is() {
    let mut core = core_with(&["a", "b"], 2, None);
    let [end] = cancelled(&mut core, "a").finished.try_into().unwrap();
    assert_eq!(end.pipeline.as_str(), "a");
    assert_eq!(core.step(Command::WriteAgain, NOW, 5).finished, std::slice::from_ref(&end));
    let End { pipeline, version } = end;
    let recorded = core.step(Command::Recorded { pipeline, version }, NOW, 6);
    assert_eq!((recorded.changes.len(), recorded.finished.len()), (1, 0));
    assert!(core.step(Command::WriteAgain, NOW, 7).finished.is_empty());
}

#[test]
fn a_pipeline_comes_back_once_and_over_nothing_that_is_there() {
    let mut core = core_with(&["a"], 2, None);
    cancelled(&mut core, "a");
    let (kept, again) = (back(&core, "a"), back(&core, "a"));
    let mut other = core_with(&["a"], 1, None);
    assert_eq!(restore(&mut other, back(&core, "a"), NOW), (Ok(false), 0), "another runs under the id");
    assert_eq!(other.pipelines()[&"a".parse().unwrap()].items().count(), 1);

    let mut wiped = core_with(&[], 0, None);
    let later = NOW.plus(Timing::default().retention * 2);
    assert_eq!(restore(&mut wiped, kept, later), (Ok(true), 1));
    assert_eq!(restore(&mut wiped, again, later), (Ok(false), 0));
    wiped.step(Command::Tick, later.plus(Timing::default().retention), 6);
    assert_eq!(wiped.pipelines().len(), 1, "retention counts from the return");
    wiped.step(Command::Tick, later.plus(Timing::default().retention * 2), 6);
    assert_eq!(wiped.pipelines().len(), 0);
}

#[test]
fn what_is_set_aside_is_known_and_stays() {
    let mut core = core_with(&["a"], 2, None);
    cancelled(&mut core, "a");
    let mut wiped = core_with(&[], 0, None);
    wiped.set_aside("a".parse().unwrap(), SetAside::damaged("two items are lost"));
    let (refused, changes) = restore(&mut wiped, back(&core, "a"), NOW);
    assert!(matches!(refused, Err(CommandError::Damaged { .. })), "{refused:?}");
    assert_eq!(changes, 0);
}

#[test]
fn the_graph_of_what_came_back_is_the_fleets() {
    let mut core = core_with(&["a", "b"], 1, None);
    let mut wiped = core_with(&[], 0, None);
    for (id, created, graph) in [("b", 2, "g-2"), ("a", 1, "g-1")] {
        cancelled(&mut core, id);
        let pipeline = &core.pipelines()[&id.parse().unwrap()];
        let head =
            Head { created: Millis(created), graph: Some(graph.parse().unwrap()), ..pipeline.head().clone() };
        let items = pipeline.items().map(|(_, item)| item.clone()).collect();
        assert_eq!(restore(&mut wiped, Back::of(head, items).unwrap(), NOW).0, Ok(true));
    }
    assert_eq!(wiped.home.graph, Some("g-2".parse().unwrap()), "that of the newest, as for the next leader");
}
