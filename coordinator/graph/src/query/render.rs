//! Results as text: a table for people, JSON and CSV for programs.

use comfy_table::presets;
use edgraph_shared::schema;
use serde_json::{Map, Value as Json};

use super::Table;
use crate::database::cell::Cell;

/// Characters of a cell in a table: a long text must not make every row unreadable. JSON and CSV are whole.
const MAX_CELL_CHARS: usize = 120;

/// How a result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns, long cells cut.
    Table,
    /// An array of objects by column.
    Json,
    /// A header line, then a line per row.
    Csv,
}

/// A result as text that ends with a line feed.
pub fn render(table: &Table, format: Format) -> String {
    match format {
        Format::Table => as_table(table),
        Format::Json => as_json(table),
        Format::Csv => as_csv(table),
    }
}

fn as_table(table: &Table) -> String {
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(presets::UTF8_FULL_CONDENSED).set_header(&table.columns);
    for row in &table.rows {
        drawn.add_row(row.iter().map(|cell| shortened(&plain(cell))));
    }
    let rows = table.rows.len();
    let count = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
    let more = if table.truncated { ", more were left out" } else { "" };
    format!("{drawn}\n{count}{more}\n")
}

fn shortened(text: &str) -> String {
    let line = text.replace(['\n', '\r', '\t'], " ");
    match line.char_indices().nth(MAX_CELL_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn as_json(table: &Table) -> String {
    let row = |row: &Vec<Cell>| {
        let cells = table.columns.iter().cloned().zip(row.iter().map(json));
        Json::Object(cells.collect())
    };
    let rows: Vec<Json> = table.rows.iter().map(row).collect();
    let mut text = serde_json::to_string_pretty(&rows).expect("values always serialise");
    text.push('\n');
    text
}

fn as_csv(table: &Table) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |record: Vec<String>| writer.write_record(record).expect("memory takes every record");
    write(table.columns.clone());
    for row in &table.rows {
        write(row.iter().map(plain).collect());
    }
    let bytes = writer.into_inner().expect("memory takes every record");
    String::from_utf8(bytes).expect("made of text")
}

/// A cell as text; nothing for NULL, JSON for what has parts.
fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Text(text) => text.clone(),
        other => json(other).to_string(),
    }
}

fn json(cell: &Cell) -> Json {
    match cell {
        Cell::Null => Json::Null,
        Cell::Boolean(value) => (*value).into(),
        Cell::Integer(value) => match (i64::try_from(*value), u64::try_from(*value)) {
            (Ok(value), _) => value.into(),
            (_, Ok(value)) => value.into(),
            // JSON readers keep no more digits than these; text keeps all.
            _ => value.to_string().into(),
        },
        // Not a number and infinities have no JSON.
        Cell::Double(value) if value.is_finite() => (*value).into(),
        Cell::Double(value) => value.to_string().into(),
        Cell::Text(text) => text.as_str().into(),
        Cell::List(cells) => cells.iter().map(json).collect(),
        Cell::Map(entries) => {
            Json::Object(entries.iter().map(|(name, cell)| (name.clone(), json(cell))).collect())
        }
        Cell::Node { label, properties } | Cell::Relationship { label, properties } => {
            entity(label, properties)
        }
        Cell::Path { nodes, relationships } => {
            let list = |cells: &[Cell]| cells.iter().map(json).collect::<Json>();
            Json::Object(Map::from_iter([
                ("nodes".to_owned(), list(nodes)),
                ("relationships".to_owned(), list(relationships)),
            ]))
        }
    }
}

/// A node or relationship with its own table's properties: a pattern over several tables brings those of the others.
fn entity(label: &str, properties: &[(String, Cell)]) -> Json {
    let table = schema::table(label);
    let own = |name: &str, cell: &Cell| match table {
        Some(table) => table.column_index(name).is_some(),
        None => *cell != Cell::Null,
    };
    let mut object = Map::from_iter([("_label".to_owned(), label.into())]);
    object.extend(
        properties
            .iter()
            .filter(|(name, cell)| own(name, cell))
            .map(|(name, cell)| (name.clone(), json(cell))),
    );
    Json::Object(object)
}
