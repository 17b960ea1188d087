//! `xbrldt:targetRole`: where a dimensional relationship goes on (Dimensions 1.0 section 2.4.3).

use foldhash::{HashSet, HashSetExt};

use crate::Tally;
use crate::taxonomy::{Dts, Linkbase};

/// The role that needs no roleRef.
const STANDARD: &str = "http://www.xbrl.org/2003/role/link";
/// What the arcroles of Dimensions start with.
const DIMENSIONS: &str = "http://xbrl.org/int/dim/arcrole/";

/// Checks the filing's own linkbases; each role is said once in each of them.
pub(super) fn check(dts: &Dts, tally: &mut Tally) {
    let mut in_use: Option<HashSet<&str>> = None;
    for loaded in dts.documents().iter().filter(|loaded| loaded.is_own) {
        for linkbase in loaded.document.linkbases() {
            let target_roles = target_roles(linkbase);
            let role_refs = linkbase.role_refs.iter().filter(|_| !target_roles.is_empty());
            let named: HashSet<&str> = role_refs.map(|role_ref| &*role_ref.uri).chain([STANDARD]).collect();
            for (role, line) in target_roles {
                let in_use = in_use.get_or_insert_with(|| {
                    let networks = dts.networks().filter(|network| network.arcrole().starts_with(DIMENSIONS));
                    networks.map(|network| &**network.role()).collect()
                });
                let what = if !named.contains(role) {
                    "no roleRef of its linkbase names"
                } else if !in_use.contains(role) {
                    "has no dimensional relationships"
                } else {
                    continue;
                };
                tally.add("target-role-unresolved", &loaded.url, line, || {
                    format!("an arc goes on in role {role:?}, which {what}")
                });
            }
        }
    }
}

/// The target roles of a linkbase, each with the line of the first arc that has it.
fn target_roles(linkbase: &Linkbase) -> Vec<(&str, u32)> {
    let mut seen = HashSet::new();
    let arcs = linkbase.links.iter().flat_map(|link| &link.arcs);
    let roles = arcs.filter_map(|arc| Some((arc.target_role.as_deref()?, arc.line)));
    roles.filter(|(role, _)| !role.is_empty() && seen.insert(*role)).collect()
}
