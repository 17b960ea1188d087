//! Results as text: a table for people, JSON and CSV for programs.

use comfy_table::{CellAlignment, ContentArrangement, presets};
use serde::{Deserialize, Serialize};

use super::json::{Rows, json};
use super::question::Table;
use crate::database::cell::Cell;
use crate::facts::{Scale, scaled};

/// Characters of a cell in a table: a long text must not make every row unreadable. JSON and CSV are whole.
const MAX_CELL_CHARS: usize = 120;

/// How a result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// Aligned columns, long cells cut; cells broken where the table would be wider than so many characters.
    Table {
        /// Of whoever looks at it; without a limit where that is not known.
        width: Option<u16>,
    },
    /// An array of objects by column.
    Json,
    /// A header line, then a line per row.
    Csv,
}

/// A result as text that ends with a line feed.
pub fn render(table: &Table, format: Format) -> String {
    match format {
        Format::Table { width } => as_table(table, width),
        Format::Json => as_json(table),
        Format::Csv => as_csv(table),
    }
}

/// An empty table of the style and width in which all are drawn.
pub(crate) fn frame(width: Option<u16>) -> comfy_table::Table {
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(presets::UTF8_FULL_CONDENSED);
    if let Some(width) = width {
        drawn.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    drawn
}

fn as_table(table: &Table, width: Option<u16>) -> String {
    let mut drawn = frame(width);
    drawn.set_header(&table.columns);
    let numbers: Vec<Numbers> = (0..table.columns.len()).map(|column| Numbers::of(table, column)).collect();
    for row in &table.rows {
        drawn.add_row(row.iter().zip(&numbers).map(|(cell, numbers)| numbers.shown(cell)));
    }
    for (column, numbers) in drawn.column_iter_mut().zip(&numbers) {
        if *numbers != Numbers::None {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let rows = table.rows.len();
    let count = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
    let more = if table.truncated { ", more were left out" } else { "" };
    format!("{drawn}\n{count}{more}\n")
}

/// How the numbers of a column are written, so that they can be compared by eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Numbers {
    /// It has other values.
    None,
    /// All are short, as years are.
    Plain,
    /// With thousands separators.
    Grouped,
}

impl Numbers {
    fn of(table: &Table, column: usize) -> Self {
        let mut cells =
            table.rows.iter().map(|row| &row[column]).filter(|cell| **cell != Cell::Null).peekable();
        if cells.peek().is_none() {
            return Numbers::None;
        }
        let sizes: Option<Vec<f64>> = cells
            .map(|cell| match cell {
                Cell::Integer(value) => Some(*value as f64),
                Cell::Double(value) => Some(*value),
                _ => None,
            })
            .collect();
        match sizes {
            None => Numbers::None,
            Some(sizes) if sizes.iter().all(|size| size.abs() < 10_000.0) => Numbers::Plain,
            Some(_) => Numbers::Grouped,
        }
    }

    fn shown(self, cell: &Cell) -> String {
        let number = match cell {
            Cell::Integer(value) => value.to_string(),
            Cell::Double(value) => value.to_string(),
            other => return shortened(&plain(other)),
        };
        match self {
            Numbers::Grouped => scaled(&number, Scale::Ones, None),
            Numbers::Plain | Numbers::None => number,
        }
    }
}

fn shortened(text: &str) -> String {
    let line = text.replace(['\n', '\r', '\t'], " ");
    match line.char_indices().nth(MAX_CELL_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn as_json(table: &Table) -> String {
    let mut text = serde_json::to_string_pretty(&Rows(table)).expect("values always serialise");
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
        other => json(other),
    }
}
