//! Items that the clients of a pipeline name and settle themselves: no worker is given one.
//!
//! Everything is idempotent: an item is named once and done once, whoever says so how often. That a call ended the
//! round's work is told to one caller, by its request id, also when it asks again because the answer was lost.

use std::collections::BTreeSet;
use std::sync::Arc;

use edgraph_shared::ids::ItemKey;
use edgraph_shared::model::{ClientItems, ItemState, PipelineState, WorkItem};

use super::event::{Acted, ClientSays, ItemEnd};
use super::item::{DeathCause, State};
use super::ledger::NAMING;
use super::{Effect, MAX_ITEMS, Pipeline};

impl Pipeline {
    /// What a client says of its items, and whether that ended the round's work.
    pub(super) fn by_client(&mut self, says: ClientSays, request: &str, effects: &mut Vec<Effect>) {
        let was_open = self.takes_work();
        let items = match self.take_in(says) {
            Ok(items) => items,
            Err(reason) => return effects.push(Effect::ItemsRefused { reason }),
        };
        self.check_gate(effects);
        let has_ended = was_open && !self.takes_work();
        if has_ended {
            self.head.ended_by = Arc::from(request);
        }
        let said_before = !request.is_empty() && *self.head.ended_by == *request;
        effects.push(Effect::Acted(Acted { items, ended: has_ended || said_before }));
    }

    fn take_in(&mut self, says: ClientSays) -> Result<u64, String> {
        let Some(rule) = self.head.spec.client_items else {
            return Err("its items are its workers'; start a pipeline with spec.client_items to name and settle items \
                        yourself"
                .into());
        };
        match says {
            ClientSays::Named { mut items, last } => {
                let counted = &self.head.spec.counted_kind;
                for item in &mut items {
                    if item.kind.is_empty() {
                        item.kind.clone_from(counted);
                    } else if item.kind != *counted {
                        let (key, kind) = (&item.key, &item.kind);
                        return Err(format!(
                            "item `{key}`: clients name items of the kind `{counted}`, not `{kind}`"
                        ));
                    }
                }
                for item in &items {
                    self.check_item(item, None).map_err(|reason| format!("item `{}`: {reason}", item.key))?;
                }
                let keys = items.iter().map(|item| &item.key);
                self.check_new(rule, keys)?;
                self.check_bytes(&items)?;
                let before = self.ledger.item_count();
                for item in items {
                    self.add_item(item, None);
                }
                let added = (self.ledger.item_count() - before) as u64;
                if last {
                    self.end_naming();
                }
                self.check_named();
                Ok(added)
            }
            ClientSays::Settled(settled) => {
                let counted = self.head.spec.counted_kind.clone();
                let named: Vec<WorkItem> =
                    settled.iter().map(|(key, _)| WorkItem::new(&counted, key.clone(), "")).collect();
                for (key, outcome) in &settled {
                    self.check_settled(key, outcome)?;
                }
                self.check_new(rule, settled.iter().map(|(key, _)| key))?;
                self.check_bytes(&named)?;
                let mut changed = 0;
                for (item, (key, outcome)) in named.into_iter().zip(settled) {
                    if self.ledger.find(&key).is_none() {
                        self.add_item(item, None);
                    }
                    changed += u64::from(self.settle_by_client(&key, outcome));
                }
                self.check_named();
                Ok(changed)
            }
        }
    }

    /// Whether the pipeline still waits for work of this round.
    fn takes_work(&self) -> bool {
        matches!(self.head.state, PipelineState::Running | PipelineState::Held)
    }

    fn check_settled(&self, key: &ItemKey, outcome: &ItemEnd) -> Result<(), String> {
        let counted = &self.head.spec.counted_kind;
        match self.find(key) {
            Some((ix, _)) if self.kind_name(ix) != counted => {
                return Err(format!(
                    "item `{key}` is of the kind `{}`, which is not its clients'",
                    self.kind_name(ix)
                ));
            }
            Some(_) => {}
            None => self
                .check_item(&WorkItem::new(counted, key.clone(), ""), None)
                .map_err(|reason| format!("item `{key}`: {reason}"))?,
        }
        match outcome {
            ItemEnd::Done { result } => {
                super::settings_of(&self.head.spec, counted).result.check(key, result)
            }
            ItemEnd::Failed { .. } => Ok(()),
        }
    }

    /// Whether those of these items that are new may be added.
    fn check_new<'a>(
        &self,
        rule: ClientItems,
        keys: impl Iterator<Item = &'a ItemKey>,
    ) -> Result<(), String> {
        let new: BTreeSet<&ItemKey> = keys.filter(|key| self.ledger.find(key).is_none()).collect();
        let Some(first) = new.first() else { return Ok(()) };
        if self.head.state != PipelineState::Running {
            return Err(format!("item `{first}` is new, and the pipeline is {}", self.head.state.name()));
        }
        if !self.awaits_names() {
            return Err(format!("item `{first}` is new, and there were to be no more"));
        }
        let expected = self.counts_of(&self.head.spec.counted_kind).expected() + new.len() as u64;
        if rule.expected > 0 && expected > rule.expected {
            return Err(format!(
                "item `{first}` is new, and no more than {} items were expected",
                rule.expected
            ));
        }
        if self.ledger.item_count() + new.len() > MAX_ITEMS {
            return Err(format!("a pipeline has at most {MAX_ITEMS} items"));
        }
        Ok(())
    }

    /// Whether that changed anything.
    fn settle_by_client(&mut self, key: &ItemKey, outcome: ItemEnd) -> bool {
        let Some(ix) = self.ledger.find(key) else { return false };
        let state = &self.ledger.item(ix).state;
        let state = match (state, outcome) {
            // Whoever failed may have been wrong, or somebody else has done it since.
            (State::Ready { .. } | State::Dead { .. }, ItemEnd::Done { result }) if self.takes_work() => {
                State::Succeeded { result: result.into(), skipped: false }
            }
            (State::Ready { .. }, ItemEnd::Failed { reason }) if self.takes_work() => {
                self.ledger.amend(ix, |item, _| {
                    item.failures += 1;
                    item.last_failure = Some(reason.as_str().into());
                });
                State::Dead { reason: reason.into(), cause: DeathCause::Failure }
            }
            _ => return false,
        };
        self.ledger.replace(ix, state);
        true
    }

    /// Begins the time in which clients name items. An item of its own stands for it, which keeps the gate closed.
    pub(super) fn begin_naming(&mut self) {
        if self.head.spec.client_items.is_some() {
            let key = NAMING.parse().expect("short and printable");
            self.add_item(WorkItem::new(NAMING, key, ""), None);
            self.check_named();
        }
    }

    /// Ends it where there are as many as were expected.
    fn check_named(&mut self) {
        let expected = self.head.spec.client_items.map_or(0, |rule| rule.expected);
        if expected > 0 && self.counts_of(&self.head.spec.counted_kind).expected() >= expected {
            self.end_naming();
        }
    }

    fn end_naming(&mut self) {
        let naming = self.ledger.in_state(ItemState::Ready).find(|ix| self.kind_name(*ix) == NAMING);
        if let Some(ix) = naming {
            self.ledger.replace(ix, State::Succeeded { result: "null".into(), skipped: false });
        }
    }

    /// Whether clients may still name items, so that the round cannot end.
    pub(super) fn awaits_names(&self) -> bool {
        self.counts_of(NAMING).ready > 0
    }

    /// Counted items that there will be at least.
    pub(super) fn expected(&self) -> u64 {
        let named = self.counts_of(&self.head.spec.counted_kind).expected();
        let foreseen = self.head.spec.client_items.map_or(0, |rule| rule.expected);
        if self.awaits_names() { named.max(foreseen) } else { named }
    }
}
