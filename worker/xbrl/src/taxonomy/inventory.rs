//! What is in a DTS, counted and listed as written: before prohibition, without resolving anything.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::linkbase::{ExtendedLink, LinkKind};
use super::loaded::Loaded;
use super::schema::RoleType;

/// A role of extended links that the DTS uses.
#[derive(Clone, Debug)]
pub struct Role<'a> {
    /// The role.
    pub uri: &'a Arc<str>,
    /// Its declaration, when the DTS has one.
    pub declaration: Option<&'a RoleType>,
    /// The kinds of links that bear it, in order of first use.
    pub kinds: &'a [LinkKind],
    /// Whether a link of the filing's own bears it.
    pub is_own: bool,
}

/// What the filing's own documents contain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Arcs in presentation links.
    pub presentation_arcs: usize,
    /// Arcs in calculation links.
    pub calculation_arcs: usize,
    /// Arcs in definition links.
    pub definition_arcs: usize,
    /// Arcs in label links.
    pub label_arcs: usize,
    /// Label resources.
    pub labels: usize,
    /// Distinct roles of presentation, calculation and definition links.
    pub roles: usize,
    /// Role declarations.
    pub role_types: usize,
}

impl Counts {
    pub(crate) fn of_own(documents: &[Loaded]) -> Self {
        let mut counts = Self::default();
        let mut roles = HashSet::new();
        for loaded in documents.iter().filter(|loaded| loaded.is_own) {
            counts.role_types += loaded.document.schema().map_or(0, |schema| schema.role_types.len());
            for link in links(loaded) {
                match link.kind {
                    LinkKind::Presentation => counts.presentation_arcs += link.arcs.len(),
                    LinkKind::Calculation => counts.calculation_arcs += link.arcs.len(),
                    LinkKind::Definition => counts.definition_arcs += link.arcs.len(),
                    LinkKind::Label => {
                        counts.label_arcs += link.arcs.len();
                        counts.labels += link.resources.len();
                    }
                    LinkKind::Reference | LinkKind::Footnote | LinkKind::Other => {}
                }
                if matches!(link.kind, LinkKind::Presentation | LinkKind::Calculation | LinkKind::Definition)
                {
                    roles.insert(&*link.role);
                }
            }
        }
        counts.roles = roles.len();
        counts
    }
}

/// A role in use, without its declaration.
#[derive(Debug)]
pub(crate) struct UsedRole {
    pub(crate) uri: Arc<str>,
    pub(crate) kinds: Vec<LinkKind>,
    pub(crate) is_own: bool,
}

/// The roles of extended links, in order of first use.
pub(crate) fn used_roles(documents: &[Loaded]) -> Vec<UsedRole> {
    let mut roles: Vec<UsedRole> = Vec::new();
    let mut by_uri: HashMap<&str, usize> = HashMap::new();
    for loaded in documents {
        for link in links(loaded) {
            let index = *by_uri.entry(&*link.role).or_insert_with(|| {
                roles.push(UsedRole { uri: link.role.clone(), kinds: Vec::new(), is_own: false });
                roles.len() - 1
            });
            let role = &mut roles[index];
            role.is_own |= loaded.is_own;
            if !role.kinds.contains(&link.kind) {
                role.kinds.push(link.kind);
            }
        }
    }
    roles
}

fn links(loaded: &Loaded) -> impl Iterator<Item = &ExtendedLink> {
    loaded.document.linkbases().iter().flat_map(|linkbase| &linkbase.links)
}
