//! The schema as a hash: files that were made by another schema are told by it.

use std::fmt::Write as _;

use super::table::Table;
use crate::manifest::sha256_hex;

/// A hash over all that a file's readers meet: names and order of tables and columns, types, and which columns no row
/// lacks. What is said of a column is no part of it.
pub(super) fn of<'a>(tables: impl Iterator<Item = &'a Table>) -> String {
    let mut text = String::new();
    for table in tables {
        let _ = writeln!(text, "{} {}", table.folder(), table.keys());
        for column in table.columns {
            let _ = writeln!(text, "  {} {}", column.name, column.column_type.word());
        }
    }
    sha256_hex(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::column::{Column, int32, string};
    use super::super::table::TableKind;
    use super::*;

    fn digest_with(name: &'static str, columns: &'static [Column]) -> String {
        of([Table { name, kind: TableKind::Export, doc: "A row.", columns }].iter())
    }

    #[test]
    fn a_name_a_type_and_the_order_change_the_digest_and_a_sentence_does_not() {
        const PLAIN: &[Column] = &[string("a", "One."), string("b", "Two.")];
        const RETOLD: &[Column] = &[string("a", "Another."), string("b", "Two.")];
        const SWAPPED: &[Column] = &[string("b", "One."), string("a", "Two.")];
        const RETYPED: &[Column] = &[string("a", "One."), int32("b", "Two.")];
        const RENAMED: &[Column] = &[string("a", "One."), string("c", "Two.")];
        const SHORTER: &[Column] = &[string("a", "One.")];
        let plain = digest_with("t", PLAIN);
        assert_eq!(plain, digest_with("t", RETOLD));
        for (name, columns) in [("u", PLAIN), ("t", SWAPPED), ("t", RETYPED), ("t", RENAMED), ("t", SHORTER)]
        {
            assert_ne!(plain, digest_with(name, columns), "{name} {columns:?}");
        }
    }
}
