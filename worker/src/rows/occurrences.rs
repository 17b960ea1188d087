//! Which statement each tagged item became part of.

use edgraph_shared::graph_id::NodeId;
use edgraph_xbrl::QName;
use edgraph_xbrl::model::{Fact, Instance};
use foldhash::HashMap;

use super::distinct_facts::{self, Statement};

/// Statements by what their occurrences say, for the few things that hang on single tagged items.
pub(super) struct Occurrences<'a> {
    facts: &'a [Fact],
    by_id: HashMap<&'a str, &'a Statement<'a>>,
    by_content: HashMap<Content<'a>, NodeId>,
}

/// What an item without an id is found by.
type Content<'a> = (&'a QName, Option<usize>, Option<usize>, Option<&'a str>, &'a str);

fn content(fact: &Fact) -> Content<'_> {
    (&fact.concept, fact.context, fact.unit, distinct_facts::language(fact), fact.value.as_str())
}

impl<'a> Occurrences<'a> {
    pub(super) fn of(instance: &'a Instance, statements: &'a [Statement<'a>]) -> Self {
        let ids = |statement: &'a Statement<'a>| statement.fact_ids.iter().map(move |id| (*id, statement));
        Self {
            facts: &instance.facts,
            by_id: statements.iter().rev().flat_map(ids).collect(),
            by_content: statements.iter().map(|known| (content(known.fact), known.identifier)).collect(),
        }
    }

    /// The statement of the fact with this index. An item without an id is found by its first equal in the same context:
    /// EDGAR's facts have ids wherever anything refers to them.
    pub(super) fn statement(&self, fact: usize) -> Option<NodeId> {
        let fact = &self.facts[fact];
        // Of two facts with one id, which is wrong, only the first is found by it.
        let named = fact.id.as_deref().and_then(|id| self.by_id.get(id));
        let named = named.filter(|statement| {
            let found = statement.fact;
            (&found.concept, found.value.as_str()) == (&fact.concept, fact.value.as_str())
        });
        named.map(|statement| statement.identifier).or_else(|| self.by_content.get(&content(fact)).copied())
    }
}
