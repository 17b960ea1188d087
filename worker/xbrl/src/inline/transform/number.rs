//! Numbers as printed.

use std::borrow::Cow;

use super::characters::Digits;
use crate::decimal;

/// How a number is printed: its decimal mark or its units, and what may stand between its digits.
#[derive(Clone, Copy)]
pub(in crate::inline) struct Style {
    decimal: Decimal,
    groups: &'static [char],
    grouping: Grouping,
}

#[derive(Clone, Copy)]
enum Decimal {
    Mark(char),
    /// The words around a fraction of hundredths, as in `5円50銭` or `5 rupees 50 paise`.
    Unit(Digits),
}

/// How the digits before the decimal mark may be put in groups.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grouping {
    /// Not at all.
    None,
    /// By three, with a separator between any two groups.
    Separated,
    /// By three, and a separator may be left out.
    Optional,
    /// By two but for the last three, `12,34,567`, or not at all.
    Indian,
    /// Separators stand anywhere, or nothing at all stands before the mark: `.5`.
    Free,
}

impl Style {
    const fn mark(mark: char, groups: &'static [char], grouping: Grouping) -> Self {
        Style { decimal: Decimal::Mark(mark), groups, grouping }
    }

    const fn unit(digits: Digits, groups: &'static [char], grouping: Grouping) -> Self {
        Style { decimal: Decimal::Unit(digits), groups, grouping }
    }

    // Registry 1: the name says the one separator and the mark.
    pub(super) const COMMA: Style = Style::mark(',', &[], Grouping::None);
    pub(super) const COMMA_DOT: Style = Style::mark('.', &[','], Grouping::Separated);
    pub(super) const DOT_COMMA: Style = Style::mark(',', &['.'], Grouping::Separated);
    pub(super) const SPACE_DOT: Style = Style::mark('.', SPACES, Grouping::Separated);
    pub(super) const SPACE_COMMA: Style = Style::mark(',', SPACES, Grouping::Separated);

    // Registries 2 and 3.
    pub(super) const DOT_DECIMAL: Style = Style::mark('.', COMMA_OR_SPACE, Grouping::Optional);
    pub(super) const COMMA_DECIMAL: Style = Style::mark(',', DOT_OR_SPACE, Grouping::Optional);
    pub(super) const UNIT_DECIMAL: Style = Style::unit(Digits::FullWidth, MARKS, Grouping::Optional);

    // Registry 3.
    pub(super) const DOT_DECIMAL_INDIAN: Style = Style::mark('.', COMMA_OR_SPACE, Grouping::Indian);
    pub(super) const UNIT_DECIMAL_INDIAN: Style =
        Style::unit(Digits::Ascii, COMMA_OR_SPACE, Grouping::Indian);

    // Registries 4 and 5.
    pub(super) const FREE_DOT_DECIMAL: Style = Style::mark('.', COMMA_OR_SPACE, Grouping::Free);
    pub(super) const FREE_COMMA_DECIMAL: Style = Style::mark(',', DOT_OR_SPACE, Grouping::Free);
    pub(super) const FREE_UNIT_DECIMAL: Style = Style::unit(Digits::FullWidth, FREE_MARKS, Grouping::Free);

    // Registry 5.
    pub(super) const FREE_DOT_DECIMAL_APOS: Style = Style::mark('.', COMMA_OR_APOSTROPHE, Grouping::Free);
    pub(super) const FREE_COMMA_DECIMAL_APOS: Style = Style::mark(',', DOT_OR_APOSTROPHE, Grouping::Free);
    pub(super) const FREE_UNIT_DECIMAL_APOS: Style =
        Style::unit(Digits::FullWidth, MARKS_OR_APOSTROPHE, Grouping::Free);

    /// The number in the form of `xs:decimal`; only the free styles are said to be canonical.
    pub(super) fn read(self, text: &str) -> Option<String> {
        let number = match self.decimal {
            Decimal::Mark(mark) => self.with_mark(text, mark),
            Decimal::Unit(digits) => self.with_units(text, digits),
        }?;
        match self.grouping {
            Grouping::Free => match decimal::canonical(&number)? {
                Cow::Owned(canonical) => Some(canonical),
                Cow::Borrowed(_) => Some(number),
            },
            _ => Some(number),
        }
    }

    fn with_mark(self, text: &str, mark: char) -> Option<String> {
        let Some((integer, fraction)) = text.split_once(mark) else {
            return self.integer(text, Digits::Ascii).filter(|digits| !digits.is_empty());
        };
        let mut out = self.integer(integer, Digits::Ascii)?;
        out.push('.');
        let start = out.len();
        for character in fraction.chars() {
            match character {
                '0'..='9' => out.push(character),
                _ if self.grouping == Grouping::Free && SPACES.contains(&character) => {}
                _ => return None,
            }
        }
        (out.len() > start).then_some(out)
    }

    fn with_units(self, text: &str, digits: Digits) -> Option<String> {
        let (runs, gaps) = digits.split(text)?;
        let [_, .., fraction] = &runs[..] else { return None };
        let [.., unit, end] = &gaps[..] else { return None };
        let integer = &text[..text.len() - end.len() - fraction.len() - unit.len()];
        let has_marks = |text: &str| text.contains(self.groups);
        let is_unit = match self.grouping {
            // The number may end with a separator, so the unit starts after it.
            Grouping::Free => !unit.trim_start_matches(self.groups).is_empty(),
            Grouping::Indian => true,
            _ => !has_marks(unit) && !has_marks(end),
        };
        let integer = self.integer(integer, digits).filter(|digits| is_unit && !digits.is_empty())?;
        // Leading noughts are what the pattern of these registries leaves out.
        if self.grouping == Grouping::Optional && integer.len() > 1 && integer.starts_with('0') {
            return None;
        }
        // One digit means hundredths, not tenths: five paise are 0.05 rupees.
        Some(format!("{integer}.{:02}", digits.number(fraction, 2)?))
    }

    /// The digits before the mark, without what separates them.
    fn integer(self, text: &str, digits: Digits) -> Option<String> {
        let mut out = String::with_capacity(text.len());
        // The length of each group so far, where it matters.
        let is_free = self.grouping == Grouping::Free;
        let mut lengths = if is_free { Vec::new() } else { vec![0_usize] };
        for character in text.chars() {
            match digits.value(character) {
                Some(digit) => {
                    out.push(digit);
                    if let Some(length) = lengths.last_mut() {
                        *length += 1;
                    }
                }
                None if !self.groups.contains(&character) => return None,
                None if is_free => {}
                None => lengths.push(0),
            }
        }
        self.grouping.allows(&lengths).then_some(out)
    }
}

impl Grouping {
    /// Whether digits may stand in groups of these lengths.
    fn allows(self, lengths: &[usize]) -> bool {
        let [first, others @ ..] = lengths else { return self == Grouping::Free };
        match (self, others) {
            (Grouping::Free, _) => true,
            (Grouping::None, others) => *first > 0 && others.is_empty(),
            (Grouping::Separated, others) => {
                (1..=3).contains(first) && others.iter().all(|length| *length == 3)
            }
            (Grouping::Optional, others) => {
                *first > 0 && others.iter().all(|length| *length > 0 && length % 3 == 0)
            }
            (Grouping::Indian, []) => *first > 0,
            (Grouping::Indian, [between @ .., last]) => {
                (1..=2).contains(first) && between.iter().all(|length| *length == 2) && *last == 3
            }
        }
    }
}

const SPACES: &[char] = &[' ', '\u{a0}'];
const COMMA_OR_SPACE: &[char] = &[',', ' ', '\u{a0}'];
const DOT_OR_SPACE: &[char] = &['.', ' ', '\u{a0}'];
const COMMA_OR_APOSTROPHE: &[char] = &[',', ' ', '\u{a0}', '\'', '`', '´', '’', '′'];
const DOT_OR_APOSTROPHE: &[char] = &['.', ' ', '\u{a0}', '\'', '`', '´', '’', '′'];
const MARKS: &[char] = &[',', '.', '，', '．'];
const FREE_MARKS: &[char] = &[',', '.', '，'];
const MARKS_OR_APOSTROPHE: &[char] = &[',', '.', '，', '\'', '`', '´', '’', '′', '＇'];
