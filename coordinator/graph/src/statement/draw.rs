//! A statement for people: indented lines, a column for each period, the scale said once.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use comfy_table::{CellAlignment, presets};

use super::answer::Statement;
use super::label::plain;
use super::sheet::{Cell, Column, Row};
use crate::facts::{Fact, Scale, scaled};

/// Characters of a label: a few filers write sentences.
const MAX_LABEL_CHARS: usize = 80;
/// Characters of a line of a heading: names of members are long.
const HEADING_CHARS: usize = 20;
/// Characters of a value that is text.
const MAX_TEXT_CHARS: usize = 40;

/// Whether each number says where it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// Numbers alone.
    None,
    /// Below each number its filing and fact id.
    Below,
}

/// What a number is measured in, as far as scales go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Money,
    Shares,
    /// Rates, amounts per share: shown as they are.
    Other,
}

fn kind(fact: &Fact) -> Kind {
    match fact.unit.as_deref() {
        Some(unit) if unit.starts_with("iso4217:") && !unit.contains(['/', '*']) => Kind::Money,
        Some("xbrli:shares") => Kind::Shares,
        _ => Kind::Other,
    }
}

/// The scales of one statement, and its currency.
struct Scales {
    money: Scale,
    shares: Scale,
    currency: String,
}

impl Scales {
    fn of(statement: &Statement) -> Self {
        let cells = || statement.sheet.rows.iter().flat_map(|row| row.cells.iter().flatten());
        let scale = |wanted| {
            let of_kind = cells().filter(|cell| cell.fact.is_numeric && kind(&cell.fact) == wanted);
            Scale::of(of_kind.filter_map(|cell| cell.shown.as_deref()))
        };
        let mut currencies: BTreeMap<&str, usize> = BTreeMap::new();
        for cell in cells().filter(|cell| kind(&cell.fact) == Kind::Money) {
            *currencies.entry(cell.fact.unit.as_deref().unwrap_or_default()).or_default() += 1;
        }
        let currency = currencies.into_iter().max_by_key(|(_, count)| *count);
        let currency = currency.map_or("", |(unit, _)| unit.trim_start_matches("iso4217:"));
        Self { money: scale(Kind::Money), shares: scale(Kind::Shares), currency: currency.to_owned() }
    }

    /// What is said once for all numbers.
    fn words(&self) -> String {
        let mut words = vec![self.currency.clone()];
        words.extend(
            self.money
                .words()
                .map(|scale| if self.currency.is_empty() { scale.to_owned() } else { format!(" {scale}") }),
        );
        let mut words = vec![words.concat()];
        words.extend(self.shares.words().map(|scale| format!("shares {scale}")));
        words.retain(|word| !word.is_empty());
        words.join(", ")
    }

    fn shown(&self, cell: &Cell) -> String {
        let Some(value) = &cell.shown else { return "—".to_owned() };
        if !cell.fact.is_numeric {
            return shortened(value, MAX_TEXT_CHARS);
        }
        match kind(&cell.fact) {
            Kind::Money => {
                let unit = cell.fact.unit.as_deref().unwrap_or_default().trim_start_matches("iso4217:");
                let other = if unit == self.currency { String::new() } else { format!("{unit} ") };
                other + &scaled(value, self.money, None)
            }
            Kind::Shares => scaled(value, self.shares, None),
            Kind::Other => scaled(value, Scale::Ones, cell.fact.decimals.as_deref()),
        }
    }
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

fn heading(column: &Column, several: bool) -> String {
    let mut lines: Vec<String> = column.fiscal.iter().cloned().collect();
    if let Some(label) = &column.label {
        lines.extend(wrapped(plain(label)));
    }
    if let Some(period) = column.period {
        lines.extend(period.first.map(|first| format!("{first} to")));
        lines.push(period.last.to_string());
    }
    if several && column.period.is_some() {
        lines.push(column.accession.clone());
    }
    lines.join("\n")
}

/// A text in lines of few characters.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= HEADING_CHARS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
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

fn shortened(text: &str, max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
