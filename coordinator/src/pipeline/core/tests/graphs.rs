//! Rounds and the one graph that they go to.

use edgraph_shared::model::GRAPH_WRITER;

use super::*;

fn ingester(worker: &str, graph: &str) -> Hello {
    let graph = (!graph.is_empty()).then(|| graph.parse().unwrap());
    Hello { home: Home { graph, ..Home::default() }, ..hello(worker, "i", 1, 1) }
}

fn arrive(core: &mut Core, session: u64, hello: Hello) -> Step {
    core.step(Command::Connected { session: SessionId(session), hello }, NOW, 2)
}

fn complete(core: &mut Core, session: u64, grant: &Grant) -> Vec<Grant> {
    say(core, session, done(grant.lease.clone(), "{}"), NOW);
    grants(say(core, session, WorkerMessage::Credits { free_slots: 1, kinds: Vec::new() }, NOW))
}

fn others(step: &Step) -> Vec<&str> {
    let told = step.news.iter().filter_map(|news| match news {
        News::OtherGraph { worker, .. } => Some(worker.as_str()),
        _ => None,
    });
    told.collect()
}

fn waits(core: &Core) -> String {
    core.pipelines()[&"a".parse().unwrap()].status().waiting_for
}

/// A leader that knows what the one before has kept.
fn successor(core: &Core) -> Core {
    let kept = core
        .pipelines()
        .values()
        .map(|pipeline| (pipeline.head().clone(), pipeline.items().map(|(_, item)| item.clone()).collect()));
    let mut core = Core::restore(Timing::default(), kept.collect(), NOW, NOW);
    core.settle_at(Home { store: Some("s-1".parse().unwrap()), ..Home::default() });
    core
}

#[test]
fn rounds_never_split_over_two_graphs_whoever_leads() {
    let mut core = core_with(&["a", "b"], 2, Some(GRAPH_WRITER));
    let first = grants(arrive(&mut core, 1, ingester("mine", "g-1"))).remove(0);
    assert_eq!(others(&arrive(&mut core, 2, ingester("other", "g-2"))), ["other"]);
    assert_eq!(complete(&mut core, 1, &first).len(), 1, "the next round is the same one's");
    core.step(Command::Disconnected(SessionId(1)), NOW, 3);

    let mut core = successor(&core);
    let later = NOW.plus(Timing::default().lease_ttl * 10);
    core.step(Command::Tick, later, 4);
    let step = arrive(&mut core, 2, ingester("other", "g-2"));
    assert_eq!(others(&step), ["other"]);
    let is_told = |message: &CoordinatorMessage| match message {
        CoordinatorMessage::Welcome(welcome) => {
            let graph = welcome.home.graph.as_ref().map(|graph| graph.as_str());
            graph == Some("g-1") && welcome.home.store.is_some()
        }
        _ => false,
    };
    assert!(step.messages.iter().any(|(_, message)| is_told(message)));
    assert_eq!(grants(step).len(), 0);
    assert_eq!(grants(arrive(&mut core, 3, ingester("older", ""))).len(), 0, "nobody knows what it holds");
    core.step(Command::Tick, later.plus(Duration::from_secs(1)), 4);
    assert_eq!(
        waits(&core),
        "`work` items wait for the ingester of the graph g-1; `older` has another one, or none"
    );
    assert_eq!(grants(arrive(&mut core, 4, ingester("mine", "g-1"))).len(), 1);
    core.step(Command::Tick, later.plus(Duration::from_secs(2)), 4);
    assert_eq!(waits(&core), "");
}

#[test]
fn those_that_came_before_the_first_round_are_named_with_it() {
    let mut core = core_with(&[], 2, Some(GRAPH_WRITER));
    assert_eq!(others(&arrive(&mut core, 1, ingester("one", "g-1"))), [""; 0]);
    assert_eq!(others(&arrive(&mut core, 2, ingester("two", "g-2"))), [""; 0]);
    let spec = Box::new(spec("a", 1, Some(GRAPH_WRITER)));
    let step = core.step(Command::Start { id: None, request_id: String::new(), spec }, NOW, 1);
    assert_eq!(others(&step), ["two"]);
    assert_eq!(grants(step).len(), 1);
}

#[test]
fn workers_without_a_graph_decide_nothing() {
    let mut core = core_with(&["a"], 2, Some(GRAPH_WRITER));
    let first = grants(arrive(&mut core, 1, ingester("older", ""))).remove(0);
    assert_eq!(complete(&mut core, 1, &first).len(), 1);
    let head = core.pipelines()[&"a".parse().unwrap()].head();
    assert_eq!(head.graph, None);
}

#[test]
fn other_work_goes_to_whoever_takes_it() {
    for exclusive in [None, Some("mine")] {
        let mut core = core_with(&[], 2, Some(GRAPH_WRITER));
        let mut start = |id: &str, exclusive| {
            let spec = Box::new(spec(id, 1, exclusive));
            let id = Some(id.parse().unwrap());
            core.step(Command::Start { id, request_id: String::new(), spec }, NOW, 1);
        };
        start("graph", Some(GRAPH_WRITER));
        start("other", exclusive);
        assert_eq!(grants(arrive(&mut core, 1, ingester("mine", "g-1"))).len(), 1);
        let granted = grants(arrive(&mut core, 2, ingester("elsewhere", "")));
        assert_eq!(granted.len(), 1, "{exclusive:?}");
        assert_eq!(granted[0].lease.pipeline.as_str(), "other");
    }
}
