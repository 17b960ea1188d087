//! How numbers and columns of a statement are written for people: the scale that is said once, and headings. Pure.

use std::collections::BTreeMap;

use super::answer::Statement;
use super::label::plain;
use super::sheet::{Cell, Column};
use crate::facts::{Fact, Scale, scaled};

/// Characters of a line of a heading: names of members are long.
const HEADING_CHARS: usize = 20;
/// Characters of a value that is text.
const MAX_TEXT_CHARS: usize = 40;

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
pub(super) struct Scales {
    money: Scale,
    shares: Scale,
    currency: String,
}

impl Scales {
    pub(super) fn of(statement: &Statement) -> Self {
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
    pub(super) fn words(&self) -> String {
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

    /// A number as it stands in the table.
    pub(super) fn shown(&self, cell: &Cell) -> String {
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

/// The lines above a column.
pub(super) fn heading(column: &Column, several: bool) -> String {
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

/// A text on one line, cut after so many characters.
pub(super) fn shortened(text: &str, max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
