//! Names that the DTS declares, and those it should.
//!
//! A schema that is missing is said once, by its URL: what it would have declared is no fault of the filing. A whole
//! namespace that nothing leads to is one fault, not one for each of its names.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::HashMap;

use crate::model::Instance;
use crate::taxonomy::{Concept, Dts, ElementDeclaration};
use crate::{QName, Tally};

/// What an undeclared name was used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    Concept,
    Axis,
    Member,
}

impl Use {
    fn code(self) -> &'static str {
        match self {
            Use::Concept => "concept-undeclared",
            Use::Axis => "axis-undeclared",
            Use::Member => "member-undeclared",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Use::Concept => "concept",
            Use::Axis => "axis",
            Use::Member => "member",
        }
    }
}

/// Where a name was used: an index of a file, and a line.
pub(super) type Place = (usize, u32);

/// A name as people write it: with the DTS's prefix where it has one.
pub(super) fn shown(dts: &Dts, name: &QName) -> String {
    match dts.prefix(&name.namespace) {
        Some(prefix) => format!("{prefix}:{}", name.local),
        None => name.to_string(),
    }
}

/// Looks names up, and remembers those nobody declares.
pub(super) struct Declared<'a> {
    pub(super) dts: &'a Dts,
    namespaces: HashMap<Arc<str>, Namespace>,
    undeclared: BTreeMap<(Use, QName), Place>,
}

#[derive(Clone, Copy)]
struct Namespace {
    has_schema: bool,
    is_complete: bool,
}

impl<'a> Declared<'a> {
    pub(super) fn new(dts: &'a Dts) -> Self {
        Self { dts, namespaces: HashMap::default(), undeclared: BTreeMap::new() }
    }

    /// The declaration of a fact's concept, used first at `place`.
    pub(super) fn declaration(&mut self, name: &QName, place: Place) -> Option<&'a ElementDeclaration> {
        let found = self.dts.declaration(name);
        if found.is_none() {
            self.remember(Use::Concept, name, place);
        }
        found
    }

    /// The concept that is an axis or a member, used first at `place`.
    pub(super) fn concept(&mut self, of: Use, name: &QName, place: Place) -> Option<Concept<'a>> {
        let found = self.dts.concept(name);
        if found.is_none() {
            self.remember(of, name, place);
        }
        found
    }

    /// Says what nobody declares.
    pub(super) fn report(self, instance: &Instance, tally: &mut Tally) {
        let mut whole: BTreeMap<(Use, &Arc<str>), (Place, usize)> = BTreeMap::new();
        for ((of, name), place) in &self.undeclared {
            let Namespace { has_schema, is_complete } = self.namespaces[&name.namespace];
            if has_schema && is_complete {
                let file = &instance.files[place.0];
                tally.add(of.code(), file, place.1, || {
                    format!("the {} {name} is not declared by the schema of its namespace", of.word())
                });
            } else if is_complete {
                let (first, names) = whole.entry((*of, &name.namespace)).or_insert((*place, 0));
                *first = (*first).min(*place);
                *names += 1;
            }
        }
        for ((of, namespace), (place, names)) in whole {
            let file = &instance.files[place.0];
            tally.add(of.code(), file, place.1, || {
                let what = of.word();
                format!("no schema of the DTS is of namespace {namespace:?}, which has {names} {what} name(s) in use")
            });
        }
    }

    fn remember(&mut self, of: Use, name: &QName, place: Place) {
        let dts = self.dts;
        self.namespaces.entry(name.namespace.clone()).or_insert_with_key(|namespace| Namespace {
            has_schema: dts.has_schema(namespace),
            is_complete: dts.is_complete_for(namespace),
        });
        self.undeclared.entry((of, name.clone())).or_insert(place);
    }
}
