//! What each column holds, and how wide that makes it.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::super::flow::Line;
use super::super::style::Align;
use super::cell::{Cell, Row};
use super::columns::Columns;
use super::{number, wrap};

/// Blanks between two columns.
const GAP: usize = 2;
/// A column of text is not wider; longer text is wrapped.
const MAX_TEXT: usize = 60;
/// A heading is wrapped to the width of the numbers below it, or to this one if they are narrower.
const MIN_HEADING: usize = 16;
/// A heading over several columns that is no longer is not wrapped, such as `Year Ended December 31,`.
const MAX_ALONE: usize = 24;
/// Whatever is longer pushes aside what is to the right of it, so that one long word does not widen every row.
const MAX_COLUMN: usize = 120;
/// Further lines of a label, and labels that begin in a later cell, stand so far to the right.
const STEP: usize = 2;

/// A column, measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    pub(super) x: usize,
    pub(super) width: usize,
    /// What of it is behind the last digit.
    pub(super) tail: usize,
    pub(super) is_number: bool,
    /// Whether its words stand to the right.
    pub(super) is_right: bool,
    /// Longer lines of words are wrapped.
    wrap: usize,
    /// Where labels begin in the markup: what begins later is subordinate.
    starts: Vec<usize>,
}

/// Measures all columns.
pub(super) fn measured(rows: &[Row], columns: &Columns) -> Vec<Column> {
    let mut measured = kinds(rows, columns);
    let cells = || rows.iter().flat_map(|row| &row.cells).map(|cell| (columns.of(&cell.columns), cell));
    for (span, cell) in cells().filter(|(span, cell)| span.len() == 1 && number::is_number(cell)) {
        let column = &mut measured[span.start];
        let width = cell.lines.iter().map(|line| line.text.width()).max();
        column.wrap = column.wrap.max(width.filter(|_| column.is_number).unwrap_or_default());
    }
    for (span, cell) in cells().filter(|(span, _)| span.len() == 1) {
        measured[span.start].make_room(cell);
    }
    let mut spanning: Vec<(Range<usize>, &Cell)> =
        cells().filter(|(span, cell)| span.len() > 1 && !runs_on(cell)).collect();
    spanning.sort_by_key(|(span, _)| span.len());
    for (span, cell) in spanning {
        let width = width(&measured, &span);
        let longest = lines_over(cell, width).iter().map(|line| line.width()).max().unwrap_or_default();
        measured[span.end - 1].width += longest.min(MAX_COLUMN).saturating_sub(width);
    }
    let mut x = 0;
    for column in &mut measured {
        column.x = x;
        x += column.width + GAP;
    }
    measured
}

/// The width of several columns with what is between them.
pub(super) fn width(measured: &[Column], span: &Range<usize>) -> usize {
    measured[span.clone()].iter().map(|column| column.width + GAP).sum::<usize>() - GAP
}

/// Whether a cell over several columns is no heading of theirs but a line of text, which may be as long as it is.
pub(super) fn runs_on(cell: &Cell) -> bool {
    cell.is_last && !matches!(cell.align, Align::Center | Align::Right)
}

/// The lines of a cell over columns of this width. What is nearly short enough makes them wider.
pub(super) fn lines_over(cell: &Cell, width: usize) -> Vec<String> {
    let room = |line: &Line| match line.text.width() {
        _ if runs_on(cell) => usize::MAX,
        own if own <= MAX_ALONE => MAX_ALONE,
        _ => width.max(MIN_HEADING),
    };
    cell.said().flat_map(|line| wrap::wrapped(line, room(line), room(line))).collect()
}

impl Column {
    /// The lines of a cell in this column, those of labels with their indentation.
    pub(super) fn lines(&self, cell: &Cell) -> Vec<String> {
        if self.is_number {
            let room = if number::is_number(cell) { usize::MAX } else { self.wrap };
            return cell.said().flat_map(|line| wrap::wrapped(line, room, room)).collect();
        }
        let rank = self.starts.iter().take_while(|start| **start < cell.columns.start).count();
        let indent = (cell.indent + rank * STEP).min(self.wrap / 2);
        let room = self.wrap - indent;
        let of_line = |line| wrap::wrapped(line, room, room - STEP).into_iter().enumerate();
        let indented = |(number, text): (usize, String)| " ".repeat(indent + number.min(1) * STEP) + &text;
        cell.said().flat_map(of_line).map(indented).collect()
    }

    fn make_room(&mut self, cell: &Cell) {
        for line in self.lines(cell) {
            let end = if self.is_number { number::end_in_column(&line) } else { line.len() };
            let body = (self.width - self.tail).max(line[..end].width().min(MAX_COLUMN));
            self.tail = self.tail.max(line[end..].width().min(MAX_COLUMN));
            self.width = body + self.tail;
        }
    }
}

/// Which columns hold numbers. The first one is of labels, such as years, unless its numbers stand to the right.
fn kinds(rows: &[Row], columns: &Columns) -> Vec<Column> {
    let mut counts = vec![[0_usize; 3]; columns.len()];
    let mut starts = Vec::new();
    for cell in rows.iter().flat_map(|row| &row.cells) {
        let span = columns.of(&cell.columns);
        if span.len() != 1 {
            continue;
        }
        let is_label = span.start == 0 && cell.align != Align::Right;
        let [numbers, words, right] = &mut counts[span.start];
        *right += usize::from(cell.align == Align::Right);
        if number::is_number(cell) && !is_label {
            // Years are headings more often than amounts: two of them weigh as much as one word.
            *numbers += if cell.only_line().is_some_and(number::is_year) { 1 } else { 2 };
        } else if *numbers > 0 || is_label {
            *words += 2;
        }
        if span.start == 0 && cell.align != Align::Center {
            starts.push(cell.columns.start);
        }
    }
    starts.sort_unstable();
    starts.dedup();
    let kind = |[numbers, words, right]: [usize; 3]| {
        let is_number = numbers > 0 && numbers >= words;
        let wrap = if is_number { MIN_HEADING } else { MAX_TEXT };
        Column { is_number, is_right: right * 4 > words + numbers, wrap, ..Column::default() }
    };
    let mut measured: Vec<Column> = counts.into_iter().map(kind).collect();
    measured[0].starts = starts;
    measured
}
