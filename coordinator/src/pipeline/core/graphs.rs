//! All rounds go to one graph: the one that the first of them went to.
//!
//! An item of a kind with one writer at a time is a round's way into a graph. A second ingester with a graph of its
//! own, such as that of a standby that has taken over, would split the rounds over two graphs without anybody noticing.
//! Which graph it is stands in the head of every pipeline that has been there, committed with the lease that took it
//! there.

use std::collections::BTreeSet;

use edgraph_shared::ids::{GraphId, WorkerId};
use edgraph_shared::model::Hello;

use super::{Core, Gathered, News};
use crate::pipeline::fleet::{Fleet, Worker};
use crate::pipeline::ledger::Kind;

impl Core {
    /// Whether this worker's graph is the one that such items go to.
    pub(super) fn is_way_to_graph(&self, worker: &WorkerId, kind: &Kind) -> bool {
        let is_way = |worker| is_way(self.home.graph.as_ref(), worker, kind);
        kind.settings.exclusive.is_none() || self.fleet.worker(worker).is_some_and(is_way)
    }

    /// An item goes to this worker: the graph that the round goes to by it. The first one decides for all.
    pub(super) fn graph_of_round(
        &mut self,
        worker: &WorkerId,
        has_one_writer: bool,
        gathered: &mut Gathered,
    ) -> Option<GraphId> {
        if !has_one_writer {
            return None;
        }
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
    let graph = graph.filter(|_| kind.settings.exclusive.is_some())?;
    let mut takers = fleet.handlers(&kind.name).peekable();
    let (first, _) = *takers.peek()?;
    if takers.any(|(_, worker)| is_way(Some(graph), worker, kind)) {
        return None;
    }
    Some(format!(
        "`{}` items wait for the ingester of the graph {graph}; `{first}` has another one",
        kind.name
    ))
}

fn is_way(graph: Option<&GraphId>, worker: &Worker, kind: &Kind) -> bool {
    kind.settings.exclusive.is_none() || graph.is_none_or(|graph| worker.graph.as_ref() == Some(graph))
}
