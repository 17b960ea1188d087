//! Exact decimal text: reading, scaling, writing. No binary floating point touches a value here.
//!
//! Canonical text has no exponent, no leading `+`, no leading or trailing zeros that say nothing and no `-0`, so two
//! numbers are equal exactly when their texts are.

use std::borrow::Cow;

/// How far a decimal point may move, by `scale` and exponent together. Every finite `xs:double` stays within it
/// (1,074 fraction digits); beyond it a small document could ask for a large text.
pub const MAX_SHIFT: i64 = 1_100;

/// What is said of a fraction: its terms are exact, and a decimal of it would mostly not be.
pub(crate) const KEPT_FRACTION: &str = "a fraction is kept as the text of its terms";

/// The values of `xs:double` and `xs:float` that are no decimals.
const NOT_DECIMAL: [(&str, f64); 3] =
    [("INF", f64::INFINITY), ("-INF", f64::NEG_INFINITY), ("NaN", f64::NAN)];

/// Whether a value keeps the sign it was written with; Inline XBRL writes the minus in an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// As written.
    AsWritten,
    /// The other one, `sign="-"`.
    Negated,
}

/// The canonical form of a decimal, `INF`, `-INF` or `NaN`: all that a numeric fact of a classic instance may hold.
pub fn number(text: &str) -> Option<Cow<'_, str>> {
    let special = || NOT_DECIMAL.iter().find(|(written, _)| *written == trim(text));
    canonical(text).or_else(|| Some(Cow::Borrowed(special()?.0)))
}

/// The canonical form of a decimal or double in the lexical forms of XML Schema, white space around it ignored.
/// `None` when it is not a number, among them `INF` and `NaN`.
pub fn canonical(text: &str) -> Option<Cow<'_, str>> {
    let text = trim(text);
    if is_canonical(text) {
        return Some(Cow::Borrowed(text));
    }
    write(&DecimalParts::of(text)?, 0, Sign::AsWritten).map(Cow::Owned)
}

/// The canonical form of `text` × 10^`scale`, with the sign as asked.
pub fn scaled(text: &str, scale: i64, sign: Sign) -> Option<Cow<'_, str>> {
    if scale == 0 && sign == Sign::AsWritten {
        return canonical(text);
    }
    write(&DecimalParts::of(trim(text))?, scale, sign).map(Cow::Owned)
}

/// The `decimals` that a `precision` comes to, for a canonical number: `INF` or an integer (XBRL 2.1 section 4.6.6).
/// `None` for a precision that is no number, or none of the digits.
pub fn decimals_of_precision(number: &str, precision: &str) -> Option<String> {
    let precision = trim(precision);
    if precision == "INF" {
        return Some("INF".to_owned());
    }
    let precision: i64 = precision.parse().ok().filter(|digits| *digits > 0)?;
    let unsigned = number.strip_prefix('-').unwrap_or(number);
    let (integer, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    // The place of the first significant digit, counted from the point: 0 for the ones.
    let place = match integer {
        // Nought has no first digit; all its digits are known.
        "0" if fraction.is_empty() => return Some("INF".to_owned()),
        "0" => -i64::try_from(fraction.bytes().take_while(|byte| *byte == b'0').count()).ok()? - 1,
        _ => i64::try_from(integer.len()).ok()? - 1,
    };
    Some(precision.checked_sub(place + 1)?.to_string())
}

/// The double nearest to a number as text; NaN when it is none. Beyond the range of doubles it is an infinity.
pub fn to_f64(text: &str) -> f64 {
    if let Some((_, value)) = NOT_DECIMAL.iter().find(|(written, _)| *written == trim(text)) {
        return *value;
    }
    match DecimalParts::of(trim(text)) {
        // The standard library rounds correctly whatever the number of digits.
        Some(_) => trim(text).parse().unwrap_or(f64::NAN),
        None => f64::NAN,
    }
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// Looks once at the bytes, since nearly all numbers in filings are canonical as written.
fn is_canonical(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (integer, fraction) = match unsigned.split_once('.') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(integer)
        && (integer == "0" || !integer.starts_with('0'))
        && fraction.is_none_or(|fraction| digits(fraction) && !fraction.ends_with('0'))
        && text != "-0"
}

struct DecimalParts<'t> {
    is_negative: bool,
    integer: &'t str,
    fraction: &'t str,
    exponent: i64,
}

impl<'t> DecimalParts<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let is_negative = text.starts_with('-');
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
            None => (unsigned, 0),
        };
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_number = !(integer.is_empty() && fraction.is_empty())
            && integer.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        is_number.then_some(Self { is_negative, integer, fraction, exponent })
    }
}

fn write(parts: &DecimalParts<'_>, scale: i64, sign: Sign) -> Option<String> {
    let shift = parts.exponent.checked_add(scale)?;
    if shift.abs() > MAX_SHIFT {
        return None;
    }
    let mut digits = String::with_capacity(parts.integer.len() + parts.fraction.len());
    digits.push_str(parts.integer);
    digits.push_str(parts.fraction);
    let zeros = digits.len() - digits.trim_start_matches('0').len();
    let significant = digits[zeros..].trim_end_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    // Where the point stands, counted from the first significant digit.
    let point = i64::try_from(parts.integer.len()).ok()? - i64::try_from(zeros).ok()? + shift;
    let count = i64::try_from(significant.len()).ok()?;
    let mut out = String::with_capacity(significant.len() + 3);
    if parts.is_negative != (sign == Sign::Negated) {
        out.push('-');
    }
    if point <= 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', usize::try_from(-point).ok()?));
        out.push_str(significant);
    } else if point >= count {
        out.push_str(significant);
        out.extend(std::iter::repeat_n('0', usize::try_from(point - count).ok()?));
    } else {
        let (integer, fraction) = significant.split_at(usize::try_from(point).ok()?);
        out.push_str(integer);
        out.push('.');
        out.push_str(fraction);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_form() {
        for (text, expected) in [
            ("0", Some("0")),
            ("-0", Some("0")),
            ("-0.00", Some("0")),
            ("+7", Some("7")),
            ("007", Some("7")),
            ("1.50", Some("1.5")),
            ("1.", Some("1")),
            (".5", Some("0.5")),
            ("-.50", Some("-0.5")),
            ("\n 12 \t", Some("12")),
            ("1e3", Some("1000")),
            ("1.25E-4", Some("0.000125")),
            ("-12.5e+1", Some("-125")),
            ("123456789012345678901234567890.5", Some("123456789012345678901234567890.5")),
            ("0.1000000000000000055511151231257827", Some("0.1000000000000000055511151231257827")),
            ("", None),
            ("-", None),
            (".", None),
            ("1,234", None),
            ("1 2", None),
            ("--1", None),
            ("INF", None),
            ("NaN", None),
            ("1e", None),
            ("e5", None),
            ("1e1101", None),
            ("1e99999999999999999999", None),
            ("\u{a0}5", None),
            ("٣", None),
        ] {
            assert_eq!(canonical(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn scale_and_sign() {
        for (text, scale, sign, expected) in [
            ("31683", 6, Sign::AsWritten, Some("31683000000")),
            ("24.9", -2, Sign::AsWritten, Some("0.249")),
            ("1.9", 9, Sign::Negated, Some("-1900000000")),
            ("5", -4, Sign::AsWritten, Some("0.0005")),
            ("100", -2, Sign::AsWritten, Some("1")),
            ("0", 6, Sign::Negated, Some("0")),
            ("-3", 0, Sign::Negated, Some("3")),
            ("12.34", 1, Sign::AsWritten, Some("123.4")),
            ("1", 1_100, Sign::AsWritten, Some(&*format!("1{}", "0".repeat(1_100)))),
            ("1", 1_101, Sign::AsWritten, None),
            ("1e5", i64::MAX, Sign::AsWritten, None),
        ] {
            assert_eq!(scaled(text, scale, sign).as_deref(), expected, "{text:?} × 10^{scale}");
        }
    }

    #[test]
    fn precision_is_another_way_to_say_decimals() {
        for (number, precision, expected) in [
            ("123456", "2", Some("-4")),
            ("123456", "6", Some("0")),
            ("-123456.78", "8", Some("2")),
            ("0.00123", "2", Some("4")),
            ("0.5", "1", Some("1")),
            ("1", " 1 ", Some("0")),
            ("0", "4", Some("INF")),
            ("7", "INF", Some("INF")),
            ("7", "0", None),
            ("7", "-1", None),
            ("7", "two", None),
            ("7", "9223372036854775807", Some("9223372036854775806")),
        ] {
            assert_eq!(
                decimals_of_precision(number, precision).as_deref(),
                expected,
                "{number} to {precision}"
            );
        }
    }

    #[test]
    fn nearest_double() {
        for (text, expected) in [
            ("0.1", 0.1),
            ("352583000000", 352_583_000_000.0),
            ("9007199254740993", 9_007_199_254_740_992.0),
            ("9007199254740993.0000000000000000000001", 9_007_199_254_740_994.0),
            ("1e400", f64::INFINITY),
            ("INF", f64::INFINITY),
            (" -INF ", f64::NEG_INFINITY),
        ] {
            assert_eq!(to_f64(text), expected, "{text}");
        }
        for text in ["", "NaN", "nan", "inf", "x"] {
            assert!(to_f64(text).is_nan(), "{text}");
        }
    }
}
