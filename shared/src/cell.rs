//! What a graph answers, without its database's types: cells of any shape, and rows of them.
//!
//! Plain data between the database, the API and those who read results; it opens nothing and decides nothing.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// One value of a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    /// Not said.
    Null,
    /// True or false.
    Boolean(bool),
    /// An integer of any width.
    Integer(i128),
    /// A number.
    Double(f64),
    /// Text, and everything that is best read as text: dates, times, intervals, decimals, UUIDs.
    Text(String),
    /// A list or array.
    List(Vec<Cell>),
    /// A struct or map, in the database's order.
    Map(Vec<(String, Cell)>),
    /// A node.
    Node {
        /// Its table.
        label: String,
        /// Its own table's properties.
        properties: Vec<(String, Cell)>,
    },
    /// A relationship.
    Relationship {
        /// Its table.
        label: String,
        /// Its properties, as a node's.
        properties: Vec<(String, Cell)>,
    },
    /// The inner part of a variable-length path.
    Path {
        /// Nodes in order.
        nodes: Vec<Cell>,
        /// Relationships in order.
        relationships: Vec<Cell>,
    },
}

impl Cell {
    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> u64 {
        let named = |properties: &[(String, Cell)]| -> u64 {
            properties.iter().map(|(name, cell)| name.len() as u64 + cell.bytes()).sum()
        };
        let all = |cells: &[Cell]| -> u64 { cells.iter().map(Cell::bytes).sum() };
        match self {
            Cell::Null | Cell::Boolean(_) => 1,
            Cell::Integer(_) | Cell::Double(_) => 8,
            Cell::Text(text) => text.len() as u64,
            Cell::List(cells) => all(cells),
            Cell::Map(entries) => named(entries),
            Cell::Node { label, properties } | Cell::Relationship { label, properties } => {
                label.len() as u64 + named(properties)
            }
            Cell::Path { nodes, relationships } => all(nodes) + all(relationships),
        }
    }

    /// The number, if it is a count: an integer that is not negative.
    pub fn as_count(&self) -> Option<u64> {
        match self {
            Cell::Integer(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        text.map_or(Cell::Null, Cell::Text)
    }
}

/// A parameter of a statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Parameter {
    /// NULL.
    Null,
    /// True or false.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A number.
    Double(f64),
    /// Text.
    Text(String),
    /// Values of one kind.
    List(Vec<Parameter>),
}

impl Parameter {
    /// A JSON value as a parameter.
    ///
    /// # Errors
    /// What it cannot be: an object, or a number of a size that has no type.
    pub fn from_json(json: Json) -> Result<Self, &'static str> {
        Ok(match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Boolean(value),
            Json::Number(number) => match number.as_i64() {
                Some(integer) => Self::Integer(integer),
                None => Self::Double(number.as_f64().ok_or("a number of this size has no type")?),
            },
            Json::String(text) => Self::Text(text),
            Json::Array(values) => {
                Self::List(values.into_iter().map(Self::from_json).collect::<Result<_, _>>()?)
            }
            Json::Object(_) => return Err("an object cannot be a parameter"),
        })
    }
}

/// One row of a result.
pub type Cells = Vec<Cell>;
