//! The rows of one filing's files, held against each other: an identifier stands for one node, and what a relationship
//! names is there. Pure.

use std::collections::{BTreeMap, HashSet};

use arrow_array::StringArray;
use arrow_array::cast::AsArray;
use bytes::Bytes;
use edgraph_shared::schema::{self, Table, TableKind};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// What is wrong with the rows of which file, by table. `files` are all of a filing.
pub(super) fn problems(files: &BTreeMap<&'static str, Bytes>) -> Vec<(&'static str, String)> {
    let mut problems = Vec::new();
    let mut nodes: BTreeMap<&str, HashSet<String>> = BTreeMap::new();
    for table in schema::NODES {
        let Some(file) = files.get(table.name) else { continue };
        let own = nodes.entry(table.name).or_default();
        let mut twice = Offenders::default();
        let read = each_key(table, file, |keys| {
            let is_new = own.insert(keys[0].to_owned());
            twice.note(!is_new, keys[0]);
        });
        problems.extend(read.err().map(|problem| (table.name, problem)));
        problems.extend(
            twice.told("rows have an identifier that another row has").map(|told| (table.name, told)),
        );
    }
    for table in schema::RELATIONSHIPS {
        let TableKind::Relationship { from, to } = table.kind else { continue };
        let Some(file) = files.get(table.name) else { continue };
        let mut ends = [(from, Offenders::default()), (to, Offenders::default())];
        let read = each_key(table, file, |keys| {
            for ((node, dangling), key) in ends.iter_mut().zip(keys) {
                let is_there = nodes.get(node).is_some_and(|nodes| nodes.contains(*key));
                dangling.note(!is_there, key);
            }
        });
        problems.extend(read.err().map(|problem| (table.name, problem)));
        for (node, dangling) in ends {
            let told = dangling.told(&format!("rows name a {node} that the filing does not have"));
            problems.extend(told.map(|told| (table.name, told)));
        }
    }
    problems
}

/// How many rows offend, and one of them.
#[derive(Default)]
struct Offenders {
    count: u64,
    first: Option<String>,
}

impl Offenders {
    fn note(&mut self, offends: bool, key: &str) {
        if offends {
            self.count += 1;
            self.first.get_or_insert_with(|| key.to_owned());
        }
    }

    fn told(self, what: &str) -> Option<String> {
        self.first.map(|first| format!("{} of its {what}, such as {first}", self.count))
    }
}

/// Hands over the identifiers of every row of a table's file: of a node its own, of a relationship both ends'.
fn each_key(table: &'static Table, file: &Bytes, mut row: impl FnMut(&[&str])) -> Result<(), String> {
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file.clone()).map_err(|error| error.to_string())?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), 0..table.keys());
    let batches = builder.with_projection(mask).build().map_err(|error| error.to_string())?;
    for batch in batches {
        let batch = batch.map_err(|error| error.to_string())?;
        let columns: Option<Vec<&StringArray>> =
            batch.columns().iter().map(|column| column.as_string_opt::<i32>()).collect();
        let columns = columns.ok_or("its identifiers are no texts")?;
        for place in 0..batch.num_rows() {
            row(&columns.iter().map(|column| column.value(place)).collect::<Vec<_>>());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use edgraph_worker::output::parquet::encode;

    use super::*;

    fn file(name: &str, rows: &[&[(&str, &str)]]) -> (&'static str, Bytes) {
        let table = schema::table(name).unwrap();
        let row = |cells: &&[(&str, &str)]| {
            let mut row = table.sparse_row([]);
            for (column, value) in *cells {
                row[table.column_index(column).unwrap()] = (*value).into();
            }
            row
        };
        (table.name, encode(table, &rows.iter().map(row).collect::<Vec<_>>()).unwrap())
    }

    #[test]
    fn what_relationships_name_is_there_and_each_node_is_there_once() {
        let facts = file("Fact", &[&[("identifier", "a")], &[("identifier", "b")]]);
        let units = file("Unit", &[&[("identifier", "x")]]);
        let link = |from, to| [("from", from), ("to", to)];
        let links = file("FACT_HAS_UNIT", &[&link("a", "x"), &link("b", "x")]);
        assert_eq!(problems(&[facts.clone(), units.clone(), links.clone()].into()), []);

        let twice = file("Fact", &[&[("identifier", "a")], &[("identifier", "b")], &[("identifier", "a")]]);
        let told = "1 of its rows have an identifier that another row has, such as a".to_owned();
        assert_eq!(problems(&[twice, units.clone(), links.clone()].into()), [("Fact", told)]);

        let astray = file("FACT_HAS_UNIT", &[&link("a", "y"), &link("c", "x"), &link("b", "z")]);
        let from = "1 of its rows name a Fact that the filing does not have, such as c".to_owned();
        let to = "2 of its rows name a Unit that the filing does not have, such as y".to_owned();
        let expected = [("FACT_HAS_UNIT", from), ("FACT_HAS_UNIT", to)];
        assert_eq!(problems(&[facts.clone(), units, astray].into()), expected);
        // A table without rows has no file.
        assert_eq!(problems(&[facts, links].into()).len(), 1);
    }

    #[test]
    fn what_is_no_table_s_file_is_said() {
        let no_file = BTreeMap::from([("Fact", Bytes::from_static(b"PAR1"))]);
        assert_eq!(problems(&no_file).len(), 1);
    }
}
