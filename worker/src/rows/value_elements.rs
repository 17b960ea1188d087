//! Facts whose values name elements: extensible enumerations.

use edgraph_xbrl::enumeration::NamedElements;

use super::elements::Elements;
use super::occurrences::Occurrences;
use super::tables::{Collector, table};

/// Relates facts to the elements that their values name.
pub(super) fn write(
    rows: &mut Collector,
    named: &[NamedElements],
    occurrences: &Occurrences<'_>,
    elements: &mut Elements<'_>,
) {
    for NamedElements { fact, elements: names } in named {
        let Some(fact) = occurrences.statement(*fact) else { continue };
        for (place, name) in (1..).zip(names) {
            let element = elements.identifier(name);
            rows.relate(const { table("FACT_HAS_VALUE_ELEMENT") }, fact, element, [i32::into(place)]);
        }
    }
}
