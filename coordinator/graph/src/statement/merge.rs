//! The sheets of several filings as one: the lines of the newest, and what older ones have besides at its place. Pure.

use super::sheet::{Row, Sheet};
use crate::facts::{Dimensions, Period};

/// What makes two rows of two filings the same: line numbers and labels change from year to year.
type Key<'a> = (&'a str, Option<&'a str>, &'a Dimensions, Option<Period>, bool, usize);

/// Puts the columns of an older filing beside those of newer ones.
pub(crate) fn merge(newer: &mut Sheet, older: Sheet) {
    let deeper = newer.top() - older.top();
    let (before, added) = (newer.columns.len(), older.columns.len());
    newer.columns.extend(older.columns);
    for row in &mut newer.rows {
        row.cells.resize(before + added, None);
    }
    let keys: Vec<_> = keys(&newer.rows).into_iter().map(owned).collect();
    let older_keys: Vec<_> = self::keys(&older.rows).into_iter().map(owned).collect();
    // Rows inserted so far move those that follow.
    let (mut at, mut inserted) = (0, Vec::new());
    for (key, row) in older_keys.iter().zip(older.rows) {
        let mut cells = vec![None; before];
        cells.extend(row.cells.iter().cloned());
        match keys.iter().position(|known| known == key) {
            Some(place) => {
                newer.rows[place].cells.splice(before.., row.cells);
                at = place + 1;
            }
            None => inserted.push((at, Row { cells, depth: row.depth + deeper, ..row })),
        }
    }
    for (at, row) in inserted.into_iter().rev() {
        newer.rows.insert(at, row);
    }
}

/// Puts columns of periods into the order of time, the newest first.
pub(crate) fn newest_first(sheet: &mut Sheet) {
    let mut order: Vec<usize> = (0..sheet.columns.len()).collect();
    // Columns without a period of their own stay where they are.
    order.sort_by_key(|place| std::cmp::Reverse(sheet.columns[*place].period));
    sheet.columns = order.iter().map(|place| sheet.columns[*place].clone()).collect();
    for row in &mut sheet.rows {
        row.cells = order.iter().map(|place| row.cells[*place].take()).collect();
    }
}

fn keys(rows: &[Row]) -> Vec<Key<'_>> {
    let mut keys: Vec<Key<'_>> = Vec::with_capacity(rows.len());
    for row in rows {
        let key =
            |nth| (&*row.concept, row.edge.as_deref(), &row.dimensions, row.period, row.is_heading, nth);
        let nth = keys.iter().filter(|(a, b, c, d, e, _)| (*a, *b, *c, *d, *e, 0) == key(0)).count();
        keys.push(key(nth));
    }
    keys
}

type OwnedKey = (String, Option<String>, Dimensions, Option<Period>, bool, usize);

fn owned((concept, edge, dimensions, period, is_heading, nth): Key<'_>) -> OwnedKey {
    (concept.to_owned(), edge.map(str::to_owned), dimensions.clone(), period, is_heading, nth)
}
