//! The columns that a person sees: what stands above each other in cells that overlap.

use std::collections::BTreeMap;
use std::ops::Range;

use super::cell::Row;

/// Columns from left to right, each the columns of the markup that it takes up.
#[derive(Debug)]
pub(super) struct Columns(Vec<Range<usize>>);

/// Finds the columns. Narrow cells make them; a wider one joins the one that it overlaps, and spans those that it
/// overlaps if they are several.
pub(super) fn find(rows: &[Row]) -> Columns {
    let cells = rows.iter().flat_map(|row| &row.cells);
    let mut wanted: Vec<(usize, usize, usize)> =
        cells.map(|cell| (cell.columns.len(), cell.columns.start, cell.columns.end)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut found: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, start, end) in wanted {
        let before = found.range(..end).rev().take_while(|(_, their_end)| **their_end > start);
        match before.take(2).map(|(start, end)| (*start, *end)).collect::<Vec<_>>()[..] {
            [] => drop(found.insert(start, end)),
            [(their_start, their_end)] => {
                found.remove(&their_start);
                found.insert(start.min(their_start), end.max(their_end));
            }
            _ => {}
        }
    }
    Columns(found.into_iter().map(|(start, end)| start..end).collect())
}

impl Columns {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Those that some columns of the markup overlap.
    pub(super) fn of(&self, columns: &Range<usize>) -> Range<usize> {
        let first = self.0.partition_point(|column| column.end <= columns.start);
        let end = self.0.partition_point(|column| column.start < columns.end);
        first..end.max(first)
    }
}
