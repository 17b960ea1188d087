//! Cells, as they are read.

use std::ops::Range;

use super::super::flow::Line;
use super::super::style::Align;

/// A cell with something in it.
#[derive(Clone, Debug, Default)]
pub(in crate::prose) struct Cell {
    pub(in crate::prose) lines: Vec<Line>,
    /// The columns of the markup that it covers.
    pub(in crate::prose) columns: Range<usize>,
    pub(in crate::prose) align: Align,
    /// Blanks before its first line.
    pub(in crate::prose) indent: usize,
    /// Whether nothing is to the right of it.
    pub(in crate::prose) is_last: bool,
}

/// A row, and the columns of the markup along which a line is drawn.
#[derive(Clone, Debug, Default)]
pub(in crate::prose) struct Row {
    pub(in crate::prose) cells: Vec<Cell>,
    pub(in crate::prose) rules_above: Vec<Range<usize>>,
    pub(in crate::prose) rules_below: Vec<Range<usize>>,
}

impl Cell {
    /// Its text, if that is one line.
    pub(super) fn only_line(&self) -> Option<&str> {
        let [line] = &*self.lines else { return None };
        Some(&line.text)
    }

    /// Its lines, but for empty ones.
    pub(super) fn said(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.text.is_empty())
    }

    /// Characters that are not blank.
    pub(super) fn size(&self) -> usize {
        let size = |line: &Line| line.text.chars().filter(|character| !character.is_whitespace()).count();
        self.lines.iter().map(size).sum()
    }
}
