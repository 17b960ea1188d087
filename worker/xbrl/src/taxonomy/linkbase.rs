//! What one linkbase says: extended links with their locators, resources and arcs, as written.
//!
//! Plain data. Arcs join locators and resources here, not concepts: resolving locators and applying prohibition and
//! priority need the whole DTS and happen in [`super::base_set`].

mod labels;
mod arc;
mod parse;
mod resource;

use std::ops::Range;
use std::sync::Arc;

use super::href::Href;
use crate::QName;

pub(crate) use parse::parse;

/// A linkbase, a document of its own or embedded in a schema.
#[derive(Clone, Debug, Default)]
pub struct Linkbase {
    /// `link:roleRef`, in document order.
    pub role_refs: Vec<RoleRef>,
    /// `link:arcroleRef`, in document order.
    pub arcrole_refs: Vec<RoleRef>,
    /// Extended links in document order.
    pub links: Vec<ExtendedLink>,
}

/// `link:roleRef` or `link:arcroleRef`: where a role used here is declared.
#[derive(Clone, Debug)]
pub struct RoleRef {
    /// The role or arcrole.
    pub uri: Arc<str>,
    /// Where its declaration is.
    pub href: Href,
}

/// An extended link: a bundle of arcs under one role (XBRL 2.1 section 3.5.3).
#[derive(Clone, Debug)]
pub struct ExtendedLink {
    /// Which of the standard links it is.
    pub kind: LinkKind,
    /// The element's name; part of what makes two relationships comparable.
    pub name: QName,
    /// `xlink:role`; empty when missing (a diagnostic says so).
    pub role: Arc<str>,
    /// Locators in document order.
    pub locators: Vec<Locator>,
    /// Resources in document order.
    pub resources: Vec<Resource>,
    /// Arcs in document order.
    pub arcs: Vec<LinkArc>,
    /// What bears each label that arcs name, label by label, in document order.
    pub bearers: Vec<Bearer>,
    /// Labels of arcs that nothing bears, and the lines of these arcs.
    pub unknown_labels: Vec<(Arc<str>, u32)>,
    /// The line it starts on.
    pub line: u32,
}

/// What bears a label: a locator or a resource of the link, by its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the two elements that have labels")]
pub enum Bearer {
    Locator(u32),
    Resource(u32),
}

/// The kinds of extended link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LinkKind {
    /// `link:presentationLink`.
    Presentation,
    /// `link:calculationLink`.
    Calculation,
    /// `link:definitionLink`.
    Definition,
    /// `link:labelLink`.
    Label,
    /// `link:referenceLink`.
    Reference,
    /// `link:footnoteLink`.
    Footnote,
    /// Any other, such as `gen:link`.
    Other,
}

/// `link:loc`: a name, inside its link, for something elsewhere.
#[derive(Clone, Debug)]
pub struct Locator {
    /// Where it points: a number in the document's places.
    pub place: u32,
    /// The line it starts on.
    pub line: u32,
}

/// A label, reference or other resource written inside a link.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The element's name, such as `link:label`.
    pub name: QName,
    /// `xlink:role`; empty when there is none.
    pub role: Arc<str>,
    /// `xml:lang`, its own or inherited.
    pub language: Option<Arc<str>>,
    /// The `id`, by which another linkbase can prohibit it.
    pub id: Option<Arc<str>>,
    /// The text, ends trimmed. Embedded XHTML is flattened, its blocks on lines of their own; a reference's parts are
    /// lines too.
    pub text: Arc<str>,
    /// Child elements with text, in document order: the parts of a reference.
    pub parts: Vec<(QName, Arc<str>)>,
    /// The line it starts on.
    pub line: u32,
}

/// An arc from one label to another, standing for every pair of what bears these labels.
#[derive(Clone, Debug)]
pub struct LinkArc {
    /// The element's name, such as `link:presentationArc`.
    pub name: QName,
    /// `xlink:arcrole`; empty when missing (a diagnostic says so).
    pub arcrole: Arc<str>,
    /// What bears the label in `xlink:from`: a range of the link's bearers.
    pub from: Range<u32>,
    /// The same of `xlink:to`.
    pub to: Range<u32>,
    /// `order`, 1 by default.
    pub order: f64,
    /// `priority`, 0 by default.
    pub priority: i64,
    /// `use`.
    pub usage: ArcUse,
    /// `weight`, of calculation arcs.
    pub weight: Option<f64>,
    /// `preferredLabel`, of presentation arcs: the role of the label to show.
    pub preferred_label: Option<Arc<str>>,
    /// `xbrldt:targetRole`: the role in which a dimensional relationship goes on.
    pub target_role: Option<Arc<str>>,
    /// `xbrldt:usable`, true by default.
    pub usable: Option<bool>,
    /// `xbrldt:closed`, false by default.
    pub closed: Option<bool>,
    /// `xbrldt:contextElement`, `segment` or `scenario`.
    pub context_element: Option<Arc<str>>,
    /// Further attributes, sorted by name; they take part in equivalence (XBRL 2.1 section 3.5.3.9.7.4). Attributes
    /// of the XLink namespace do not, and `id` says nothing about the relationship.
    pub other: Vec<(QName, Arc<str>)>,
    /// The line it starts on.
    pub line: u32,
}

/// Whether an arc states relationships or takes them back (XBRL 2.1 section 3.5.3.9.7.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ArcUse {
    /// It states them.
    #[default]
    Optional,
    /// It prohibits equivalent relationships of its own or a lower priority.
    Prohibited,
}
