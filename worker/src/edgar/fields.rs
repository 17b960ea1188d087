//! Fields of EDGAR's lists. They are data of others: one that is absent, null or of another type than usual says
//! nothing, and costs nobody else's.

use edgraph_shared::failure::shortened;
use serde_json::Value;

/// Characters of a value that a message shows.
pub(super) const SHOWN_CHARS: usize = 60;
/// Characters of a reason that another message goes on with: libraries quote the value that they did not expect.
pub(super) const REASON_CHARS: usize = 200;

/// A text, also one that is written as a number; `None` where nothing is said.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
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

/// A value as a message shows it.
pub(super) fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "missing".to_owned() };
    let text = value.to_string();
    shortened(&text, SHOWN_CHARS)
}

/// Why a text is no JSON of the shape that was expected; offsets into a file of one line tell nobody anything.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    shortened(text.split(" at line ").next().unwrap_or_default(), REASON_CHARS)
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
        assert_eq!((shown(None), shown(Some(&json!(null)))), ("missing".to_owned(), "null".to_owned()));
        assert!(shown(Some(&json!("x".repeat(900)))).len() < 90);
    }
}
