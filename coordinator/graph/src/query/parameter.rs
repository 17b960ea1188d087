//! `name=value` as written on a command line: a JSON value where it reads as one, else text.

use serde_json::Value as Json;

use crate::database::cell::Parameter;
use crate::error::Error;

/// Reads `name=value`. Quotes make text of what would be a number: `cik='"0000000012"'`.
///
/// # Errors
/// [`Error::Invalid`] without `=` or a name, or for an object, which no parameter can be.
pub fn parse(text: &str) -> Result<(String, Parameter), Error> {
    let what = || format!("parameter {text:?}");
    let (name, value) = text.split_once('=').ok_or_else(|| Error::invalid(what(), "expected name=value"))?;
    let name = name.trim().trim_start_matches('$');
    if name.is_empty() {
        return Err(Error::invalid(what(), "expected a name before the equals sign"));
    }
    let parameter = match serde_json::from_str(value) {
        Ok(json) => from(name, json)?,
        Err(_) => Parameter::Text(value.to_owned()),
    };
    Ok((name.to_owned(), parameter))
}

/// A JSON value as a parameter of that name.
///
/// # Errors
/// [`Error::Invalid`] for an object, which no parameter can be.
pub fn from(name: &str, value: Json) -> Result<Parameter, Error> {
    Parameter::from_json(value).map_err(|problem| Error::invalid(format!("parameter {name}"), problem))
}

/// Whether this is `name=value`, and not a statement, which may have an equals sign, too.
pub fn names_parameter(text: &str) -> bool {
    let name = text.split_once('=').map_or("", |(name, _)| name.trim().trim_start_matches('$'));
    !name.is_empty() && name.chars().all(|character| character.is_alphanumeric() || character == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_typed_as_json_or_text() {
        let text = |text: &str| Parameter::Text(text.into());
        for (written, expected) in [
            ("p=12", Parameter::Integer(12)),
            ("p=1.5", Parameter::Double(1.5)),
            ("p=true", Parameter::Boolean(true)),
            ("p=null", Parameter::Null),
            ("$p=10-K", text("10-K")),
            ("p=\"12\"", text("12")),
            ("p=a=b", text("a=b")),
            ("p=", text("")),
            ("p=0000000012", text("0000000012")),
            ("p=[1, 2]", Parameter::List(vec![Parameter::Integer(1), Parameter::Integer(2)])),
        ] {
            assert_eq!(parse(written).unwrap(), ("p".to_owned(), expected), "{written}");
        }
    }

    #[test]
    fn a_statement_is_told_from_a_parameter() {
        for written in ["ticker=AAPL", "$a_1=x = y", " p =1"] {
            assert!(names_parameter(written), "{written}");
        }
        for written in ["MATCH (n) WHERE n.a = $a RETURN n", "RETURN 1", "", "=1"] {
            assert!(!names_parameter(written), "{written}");
        }
    }

    #[test]
    fn what_is_no_parameter_is_refused() {
        for written in ["p", "=1", "p={}", "p=[{}]"] {
            assert!(parse(written).is_err(), "{written}");
        }
    }
}
