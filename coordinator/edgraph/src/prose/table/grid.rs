//! Which columns a cell covers, as HTML has it.

use std::ops::Range;

/// No cell spans more (HTML, 4.9.11); where there are as many columns already, cells span one.
const MAX_SPAN: usize = 1_000;

/// The columns of the rows so far.
#[derive(Debug, Default)]
pub(in crate::prose) struct Grid {
    /// For each column the first row that no cell from above reaches down to.
    free_from: Vec<usize>,
    row: usize,
    next: usize,
}

impl Grid {
    /// Places the next cell of the row; so many rows down, and zero is to the end.
    pub(in crate::prose) fn place(&mut self, columns: usize, rows: usize) -> Range<usize> {
        while self.free_from.get(self.next).is_some_and(|free| *free > self.row) {
            self.next += 1;
        }
        let start = self.next;
        let span = if start < MAX_SPAN { columns.clamp(1, MAX_SPAN) } else { 1 };
        self.next += span;
        if self.free_from.len() < self.next {
            self.free_from.resize(self.next, 0);
        }
        let end = if rows == 0 { usize::MAX } else { self.row.saturating_add(rows) };
        self.free_from[start..self.next].fill(end);
        start..self.next
    }

    /// Ends the row.
    pub(in crate::prose) fn end_row(&mut self) {
        (self.row, self.next) = (self.row + 1, 0);
    }
}
