//! Kuzu, or LadybugDB, which goes on from it and has the same interface, and the only file that names them: a thin,
//! safe layer of open, run and read.
//!
//! Callers see [`Cell`]s. Parameters must be complete before [`Session::query`]: an unbound one crashes the process,
//! so `query` checks them against the statement's text first. Not here: what a statement means.

use std::fmt;
use std::path::Path;
use std::time::Duration;

#[cfg(not(feature = "ladybug"))]
use ::kuzu as engine;
#[cfg(feature = "ladybug")]
use ::lbug as engine;
use edgraph_shared::schema;
use engine::{Connection, LogicalType, NodeVal, RelVal, SystemConfig, Value};

use super::cell::{Cell, Cells, Parameter};
use super::cypher;
use super::space::MAX_DATABASE_BYTES;
use super::{Answer, Mode};
use crate::error::Error;

/// Memory for pages while reading: several readers run beside one coordinator.
const READ_MEMORY_BYTES: u64 = 1 << 30;

/// What it says of rows that cannot be in it.
const ROWS_AT_FAULT: [&str; 3] = ["duplicated primary key", "Unable to find primary key", "Invalid UUID"];

/// An open database.
pub struct Database {
    inner: engine::Database,
}

impl Database {
    /// Opens the database file.
    ///
    /// # Errors
    /// [`Error::Database`] if it is not one, or another process writes it.
    pub fn open(path: &Path, mode: Mode) -> Result<Self, Error> {
        let (memory, read_only) = match mode {
            Mode::Read => (READ_MEMORY_BYTES, true),
            Mode::Write { memory } => (memory, false),
        };
        let config = SystemConfig::default()
            .buffer_pool_size(memory)
            .max_db_size(MAX_DATABASE_BYTES)
            .read_only(read_only);
        let inner = engine::Database::new(path, config)
            .map_err(|error| Error::Database { message: format!("open {}: {error}", path.display()) })?;
        Ok(Self { inner })
    }

    /// A connection.
    ///
    /// # Errors
    /// [`Error::Database`] if the database gives none.
    pub fn session(&self) -> Result<Session<'_>, Error> {
        Ok(Session { connection: Connection::new(&self.inner).map_err(refusal)? })
    }

    /// A connection for statements that sort. With several threads ORDER BY of Kuzu 0.11.3 returns rows out of order now and
    /// then, above all the first time in a process, and says nothing: so these run on one.
    ///
    /// # Errors
    /// As [`Database::session`].
    pub fn sorting_session(&self) -> Result<Session<'_>, Error> {
        let mut session = self.session()?;
        session.connection.set_max_num_threads_for_exec(1);
        Ok(session)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database")
    }
}

/// A connection to a database: statements run one after the other.
pub struct Session<'a> {
    connection: Connection<'a>,
}

impl Session<'_> {
    /// Runs a statement for its effect. A failure inside a transaction has rolled it back.
    pub fn run(&self, statement: &str) -> Result<(), Error> {
        self.connection.query(statement).map(drop).map_err(refusal)
    }

    /// All rows of a statement.
    pub fn rows(&self, statement: &str) -> Result<Vec<Cells>, Error> {
        let mut rows = Vec::new();
        self.each(statement, |row| rows.push(row))?;
        Ok(rows)
    }

    /// Hands every row of a statement to `row`.
    pub fn each(&self, statement: &str, mut row: impl FnMut(Cells)) -> Result<(), Error> {
        let result = self.connection.query(statement).map_err(refusal)?;
        result.for_each(|values| row(values.into_iter().map(cell).collect()));
        Ok(())
    }

    /// Runs a statement with parameters and keeps at most `max_rows` rows.
    ///
    /// # Errors
    /// [`Error::Invalid`] unless `parameters` are exactly those the statement names.
    pub fn query(
        &self,
        statement: &str,
        parameters: &[(String, Parameter)],
        max_rows: usize,
    ) -> Result<Answer, Error> {
        cypher::check_parameters(statement, parameters.iter().map(|(name, _)| name.as_str()))?;
        let mut prepared = self.connection.prepare(statement).map_err(refusal)?;
        let bound: Result<Vec<(&str, Value)>, Error> =
            parameters.iter().map(|(name, value)| Ok((name.as_str(), bind(name, value)?))).collect();
        let mut result = self.connection.execute(&mut prepared, bound?).map_err(refusal)?;
        let columns = result.get_column_names();
        let rows: Vec<Cells> =
            result.by_ref().take(max_rows).map(|values| values.into_iter().map(cell).collect()).collect();
        Ok(Answer { columns, rows, truncated: result.next().is_some() })
    }

    /// How long a statement of this connection may run, where the database looks at the clock.
    pub fn set_timeout(&self, timeout: Duration) {
        self.connection.set_query_timeout(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX));
    }
}

fn refusal(error: engine::Error) -> Error {
    let text = error.to_string();
    let message = text.strip_prefix("Query execution failed: ").unwrap_or(&text).to_owned();
    if message.contains("read-only database") {
        Error::ReadOnly { message: "the statement would write".to_owned() }
    } else if ROWS_AT_FAULT.iter().any(|fault| message.contains(fault)) {
        Error::Rows { message }
    } else if message.contains("expected UUID") {
        Error::Database { message: format!("{message} An identifier is written UUID('…').") }
    } else {
        Error::Database { message }
    }
}

fn bind(name: &str, parameter: &Parameter) -> Result<Value, Error> {
    Ok(match parameter {
        Parameter::Null => Value::Null(LogicalType::Any),
        Parameter::Boolean(value) => Value::Bool(*value),
        Parameter::Integer(value) => Value::Int64(*value),
        Parameter::Double(value) => Value::Double(*value),
        Parameter::Text(value) => Value::String(value.clone()),
        Parameter::List(values) => {
            let values: Vec<Value> =
                values.iter().map(|value| bind(name, value)).collect::<Result<_, _>>()?;
            let kind = values.first().map_or(LogicalType::String, LogicalType::from);
            if values.iter().any(|value| LogicalType::from(value) != kind) {
                return Err(Error::invalid(
                    format!("parameter {name}"),
                    "a list must hold values of one type",
                ));
            }
            Value::List(kind, values)
        }
    })
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null(_) => Cell::Null,
        Value::Bool(value) => Cell::Boolean(value),
        Value::Int8(value) => Cell::Integer(value.into()),
        Value::Int16(value) => Cell::Integer(value.into()),
        Value::Int32(value) => Cell::Integer(value.into()),
        Value::Int64(value) => Cell::Integer(value.into()),
        Value::UInt8(value) => Cell::Integer(value.into()),
        Value::UInt16(value) => Cell::Integer(value.into()),
        Value::UInt32(value) => Cell::Integer(value.into()),
        Value::UInt64(value) => Cell::Integer(value.into()),
        Value::Int128(value) => Cell::Integer(value),
        Value::Double(value) => Cell::Double(value),
        Value::Float(value) => Cell::Double(value.into()),
        Value::String(value) => Cell::Text(value),
        Value::Blob(value) => Cell::Text(hex::encode(value)),
        Value::List(_, values) | Value::Array(_, values) => {
            Cell::List(values.into_iter().map(cell).collect())
        }
        Value::Struct(fields) => {
            Cell::Map(fields.into_iter().map(|(name, value)| (name, cell(value))).collect())
        }
        Value::Map(_, entries) => {
            Cell::Map(entries.into_iter().map(|(key, value)| (key.to_string(), cell(value))).collect())
        }
        Value::Node(node) => node_cell(node),
        Value::Rel(relationship) => relationship_cell(relationship),
        Value::RecursiveRel { nodes, rels } => Cell::Path {
            nodes: nodes.into_iter().map(node_cell).collect(),
            relationships: rels.into_iter().map(relationship_cell).collect(),
        },
        Value::Union { value, .. } => cell(*value),
        other => Cell::Text(other.to_string()),
    }
}

fn node_cell(node: NodeVal) -> Cell {
    let label = node.get_label_name().clone();
    let properties = properties(&label, node.get_properties());
    Cell::Node { label, properties }
}

fn relationship_cell(relationship: RelVal) -> Cell {
    let label = relationship.get_label_name().clone();
    let properties = properties(&label, relationship.get_properties());
    Cell::Relationship { label, properties }
}

/// Properties of its own table: a pattern over several tables brings those of the others, as NULL.
fn properties(label: &str, properties: &[(String, Value)]) -> Vec<(String, Cell)> {
    let table = schema::table(label);
    let own = |name: &str, value: &Value| match table {
        Some(table) => table.column_index(name).is_some(),
        None => !matches!(value, Value::Null(_)),
    };
    let own = properties.iter().filter(|(name, value)| own(name, value));
    own.map(|(name, value)| (name.clone(), cell(value.clone()))).collect()
}
