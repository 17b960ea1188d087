//! JSON to and from `google.protobuf.Struct`, which is how the API carries what only the handlers of a kind understand.

use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};
use serde_json::{Map, Number};

/// Up to here every integer is a double, and the other way round.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// An object as a Struct. Its numbers are doubles: integers beyond 2^53 lose digits.
pub fn to_struct(object: Map<String, serde_json::Value>) -> Struct {
    Struct { fields: object.into_iter().map(|(name, value)| (name, to_value(value))).collect() }
}

/// A Struct as an object. Numbers without a fraction, up to 2^53, are integers; those that are none are `null`.
pub fn from_struct(object: Struct) -> Map<String, serde_json::Value> {
    object.fields.into_iter().map(|(name, value)| (name, from_value(value))).collect()
}

/// Any JSON as a Value.
pub fn to_value(json: serde_json::Value) -> Value {
    let kind = match json {
        serde_json::Value::Null => Kind::NullValue(0),
        serde_json::Value::Bool(value) => Kind::BoolValue(value),
        serde_json::Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        serde_json::Value::String(text) => Kind::StringValue(text),
        serde_json::Value::Array(values) => {
            Kind::ListValue(ListValue { values: values.into_iter().map(to_value).collect() })
        }
        serde_json::Value::Object(object) => Kind::StructValue(to_struct(object)),
    };
    Value { kind: Some(kind) }
}

/// A Value as JSON.
pub fn from_value(value: Value) -> serde_json::Value {
    match value.kind {
        None | Some(Kind::NullValue(_)) => serde_json::Value::Null,
        Some(Kind::BoolValue(value)) => value.into(),
        Some(Kind::NumberValue(number)) if number.fract() == 0.0 && number.abs() <= MAX_EXACT => {
            (number as i64).into()
        }
        Some(Kind::NumberValue(number)) => {
            Number::from_f64(number).map_or(serde_json::Value::Null, serde_json::Value::Number)
        }
        Some(Kind::StringValue(text)) => text.into(),
        Some(Kind::ListValue(list)) => list.values.into_iter().map(from_value).collect(),
        Some(Kind::StructValue(object)) => from_struct(object).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_says_comes_back_as_it_was() {
        let json = serde_json::json!({
            "text": "é\0", "none": null, "yes": true, "list": [1, -2, 0.5, [], {}], "large": 9_007_199_254_740_992_i64,
        });
        let serde_json::Value::Object(object) = json.clone() else { unreachable!("it is one") };
        assert_eq!(serde_json::Value::from(from_struct(to_struct(object))), json);
        assert_eq!(from_value(Value { kind: Some(Kind::NumberValue(f64::NAN)) }), serde_json::Value::Null);
    }
}
