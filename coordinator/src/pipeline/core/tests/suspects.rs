//! An item that ends every process that runs it: it costs itself, and hardly its neighbours.

use edgraph_shared::model::ItemState;

use super::*;

/// Ends whoever runs it.
const CULPRIT: &str = "a/3";
/// More than these backoffs and a TTL.
const LATER: Duration = Duration::from_secs(60);

/// What a process is given when it starts.
fn started(core: &mut Core, life: u64, slots: u32, now: Millis) -> Vec<Grant> {
    let hello = hello("w", &format!("i{life}"), slots, slots);
    grants(core.step(Command::Connected { session: SessionId(life), hello }, now, life))
}

fn complete(core: &mut Core, session: u64, grant: &Grant, now: Millis) -> Vec<Grant> {
    let credit = WorkerMessage::Credits { free_slots: 1, kinds: Vec::new() };
    let mut granted = grants(say(core, session, done(grant.lease.clone(), "{}"), now));
    granted.extend(grants(say(core, session, credit, now)));
    granted
}

#[test]
fn an_item_that_ends_its_process_dies_alone() {
    let mut core = core_with(&["a"], 6, None);
    let mut now = NOW;
    let mut neighbours = Vec::new();
    for life in 1..100 {
        now = now.plus(LATER);
        core.step(Command::Tick, now, life);
        let mut held = started(&mut core, life, 6, now);
        while !held.is_empty() {
            if held.iter().any(|grant| grant.lease.key.as_str() == CULPRIT) {
                neighbours.push(held.len() - 1);
                break;
            }
            let grant = held.remove(0);
            held.extend(complete(&mut core, life, &grant, now));
        }
        core.step(Command::Disconnected(SessionId(life)), now, life);
    }
    let items: Vec<_> =
        core.pipelines()[&"a".parse().unwrap()].items().map(|(_, item)| item.clone()).collect();
    for item in items {
        let expected = if item.key.as_str() == CULPRIT { ItemState::Dead } else { ItemState::Succeeded };
        assert_eq!(item.state.name(), expected, "{} after {neighbours:?}", item.key);
    }
    assert_eq!(neighbours, [5, 5, 0, 0, 0], "nothing runs beside an item under suspicion");
}

#[test]
fn a_busy_worker_is_cleared_for_an_item_under_suspicion() {
    let mut core = core_with(&["a"], 1, None);
    for life in 1..=2 {
        assert_eq!(started(&mut core, life, 2, NOW).len(), 1);
        core.step(Command::Disconnected(SessionId(life)), NOW, life);
    }
    // Lost twice. Another process of the same name takes what else there is, and would never be idle by itself.
    let spec = Box::new(spec("b", 50, None));
    core.step(Command::Start { id: Some("b".parse().unwrap()), request_id: String::new(), spec }, NOW, 1);
    let mut held = started(&mut core, 3, 2, NOW);
    let now = NOW.plus(LATER);
    core.step(Command::Tick, now, 9);
    let mut completed = 0;
    while held.first().is_some_and(|grant| grant.lease.key.as_str() != "a/0") {
        let grant = held.remove(0);
        held.extend(complete(&mut core, 3, &grant, now));
        completed += 1;
        assert!(completed < 10, "the item under suspicion is starved");
    }
    assert_eq!(held.len(), 1, "and runs alone");
    assert!(!complete(&mut core, 3, &held[0], now).is_empty(), "others follow when it is done");
}
