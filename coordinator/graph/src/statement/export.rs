//! A statement for programs: one row for each number, with all it takes to find it again.

use super::answer::Statement;
use super::sheet::{Cell as Number, Column, Row};
use crate::database::cell::{Cell, Cells};
use crate::facts::{Dimensions, nearest};
use crate::query::Table;

/// The columns of a statement's rows.
const COLUMNS: [&str; 23] = [
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
];

/// The rows of a statement, a heading and a line without numbers once.
pub(super) fn table(statement: &Statement) -> Table {
    let rows = statement.sheet.rows.iter().flat_map(|row| {
        let columns = statement.sheet.columns.iter().zip(&row.cells);
        let mut numbers: Vec<Cells> = columns
            .filter_map(|(column, cell)| Some(cells(statement, row, Some((column, cell.as_ref()?)))))
            .collect();
        if numbers.is_empty() {
            numbers.push(cells(statement, row, None));
        }
        numbers
    });
    Table { columns: COLUMNS.map(str::to_owned).into(), rows: rows.collect(), truncated: false }
}

fn cells(statement: &Statement, row: &Row, number: Option<(&Column, &Number)>) -> Cells {
    let fact = number.map(|(_, number)| &number.fact);
    let period = fact.map(|fact| fact.period);
    let day = |day: Option<chrono::NaiveDate>| Cell::from(day.map(|day| day.to_string()));
    let duration = period.filter(|period| period.first.is_some());
    let filing = number.and_then(|(column, _)| statement.filing(&column.accession));
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
