//! Rows of shared nodes with one identifier become one, by the schema's rules. Pure.
//!
//! A row's standing is all that comparing needs: its rank, and a digest of the whole row. Standings of everything
//! the database holds fit in memory where rows would not.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use edgraph_shared::schema::{Merge, Row, Table, TableKind, Value};
use sha2::{Digest, Sha256};

/// A node's identifier.
pub(super) type Identifier = Arc<str>;

/// How a row compares with others of its identifier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    /// `is_resolved`, `as_of`, `accession`; nothing where rows are equal by construction.
    rank: Option<(bool, Arc<str>, Arc<str>)>,
    /// Ends ties, so that the winner never depends on order.
    digest: [u8; 16],
}

impl Standing {
    /// Whether the row comes from an authority.
    pub(super) fn is_resolved(&self) -> bool {
        self.rank.as_ref().is_some_and(|(resolved, ..)| *resolved)
    }

    /// The same, with texts that are in the set already.
    pub(super) fn sharing(self, texts: &mut HashSet<Arc<str>>) -> Self {
        let mut shared = |text: Arc<str>| match texts.get(&text) {
            Some(known) => known.clone(),
            None => {
                texts.insert(text.clone());
                text
            }
        };
        let rank = self.rank.map(|(resolved, as_of, accession)| (resolved, shared(as_of), shared(accession)));
        Self { rank, ..self }
    }
}

/// The merge rule of a shared table.
pub(super) fn rule(table: &Table) -> Option<Merge> {
    match table.kind {
        TableKind::Shared(merge) => Some(merge),
        _ => None,
    }
}

/// A row's standing in its table.
pub(super) fn standing(table: &Table, row: &Row) -> Standing {
    let text = |name| match table.column_index(name).map(|index| &row[index]) {
        Some(Value::String(text)) => text.clone(),
        _ => Arc::from(""),
    };
    let rank = (rule(table) == Some(Merge::Greatest)).then(|| {
        let resolved = table.column_index("is_resolved").map(|index| &row[index]);
        (resolved == Some(&Value::Boolean(true)), text("as_of"), text("accession"))
    });
    Standing { rank, digest: digest(row) }
}

/// A digest of a row: equal for equal rows, NULL apart from empty text.
pub(super) fn digest(row: &Row) -> [u8; 16] {
    let mut hash = Sha256::new();
    for value in row {
        match value {
            Value::Null => hash.update([0]),
            Value::Boolean(value) => hash.update([1, u8::from(*value)]),
            Value::Int32(value) => {
                hash.update([2]);
                hash.update(value.to_be_bytes());
            }
            Value::Double(value) => {
                hash.update([3]);
                hash.update(value.to_bits().to_be_bytes());
            }
            Value::String(text) => {
                hash.update([4]);
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text.as_bytes());
            }
            Value::Date(days) => {
                hash.update([5]);
                hash.update(days.to_be_bytes());
            }
            Value::Timestamp(micros) => {
                hash.update([6]);
                hash.update(micros.to_be_bytes());
            }
        }
    }
    hash.finalize()[..16].try_into().expect("a hash has 32 bytes")
}

/// What becomes of a row beside another of its identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The same, or the other one is greater.
    Keep,
    /// The new row is greater.
    Take,
    /// They differ where they must not.
    Conflict,
}

/// Compares a new row's standing with the present one's.
pub(super) fn compare(table: &Table, present: &Standing, new: &Standing) -> Verdict {
    match (rule(table), new.cmp(present)) {
        (_, Ordering::Equal) => Verdict::Keep,
        (Some(Merge::Greatest), Ordering::Greater) => Verdict::Take,
        (Some(Merge::Greatest), Ordering::Less) => Verdict::Keep,
        _ => Verdict::Conflict,
    }
}

/// Rows of one table with their standings, one per identifier.
pub(super) type Merged = BTreeMap<Identifier, (Standing, Row)>;

/// Why a row was refused: the filing that brought it is at fault.
#[derive(Debug, PartialEq)]
pub(super) struct Conflict {
    /// The row refused.
    pub row: Row,
    /// The row present, if that is what it differs from.
    pub present: Option<Row>,
}

/// What one filing's rows would add to a table, without adding it: a filing is taken whole or not at all.
///
/// # Errors
/// [`Conflict`] if a row without identifier is among them, or one that differs where it must not.
pub(super) fn check(table: &Table, merged: &Merged, rows: Vec<Row>) -> Result<Merged, Box<Conflict>> {
    let mut own = Merged::new();
    for row in rows {
        let Value::String(identifier) = &row[0] else {
            return Err(Box::new(Conflict { row, present: None }));
        };
        let identifier = identifier.clone();
        let standing = standing(table, &row);
        let present = own.get(&identifier).or_else(|| merged.get(&identifier));
        match present.map_or(Verdict::Take, |(present, _)| compare(table, present, &standing)) {
            Verdict::Keep => {}
            Verdict::Take => drop(own.insert(identifier, (standing, row))),
            Verdict::Conflict => {
                let present = present.map(|(_, row)| row.clone());
                return Err(Box::new(Conflict { row, present }));
            }
        }
    }
    Ok(own)
}

/// A row as `{column: value, …}`, for a person; NULLs are left out.
pub(super) fn describe(table: &Table, row: &Row) -> String {
    let cells = table.columns.iter().zip(row).filter(|(_, value)| **value != Value::Null);
    let text = |(column, value): (&edgraph_shared::schema::Column, &Value)| {
        let value = match value {
            Value::Null => String::new(),
            Value::Boolean(value) => value.to_string(),
            Value::Int32(value) | Value::Date(value) => value.to_string(),
            Value::Timestamp(value) => value.to_string(),
            Value::Double(value) => value.to_string(),
            Value::String(text) => format!("{text:?}"),
        };
        format!("{}: {value}", column.name)
    };
    format!("{{{}}}", cells.map(text).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use edgraph_shared::schema;

    use super::*;

    fn element(resolved: bool, as_of: &str, accession: &str, name: &str) -> Row {
        schema::table("Element").unwrap().sparse_row([
            ("identifier", "e".into()),
            ("name", name.into()),
            ("is_resolved", resolved.into()),
            ("as_of", as_of.into()),
            ("accession", accession.into()),
        ])
    }

    fn add(table: &Table, merged: &mut Merged, rows: Vec<Row>) -> Result<(), Box<Conflict>> {
        merged.append(&mut check(table, merged, rows)?);
        Ok(())
    }

    #[test]
    fn the_greatest_row_wins_whole_in_every_order() {
        let table = schema::table("Element").unwrap();
        let rows = [
            element(false, "2024-09-09", "z", "unresolved, though newest"),
            element(true, "2024-01-01", "b", "winner"),
            element(true, "2024-01-01", "a", "earlier accession"),
            element(true, "2023-01-01", "z", "older"),
        ];
        for shift in 0..rows.len() {
            let mut merged = Merged::new();
            for index in 0..rows.len() {
                add(table, &mut merged, vec![rows[(index + shift) % rows.len()].clone()]).unwrap();
            }
            assert_eq!(merged["e"].1, rows[1]);
        }
        let tie = |first: &str, second: &str| {
            let mut merged = Merged::new();
            for name in [first, second] {
                add(table, &mut merged, vec![element(true, "t", "a", name)]).unwrap();
            }
            merged["e"].1.clone()
        };
        assert_eq!(tie("one", "two"), tie("two", "one"));
    }

    #[test]
    fn equal_rows_are_one_and_a_difference_refuses_the_whole_filing() {
        let table = schema::table("Label").unwrap();
        let label =
            |id: &str, value: &str| table.sparse_row([("identifier", id.into()), ("value", value.into())]);
        let mut merged = Merged::new();
        add(table, &mut merged, vec![label("a", "x"), label("a", "x")]).unwrap();
        let conflict = add(table, &mut merged, vec![label("b", "y"), label("a", "other")]).unwrap_err();
        assert_eq!(*conflict, Conflict { row: label("a", "other"), present: Some(label("a", "x")) });
        assert_eq!(merged.keys().map(|key| &**key).collect::<Vec<_>>(), ["a"]);
        let empty =
            table.sparse_row([("identifier", "a".into()), ("value", "x".into()), ("type", "".into())]);
        assert!(add(table, &mut merged, vec![empty]).is_err(), "empty is not NULL");
        assert!(add(table, &mut merged, vec![table.sparse_row([("value", "no key".into())])]).is_err());
        assert_eq!(describe(table, &label("a", "x")), r#"{identifier: "a", value: "x"}"#);
    }
}
