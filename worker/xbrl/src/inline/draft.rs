//! A tagged fact before its value is known: what the start tag says.

use std::sync::Arc;

use super::capture::{Flow, Span};
use crate::decimal::Sign;
use crate::model::{Fact, FactValue};
use crate::reader::{Unprefixed, XmlElement};
use crate::{Diagnostic, QName};

/// What kind of tag it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    NonNumeric,
    NonFraction,
    Fraction,
}

/// A fact whose references and value are not looked up yet.
pub(super) struct Draft {
    /// The fact as far as it is known; nil until it has a value.
    pub(super) fact: Fact,
    pub(super) tag: Tag,
    pub(super) context: Option<Arc<str>>,
    pub(super) unit: Option<Arc<str>>,
    pub(super) is_nil: bool,
    pub(super) flow: Flow,
    pub(super) span: Span,
    pub(super) continued_at: Option<Arc<str>>,
    pub(super) format: Option<Format>,
    pub(super) scale: i64,
    pub(super) sign: Sign,
    /// The numerator and denominator of a fraction, as drafts of their own kind.
    pub(super) terms: Vec<Draft>,
}

/// The `format` attribute.
pub(super) enum Format {
    Known(QName),
    /// As written: the prefix is not declared.
    Unknown(Arc<str>),
}

impl Draft {
    /// Reads the attributes of a tag in file number `file`.
    pub(super) fn new(
        element: &mut XmlElement<'_, '_>,
        tag: Tag,
        file: usize,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let concept = match element.resolve_attribute("name", Unprefixed::DefaultNamespace) {
            Some(Some(name)) => name,
            // A fraction's numerator and denominator have no name.
            None if tag == Tag::Fraction && element.local() != "fraction" => element.name().clone(),
            _ => {
                let written = element.attribute("name").unwrap_or_default().trim().to_owned();
                findings.push(("concept-invalid", format!("the concept {written:?} is no name in scope")));
                QName { namespace: element.intern(""), local: element.intern(&written) }
            }
        };
        let format =
            element.resolve_attribute("format", Unprefixed::DefaultNamespace).map(|format| match format {
                Some(name) => Format::Known(name),
                None => Format::Unknown(Arc::from(element.attribute("format").unwrap_or_default())),
            });
        let scale = match element.attribute("scale").map(|scale| (scale, parse_integer(scale))) {
            Some((_, Some(scale))) => scale,
            Some((written, None)) => {
                findings.push((
                    "scale-invalid",
                    format!("the scale {written:?} of {concept} is no integer; taken as 0"),
                ));
                0
            }
            None => 0,
        };
        // Only numbers have a sign; Inline XBRL 1.1 gives it no other value.
        let sign = match element.attribute("sign").map(str::trim) {
            Some("-") => Sign::Negated,
            Some(written) if tag != Tag::NonNumeric => {
                let message = format!("the sign {written:?} of {concept} is no \"-\"; taken as none");
                findings.push(("sign-invalid", message));
                Sign::AsWritten
            }
            _ => Sign::AsWritten,
        };
        let is_escaped =
            element.attribute("escape").is_some_and(|escape| matches!(escape.trim(), "true" | "1"));
        let fact = Fact {
            id: element.attribute("id").map(|id| Arc::from(id.trim())),
            concept,
            context: None,
            unit: None,
            is_numeric: tag != Tag::NonNumeric,
            value: FactValue::Nil,
            canonical: None,
            decimals: element.intern_attribute("decimals"),
            precision: element.intern_attribute("precision"),
            language: element.language(),
            file,
            line: element.line(),
        };
        Self {
            fact,
            tag,
            context: element.intern_attribute("contextRef"),
            unit: element.intern_attribute("unitRef").filter(|_| tag != Tag::NonNumeric),
            is_nil: element.is_nil(),
            flow: if is_escaped && tag == Tag::NonNumeric { Flow::Markup } else { Flow::Plain },
            span: Span::default(),
            continued_at: element.intern_attribute("continuedAt").filter(|_| tag == Tag::NonNumeric),
            format,
            scale,
            sign,
            terms: Vec::new(),
        }
    }
}

/// What a draft found wrong with its own tag: code and message of a [`Diagnostic`].
pub(super) type Finding = (&'static str, String);

/// An `xs:integer`, which may have a plus.
fn parse_integer(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// Makes a diagnostic of a finding.
pub(super) fn diagnostic((code, message): Finding, file: &Arc<str>, line: u32) -> Diagnostic {
    Diagnostic::new(code, file, line, message)
}
