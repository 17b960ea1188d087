//! A statement for programs: one row for each number, with all it takes to find it again.

use super::answer::Statement;
use super::sheet::{Cell as Number, Row};
use super::shown::{Scales, heading};
use crate::database::cell::{Cell, Cells};
use crate::facts::{Dimensions, nearest};
use crate::query::Table;

/// The columns of a statement's rows.
const COLUMNS: [&str; 29] = [
    "statement",
    "role",
    "line",
    "depth",
    "concept",
    "label",
    "preferred_label",
    "is_heading",
    "is_total",
    "period_start",
    "period_end",
    "period_instant",
    "value",
    "numeric_value",
    "shown",
    "is_nil",
    "unit",
    "decimals",
    "dimensions",
    "form",
    "accession",
    "fact_id",
    "fact",
    "company",
    "row",
    "column",
    "heading",
    "displayed",
    "scale",
];

/// The rows of a statement, a heading and a line without numbers once.
pub(super) fn table(statement: &Statement) -> Table {
    let scales = Scales::of(statement);
    let words = scales.words();
    let columns: Vec<String> = statement
        .sheet
        .columns
        .iter()
        .map(|column| heading(column, statement.filings.len() > 1).replace('\n', " "))
        .collect();
    let rows = statement.sheet.rows.iter().enumerate().flat_map(|(place, row)| {
        let of_row = |number: Option<(usize, &Number)>| {
            let mut cells = cells(statement, row, number);
            let column = number.map(|(column, _)| column);
            cells.extend([
                Cell::from(Some(statement.company.clone())),
                Cell::Integer(place as i128 + 1),
                column.map_or(Cell::Null, |column| Cell::Integer(column as i128 + 1)),
                Cell::from(column.map(|column| columns[column].clone())),
                Cell::from(number.map(|(_, number)| scales.shown(number))),
                Cell::from(Some(words.clone())),
            ]);
            cells
        };
        let numbers = row.cells.iter().enumerate();
        let mut rows: Vec<Cells> =
            numbers.filter_map(|(column, cell)| Some(of_row(Some((column, cell.as_ref()?))))).collect();
        if rows.is_empty() {
            rows.push(of_row(None));
        }
        rows
    });
    Table { columns: COLUMNS.map(str::to_owned).into(), rows: rows.collect(), truncated: false }
}

fn cells(statement: &Statement, row: &Row, number: Option<(usize, &Number)>) -> Cells {
    let fact = number.map(|(_, number)| &number.fact);
    let period = fact.map(|fact| fact.period);
    let day = |day: Option<chrono::NaiveDate>| Cell::from(day.map(|day| day.to_string()));
    let duration = period.filter(|period| period.first.is_some());
    let filing = number.and_then(|(column, _)| statement.filing(&statement.sheet.columns[column].accession));
    vec![
        Cell::from(Some(statement.title.clone())),
        Cell::from(Some(statement.role.clone())),
        Cell::Integer(row.line.into()),
        Cell::Integer(row.depth.into()),
        Cell::from(Some(row.concept.clone()).filter(|concept| !concept.is_empty())),
        Cell::from(Some(row.label.clone())),
        Cell::from(row.preferred_label.clone()),
        Cell::Boolean(row.is_heading),
        Cell::Boolean(row.is_total),
        day(duration.and_then(|period| period.first)),
        day(duration.map(|period| period.last)),
        day(period.filter(|period| period.first.is_none()).map(|period| period.last)),
        Cell::from(fact.and_then(|fact| fact.value.clone())),
        nearest(fact.filter(|fact| fact.is_numeric).and_then(|fact| fact.value.as_deref())),
        Cell::from(number.and_then(|(_, number)| number.shown.clone())),
        fact.map_or(Cell::Null, |fact| Cell::Boolean(fact.value.is_none())),
        Cell::from(fact.and_then(|fact| fact.unit.clone())),
        Cell::from(fact.and_then(|fact| fact.decimals.clone())),
        fact.map_or(Cell::Null, |fact| map(&fact.dimensions)),
        Cell::from(filing.map(|filing| filing.form.clone())),
        Cell::from(fact.map(|fact| fact.accession.clone())),
        Cell::from(fact.and_then(|fact| fact.fact_id.clone())),
        Cell::from(fact.map(|fact| fact.identifier.clone())),
    ]
}

fn map(dimensions: &Dimensions) -> Cell {
    Cell::Map(dimensions.iter().map(|(axis, member)| (axis.clone(), Cell::from(member.clone()))).collect())
}
