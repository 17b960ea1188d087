//! All rounds go to one graph: the one that the first of them went to.
//!
//! An item that writes the graph is a round's way into it. A second ingester with a graph of its own, such as that of a
//! standby that has taken over, would split the rounds over two graphs without anybody noticing. Which graph it is stands
//! in the head of every pipeline that has been there, committed with the lease that took it there.

use std::collections::BTreeSet;

use edgraph_shared::ids::{GraphId, WorkerId};
use edgraph_shared::model::{GRAPH_WRITER, Hello};

use super::{Core, Gathered, News};
use crate::pipeline::fleet::{Fleet, Worker};
use crate::pipeline::ledger::Kind;

impl Core {
    /// Whether this worker's graph is the one that items of this kind go to, if they go to any.
    pub(super) fn is_way_to_graph(&self, worker: &WorkerId, kind: &Kind) -> bool {
        let is_way = |worker| is_way(self.home.graph.as_ref(), worker);
        !is_for_graph(kind) || self.fleet.worker(worker).is_some_and(is_way)
    }

    /// An item goes to this worker: the graph that the round goes to by it. The first one decides for all.
    pub(super) fn graph_of_round(&mut self, worker: &WorkerId, gathered: &mut Gathered) -> Option<GraphId> {
        if self.home.graph.is_none() {
            self.home.graph = self.fleet.worker(worker)?.graph.clone();
            let others = self.fleet.workers().filter_map(|(id, other)| Some((id, other.graph.as_ref()?)));
            gathered.step.news.extend(others.filter_map(|(id, graph)| self.other_graph(id, graph)));
        }
        self.home.graph.clone()
    }

    /// Tells of a worker that has just arrived with another graph.
    pub(super) fn note_graph(&self, hello: &Hello, gathered: &mut Gathered) {
        let graph = hello.home.graph.as_ref();
        gathered.step.news.extend(graph.and_then(|graph| self.other_graph(&hello.worker, graph)));
    }

    fn other_graph(&self, worker: &WorkerId, graph: &GraphId) -> Option<News> {
        let expected = self.home.graph.as_ref().filter(|expected| *expected != graph)?;
        Some(News::OtherGraph { worker: worker.clone(), graph: graph.clone(), expected: expected.clone() })
    }
}

/// Why no worker takes items of a kind; `taken` are the kinds that some worker takes.
pub(super) fn why_untaken(
    graph: Option<&GraphId>,
    fleet: &Fleet,
    taken: &BTreeSet<&str>,
    kind: &Kind,
) -> Option<String> {
    if !taken.contains(&*kind.name) {
        return Some(format!("no worker takes `{}`", kind.name));
    }
    let graph = graph.filter(|_| is_for_graph(kind))?;
    let mut takers = fleet.handlers(&kind.name).peekable();
    let (first, _) = *takers.peek()?;
    if takers.any(|(_, worker)| is_way(Some(graph), worker)) {
        return None;
    }
    Some(format!(
        "`{}` items wait for the ingester of the graph {graph}; `{first}` has another one, or none",
        kind.name
    ))
}

/// Whether items of this kind are a round's way into the graph.
pub(super) fn is_for_graph(kind: &Kind) -> bool {
    kind.settings.exclusive.as_deref() == Some(GRAPH_WRITER)
}

fn is_way(graph: Option<&GraphId>, worker: &Worker) -> bool {
    graph.is_none_or(|graph| worker.graph.as_ref() == Some(graph))
}
