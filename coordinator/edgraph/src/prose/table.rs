//! Tables: cells in, lines out, as wide as what is in them.
//!
//! A table of a filing is drawn with cells that say nothing: they keep columns apart, or hold the `$` and the `)` of a
//! number. Joined numbers ([`number`]) and what overlaps ([`columns`]) give the columns that a person sees.

mod cell;
mod grid;
mod number;
mod columns;
mod wrap;
mod text;
mod measure;
mod layout;

pub(super) use cell::{Cell, Row};
pub(super) use grid::Grid;

use super::flow::Line;

/// The lines of a table: columns if it has any, otherwise text.
pub(super) fn lines(rows: Vec<Row>) -> Vec<Line> {
    let rows = rows.into_iter().fold(Vec::new(), with_whole_numbers);
    let columns = columns::find(&rows);
    if columns.len() < 2 || text::is_mere_layout(&rows) {
        return text::lines(rows);
    }
    layout::lines(rows, &columns).unwrap_or_else(text::lines)
}

/// Adds a row. An empty one goes; the line that it drew stands below the one before.
fn with_whole_numbers(mut rows: Vec<Row>, mut row: Row) -> Vec<Row> {
    row.cells = number::joined(row.cells);
    if let Some(last) = row.cells.last_mut() {
        last.is_last = true;
    }
    if let Some(before) = rows.last_mut() {
        before.rules_below.append(&mut row.rules_above);
        if row.cells.is_empty() {
            before.rules_below.append(&mut row.rules_below);
        }
    }
    if !row.cells.is_empty() {
        rows.push(row);
    }
    rows
}
