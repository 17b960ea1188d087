//! Results as JSON, in the order in which they were returned.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::question::Table;
use crate::database::cell::{Cell, Cells};

/// A cell as JSON on one line.
pub(super) fn json(cell: &Cell) -> String {
    serde_json::to_string(&Shown(cell)).expect("values always serialise")
}

/// The rows of a table: an array of objects by column.
pub(super) struct Rows<'a>(pub(super) &'a Table);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.rows.iter().map(|row| Named(&self.0.columns, row)))
    }
}

struct Named<'a>(&'a [String], &'a Cells);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().zip(self.1.iter().map(Shown)))
    }
}

struct Shown<'a>(&'a Cell);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Cell::Null => serializer.serialize_unit(),
            Cell::Boolean(value) => serializer.serialize_bool(*value),
            Cell::Integer(value) => match (i64::try_from(*value), u64::try_from(*value)) {
                (Ok(value), _) => serializer.serialize_i64(value),
                (_, Ok(value)) => serializer.serialize_u64(value),
                // JSON readers keep no more digits than these; text keeps all.
                _ => serializer.collect_str(value),
            },
            // Not a number and infinities have no JSON.
            Cell::Double(value) if value.is_finite() => serializer.serialize_f64(*value),
            Cell::Double(value) => serializer.collect_str(value),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::List(cells) => serializer.collect_seq(cells.iter().map(Shown)),
            Cell::Map(entries) => {
                serializer.collect_map(entries.iter().map(|(name, cell)| (name, Shown(cell))))
            }
            Cell::Node { label, properties } | Cell::Relationship { label, properties } => {
                entity(label, properties, serializer)
            }
            Cell::Path { nodes, relationships } => {
                let lists = [("nodes", nodes), ("relationships", relationships)];
                serializer.collect_map(lists.map(|(name, cells)| (name, List(cells))))
            }
        }
    }
}

struct List<'a>(&'a [Cell]);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Shown))
    }
}

/// A node or relationship, and which it is.
fn entity<S: Serializer>(
    label: &str,
    properties: &[(String, Cell)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(None)?;
    object.serialize_entry("_label", label)?;
    for (name, cell) in properties {
        object.serialize_entry(name, &Shown(cell))?;
    }
    object.end()
}
