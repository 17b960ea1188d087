//! Facts whose values name elements: extensible enumerations.

use edgraph_shared::graph_id::NodeId;
use edgraph_xbrl::enumeration::NamedElements;

use super::elements::Elements;
use super::tables::{Collector, table};

/// Relates facts to the elements that their values name. `facts` are the Facts of the instance's.
pub(super) fn write(
    rows: &mut Collector,
    named: &[NamedElements],
    facts: &[NodeId],
    elements: &mut Elements<'_>,
) {
    for NamedElements { fact, elements: names } in named {
        for (place, name) in (1..).zip(names) {
            let element = elements.identifier(name);
            rows.relate(const { table("FACT_HAS_VALUE_ELEMENT") }, facts[*fact], element, [i32::into(place)]);
        }
    }
}
