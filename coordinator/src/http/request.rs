//! The request's message: out of the address, what stands behind its question mark, and the body.

use axum::body::to_bytes;
use axum::http::{Method, StatusCode};
use edgraph_shared::model::MAX_MESSAGE_LEN;
use prost_reflect::{DeserializeOptions, DynamicMessage, Kind, MessageDescriptor};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::routes::Parts;

/// Makes the message that a method takes.
pub(super) async fn message(
    descriptor: &MessageDescriptor,
    parts: Parts<'_>,
    request: axum::extract::Request,
) -> Result<DynamicMessage, Refusal> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let mut fields = match *request.method() {
        Method::GET => Map::new(),
        _ => body(request).await?,
    };
    for (path, text) in url::form_urlencoded::parse(query.as_bytes()) {
        put(&mut fields, descriptor, (&path, MAX_DEPTH), &text)?;
    }
    for (name, text) in parts {
        fields.insert(name.to_owned(), Value::from(decoded(name, text)?));
    }
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    DynamicMessage::deserialize_with_options(descriptor.clone(), Value::Object(fields), &options)
        .map_err(|error| bad("the request", &error.to_string()))
}

async fn body(request: axum::extract::Request) -> Result<Map<String, Value>, Refusal> {
    let bytes = to_bytes(request.into_body(), MAX_MESSAGE_LEN).await.map_err(|_| {
        let says = format!("the body has more than {MAX_MESSAGE_LEN} bytes, or broke off");
        Refusal::of(StatusCode::PAYLOAD_TOO_LARGE, "RESOURCE_EXHAUSTED", says)
    })?;
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(bad("the body", "it is no JSON object")),
        Err(error) => Err(bad("the body", &error.to_string())),
    }
}

/// Messages within each other that a parameter may lead into: requests have fewer.
const MAX_DEPTH: usize = 4;

/// A parameter such as `filter.reason_contains=404`; one that is given several times is a list.
fn put(
    fields: &mut Map<String, Value>,
    descriptor: &MessageDescriptor,
    (path, depth): (&str, usize),
    text: &str,
) -> Result<(), Refusal> {
    let (name, inner) = path.split_once('.').map_or((path, None), |(name, inner)| (name, Some(inner)));
    let by_name = descriptor.get_field_by_name(name).or_else(|| descriptor.get_field_by_json_name(name));
    let Some(field) = by_name else {
        let mut known: Vec<String> = descriptor.fields().map(|field| field.name().to_owned()).collect();
        known.sort();
        return Err(bad(path, &format!("there is no such parameter; there are {}", known.join(", "))));
    };
    if let Some(inner) = inner {
        // What is free in its form, such as params, stands in the body.
        let inside = match field.kind() {
            Kind::Message(inside)
                if !field.is_list() && !field.is_map() && !is_free(&inside) && depth > 1 =>
            {
                inside
            }
            _ => return Err(bad(path, "it has no parts that a parameter can name; give it in the body")),
        };
        let object = fields.entry(field.name()).or_insert_with(|| Value::Object(Map::new()));
        return match object {
            Value::Object(object) => put(object, &inside, (inner, depth - 1), text),
            _ => Err(bad(path, "it is given as a value, too")),
        };
    }
    let value = match field.kind() {
        Kind::Bool => match text {
            "true" | "1" | "" => Value::from(true),
            "false" | "0" => Value::from(false),
            _ => return Err(bad(path, "give true or false")),
        },
        Kind::Int32 | Kind::Uint32 | Kind::Int64 | Kind::Uint64 | Kind::Double => match text.parse::<f64>() {
            Ok(_) => serde_json::from_str(text).map_err(|error| bad(path, &error.to_string()))?,
            Err(_) => return Err(bad(path, "give a number")),
        },
        _ => Value::from(text),
    };
    if field.is_list() {
        let list = fields.entry(field.name()).or_insert_with(|| Value::Array(Vec::new()));
        match list {
            Value::Array(list) => list.push(value),
            _ => return Err(bad(path, "it is given in the body, too, and not as a list")),
        }
    } else {
        fields.insert(field.name().to_owned(), value);
    }
    Ok(())
}

/// Whether anything may stand in it.
fn is_free(message: &MessageDescriptor) -> bool {
    message.package_name() == "google.protobuf"
}

/// A part of an address as text.
fn decoded(name: &str, text: &str) -> Result<String, Refusal> {
    let text = percent_encoding::percent_decode_str(text).decode_utf8();
    text.map(|text| text.into_owned()).map_err(|_| bad(name, "it is no text"))
}

fn bad(what: &str, why: &str) -> Refusal {
    Refusal::of(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", format!("{what}: {why}"))
}
