//! Transformations: from text as people print it to the lexical form of a data type.
//!
//! The five registries of XBRL International (`ixt`) and the SEC's (`ixt-sec`). A name stands for a rule, and many
//! names for the same rule; where a later registry relaxed a rule, the relaxed one serves all of them, since the
//! question here is what a filing says and not whether it kept to the letter.

mod calendars;
mod date;
mod duration;
mod months;
mod number;
mod place_names;
mod places;
mod registry;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;

use crate::QName;
use calendars::Era;
use date::Part;
use months::Months;
use number::Style;

/// What a name in a registry stands for.
#[derive(Clone, Copy)]
pub(super) enum Transform {
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

/// The transformation with this name.
pub(super) fn find(name: &QName) -> Option<Transform> {
    registry::find(&name.namespace, &name.local)
}

impl Transform {
    /// The result; `None` when the text is nothing the rule accepts.
    pub(super) fn apply(self, text: &str) -> Option<Cow<'static, str>> {
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

/// Whether `character` is a hyphen or dash as the registries list them.
fn is_hyphen(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{58a}' | '\u{5be}' | '\u{2010}'..='\u{2015}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

fn is_dash(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_hyphen) && characters.next().is_none()
}

/// The value of a decimal digit: ASCII, full-width or Devanagari.
fn digit(character: char) -> Option<char> {
    let value = match character {
        '0'..='9' => return Some(character),
        '０'..='９' => u32::from(character) - u32::from('０'),
        '०'..='९' => u32::from(character) - u32::from('०'),
        _ => return None,
    };
    char::from_digit(value, 10)
}
