//! Amounts as exact decimal text: negated, scaled and with thousands separators. No binary floating point touches them.

use bigdecimal::{BigDecimal, Zero};

use crate::database::cell::Cell;

/// What numbers are shown in, said once for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    /// As they are.
    Ones,
    /// In thousands.
    Thousands,
    /// In millions.
    Millions,
}

impl Scale {
    /// The largest scale in which every one of these is a whole number; `Ones` where there is none to look at.
    pub fn of<'a>(amounts: impl Iterator<Item = &'a str>) -> Self {
        let mut scale = None;
        for amount in amounts.filter_map(decimal) {
            let own = [Scale::Millions, Scale::Thousands]
                .into_iter()
                .find(|scale| scale.apply(&amount).is_integer())
                .unwrap_or(Scale::Ones);
            scale = Some(scale.map_or(own, |scale: Scale| scale.min(own)));
        }
        scale.unwrap_or(Scale::Ones)
    }

    /// As a heading says it; nothing for numbers as they are.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Scale::Ones => None,
            Scale::Thousands => Some("in thousands"),
            Scale::Millions => Some("in millions"),
        }
    }

    fn apply(self, amount: &BigDecimal) -> BigDecimal {
        let places = match self {
            Scale::Ones => 0,
            Scale::Thousands => 3,
            Scale::Millions => 6,
        };
        let (digits, exponent) = amount.as_bigint_and_exponent();
        BigDecimal::new(digits, exponent + places)
    }
}

/// The nearest double to an exact text, beside which it stands for programs.
pub(crate) fn nearest(text: Option<&str>) -> Cell {
    text.and_then(|text| text.parse().ok())
        .filter(|number: &f64| number.is_finite())
        .map_or(Cell::Null, Cell::Double)
}

/// The number, unless the text is none: `INF` and `NaN` are values of facts, too.
pub(crate) fn decimal(text: &str) -> Option<BigDecimal> {
    text.parse().ok()
}

/// The same amount with the other sign.
pub fn negated(amount: &str) -> String {
    match decimal(amount) {
        Some(number) if !number.is_zero() => match amount.strip_prefix('-') {
            Some(positive) => positive.to_owned(),
            None => format!("-{amount}"),
        },
        _ => amount.to_owned(),
    }
}

/// Fraction digits that are shown of a number because it is precise to them, and not because they say anything.
const MAX_NOUGHTS: usize = 4;

/// An amount as people read it: in a scale, with thousands separators, and with the last noughts of a fraction that
/// `decimals` says are known, such as that of 1.50.
pub fn scaled(amount: &str, scale: Scale, decimals: Option<&str>) -> String {
    let Some(number) = decimal(amount) else { return amount.to_owned() };
    let plain = scale.apply(&number).normalized().to_plain_string();
    let (sign, unsigned) = plain.strip_prefix('-').map_or(("", &*plain), |unsigned| ("-", unsigned));
    let (integer, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut shown = String::from(sign);
    for (place, digit) in integer.chars().enumerate() {
        if place > 0 && (integer.len() - place) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    let known: usize =
        decimals.filter(|_| scale == Scale::Ones).and_then(|text| text.parse().ok()).unwrap_or_default();
    let width = known.min(MAX_NOUGHTS);
    if !fraction.is_empty() || width > 0 {
        shown.push_str(&format!(".{fraction:0<width$}"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_the_largest_that_loses_nothing() {
        let of = |amounts: &[&str]| Scale::of(amounts.iter().copied());
        assert_eq!(of(&["383285000000", "-77550000000", "0"]), Scale::Millions);
        assert_eq!(of(&["383285000000", "1500000"]), Scale::Thousands);
        assert_eq!(of(&["383285000000", "1"]), Scale::Ones);
        assert_eq!(of(&["0.5"]), Scale::Ones);
        assert_eq!(of(&["INF"]), Scale::Ones);
        assert_eq!(of(&[]), Scale::Ones);
    }

    #[test]
    fn an_amount_is_shown_with_separators_and_every_digit() {
        for (amount, scale, expected) in [
            ("383285000000", Scale::Millions, "383,285"),
            ("-77550000000", Scale::Millions, "-77,550"),
            ("1500", Scale::Thousands, "1.5"),
            ("0", Scale::Millions, "0"),
            ("-999", Scale::Ones, "-999"),
            ("-1000", Scale::Ones, "-1,000"),
            ("6.13", Scale::Ones, "6.13"),
            ("1234567.125", Scale::Ones, "1,234,567.125"),
            ("123456789012345678901234567890", Scale::Millions, "123,456,789,012,345,678,901,234.56789"),
            ("INF", Scale::Millions, "INF"),
        ] {
            assert_eq!(scaled(amount, scale, Some("-6")), expected, "{amount}");
        }
        for (amount, decimals, expected) in [
            ("1.5", "2", "1.50"),
            ("6.125", "2", "6.125"),
            ("0", "2", "0.00"),
            ("7", "INF", "7"),
            ("7", "99", "7.0000"),
        ] {
            assert_eq!(scaled(amount, Scale::Ones, Some(decimals)), expected, "{amount}");
        }
    }

    #[test]
    fn the_other_sign_of_nought_is_nought() {
        for (amount, expected) in [("5", "-5"), ("-5.25", "5.25"), ("0", "0"), ("NaN", "NaN")] {
            assert_eq!(negated(amount), expected);
        }
    }
}
