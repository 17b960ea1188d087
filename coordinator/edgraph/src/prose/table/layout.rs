//! Rows and columns to aligned lines.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::super::flow::Line;
use super::super::style::Align;
use super::cell::{Cell, Row};
use super::columns::Columns;
use super::measure::{self, Column};
use super::number;

/// A table takes no more than so many characters for each that is not blank: more is made only to fill memory.
const MAX_AREA_PER_CHARACTER: usize = 32;
/// What any table may take besides.
const FREE_AREA: usize = 1 << 16;

/// A piece of a line, and where it begins.
type Piece = (usize, String);

/// The table's lines. The rows are given back if columns would make them mostly blank.
pub(super) fn lines(rows: Vec<Row>, columns: &Columns) -> Result<Vec<Line>, Vec<Row>> {
    let measured = measure::measured(&rows, columns);
    let total = measure::width(&measured, &(0..measured.len()));
    let size: usize = rows.iter().flat_map(|row| &row.cells).map(Cell::size).sum();
    let mut left = size * MAX_AREA_PER_CHARACTER + FREE_AREA;
    // Lines between all rows are the paper's, and say nothing.
    let ruled = rows.iter().filter(|row| !row.rules_below.is_empty()).count();
    let has_rules = rows.len() < 4 || ruled + 1 < rows.len();
    let mut lines = Vec::new();
    for row in &rows {
        let cells: Vec<Vec<Piece>> = row.cells.iter().map(|cell| placed(cell, columns, &measured)).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or_default();
        match left.checked_sub(total * height) {
            Some(rest) => left = rest,
            None => return Err(rows),
        }
        let is_of_text = |cell: &Cell| {
            let span = columns.of(&cell.columns);
            span.len() == 1 && !measured[span.start].is_number
        };
        lines.extend(written(cells, height, row.cells.iter().all(is_of_text)));
        if has_rules {
            lines.extend(rule(&row.rules_below, columns, &measured));
        }
    }
    Ok(lines.into_iter().map(|text| Line { text, is_laid_out: true }).collect())
}

/// The lines of a cell, where they belong.
fn placed(cell: &Cell, columns: &Columns, measured: &[Column]) -> Vec<Piece> {
    let span = columns.of(&cell.columns);
    let (first, last) = (&measured[span.start], &measured[span.end - 1]);
    let width = measure::width(measured, &span);
    let lines = if span.len() == 1 { first.lines(cell) } else { measure::lines_over(cell, width) };
    let is_amount = number::is_number(cell) && !cell.only_line().is_some_and(number::is_year);
    let is_heading = span.len() > 1 && !is_amount;
    let x = |line: &String| {
        let end = if last.is_number { number::end_in_column(line) } else { line.len() };
        let to_the_right = || (width - last.tail).saturating_sub(line[..end].width());
        let offset = match cell.align {
            _ if is_heading && measure::runs_on(cell) => cell.indent,
            Align::Left if is_heading => 0,
            Align::Unsaid if is_heading && span.start == 0 => 0,
            _ if is_heading => width.saturating_sub(line.width()) / 2,
            _ if last.is_number || last.is_right => to_the_right(),
            _ => 0,
        };
        first.x + offset
    };
    lines.into_iter().map(|line| (x(&line), line)).collect()
}

/// A row. Text beside text begins at the top; numbers stand at the last line of their label, and headings upon their
/// columns.
fn written(cells: Vec<Vec<Piece>>, height: usize, is_text: bool) -> Vec<String> {
    let mut lines = vec![String::new(); height];
    let mut widths = vec![0; height];
    for cell in cells {
        let first = if is_text { 0 } else { height - cell.len() };
        for (number, (x, text)) in cell.into_iter().enumerate() {
            let (line, width) = (&mut lines[first + number], &mut widths[first + number]);
            let apart = if *width == 0 { 0 } else { *width + 1 };
            let x = x.max(apart);
            line.extend(std::iter::repeat_n(' ', x - *width));
            line.push_str(&text);
            *width = x + text.width();
        }
    }
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines
}

/// A line below the columns along which the filing draws one.
fn rule(ranges: &[Range<usize>], columns: &Columns, measured: &[Column]) -> Option<String> {
    let spans = ranges.iter().map(|range| columns.of(range)).filter(|span| !span.is_empty());
    let mut drawn: Vec<Range<usize>> = spans
        .map(|span| {
            let last = &measured[span.end - 1];
            measured[span.start].x..last.x + last.width
        })
        .collect();
    drawn.sort_unstable_by_key(|drawn| (drawn.start, drawn.end));
    let mut rule = String::new();
    let mut width = 0;
    for drawn in drawn {
        rule.extend(std::iter::repeat_n(' ', drawn.start.saturating_sub(width)));
        width = width.max(drawn.start);
        rule.extend(std::iter::repeat_n('─', drawn.end.saturating_sub(width)));
        width = width.max(drawn.end);
    }
    Some(rule).filter(|rule| !rule.is_empty())
}
