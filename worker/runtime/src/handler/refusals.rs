//! Results of other items that an item cannot use, such as files that are gone. They go with the result.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use edgraph_shared::failure::cut;
use edgraph_shared::ids::ItemKey;
use edgraph_shared::model::{MAX_REFUSAL_LEN, MAX_REFUSED, RefusedResult};

/// Collects refused results. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<BTreeMap<ItemKey, String>>>);

impl Refusals {
    /// Refuses the result of an item of the round: once this item is done, that one is dead with the reason, and a retry
    /// makes it again. Beyond [`MAX_REFUSED`] nothing is added: the next round finds the others.
    pub fn add(&self, key: ItemKey, reason: String) {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() < MAX_REFUSED || refused.contains_key(&key) {
            refused.insert(key, cut(reason, MAX_REFUSAL_LEN));
        }
    }

    pub(crate) fn take(&self) -> Vec<RefusedResult> {
        let refused = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        refused.into_iter().map(|(key, reason)| RefusedResult { key, reason }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_once_in_order_and_no_more_than_a_message_holds() {
        let refusals = Refusals::default();
        for number in (0..MAX_REFUSED + 9).rev() {
            refusals.clone().add(format!("work/{number:04}").parse().unwrap(), "gone".into());
        }
        refusals.add("work/0100".parse().unwrap(), "x".repeat(9_999));
        let taken = refusals.take();
        assert_eq!((taken.len(), taken[0].key.as_str()), (MAX_REFUSED, "work/0009"));
        assert_eq!(taken.iter().map(|one| one.reason.len()).max(), Some(MAX_REFUSAL_LEN));
        assert_eq!(refusals.take(), []);
    }
}
