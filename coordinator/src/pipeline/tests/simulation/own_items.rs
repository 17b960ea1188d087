//! Clients that do the work themselves: they name items, settle them, and are told once that they ended the round.

use std::collections::BTreeMap;

use edgraph_shared::ids::{ItemKey, PipelineId};
use edgraph_shared::model::{ClientItems, PipelineSpec, WorkItem};

use super::chance::Chance;
use super::client::ClientOp;
use super::faults::Fault;
use super::leader::Leading;
use super::world::World;
use crate::pipeline::item::State;
use crate::pipeline::{Acted, ClientSays, ItemEnd};

/// The items of one pipeline, as its client knows them.
pub(super) struct OwnItems {
    total: u64,
    turn: u64,
    /// When it was first asked for what has been taken in as done.
    done: BTreeMap<ItemKey, u64>,
    /// Said, and not answered: said again in the same words.
    unanswered: Option<(ClientSays, String)>,
    /// Requests that were told that they ended a round, with when they were made.
    ended: Vec<(u32, String, u64)>,
}

/// What a request said.
pub(super) struct Said {
    request: String,
    done: Vec<ItemKey>,
}

impl Said {
    pub(super) fn by(op: &ClientOp) -> Option<Self> {
        let ClientOp::Says(_, says, request) = op else { return None };
        let settled = match says {
            ClientSays::Named { .. } => &[][..],
            ClientSays::Settled(settled) => settled,
        };
        let done = settled.iter().filter(|(_, end)| matches!(end, ItemEnd::Done { .. }));
        Some(Self { request: request.clone(), done: done.map(|(key, _)| key.clone()).collect() })
    }
}

fn key(n: u64) -> ItemKey {
    format!("own/{n}").parse().unwrap()
}

impl OwnItems {
    /// Makes the counted items of a pipeline its client's.
    pub(super) fn of(spec: &mut PipelineSpec, chance: &mut Chance) -> Self {
        let total = chance.between(1, 6);
        let expected = if chance.percent(50) { total } else { 0 };
        spec.client_items = Some(ClientItems { expected });
        spec.counted_kind = "own".into();
        if chance.percent(50) {
            spec.roots.clear();
        }
        Self { total, turn: 0, done: BTreeMap::new(), unanswered: None, ended: Vec::new() }
    }

    /// What was said is refused.
    pub(super) fn refused(&mut self) {
        self.unanswered = None;
    }

    /// The pipeline was lost.
    pub(super) fn begin_anew(&mut self) {
        self.unanswered = None;
        self.done.clear();
        self.ended.clear();
    }
}

impl World {
    /// What the client says of its own items next, if it has some.
    pub(super) fn own_op(&mut self, client: usize, known: usize, id: &PipelineId) -> Option<ClientOp> {
        let calm = !self.in_trouble();
        let request = format!("r{:x}", self.chance.next());
        let own = self.clients[client].known[known].own.as_mut()?;
        if let Some((says, request)) = own.unanswered.clone() {
            return Some(ClientOp::Says(id.clone(), says, request));
        }
        // When nothing interferes any more, everything in turn: what was cancelled cannot be settled, and what is settled
        // beside it would be refused with it.
        own.turn += 1;
        let step = match calm {
            true => own.turn % (own.total + 2),
            false => self.chance.between(0, own.total + 1),
        };
        let says = match step.checked_sub(2) {
            None if step == 0 => return None,
            None => {
                let named = if calm { own.total } else { self.chance.between(0, own.total) };
                let item = |n| WorkItem::new(if n % 2 == 0 { "" } else { "own" }, key(n), "");
                ClientSays::Named { items: (0..named).map(item).collect(), last: named == own.total }
            }
            Some(n) => {
                let end = match calm || self.chance.percent(70) {
                    true => ItemEnd::Done { result: "{}".into() },
                    false => ItemEnd::Failed { reason: "not today".into() },
                };
                ClientSays::Settled(vec![(key(n), end)])
            }
        };
        own.unanswered = Some((says.clone(), request.clone()));
        self.faults.count(Fault::OwnItems);
        Some(ClientOp::Says(id.clone(), says, request))
    }

    pub(super) fn own_items_heard(
        &mut self,
        client: usize,
        known: usize,
        asked_at: u64,
        said: Said,
        acted: Acted,
        round: u32,
    ) {
        let lost_until = self.history.lost_until;
        let asks_again = self.in_trouble() && self.chance.percent(30);
        let Some(own) = &mut self.clients[client].known[known].own else { return };
        // As if the answer was lost on its way.
        own.unanswered = own.unanswered.take().filter(|_| asks_again);
        own.done.retain(|_, at| *at > lost_until);
        own.ended.retain(|(.., at)| *at > lost_until);
        if acted.items > 0 && asked_at > lost_until {
            own.done.extend(said.done.into_iter().map(|key| (key, asked_at)));
        }
        if !acted.ended {
            return;
        }
        let told = own.ended.iter().find(|(of, ..)| *of == round).cloned();
        let fault = if told.is_some() { Fault::EndToldAgain } else { Fault::EndTold };
        if asked_at > lost_until {
            own.ended.push((round, said.request.clone(), asked_at));
        }
        self.faults.count(fault);
        if let Some((_, other, _)) = told.filter(|(_, other, _)| *other != said.request) {
            let request = said.request;
            self.violate(|| format!("round {round} was ended by the request {other}, and by {request}"));
        }
    }

    /// What was taken in as done is done.
    pub(super) fn compare_own_items(&self, leading: &Leading) -> Result<(), String> {
        for known in self.clients.iter().flat_map(|client| &client.known) {
            let (Some(own), Some(id)) = (&known.own, &known.id) else { continue };
            let done = own.done.iter().filter(|(_, at)| **at > self.history.lost_until);
            for (key, _) in done {
                let item = leading.core.pipelines().get(id).and_then(|pipeline| pipeline.find(key));
                let is_done = item.is_some_and(|(_, item)| matches!(item.state, State::Succeeded { .. }));
                if !is_done && !self.history.refused.contains_key(&(id.clone(), key.clone())) {
                    return Err(format!("{key} of `{id}` was taken in as done, and is {item:?}"));
                }
            }
        }
        Ok(())
    }
}
