//! Numbers as printed.

use super::characters::digit;

/// How a number is printed.
#[derive(Clone, Copy)]
pub(in crate::inline) struct Style {
    decimal: Decimal,
    /// What may stand between digits before the decimal mark, besides spaces.
    groups: &'static [char],
}

#[derive(Clone, Copy)]
enum Decimal {
    Mark(char),
    /// The words around the fraction, as in `5円50銭` or `5 rupees 50 paise`.
    Unit,
}

impl Style {
    /// `1,234.5`, also with spaces.
    pub(super) const DOT_DECIMAL: Style = Style { decimal: Decimal::Mark('.'), groups: &[','] };
    /// `1.234,5`, also with spaces.
    pub(super) const COMMA_DECIMAL: Style = Style { decimal: Decimal::Mark(','), groups: &['.'] };
    /// `1'234.5`.
    pub(super) const DOT_DECIMAL_APOS: Style = Style { decimal: Decimal::Mark('.'), groups: DOT_GROUPS };
    /// `1'234,5`.
    pub(super) const COMMA_DECIMAL_APOS: Style = Style { decimal: Decimal::Mark(','), groups: COMMA_GROUPS };
    /// `1,234円50銭`.
    pub(super) const UNIT_DECIMAL: Style = Style { decimal: Decimal::Unit, groups: UNIT_GROUPS };

    /// The number in the form of `xs:decimal`, not canonical.
    pub(super) fn read(self, text: &str) -> Option<String> {
        let (integer, fraction) = match self.decimal {
            Decimal::Mark(mark) => match text.split_once(mark) {
                Some((integer, fraction)) => (integer, Some(digits(fraction, &[])?)),
                None => (text, None),
            },
            Decimal::Unit => {
                let is_integer = |c: char| digit(c).is_some() || is_space(c) || self.groups.contains(&c);
                let end = text.find(|c| !is_integer(c))?;
                let (integer, rest) = text.split_at(end);
                let rest = rest.trim_start_matches(|c| digit(c).is_none());
                let unit = rest.find(|c| digit(c).is_none()).unwrap_or(rest.len());
                let (fraction, tail) = rest.split_at(unit);
                let fraction = digits(fraction, &[])?;
                // One digit means hundredths, not tenths: five paise are 0.05 rupees.
                let fraction = match fraction.len() {
                    1 => format!("0{fraction}"),
                    2 => fraction,
                    _ => return None,
                };
                if tail.chars().any(|c| digit(c).is_some()) {
                    return None;
                }
                (integer, Some(fraction))
            }
        };
        let mut out = digits(integer, self.groups)?;
        if let Some(fraction) = fraction.filter(|fraction| !fraction.is_empty()) {
            out.push('.');
            out.push_str(&fraction);
        }
        (!out.is_empty()).then_some(out)
    }
}

const APOSTROPHES: [char; 6] = ['\'', '`', '´', '’', '′', '＇'];
const DOT_GROUPS: &[char] =
    &[',', APOSTROPHES[0], APOSTROPHES[1], APOSTROPHES[2], APOSTROPHES[3], APOSTROPHES[4]];
const COMMA_GROUPS: &[char] =
    &['.', APOSTROPHES[0], APOSTROPHES[1], APOSTROPHES[2], APOSTROPHES[3], APOSTROPHES[4]];
const UNIT_GROUPS: &[char] = &[
    '.',
    ',',
    '，',
    '．',
    APOSTROPHES[0],
    APOSTROPHES[1],
    APOSTROPHES[2],
    APOSTROPHES[3],
    APOSTROPHES[4],
    APOSTROPHES[5],
];

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}')
}

/// The digits of `text`, which holds nothing else but spaces and `groups`.
fn digits(text: &str, groups: &[char]) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match digit(character) {
            Some(digit) => out.push(digit),
            None if is_space(character) || groups.contains(&character) => {}
            None => return None,
        }
    }
    Some(out)
}
