//! GraphService: questions in, parts of answers out.

use std::time::Duration;

use edgraph_proto::{json, v1};
use v1::query_response::Part;

use super::error::WireError;
use super::field::{duration_from, limit_bytes};
use crate::cell::{Cell, Cells, Parameter};
use crate::model::{GraphQuery, QueryLimits, QueryPart};

/// Longest statement in bytes: people and programs write none that come near it.
const MAX_STATEMENT_LEN: usize = 256 << 10;
/// Most parameters of a statement.
const MAX_PARAMETERS: usize = 1_000;
/// Rows that one may ask for.
const MAX_ROWS: u32 = 1_000_000;
/// Bytes that one may ask for.
const MAX_BYTES: u64 = 256 << 20;
/// Bytes that one gets unasked.
const USUAL_BYTES: u64 = 16 << 20;
/// The longest that a statement may take.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);

/// Reads a question.
///
/// # Errors
/// [`WireError`] for a limit beyond what is allowed and a parameter that no statement can have.
pub fn query_from(request: v1::QueryRequest) -> Result<GraphQuery, WireError> {
    if request.cypher.trim().is_empty() {
        return Err(WireError::Missing { field: "cypher" });
    }
    limit_bytes("cypher", &request.cypher, MAX_STATEMENT_LEN)?;
    if request.parameters.len() > MAX_PARAMETERS {
        let actual = request.parameters.len();
        return Err(WireError::TooLarge {
            field: "parameters",
            actual,
            limit: MAX_PARAMETERS,
            unit: "entries",
        });
    }
    let named = |(name, value): (String, prost_types::Value)| {
        let refused =
            |reason| WireError::Invalid { field: "parameters", reason: format!("{name}: {reason}") };
        Parameter::from_json(json::from_value(value)).map(|value| (name.clone(), value)).map_err(refused)
    };
    let parameters = request.parameters.into_iter().map(named).collect::<Result<_, _>>()?;
    let usual = QueryLimits::default();
    let above = |field, limit: u64| WireError::Invalid { field, reason: format!("at most {limit}") };
    let limits = QueryLimits {
        max_rows: match request.max_rows {
            0 => usual.max_rows,
            rows if rows <= MAX_ROWS => rows as usize,
            _ => return Err(above("max_rows", MAX_ROWS.into())),
        },
        max_bytes: match request.max_bytes {
            0 => USUAL_BYTES,
            bytes if bytes <= MAX_BYTES => bytes,
            _ => return Err(above("max_bytes", MAX_BYTES)),
        },
        timeout: match request.timeout {
            None => usual.timeout,
            Some(timeout) => match duration_from("timeout", &timeout)? {
                timeout if timeout.is_zero() || timeout > MAX_TIMEOUT => {
                    let reason = format!("more than 0 s, at most {} s", MAX_TIMEOUT.as_secs());
                    return Err(WireError::Invalid { field: "timeout", reason });
                }
                timeout => timeout,
            },
        },
    };
    Ok(GraphQuery { statement: request.cypher, parameters, limits })
}

/// Writes a part of an answer.
pub fn part_to(part: QueryPart) -> v1::QueryResponse {
    let part = match part {
        QueryPart::Columns(names) => Part::Columns(v1::QueryColumns { names }),
        QueryPart::Rows(rows) => return rows_to(rows.into_iter().map(row_to).collect()),
        QueryPart::End { truncated } => Part::End(v1::QueryEnd { truncated }),
    };
    v1::QueryResponse { part: Some(part) }
}

/// Writes a row.
pub fn row_to(cells: Cells) -> v1::QueryRow {
    v1::QueryRow { values: cells.into_iter().map(value_to).collect() }
}

/// Writes a part of rows.
pub fn rows_to(rows: Vec<v1::QueryRow>) -> v1::QueryResponse {
    v1::QueryResponse { part: Some(Part::Rows(v1::QueryRows { rows })) }
}

fn value_to(cell: Cell) -> v1::GraphValue {
    use v1::graph_value::Kind;
    let list = |cells: Vec<Cell>| v1::GraphList { values: cells.into_iter().map(value_to).collect() };
    let kind = match cell {
        Cell::Null => Kind::Null(prost_types::NullValue::NullValue.into()),
        Cell::Boolean(value) => Kind::Boolean(value),
        Cell::Integer(value) => {
            Kind::Number(v1::GraphNumber { number: value as f64, decimal: value.to_string() })
        }
        Cell::Double(value) => Kind::Number(v1::GraphNumber { number: value, decimal: value.to_string() }),
        Cell::Text(text) => Kind::Text(text),
        Cell::List(cells) => Kind::List(list(cells)),
        Cell::Map(entries) => Kind::Object(object(String::new(), entries)),
        Cell::Node { label, properties } | Cell::Relationship { label, properties } => {
            Kind::Object(object(label, properties))
        }
        Cell::Path { nodes, relationships } => {
            let parts = [("nodes", nodes), ("relationships", relationships)];
            let parts = parts.map(|(name, cells)| (name.to_owned(), Cell::List(cells)));
            Kind::Object(object(String::new(), parts.into()))
        }
    };
    v1::GraphValue { kind: Some(kind) }
}

fn object(label: String, properties: Vec<(String, Cell)>) -> v1::GraphObject {
    let field = |(name, cell)| v1::GraphField { name, value: Some(value_to(cell)) };
    v1::GraphObject { label, fields: properties.into_iter().map(field).collect() }
}
