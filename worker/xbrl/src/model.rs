//! What an instance says, whether classic or inline: contexts, units and fact occurrences.
//!
//! Plain data in document order. Nothing here knows a taxonomy: a concept is a name, and whether it is declared is
//! the business of [`crate::taxonomy`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};

use crate::{QName, decimal};

/// One instance document (or one set of inline documents) as parsed.
#[derive(Clone, Debug, Default)]
pub struct Instance {
    /// What kind of document it was.
    pub source: Source,
    /// The files read, in order; [`Fact::file`] indexes them.
    pub files: Vec<Arc<str>>,
    /// `link:schemaRef/@xlink:href`, made absolute: where the DTS starts.
    pub schema_refs: Vec<Arc<str>>,
    /// `link:linkbaseRef/@xlink:href`, made absolute.
    pub linkbase_refs: Vec<Arc<str>>,
    /// Contexts in document order, used or not.
    pub contexts: Vec<Context>,
    /// Units in document order, used or not.
    pub units: Vec<Unit>,
    /// Fact occurrences in document order.
    pub facts: Vec<Fact>,
    /// Targets of an inline document set beside the one that was read, each a report of its own, with the number of
    /// facts tagged for it. The default target has no name (Inline XBRL 1.1 section 3.1).
    pub other_targets: BTreeMap<Arc<str>, usize>,
    /// Footnotes in document order, those that no fact has included.
    pub footnotes: Vec<Footnote>,
    /// Which facts have which footnotes, in document order, each once.
    pub footnote_arcs: Vec<FootnoteArc>,
    /// What texts of facts mean where they are names, by the prefixes in scope at the fact: index into
    /// [`Instance::facts`], ascending, and the name. Whether a fact is of a type of names only a taxonomy tells.
    pub names_in_values: Vec<(usize, QName)>,
    /// Prefix bindings seen on the root, `(prefix, namespace)` in document order: the conventional prefixes of the
    /// concepts' namespaces.
    pub prefixes: Vec<(Arc<str>, Arc<str>)>,
}

/// What kind of document an [`Instance`] came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// A classic XBRL 2.1 instance; also EDGAR's own extraction, `*_htm.xml`.
    #[default]
    Instance,
    /// An Inline XBRL document or document set.
    Inline,
}

/// A context: who, when, and along which dimensions (XBRL 2.1 section 4.7).
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    /// The `id` facts refer to.
    pub id: Arc<str>,
    /// Who.
    pub entity: Entity,
    /// When.
    pub period: Period,
    /// Dimension members, sorted by axis (no two with one axis), whatever their order in the document.
    pub dimensions: Vec<Dimension>,
    /// What its segment and scenario hold beside dimensions, as canonical text: part of what the context is about, and
    /// unread. `None` in almost every filing.
    pub other: Option<Arc<str>>,
    /// Index into [`Instance::files`].
    pub file: usize,
    /// The line its element starts on, from 1.
    pub line: u32,
}

/// An entity identifier.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entity {
    /// The scheme, for EDGAR `http://www.sec.gov/CIK`.
    pub scheme: Arc<str>,
    /// The identifier, white space trimmed.
    pub identifier: Arc<str>,
}

/// A period, its ends inclusive as people write them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Period {
    /// A moment: the end of the named day, or the named time.
    Instant(Moment),
    /// From the start of one day to the end of another.
    Duration {
        /// The first day.
        start: Moment,
        /// The last day.
        end: Moment,
    },
    /// Always.
    Forever,
}

/// A day, or a time on it.
///
/// XBRL 2.1 section 4.7.2: a date without a time is the *start* of that day as a start, the *end* of it as an end or
/// instant. An end or instant written `T00:00:00` is therefore the end of the day before, and is kept as that day
/// without a time; a start written `T00:00:00` is kept as its day without a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment {
    /// The day.
    pub date: NaiveDate,
    /// The time, where it is neither the start nor the end of the day that the date alone would mean.
    pub time: Option<NaiveTime>,
}

/// One dimension of a context.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dimension {
    /// The axis.
    pub axis: QName,
    /// The member.
    pub member: Member,
    /// Where it was written.
    pub container: Container,
}

/// A dimension's member.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Member {
    /// A domain member, by name.
    Explicit(QName),
    /// A typed value.
    Typed {
        /// The element around the value.
        element: QName,
        /// Its text, white space collapsed; empty when nil.
        value: Arc<str>,
        /// Whether it was nil.
        is_nil: bool,
    },
}

/// The part of the context a dimension was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Container {
    /// `xbrli:entity/xbrli:segment`.
    Segment,
    /// `xbrli:scenario`.
    Scenario,
}

/// A unit of measure (XBRL 2.1 section 4.8), numerators and denominators sorted.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// The `id` facts refer to.
    pub id: Arc<str>,
    /// What is multiplied; one measure in most units.
    pub numerators: Vec<QName>,
    /// What divides; empty without `xbrli:divide`.
    pub denominators: Vec<QName>,
}

/// One fact occurrence: one tagged item.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The `id` attribute; the same in an inline document and EDGAR's extraction of it.
    pub id: Option<Arc<str>>,
    /// The concept's name.
    pub concept: QName,
    /// Index into [`Instance::contexts`]; `None` when the reference leads nowhere (a diagnostic says so).
    pub context: Option<usize>,
    /// Index into [`Instance::units`]; `None` for non-numeric facts, or when the reference leads nowhere.
    pub unit: Option<usize>,
    /// Whether the fact is numeric: it was written with a `unitRef` (or as `ix:nonFraction` / `ix:fraction`).
    pub is_numeric: bool,
    /// The value.
    pub value: FactValue,
    /// What all values that equal this one share, where its type is known and is not one of text: such a fact has no
    /// language. A key, not for people; set by [`crate::value::by_type`].
    pub canonical: Option<Arc<str>>,
    /// `decimals` as written, `INF` or an integer, white space trimmed.
    pub decimals: Option<Arc<str>>,
    /// `precision` as written; a fact has one of the two, or neither.
    pub precision: Option<Arc<str>>,
    /// `xml:lang`, inherited from ancestors.
    pub language: Option<Arc<str>>,
    /// Index into [`Instance::files`].
    pub file: usize,
    /// The line its element starts on, from 1.
    pub line: u32,
}

/// A fact's value.
#[derive(Clone, Debug, PartialEq)]
pub enum FactValue {
    /// `xsi:nil="true"`.
    Nil,
    /// A number in canonical decimal text: no exponent, no leading `+`, no leading or trailing zeros that say
    /// nothing, no `-0`. Exact: neither `decimals` nor binary floating point has touched it. An `xs:double` may be `INF`,
    /// `-INF` or `NaN`, too.
    Number(Arc<str>),
    /// Text as it stands after transformation. For a numeric fact whose text is not a number (a diagnostic says
    /// so), the text as written.
    Text(Arc<str>),
}

impl Fact {
    /// How exact a number is: `decimals`, or what `precision` comes to (XBRL 2.1 section 4.6.6).
    pub fn exactness(&self) -> Option<Cow<'_, str>> {
        match (&self.decimals, &self.precision, &self.value) {
            (Some(decimals), ..) => Some(Cow::Borrowed(decimals)),
            (None, Some(precision), FactValue::Number(number)) => {
                decimal::decimals_of_precision(number, precision).map(Cow::Owned)
            }
            _ => None,
        }
    }

    /// The language of a text. Numbers, dates and truth values have none, though `xml:lang` is inherited by them like
    /// by any element.
    pub fn text_language(&self) -> Option<&str> {
        if self.is_numeric || self.canonical.is_some() { None } else { self.language.as_deref() }
    }
}

impl FactValue {
    /// The text, empty when nil.
    pub fn as_str(&self) -> &str {
        match self {
            FactValue::Nil => "",
            FactValue::Number(text) | FactValue::Text(text) => text,
        }
    }
}

/// A note on facts (XBRL 2.1 section 4.11, Inline XBRL 1.1 section 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footnote {
    /// What it says, without markup: blocks on lines of their own, white space as a browser shows it.
    pub text: Arc<str>,
    /// Its content with the XHTML elements in it; `None` where there are none.
    pub markup: Option<Arc<str>>,
    /// `xml:lang`, its own or inherited.
    pub language: Option<Arc<str>>,
    /// What kind of note it is, the standard role where it does not say.
    pub role: Arc<str>,
    /// Index into [`Instance::files`].
    pub file: usize,
    /// The line its element starts on, from 1.
    pub line: u32,
}

/// A fact has a footnote.
#[derive(Clone, Debug, PartialEq)]
pub struct FootnoteArc {
    /// Index into [`Instance::facts`].
    pub fact: usize,
    /// Index into [`Instance::footnotes`].
    pub footnote: usize,
    /// What the footnote is to the fact.
    pub arcrole: Arc<str>,
    /// `order`, 1 by default.
    pub order: f64,
}
