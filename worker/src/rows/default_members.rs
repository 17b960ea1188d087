//! Default members: what a fact is of that names no member of an axis (Dimensions 1.0 section 2.7).

use edgraph_xbrl::QName;
use edgraph_xbrl::taxonomy::Dts;
use foldhash::HashMap;

/// Axis to default member.
const DIMENSION_DEFAULT: &str = "http://xbrl.org/int/dim/arcrole/dimension-default";

/// The default members of a DTS by axis, whoever says so: a default holds in every network. An axis has
/// one; of several, the first counts.
pub(super) fn of(dts: &Dts) -> HashMap<&QName, &QName> {
    let networks = dts.networks().filter(|network| &**network.arcrole() == DIMENSION_DEFAULT);
    let mut defaults = HashMap::default();
    for (axis, member) in
        networks.flat_map(|network| network.relationships()).filter_map(|said| said.concepts())
    {
        defaults.entry(axis).or_insert(member);
    }
    defaults
}
