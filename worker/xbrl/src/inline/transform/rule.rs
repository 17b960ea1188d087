//! The kinds of rule that the names of all registries come down to, and how each is applied.

use std::borrow::Cow;

use super::calendars;
use super::characters::is_hyphen;
use super::date::Layout;
use super::number::Style;

/// What a name in a registry stands for.
#[derive(Clone, Copy)]
pub(in crate::inline) enum Transform {
    /// Always the same text, whatever is written.
    Fixed(&'static str),
    /// A hyphen is nought.
    Hyphen,
    /// A dash of any kind is nought.
    Dash,
    /// A number as printed.
    Number(Style),
    /// A Gregorian date.
    Date(Layout),
    /// A Gregorian date in either layout.
    EitherDate(Layout, Layout),
    /// A Gregorian date or a date of a Japanese era, with the marks of Chinese and Japanese after its parts.
    Marked(fn(&str) -> Option<String>),
    /// A date of the Indian national calendar.
    IndianNational,
    /// A rule of the SEC.
    Sec(fn(&str) -> Option<Cow<'static, str>>),
}

impl Transform {
    /// The result; `None` when the text is nothing the rule accepts.
    pub(in crate::inline) fn apply(self, text: &str) -> Option<Cow<'static, str>> {
        if let Transform::Fixed(result) = self {
            return Some(Cow::Borrowed(result));
        }
        // The input types of all registries collapse white space, which is XML's and no other.
        let text = &*collapse(text);
        match self {
            Transform::Fixed(result) => Some(Cow::Borrowed(result)),
            Transform::Hyphen => (text == "-").then_some(Cow::Borrowed("0")),
            Transform::Dash => is_dash(text).then_some(Cow::Borrowed("0")),
            Transform::Number(style) => style.read(text).map(Cow::Owned),
            Transform::Date(layout) => layout.read(text).map(Cow::Owned),
            Transform::EitherDate(one, other) => one.read(text).or_else(|| other.read(text)).map(Cow::Owned),
            Transform::Marked(rule) => rule(text).map(Cow::Owned),
            Transform::IndianNational => calendars::indian_national(text).map(Cow::Owned),
            // Any other white space at an end is an error in the SEC's test suite.
            Transform::Sec(_)
                if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) =>
            {
                None
            }
            Transform::Sec(rule) => rule(text),
        }
    }
}

fn collapse(text: &str) -> Cow<'_, str> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    if !text.contains(['\t', '\r', '\n']) && !text.contains("  ") {
        return Cow::Borrowed(text);
    }
    let words = text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

fn is_dash(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_hyphen) && characters.next().is_none()
}
