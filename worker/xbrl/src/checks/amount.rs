//! A number and how accurate it is: exact decimals, their rounding, and what they may have been rounded from.
//!
//! Decimals are of any length, so no sum overflows and none is rounded but where a specification says so. That is a
//! library's work: `bigdecimal`, since numbers of 28 or 34 digits, which others have, do not hold what a fact may.

use std::borrow::Cow;
use std::str::FromStr;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode};

use crate::decimal::MAX_SHIFT;
use crate::model::{Fact, FactValue};

/// Longer numbers are not reckoned with: reading one costs by the square of its length. The longest double has 1,074
/// digits.
const MAX_DIGITS: usize = 1_200;

/// What `decimals` or `precision` says of a number (XBRL 2.1 sections 4.6.4 to 4.6.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Accuracy {
    /// `precision="0"`: nothing is known of the value.
    Nothing,
    /// Correct to so many places behind the point, or before it when negative.
    Decimals(i64),
    /// `INF`.
    Exact,
}

/// A number and its accuracy.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Amount {
    pub(super) value: BigDecimal,
    pub(super) accuracy: Accuracy,
    /// Whether rounding would leave it as it is, as it does with nearly all.
    is_round: bool,
}

/// The numbers that may have been rounded to one: all from the low to the high, both among them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Interval {
    pub(super) low: BigDecimal,
    pub(super) high: BigDecimal,
}

impl Amount {
    /// The amount a fact states; `None` when it is no decimal, or does not say how accurate it is.
    pub(super) fn of(fact: &Fact) -> Option<Self> {
        let FactValue::Number(text) = &fact.value else { return None };
        let value = decimal(text)?;
        let accuracy = match fact.exactness().as_deref() {
            Some("INF") => Accuracy::Exact,
            Some(decimals) => of_decimals(i64::from_str(decimals).ok()?)?,
            None if fact.precision.as_deref() == Some("0") => Accuracy::Nothing,
            None => return None,
        };
        let is_round = match accuracy {
            Accuracy::Decimals(decimals) => is_round(text, decimals),
            Accuracy::Nothing | Accuracy::Exact => false,
        };
        Some(Self { value, accuracy, is_round })
    }

    /// The value rounded as accurately as it is; `None` when nothing is known of it.
    pub(super) fn rounded(&self) -> Option<Cow<'_, BigDecimal>> {
        if self.is_round {
            return Some(Cow::Borrowed(&self.value));
        }
        self.round(&self.value).map(Cow::Owned)
    }

    /// Another value rounded as accurately as this one is: half to even (XBRL 2.1 section 4.6.7).
    pub(super) fn round(&self, value: &BigDecimal) -> Option<BigDecimal> {
        match self.accuracy {
            Accuracy::Nothing => None,
            Accuracy::Decimals(decimals) => Some(value.with_scale_round(decimals, RoundingMode::HalfEven)),
            Accuracy::Exact => Some(value.clone()),
        }
    }

    /// What it may have been rounded from (Calculations 1.1 section 4); `None` when nothing is known of it.
    pub(super) fn interval(&self) -> Option<Interval> {
        let half = match self.accuracy {
            Accuracy::Nothing => return None,
            Accuracy::Decimals(decimals) => BigDecimal::new(BigInt::from(5), decimals + 1),
            Accuracy::Exact => BigDecimal::from(0),
        };
        Some(Interval { low: &self.value - &half, high: &self.value + &half })
    }
}

impl Interval {
    /// What is in both; `None` when nothing is.
    pub(super) fn with(self, other: Interval) -> Option<Self> {
        let both = Interval { low: self.low.max(other.low), high: self.high.min(other.high) };
        (both.low <= both.high).then_some(both)
    }

    /// What sums of one of each may be, the other's times `weight`.
    pub(super) fn plus(&self, other: &Interval, weight: &BigDecimal) -> Self {
        let (a, b) = (&other.low * weight, &other.high * weight);
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        Interval { low: &self.low + low, high: &self.high + high }
    }
}

/// A number in canonical text as an exact decimal; `None` for `INF`, `NaN` and longer ones than are reckoned with.
pub(super) fn decimal(text: &str) -> Option<BigDecimal> {
    if text.len() > MAX_DIGITS {
        return None;
    }
    // Most are whole, and short enough to be read at once.
    i64::from_str(text).map(BigDecimal::from).or_else(|_| BigDecimal::from_str(text)).ok()
}

/// As people write it.
pub(super) fn plain(value: &BigDecimal) -> String {
    value.normalized().to_plain_string()
}

/// Whether a number in canonical text has no digit but zeros beyond so many decimals.
fn is_round(text: &str, decimals: i64) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let Ok(zeros) = usize::try_from(-decimals) else {
        return usize::try_from(decimals).is_ok_and(|decimals| fraction.len() <= decimals);
    };
    let digits = whole.trim_start_matches('-');
    let end = digits.len() - digits.trim_end_matches('0').len();
    fraction.is_empty() && (end >= zeros || digits == "0")
}

/// Beyond the shift that numbers may have, more places are all places, and fewer leave nothing to compare.
fn of_decimals(decimals: i64) -> Option<Accuracy> {
    if (-MAX_SHIFT..=MAX_SHIFT).contains(&decimals) {
        return Some(Accuracy::Decimals(decimals));
    }
    (decimals > 0).then_some(Accuracy::Exact)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::QName;

    fn amount(value: &str, attribute: &str) -> Option<Amount> {
        let (decimals, precision) = match attribute.split_once(' ') {
            Some(("d", value)) => (Some(value.into()), None),
            Some(("p", value)) => (None, Some(value.into())),
            _ => (None, None),
        };
        Amount::of(&Fact {
            id: None,
            concept: QName::new("n", "c"),
            context: None,
            unit: None,
            is_numeric: true,
            value: FactValue::Number(value.into()),
            decimals,
            precision,
            canonical: None,
            language: None,
            file: 0,
            line: 1,
        })
    }

    #[test]
    fn rounding_and_what_was_rounded() {
        let long = "9".repeat(MAX_DIGITS + 1);
        for (value, attribute, expected) in [
            ("1234", "d -2", "1200 [1184, 1284]"),
            ("1250", "d -2", "1200 [1200, 1300]"),
            ("1350", "d -2", "1400 [1300, 1400]"),
            ("-1350", "d -2", "-1400 [-1400, -1300]"),
            ("0.125", "d 2", "0.12 [0.12, 0.13]"),
            ("12.5", "d INF", "12.5 [12.5, 12.5]"),
            ("12.5", "d 0", "12 [12, 13]"),
            (
                "123456789012345678901234567890123456789.5",
                "d INF",
                "123456789012345678901234567890123456789.5 [123456789012345678901234567890123456789.5, 123456789012345678901234567890123456789.5]",
            ),
            // 4.6.6: precision 3 of 1234 is decimals -1, of 0.001234 is 5.
            ("1234", "p 3", "1230 [1229, 1239]"),
            ("0.001234", "p 3", "0.00123 [0.001229, 0.001239]"),
            ("1000", "p 4", "1000 [999.5, 1000.5]"),
            ("0", "p 3", "0 [0, 0]"),
            ("7", "p INF", "7 [7, 7]"),
            ("7", "d 99999999999", "7 [7, 7]"),
            ("1200", "d -2", "1200 [1150, 1250]"),
            ("-1200", "d -3", "-1000 [-1700, -700]"),
            ("0", "d -3", "0 [-500, 500]"),
            ("1.5", "d 1", "1.5 [1.45, 1.55]"),
            ("7", "p 0", "nothing"),
            ("7", "", "no amount"),
            ("7", "d two", "no amount"),
            ("7", "p -1", "no amount"),
            ("7", "d -99999999999", "no amount"),
            ("INF", "d INF", "no amount"),
            ("NaN", "d 0", "no amount"),
            (&long, "d 0", "no amount"),
        ] {
            let found = amount(value, attribute);
            if let Some(amount) = found.as_ref().filter(|amount| amount.is_round) {
                assert_eq!(amount.round(&amount.value).as_ref(), Some(&amount.value), "{value} {attribute}");
            }
            let shown = match found {
                None => "no amount".to_owned(),
                Some(amount) => match (amount.rounded(), amount.interval()) {
                    (Some(rounded), Some(Interval { low, high })) => {
                        format!("{} [{}, {}]", plain(&rounded), plain(&low), plain(&high))
                    }
                    _ => "nothing".to_owned(),
                },
            };
            assert_eq!(shown, expected, "{value} {attribute}");
        }
    }
}
