//! Axes and members of contexts against their declarations (Dimensions 1.0 section 3.1.4).

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::declared::{Declared, Place, Use, shown};
use crate::model::{Context, Dimension, Instance, Member};
use crate::taxonomy::{Concept, Dts, Substitution};
use crate::{QName, Tally};

/// From an axis to the member that a context means by leaving the axis out (Dimensions 1.0 section 2.6).
const DIMENSION_DEFAULT: &str = "http://xbrl.org/int/dim/arcrole/dimension-default";

/// From an axis to its domains, and on from there to members (Dimensions 1.0 sections 2.5.2 and 2.5.3).
const DIMENSION_DOMAIN: &str = "http://xbrl.org/int/dim/arcrole/dimension-domain";
const DOMAIN_MEMBER: &str = "http://xbrl.org/int/dim/arcrole/domain-member";

/// What a name in the place of an axis is.
#[derive(Clone)]
enum Axis {
    Explicit,
    /// With the element that values are in, where the DTS tells it.
    Typed(Option<QName>),
    /// No axis, or nobody knows: nothing is said of its members.
    Other,
}

pub(super) fn check(instance: &Instance, declared: &mut Declared<'_>, tally: &mut Tally) {
    if instance.contexts.iter().all(|context| context.dimensions.is_empty()) {
        return;
    }
    let mut checks = Checks {
        instance,
        defaults: defaults(declared.dts),
        axes: HashMap::new(),
        members: HashSet::new(),
        domains: None,
        declared,
        tally,
    };
    for context in &instance.contexts {
        context.dimensions.iter().for_each(|dimension| checks.dimension(context, dimension));
    }
}

fn defaults(dts: &Dts) -> HashMap<&QName, &QName> {
    let networks = dts.networks().filter(|network| &**network.arcrole() == DIMENSION_DEFAULT);
    networks.flat_map(|network| network.relationships()).filter_map(|it| it.concepts()).collect()
}

/// What domain-member relationships reach from the domains of axes.
fn domains(dts: &Dts) -> HashSet<&QName> {
    let of = |arcrole: &'static str| {
        let networks = dts.networks().filter(move |network| &**network.arcrole() == arcrole);
        networks.flat_map(|network| network.relationships()).filter_map(|it| it.concepts())
    };
    let mut members: HashMap<&QName, Vec<&QName>> = HashMap::new();
    of(DOMAIN_MEMBER).for_each(|(from, to)| members.entry(from).or_default().push(to));
    let mut pending: Vec<&QName> = of(DIMENSION_DOMAIN).map(|(_, domain)| domain).collect();
    let mut reached = HashSet::new();
    while let Some(name) = pending.pop() {
        if reached.insert(name) {
            pending.extend(members.get(name).into_iter().flatten());
        }
    }
    reached
}

struct Checks<'c, 'a> {
    instance: &'c Instance,
    defaults: HashMap<&'a QName, &'a QName>,
    /// What was found of each name: a faulty one is said where it stands first.
    axes: HashMap<&'c QName, Axis>,
    members: HashSet<&'c QName>,
    /// All that belongs to a domain; looked for when it is asked for, which is hardly ever.
    domains: Option<HashSet<&'a QName>>,
    declared: &'c mut Declared<'a>,
    tally: &'c mut Tally,
}

impl<'c> Checks<'c, '_> {
    fn dimension(&mut self, context: &'c Context, dimension: &'c Dimension) {
        let Dimension { axis, member, .. } = dimension;
        let place = (context.file, context.line);
        let kind = match self.axes.get(axis) {
            Some(kind) => kind.clone(),
            None => {
                let kind = self.axis(axis, place);
                self.axes.insert(axis, kind.clone());
                kind
            }
        };
        match (kind, member) {
            (Axis::Explicit, Member::Typed { .. }) => {
                self.say("member-wrong-kind", place, context, axis, "is explicit and has a typed value");
            }
            (Axis::Typed(_), Member::Explicit(_)) => {
                self.say("member-wrong-kind", place, context, axis, "is typed and has an explicit member");
            }
            (Axis::Typed(Some(wanted)), Member::Typed { element, .. }) if *element != wanted => {
                let message = format!(
                    "has its value in {}, not in {}",
                    shown(self.declared.dts, element),
                    shown(self.declared.dts, &wanted)
                );
                self.say("member-wrong-kind", place, context, axis, &message);
            }
            _ => {}
        }
        let Member::Explicit(member) = member else { return };
        if self.members.insert(member) {
            self.member(member, place);
        }
        if self.defaults.get(axis) == Some(&member) {
            let message = format!("names its default member {}", shown(self.declared.dts, member));
            self.say("member-default", place, context, axis, &message);
        }
    }

    fn axis(&mut self, name: &QName, place: Place) -> Axis {
        let Some(concept) = self.declared.concept(Use::Axis, name, place) else { return Axis::Other };
        match (concept.substitution, &concept.declaration.typed_domain) {
            (Some(Substitution::Dimension), None) => Axis::Explicit,
            (Some(Substitution::Dimension), Some(domain)) => {
                let (resolved, _) = self.declared.dts.concept_by_href(&domain.document, &domain.fragment);
                Axis::Typed(Some(resolved.name).filter(|_| resolved.is_declared))
            }
            _ => {
                if is_known(&concept) {
                    self.tally.add("axis-wrong-kind", &self.instance.files[place.0], place.1, || {
                        format!("{} is used as an axis and is no dimensionItem", concept.prefixed_name())
                    });
                }
                Axis::Other
            }
        }
    }

    /// A member is an item that is neither an axis nor a table (Dimensions 1.0 section 2.5.3). It may be a number there,
    /// but one that is in no domain is a concept put in a member's place.
    fn member(&mut self, name: &QName, place: Place) {
        let Some(concept) = self.declared.concept(Use::Member, name, place) else { return };
        let is_item = concept.substitution == Some(Substitution::Item);
        let is_stray = concept.item_type.is_numeric() == Some(true) && {
            let dts = self.declared.dts;
            !self.domains.get_or_insert_with(|| domains(dts)).contains(name)
        };
        if is_known(&concept) && (!is_item || is_stray) {
            self.tally.add("member-wrong-kind", &self.instance.files[place.0], place.1, || {
                format!("{} is used as a member and is no item of a domain", concept.prefixed_name())
            });
        }
    }

    fn say(&mut self, code: &'static str, place: Place, context: &Context, axis: &QName, what: &str) {
        let dts = self.declared.dts;
        self.tally.add(code, &self.instance.files[place.0], place.1, || {
            format!("the axis {} of context {:?} {what}", shown(dts, axis), context.id)
        });
    }
}

/// Whether the chain of substitution groups ends within the DTS.
fn is_known(concept: &Concept<'_>) -> bool {
    concept.substitution.is_some() || concept.declaration.substitution_group.is_none()
}
