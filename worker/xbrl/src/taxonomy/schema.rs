//! What one taxonomy schema says: its elements, types, roles, and where it leads.
//!
//! Plain data with look-ups by name and id. A schema knows nothing of the others: a type's base is a name here, and
//! the chain is walked in [`super::concept`].

mod parse;

use std::sync::Arc;

use foldhash::HashMap;

use super::href::Href;
use super::linkbase::Linkbase;
use crate::QName;
use crate::name::ns;

pub(crate) use parse::{open, parse};

/// A taxonomy schema.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The target namespace; empty when there is none, as in a schema written to be included.
    pub target_namespace: Arc<str>,
    /// Prefix bindings on the root, `(prefix, namespace)` in document order, without the default namespace.
    pub prefixes: Vec<(Arc<str>, Arc<str>)>,
    /// Global element declarations in document order.
    pub elements: Vec<ElementDeclaration>,
    /// Named type declarations in document order.
    pub types: Vec<TypeDeclaration>,
    /// `link:roleType`, in document order.
    pub role_types: Vec<RoleType>,
    /// `link:arcroleType`, in document order.
    pub arcrole_types: Vec<ArcroleType>,
    /// `xs:import`, in document order.
    pub imports: Vec<Import>,
    /// Absolute URLs of `xs:include` and `xs:redefine`, in document order.
    pub includes: Vec<Arc<str>>,
    /// `link:linkbaseRef`, in document order.
    pub linkbase_refs: Vec<LinkbaseRef>,
    /// Linkbases written inside the schema.
    pub linkbases: Vec<Linkbase>,
    /// Whether an element is a tuple (XBRL 2.1 section 4.9).
    pub declares_tuples: bool,
    by_name: HashMap<Arc<str>, u32>,
    by_id: HashMap<Arc<str>, u32>,
    types_by_name: HashMap<Arc<str>, u32>,
    role_types_by_uri: HashMap<Arc<str>, u32>,
}

impl Schema {
    /// The prefix the schema itself binds to its target namespace.
    pub fn prefix(&self) -> Option<&Arc<str>> {
        self.prefixes
            .iter()
            .find(|(_, namespace)| *namespace == self.target_namespace)
            .map(|(prefix, _)| prefix)
    }

    /// A global element by its local name.
    pub fn element(&self, local: &str) -> Option<&ElementDeclaration> {
        self.by_name.get(local).map(|&index| &self.elements[index as usize])
    }

    /// A global element by its `id`.
    pub fn element_by_id(&self, id: &str) -> Option<&ElementDeclaration> {
        self.by_id.get(id).map(|&index| &self.elements[index as usize])
    }

    /// A named type by its local name.
    pub fn type_declaration(&self, local: &str) -> Option<&TypeDeclaration> {
        self.types_by_name.get(local).map(|&index| &self.types[index as usize])
    }

    /// The declaration of a role.
    pub fn role_type(&self, uri: &str) -> Option<&RoleType> {
        self.role_types_by_uri.get(uri).map(|&index| &self.role_types[index as usize])
    }

    /// Builds the look-ups; of two declarations with one name the first counts.
    fn index(&mut self) {
        self.by_name.reserve(self.elements.len());
        self.by_id.reserve(self.elements.len());
        for (index, element) in (0u32..).zip(&self.elements) {
            self.by_name.entry(element.name.clone()).or_insert(index);
            let group = element.substitution_group.as_ref();
            self.declares_tuples |= group.is_some_and(|group| group.is(ns::XBRLI, "tuple"));
            if let Some(id) = &element.id {
                self.by_id.entry(id.clone()).or_insert(index);
            }
        }
        for (index, declaration) in (0u32..).zip(&self.types) {
            self.types_by_name.entry(declaration.name.clone()).or_insert(index);
        }
        for (index, role) in (0u32..).zip(&self.role_types) {
            self.role_types_by_uri.entry(role.uri.clone()).or_insert(index);
        }
    }
}

/// A global element declaration.
#[derive(Clone, Debug, Default)]
pub struct ElementDeclaration {
    /// The `id`, which locators point to.
    pub id: Option<Arc<str>>,
    /// The local name, in the schema's target namespace.
    pub name: Arc<str>,
    /// The `type` attribute.
    pub type_name: Option<QName>,
    /// An anonymous type inside the element; its name is the element's.
    pub anonymous_type: Option<TypeDeclaration>,
    /// The `substitutionGroup`.
    pub substitution_group: Option<QName>,
    /// Whether no fact can be of this element.
    pub is_abstract: bool,
    /// Whether a fact of it may be nil.
    pub is_nillable: bool,
    /// `xbrli:periodType`.
    pub period_type: Option<PeriodType>,
    /// `xbrli:balance`.
    pub balance: Option<Balance>,
    /// `xbrldt:typedDomainRef`: where the domain of a typed dimension is declared.
    pub typed_domain: Option<Href>,
    /// Which child of the schema's root it is, from 1: what the XPointer `element(/1/n)` counts.
    pub position: u32,
    /// The line it starts on.
    pub line: u32,
}

/// Whether a concept is measured at a moment or over time (XBRL 2.1 section 5.1.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PeriodType {
    /// At a moment.
    Instant,
    /// Over a stretch of time.
    Duration,
}

impl PeriodType {
    /// The word in the schema.
    pub fn as_str(self) -> &'static str {
        match self {
            PeriodType::Instant => "instant",
            PeriodType::Duration => "duration",
        }
    }
}

/// On which side of the books a positive amount stands (XBRL 2.1 section 5.1.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Balance {
    /// Assets and expenses.
    Debit,
    /// Liabilities, equity and income.
    Credit,
}

impl Balance {
    /// The word in the schema.
    pub fn as_str(self) -> &'static str {
        match self {
            Balance::Debit => "debit",
            Balance::Credit => "credit",
        }
    }
}

/// A named simple or complex type, reduced to what a type chain needs.
#[derive(Clone, Debug, Default)]
pub struct TypeDeclaration {
    /// The local name, in the schema's target namespace.
    pub name: Arc<str>,
    /// What it restricts or extends; `None` for lists, unions and types built from nothing.
    pub base: Option<QName>,
    /// Whether it lists the values it allows.
    pub has_enumeration: bool,
    /// What it says of white space itself; without a word, its base says it.
    pub white_space: Option<WhiteSpace>,
}

/// What becomes of white space in a value (XML Schema part 2 section 4.3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhiteSpace {
    /// It stays.
    Preserve,
    /// Every tab and line end becomes a blank.
    Replace,
    /// Replaced, then runs become one blank, and none stays at either end.
    Collapse,
}

/// `link:roleType`: a role of links, labels or references (XBRL 2.1 section 5.1.3).
#[derive(Clone, Debug, Default)]
pub struct RoleType {
    /// The role.
    pub uri: Arc<str>,
    /// The `id`, which roleRefs point to.
    pub id: Option<Arc<str>>,
    /// The definition, white space trimmed.
    pub definition: Option<Arc<str>>,
    /// The elements it may be used on.
    pub used_on: Vec<QName>,
    /// The line it starts on.
    pub line: u32,
}

/// `link:arcroleType`: a kind of relationship (XBRL 2.1 section 5.1.4).
#[derive(Clone, Debug, Default)]
pub struct ArcroleType {
    /// The arcrole.
    pub uri: Arc<str>,
    /// The `id`, which arcroleRefs point to.
    pub id: Option<Arc<str>>,
    /// The definition, white space trimmed.
    pub definition: Option<Arc<str>>,
    /// The arcs it may be used on.
    pub used_on: Vec<QName>,
    /// `cyclesAllowed` as written.
    pub cycles_allowed: Option<Arc<str>>,
    /// The line it starts on.
    pub line: u32,
}

/// `xs:import`.
#[derive(Clone, Debug)]
pub struct Import {
    /// The namespace; empty for names in no namespace.
    pub namespace: Arc<str>,
    /// The absolute URL; `None` when the import names no document.
    pub location: Option<Arc<str>>,
}

/// `link:linkbaseRef`.
#[derive(Clone, Debug)]
pub struct LinkbaseRef {
    /// The role, such as `http://www.xbrl.org/2003/role/labelLinkbaseRef`.
    pub role: Option<Arc<str>>,
    /// Where the linkbase is; a fragment means one embedded in a schema.
    pub href: Href,
}
