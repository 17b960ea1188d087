//! The kinds of rule that the names of all registries come down to, and how each is applied.

use std::borrow::Cow;

use super::calendars::{self, Era};
use super::characters::is_hyphen;
use super::date::{self, Part};
use super::months::Months;
use super::number::Style;

/// What a name in a registry stands for.
#[derive(Clone, Copy)]
pub(in crate::inline) enum Transform {
    /// Always the same text.
    Fixed(&'static str),
    /// A dash of any kind is nought.
    Dash,
    /// A number as printed.
    Number(Style),
    /// A Gregorian date: its parts in order, and the language of its month.
    Date(&'static [Part], Months),
    /// A date of a Japanese era.
    JapaneseEra(Era),
    /// A date of the Indian national calendar.
    IndianNational,
    /// A rule of the SEC.
    Sec(fn(&str) -> Option<Cow<'static, str>>),
}

impl Transform {
    /// The result; `None` when the text is nothing the rule accepts.
    pub(in crate::inline) fn apply(self, text: &str) -> Option<Cow<'static, str>> {
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        match self {
            Transform::Fixed(result) => Some(Cow::Borrowed(result)),
            Transform::Dash => is_dash(text).then_some(Cow::Borrowed("0")),
            Transform::Number(style) => style.read(text).map(Cow::Owned),
            Transform::Date(parts, months) => date::read(text, parts, months).map(Cow::Owned),
            Transform::JapaneseEra(era) => calendars::japanese(text, era).map(Cow::Owned),
            Transform::IndianNational => calendars::indian_national(text).map(Cow::Owned),
            // XML's white space is trimmed; any other at an end is an error in the SEC's test suite.
            Transform::Sec(_)
                if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) =>
            {
                None
            }
            Transform::Sec(rule) => rule(text),
        }
    }
}

fn is_dash(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_hyphen) && characters.next().is_none()
}
