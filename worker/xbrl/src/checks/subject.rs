//! What facts are about, as numbers: contexts, units and concepts that are equal are one, whatever their ids.

use std::hash::{Hash, Hasher};

use foldhash::{HashMap, HashMapExt};

use crate::QName;
use crate::model::{Context, Instance};

/// An instance with its equals found.
pub(super) struct Subjects<'a> {
    pub(super) instance: &'a Instance,
    /// The concepts of facts, in order of their first use.
    pub(super) concepts: Vec<&'a QName>,
    numbers: HashMap<&'a QName, u32>,
    /// The concept of each fact, by its place among the concepts.
    pub(super) concept_of: Vec<u32>,
    contexts: Vec<u32>,
    units: Vec<u32>,
}

impl<'a> Subjects<'a> {
    pub(super) fn of(instance: &'a Instance) -> Self {
        let mut concepts = Vec::new();
        let mut numbers: HashMap<&QName, u32> = HashMap::with_capacity(instance.facts.len() / 2);
        let mut number = |name: &'a QName| {
            *numbers.entry(name).or_insert_with(|| {
                concepts.push(name);
                count(concepts.len() - 1)
            })
        };
        let concept_of = instance.facts.iter().map(|fact| number(&fact.concept)).collect();
        let contexts = firsts(instance.contexts.iter().map(Said));
        let units = firsts(instance.units.iter().map(|unit| (&unit.numerators, &unit.denominators)));
        Self { instance, concepts, numbers, concept_of, contexts, units }
    }

    /// The number of a concept that has facts.
    pub(super) fn concept(&self, name: &QName) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The first context that says what this one says.
    pub(super) fn context(&self, index: usize) -> u32 {
        self.contexts[index]
    }

    /// The first unit that is this one.
    pub(super) fn unit(&self, index: usize) -> u32 {
        self.units[index]
    }
}

/// For each thing the place of the first that equals it.
fn firsts<T: Hash + Eq>(things: impl Iterator<Item = T>) -> Vec<u32> {
    let mut seen: HashMap<T, u32> = HashMap::with_capacity(things.size_hint().0);
    things.enumerate().map(|(index, thing)| *seen.entry(thing).or_insert(count(index))).collect()
}

pub(super) fn count(index: usize) -> u32 {
    u32::try_from(index).expect("bounded by the size of the document")
}

/// What a context says. A dimension is the same in a segment and in a scenario (Dimensions 1.0 section 3.1.4.1).
struct Said<'a>(&'a Context);

impl Hash for Said<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Context { entity, period, dimensions, other, .. } = self.0;
        (entity, period, other).hash(state);
        dimensions.iter().for_each(|dimension| (&dimension.axis, &dimension.member).hash(state));
    }
}

impl PartialEq for Said<'_> {
    fn eq(&self, with: &Self) -> bool {
        let (this, that) = (self.0, with.0);
        this.dimensions.len() == that.dimensions.len()
            && (&this.entity, &this.period, &this.other) == (&that.entity, &that.period, &that.other)
            && this
                .dimensions
                .iter()
                .zip(&that.dimensions)
                .all(|(a, b)| (&a.axis, &a.member) == (&b.axis, &b.member))
    }
}

impl Eq for Said<'_> {}
