//! Durations written as a decimal number of years, months, weeks, days or hours.
//!
//! A fraction spills into the next smaller units, down to the one the registry names, and is cut off there. A month
//! counts 30.4375 days.

use std::borrow::Cow;

/// Fraction digits taken into account; more could not change a result and would overflow the arithmetic.
const MAX_FRACTION_DIGITS: usize = 15;

/// Days of a month in ten-thousandths.
const MONTH_DAYS: u128 = 304_375;

pub(super) fn years(text: &str) -> Option<Cow<'static, str>> {
    let number = Number::of(text)?;
    let months = number.fraction * 12;
    let days = (months % number.one) * MONTH_DAYS / (number.one * 10_000);
    write(&number, &[(number.integer, "Y"), (months / number.one, "M"), (days, "D")])
}

pub(super) fn months(text: &str) -> Option<Cow<'static, str>> {
    let number = Number::of(text)?;
    let days = number.fraction * MONTH_DAYS / (number.one * 10_000);
    write(&number, &[(number.integer, "M"), (days, "D")])
}

pub(super) fn weeks(text: &str) -> Option<Cow<'static, str>> {
    let number = Number::of(text)?;
    write(&number, &[(number.integer * 7 + number.fraction * 7 / number.one, "D")])
}

pub(super) fn days(text: &str) -> Option<Cow<'static, str>> {
    let number = Number::of(text)?;
    write(&number, &[(number.integer, "D"), (number.fraction * 24 / number.one, "H")])
}

pub(super) fn hours(text: &str) -> Option<Cow<'static, str>> {
    let number = Number::of(text)?;
    write(&number, &[(number.integer, "H")])
}

/// A decimal number: `integer + fraction / one`.
struct Number {
    is_negative: bool,
    integer: u128,
    fraction: u128,
    one: u128,
}

impl Number {
    fn of(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (integer, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let is_number = unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && !(integer.is_empty() && fraction.is_empty())
            && !fraction.contains('.')
            // Longer ones are no durations, and their weeks would overflow.
            && integer.len() <= 30;
        if !is_number {
            return None;
        }
        let fraction = &fraction[..fraction.len().min(MAX_FRACTION_DIGITS)];
        let parse = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse().ok() };
        Some(Self {
            is_negative: text.starts_with('-'),
            integer: parse(integer)?,
            fraction: parse(fraction)?,
            one: 10_u128.pow(u32::try_from(fraction.len()).ok()?),
        })
    }
}

/// Writes the parts that are not nought, or nought of the first. `None` never happens; the caller's type asks for it.
fn write(number: &Number, parts: &[(u128, &str)]) -> Option<Cow<'static, str>> {
    let is_zero = parts.iter().all(|(value, _)| *value == 0);
    let mut out = String::from(if number.is_negative && !is_zero { "-P" } else { "P" });
    for (index, (value, unit)) in parts.iter().enumerate() {
        if *value > 0 || (index == 0 && (is_zero || parts.len() > 1)) {
            let designator = if *unit == "H" { "T" } else { "" };
            out.push_str(&format!("{designator}{value}{unit}"));
        }
    }
    Some(Cow::Owned(out))
}
