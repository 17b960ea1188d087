//! A statement for people: indented lines, a column for each period, the scale said once.

use comfy_table::{CellAlignment, presets};
use serde::{Deserialize, Serialize};

use super::answer::Statement;
use super::label::plain;
use super::sheet::Row;
use super::shown::{Scales, heading, shortened};

/// Characters of a label: a few filers write sentences.
const MAX_LABEL_CHARS: usize = 80;

/// Whether each number says where it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// Numbers alone.
    None,
    /// Below each number its filing and fact id.
    Below,
}

/// Draws a statement. Ends with a line feed.
pub(super) fn draw(statement: &Statement, proof: Proof) -> String {
    let scales = Scales::of(statement);
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(presets::UTF8_FULL_CONDENSED);
    let several = statement.filings.len() > 1;
    let mut header = vec![comfy_table::Cell::new(scales.words())];
    header.extend(statement.sheet.columns.iter().map(|column| right(heading(column, several))));
    drawn.set_header(header);
    let top = statement.sheet.top();
    let widths: Vec<usize> = (0..statement.sheet.columns.len())
        .map(|column| {
            let numbers = statement.sheet.rows.iter().filter_map(|row| row.cells[column].as_ref());
            numbers.map(|cell| scales.shown(cell).chars().count()).max().unwrap_or_default()
        })
        .collect();
    for row in &statement.sheet.rows {
        if row.is_total {
            drawn.add_row(rule(row, &widths));
        }
        // The heading of a period stands out to the left of its lines.
        let steps = if row.is_period() { 0 } else { row.depth - top + i32::from(row.period.is_some()) };
        let indent = usize::try_from(steps).unwrap_or_default() * 2;
        let label = shortened(plain(&row.label), MAX_LABEL_CHARS);
        let mut cells = vec![comfy_table::Cell::new(format!("{:indent$}{label}", ""))];
        cells.extend(row.cells.iter().map(|cell| {
            let lines = cell.as_ref().map(|cell| match proof {
                Proof::None => scales.shown(cell),
                Proof::Below => format!("{}\n{}", scales.shown(cell), cell.fact.source()),
            });
            right(lines.unwrap_or_default())
        }));
        drawn.add_row(cells);
    }
    let filings: Vec<String> = statement
        .filings
        .iter()
        .map(|filing| {
            let period = filing.report_date.map_or_else(String::new, |date| format!(" for {date}"));
            format!("{}{period}, {}, filed {}", filing.form, filing.accession, filing.filed)
        })
        .collect();
    format!("{}: {}\n{}\n{drawn}\n", statement.company, statement.title, filings.join("\n"))
}

/// The line that is drawn above a total.
fn rule(row: &Row, widths: &[usize]) -> Vec<comfy_table::Cell> {
    let over = row
        .cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| right(if cell.is_some() { "─".repeat(*width) } else { String::new() }));
    std::iter::once(comfy_table::Cell::new("")).chain(over).collect()
}

fn right(text: String) -> comfy_table::Cell {
    comfy_table::Cell::new(text).set_alignment(CellAlignment::Right)
}
