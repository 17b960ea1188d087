//! A set of items as bits in blocks: where there are many, each costs a bit, and a page is found without a look at the
//! items before it.

use std::collections::BTreeMap;

use super::item::ItemIx;

const BLOCK: u32 = u64::BITS;

/// See the module's documentation.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct IxSet {
    /// None is empty.
    blocks: BTreeMap<u32, u64>,
}

impl IxSet {
    /// Adds an item that may be there.
    pub fn insert(&mut self, ix: ItemIx) {
        *self.blocks.entry(ix.0 / BLOCK).or_default() |= 1 << (ix.0 % BLOCK);
    }

    /// Takes out an item that may be there.
    pub fn remove(&mut self, ix: ItemIx) {
        let at = ix.0 / BLOCK;
        let Some(bits) = self.blocks.get_mut(&at) else { return };
        *bits &= !(1 << (ix.0 % BLOCK));
        if *bits == 0 {
            self.blocks.remove(&at);
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The oldest.
    pub fn first(&self) -> Option<ItemIx> {
        let (at, bits) = self.blocks.first_key_value()?;
        Some(ItemIx(at * BLOCK + bits.trailing_zeros()))
    }

    /// All in order of creation.
    pub fn iter(&self) -> impl Iterator<Item = ItemIx> {
        self.from(ItemIx(0))
    }

    /// All from this one on, in order of creation.
    pub fn from(&self, first: ItemIx) -> impl Iterator<Item = ItemIx> {
        let (block, earlier) = (first.0 / BLOCK, first.0 % BLOCK);
        self.blocks.range(block..).flat_map(move |(at, bits)| {
            let bits = if *at == block { bits & (u64::MAX << earlier) } else { *bits };
            ones(bits).map(move |one| ItemIx(at * BLOCK + one))
        })
    }
}

fn ones(bits: u64) -> impl Iterator<Item = u32> {
    let some = |bits: u64| (bits != 0).then_some(bits);
    std::iter::successors(some(bits), move |bits| some(bits & (bits - 1))).map(u64::trailing_zeros)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set(steps in prop::collection::vec((any::<bool>(), 0u32..200), 0..80), from in 0u32..220) {
            let (mut set, mut expected) = (IxSet::default(), BTreeSet::new());
            for (is_in, ix) in steps {
                let ix = ItemIx(if ix < 100 { ix } else { u32::MAX - ix });
                if is_in {
                    set.insert(ix);
                    expected.insert(ix);
                } else {
                    set.remove(ix);
                    expected.remove(&ix);
                }
                prop_assert_eq!(set.first(), expected.first().copied());
                prop_assert_eq!(set.is_empty(), expected.is_empty());
            }
            for from in [from, u32::MAX - from].map(ItemIx) {
                let rest: Vec<ItemIx> = expected.range(from..).copied().collect();
                prop_assert_eq!(set.from(from).collect::<Vec<_>>(), rest);
            }
        }
    }
}
