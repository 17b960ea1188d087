//! Answers of the graph as one JSON document, `{"columns": […], "rows": [[…], …], "truncated": false}`, written as the rows
//! come. Values are plain: a number is a number of JSON with every digit, and a text where JSON has none for it.
//!
//! An answer that ends before its time is no whole document, so that nobody takes it for one.

use std::io;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, TryStreamExt, stream};
use prost_reflect::DynamicMessage;
use serde_json::{Map, Value, json};
use tonic::{Status, Streaming};

use super::codec;
use super::refusal::Refusal;

/// The parts of an answer as a document. What ends it before its first part is an error with a status of its own.
pub(super) async fn document(mut parts: Streaming<DynamicMessage>) -> Result<Response, Refusal> {
    let first = parts.try_next().await?.ok_or_else(|| Status::internal("the graph said nothing"))?;
    let mut is_first_row = true;
    let written = stream::iter([Ok(first)]).chain(parts).map(move |part| {
        let part = part.map_err(|status| io::Error::other(Refusal::from(status).text()))?;
        written(codec::value(&part), &mut is_first_row).map(Bytes::from)
    });
    Ok(([(header::CONTENT_TYPE, "application/json")], Body::from_stream(written)).into_response())
}

fn written(mut part: Value, is_first_row: &mut bool) -> io::Result<String> {
    let list = |value: &mut Value| match value.take() {
        Value::Array(list) => list,
        _ => Vec::new(),
    };
    if let Some(columns) = part.get("columns") {
        return Ok(format!("{{\"columns\":{},\"rows\":[", columns["names"]));
    }
    if let Some(rows) = part.get_mut("rows") {
        let mut text = String::new();
        for mut row in list(&mut rows["rows"]) {
            text.push_str(if std::mem::take(is_first_row) { "\n" } else { ",\n" });
            let values: Vec<Value> = list(&mut row["values"]).into_iter().map(plain).collect();
            text.push_str(&Value::Array(values).to_string());
        }
        return Ok(text);
    }
    match part.get("end") {
        Some(end) => Ok(format!("],\"truncated\":{}}}\n", end["truncated"])),
        None => Err(io::Error::other("the graph is of another version")),
    }
}

/// A value without the name of its kind around it.
fn plain(value: Value) -> Value {
    let Value::Object(kind) = value else { return Value::Null };
    match kind.into_iter().next() {
        Some((name, value)) => match (name.as_str(), value) {
            ("number", number) => decimal(&number),
            ("list", Value::Object(mut list)) => match list.remove("values") {
                Some(Value::Array(values)) => values.into_iter().map(plain).collect(),
                _ => json!([]),
            },
            ("object", object) => fields(object),
            (_, value) => value,
        },
        None => Value::Null,
    }
}

/// A number of JSON with these digits, or the digits.
fn decimal(number: &Value) -> Value {
    let digits = number["decimal"].as_str().unwrap_or_default();
    let value: Value = serde_json::from_str(digits).unwrap_or_else(|_| digits.into());
    let written = value.to_string();
    if written == digits { value } else { digits.into() }
}

/// An object by the names of its fields; a node or a relationship has its table as `_label`.
fn fields(object: Value) -> Value {
    let Value::Object(mut object) = object else { return Value::Null };
    let mut fields = Map::new();
    if let Some(Value::String(label)) = object.remove("label")
        && !label.is_empty()
    {
        fields.insert("_label".into(), label.into());
    }
    if let Some(Value::Array(list)) = object.remove("fields") {
        for mut field in list {
            let (name, value) = (field["name"].take(), field["value"].take());
            fields.insert(name.as_str().unwrap_or_default().into(), plain(value));
        }
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use edgraph_shared::cell::Cell;
    use edgraph_shared::model::QueryPart;
    use edgraph_shared::wire::graph;
    use prost_reflect::DescriptorPool;
    use prost_reflect::prost::Message;

    use super::*;

    #[test]
    fn every_value_is_plain_and_exact() {
        let node = Cell::Node { label: "Fact".into(), properties: vec![("value".into(), Cell::Double(0.1))] };
        let row = vec![
            Cell::Null,
            Cell::Boolean(true),
            Cell::Integer(9_007_199_254_740_993),
            Cell::Integer(i128::MAX),
            Cell::Double(-2.5),
            Cell::Double(1e300),
            Cell::Double(f64::NAN),
            Cell::Text("a \"b\"\u{2028}".into()),
            Cell::List(vec![Cell::Integer(1), Cell::Null]),
            node,
            Cell::Map(vec![("é".into(), Cell::Text(String::new()))]),
        ];
        let columns = (0..row.len()).map(|n| format!("c{n}")).collect();
        let parts = [
            QueryPart::Columns(columns),
            QueryPart::Rows(vec![row.clone()]),
            QueryPart::Rows(vec![row]),
            QueryPart::End { truncated: true },
        ];
        let pool = DescriptorPool::decode(crate::service::DESCRIPTORS).unwrap();
        let response = pool.get_message_by_name("edgraph.v1.QueryResponse").unwrap();
        let mut is_first_row = true;
        let text: String = parts
            .into_iter()
            .map(|part| {
                let bytes = graph::part_to(part).encode_to_vec();
                let message = DynamicMessage::decode(response.clone(), bytes.as_slice()).unwrap();
                written(codec::value(&message), &mut is_first_row).unwrap()
            })
            .collect();
        let document: Value = serde_json::from_str(&text).unwrap();
        let expected = json!([
            null,
            true,
            9_007_199_254_740_993_i64,
            i128::MAX.to_string(),
            -2.5,
            format!("{}", 1e300),
            "NaN",
            "a \"b\"\u{2028}",
            [1, null],
            {"_label": "Fact", "value": 0.1},
            {"é": ""}
        ]);
        assert_eq!(document["rows"], json!([expected, expected]));
        assert_eq!((&document["truncated"], &document["columns"][10]), (&json!(true), &json!("c10")));
    }
}
