//! Fields of EDGAR's lists. They are data of others: one that is absent, null or of another type than usual says
//! nothing, and costs nobody else's.

use edgraph_shared::failure::shortened;
use serde_json::{Number, Value};

/// Characters of a value that a message shows.
pub(super) const SHOWN_CHARS: usize = 60;
/// Below this a float that is a whole number is written as one.
const MAX_WHOLE: f64 = 9e15;

/// A text, also one that is written as a number; `None` where nothing is said.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(digits(number)),
        _ => None,
    }
}

/// A number as text: `1318605.0` is what some programs make of 1318605.
fn digits(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < MAX_WHOLE => {
            format!("{float:.0}")
        }
        _ => number.to_string(),
    }
}

/// A list of texts, with empty ones where nothing is said.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    let values = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    values.iter().map(|value| text(Some(value)).unwrap_or_default()).collect()
}

/// Whether a flag is set, as a number, a text or a truth value.
pub(super) fn flag(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !["", "0", "false"].contains(&text.trim().to_ascii_lowercase().as_str()),
        _ => false,
    }
}

/// The entries of a list, of which one alone may stand without the brackets; `None` for what is no list.
pub(super) fn entries(value: Option<&Value>) -> Option<&[Value]> {
    match value {
        None | Some(Value::Null) => Some(&[]),
        Some(Value::Array(values)) => Some(values),
        Some(entry @ Value::Object(_)) => Some(std::slice::from_ref(entry)),
        Some(_) => None,
    }
}

/// A value as a message shows it.
pub(super) fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "missing".to_owned() };
    let text = value.to_string();
    shortened(&text, SHOWN_CHARS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_of_another_type_is_read_or_says_nothing() {
        for (value, expected) in [
            (json!("1231"), Some("1231")),
            (json!(1231), Some("1231")),
            (json!(1231.0), Some("1231")),
            (json!(1231.5), Some("1231.5")),
            (json!(-1231), Some("-1231")),
            (json!(1e300), Some("1e+300")),
            (json!(null), None),
            (json!(" "), None),
            (json!(["1231"]), None),
        ] {
            assert_eq!(text(Some(&value)).as_deref(), expected, "{value}");
        }
        assert_eq!((text(None), texts(None)), (None, Vec::<String>::new()));
        assert_eq!(texts(Some(&json!(["A", null, 7]))), ["A", "", "7"]);
        for value in [json!(1), json!("1"), json!(true), json!(1.0)] {
            assert!(flag(Some(&value)), "{value}");
        }
        for value in [json!(0), json!("0"), json!(false), json!(""), json!(null)] {
            assert!(!flag(Some(&value)), "{value}");
        }
        for (value, count) in [
            (json!([1, null]), Some(2)),
            (json!({"name": "a"}), Some(1)),
            (json!(null), Some(0)),
            (json!("a"), None),
            (json!(7), None),
        ] {
            assert_eq!(entries(Some(&value)).map(<[Value]>::len), count, "{value}");
        }
        assert_eq!((shown(None), shown(Some(&json!(null)))), ("missing".to_owned(), "null".to_owned()));
        assert!(shown(Some(&json!("x".repeat(900)))).len() < 90);
    }
}
