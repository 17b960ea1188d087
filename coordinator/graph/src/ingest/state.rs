//! What a graph says of itself: its id, its schema version, its markers, and rows by identifier.
//!
//! The only reader and writer of `_Graph` and `_Filing`. Not here: what follows from them.

use std::path::Path;

use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::schema::{self, Column, ColumnType, Row, Table, TableKind, Value};
use edgraph_worker::output::parquet;

use super::plan::{Marker, Markers};
use crate::database::cell::{Cell, Cells};
use crate::database::cypher::{quote, quote_path};
use crate::database::ddl;
use crate::database::kuzu::Session;
use crate::error::Error;

/// Rows of a table up to which it is joined whole: the database builds a hash table of it in memory. Larger ones are
/// joined in sixteen parts, by the first digit of the identifier.
const MAX_JOINED_ROWS: u64 = 1_000_000;

const WANTED: Column = Column { name: "wanted", column_type: ColumnType::String, doc: "What is looked for." };

/// A file of keys to join with.
static KEYS: Table = Table { name: "keys", kind: TableKind::Export, doc: "Keys.", columns: &[WANTED] };

/// Makes an empty graph.
pub(super) fn create(session: &Session<'_>, graph_id: &str) -> Result<(), Error> {
    for statement in ddl::statements() {
        session.run(&statement)?;
    }
    let (id, version) = (quote(graph_id), quote(&ddl::schema_version()));
    session
        .run(&format!("CREATE (:`_Graph` {{graph_id: {id}, schema_version: {version}, removed_rows: '0'}})"))
}

/// Rows of filings that were replaced since the graph was built anew.
pub(super) fn removed_rows(session: &Session<'_>) -> Result<u64, Error> {
    let rows = session.rows("MATCH (g:`_Graph`) RETURN g.removed_rows")?;
    let removed = rows.first().and_then(|row| row[0].as_text()).and_then(|text| text.parse().ok());
    removed.ok_or_else(|| Error::invalid("rows removed from the graph", "no number"))
}

/// Sets [`removed_rows`].
pub(super) fn set_removed_rows(session: &Session<'_>, rows: u64) -> Result<(), Error> {
    session.run(&format!("MATCH (g:`_Graph`) SET g.removed_rows = '{rows}'"))
}

/// The graph's id, once its schema is known to be this program's.
///
/// # Errors
/// [`Error::SchemaVersion`] naming both; a database that is not a graph of ours has the version `none`.
pub(super) fn identity(session: &Session<'_>, folder: &Path) -> Result<String, Error> {
    let expected = ddl::schema_version();
    let differs =
        |found: String| Error::SchemaVersion { folder: folder.to_owned(), found, expected: expected.clone() };
    let tables = session.rows("CALL show_tables() RETURN name")?;
    if !tables.iter().any(|row| row[0].as_text() == Some(ddl::GRAPH.name)) {
        return Err(differs("none".to_owned()));
    }
    let rows = session.rows("MATCH (g:`_Graph`) RETURN g.graph_id, g.schema_version")?;
    match rows.first().map(Vec::as_slice) {
        Some([Cell::Text(graph_id), Cell::Text(version)]) if *version == expected => Ok(graph_id.clone()),
        Some([_, Cell::Text(version)]) => Err(differs(version.clone())),
        _ => Err(differs("none".to_owned())),
    }
}

/// All markers.
pub(super) fn markers(session: &Session<'_>) -> Result<Markers, Error> {
    let columns = returned(&ddl::FILING);
    let mut markers = Markers::new();
    let mut unreadable = None;
    session.each(&format!("MATCH (n:`_Filing`) RETURN {columns}"), |row| match marker(&row) {
        Some((accession, marker)) => drop(markers.insert(accession, marker)),
        None => unreadable = Some(row),
    })?;
    match unreadable {
        Some(row) => Err(Error::invalid("a marker of the graph", format!("{row:?}"))),
        None => Ok(markers),
    }
}

fn marker(row: &Cells) -> Option<(AccessionNumber, Marker)> {
    let text = |index: usize| row.get(index).and_then(Cell::as_text);
    let companies = text(5)?.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let marker = Marker {
        input_key: text(1)?.to_owned(),
        owner: text(2)?.parse::<Cik>().ok()?,
        form: text(3)?.to_owned(),
        accepted_at: text(4)?.to_owned(),
        companies,
        occurrences: text(6)?.parse().ok()?,
        rows: serde_json::from_str(text(7)?).ok()?,
    };
    Some((text(0)?.parse().ok()?, marker))
}

/// A marker as a row of `_Filing`.
pub(super) fn marker_row(accession: &AccessionNumber, marker: &Marker) -> Row {
    let companies: Vec<String> = marker.companies.iter().map(|cik| cik.cik10()).collect();
    let rows = serde_json::to_string(&marker.rows).expect("names and numbers always serialise");
    ddl::FILING.row([
        ("accession", accession.as_str().into()),
        ("input_key", (&marker.input_key).into()),
        ("owner", marker.owner.cik10().into()),
        ("form", (&marker.form).into()),
        ("accepted_at", (&marker.accepted_at).into()),
        ("companies", companies.join(" ").into()),
        ("occurrences", marker.occurrences.to_string().into()),
        ("rows", rows.into()),
    ])
}

/// Rows of a table.
pub(super) fn count(session: &Session<'_>, table: &Table) -> Result<u64, Error> {
    let rows = match table.kind {
        TableKind::Relationship { from, to } => format!("(:`{from}`)-[:`{}`]->(:`{to}`)", table.name),
        _ => format!("(:`{}`)", table.name),
    };
    number(session, &format!("MATCH {rows} RETURN count(*)"))
}

/// The number that a statement answers.
pub(super) fn number(session: &Session<'_>, statement: &str) -> Result<u64, Error> {
    let rows = session.rows(statement)?;
    let count = rows.first().and_then(|row| row.first()).and_then(Cell::as_count);
    count.ok_or_else(|| Error::invalid(statement, "no number"))
}

/// The columns of a node as `RETURN` wants them.
pub(super) fn returned(table: &Table) -> String {
    table.columns.iter().map(|column| format!("n.`{}`", column.name)).collect::<Vec<_>>().join(", ")
}

/// A row as the schema has it, from cells of [`returned`].
pub(super) fn schema_row(table: &'static Table, cells: Cells) -> Result<Row, Error> {
    let value = |(column, cell): (&Column, Cell)| {
        let value = match (column.column_type, cell) {
            (_, Cell::Null) => Value::Null,
            (ColumnType::Boolean, Cell::Boolean(value)) => value.into(),
            (ColumnType::Double, Cell::Double(value)) => value.into(),
            (ColumnType::String, Cell::Text(value)) => value.into(),
            (ColumnType::Int32, Cell::Integer(value)) => i32::try_from(value).ok().into(),
            (_, other) => {
                return Err(Error::invalid(format!("{}.{}", table.name, column.name), format!("{other:?}")));
            }
        };
        Ok(value)
    };
    schema::graph_columns(table).zip(cells).map(value).collect()
}

/// Writes keys to a file and returns the clause that binds each to `wanted`.
pub(super) fn load_keys<'a>(
    scratch: &Path,
    name: &str,
    keys: impl Iterator<Item = &'a str>,
) -> Result<String, Error> {
    let rows: Vec<Row> = keys.map(|key| vec![key.into()]).collect();
    Ok(format!("LOAD FROM {} WITH wanted", write(scratch, name, &KEYS, &rows)?))
}

/// The same of identifiers of nodes.
pub(super) fn load_identifiers<'a>(
    scratch: &Path,
    name: &str,
    identifiers: impl Iterator<Item = &'a str>,
) -> Result<String, Error> {
    let keys = load_keys(scratch, name, identifiers)?;
    // A clause of its own: compared with a call, the database would pair every key with every node.
    Ok(format!("{keys} WITH UUID(wanted) AS wanted"))
}

/// Writes rows to a file and returns its path as a literal.
pub(super) fn write(
    scratch: &Path,
    name: &str,
    table: &'static Table,
    rows: &[Row],
) -> Result<String, Error> {
    let path = scratch.join(format!("{name}.parquet"));
    let bytes =
        parquet::encode(table, rows).map_err(|error| Error::invalid(format!("rows of {name}"), error))?;
    std::fs::write(&path, bytes).map_err(Error::io("write", &path))?;
    quote_path(&path)
}

/// The rows of a shared table that have one of these identifiers.
pub(super) fn existing<'a>(
    session: &Session<'_>,
    table: &'static Table,
    identifiers: impl Iterator<Item = &'a str>,
    scratch: &Path,
) -> Result<Vec<Row>, Error> {
    let mut identifiers = identifiers.peekable();
    let present = count(session, table)?;
    if present == 0 || identifiers.peek().is_none() {
        return Ok(Vec::new());
    }
    let keys = load_identifiers(scratch, "existing", identifiers)?;
    let mut rows = Vec::new();
    for part in parts(present) {
        let (name, columns) = (table.name, returned(table));
        let statement =
            format!("{keys} MATCH (n:`{name}`) WHERE n.identifier = wanted {part} RETURN {columns}");
        rows.extend(session.rows(&statement)?);
    }
    rows.into_iter().map(|cells| schema_row(table, cells)).collect()
}

/// Conditions that together hold once for every identifier.
fn parts(rows: u64) -> Vec<String> {
    if rows <= MAX_JOINED_ROWS {
        return vec![String::new()];
    }
    let bounds: Vec<String> =
        (1..16).map(|digit| format!("UUID('{digit:x}0000000-0000-0000-0000-000000000000')")).collect();
    let mut parts = vec![format!("AND n.identifier < {}", bounds[0])];
    parts.extend(
        bounds
            .windows(2)
            .map(|pair| format!("AND n.identifier >= {} AND n.identifier < {}", pair[0], pair[1])),
    );
    parts.push(format!("AND n.identifier >= {}", bounds[14]));
    parts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_marker_comes_back_as_it_was_written() {
        let accession: AccessionNumber = "0000000001-24-000001".parse().unwrap();
        let written = Marker {
            input_key: "k".into(),
            owner: "7".parse().unwrap(),
            form: "10-K".into(),
            accepted_at: "2024-01-01T00:00:00.000Z".into(),
            companies: ["8".parse().unwrap(), "9".parse().unwrap()].into(),
            occurrences: 12,
            rows: BTreeMap::from([("Fact".into(), 3)]),
        };
        let cells: Cells = marker_row(&accession, &written)
            .into_iter()
            .map(|value| match value {
                Value::String(text) => Cell::Text(text.to_string()),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(marker(&cells), Some((accession, written)));
        assert_eq!(marker(&vec![Cell::Null; 8]), None);
    }

    #[test]
    fn a_large_table_is_joined_in_sixteen_parts_that_meet() {
        assert_eq!(parts(MAX_JOINED_ROWS), [""]);
        let parts = parts(MAX_JOINED_ROWS + 1);
        assert_eq!(parts.len(), 16);
        let bound = |digit: char| format!("UUID('{digit}0000000-0000-0000-0000-000000000000')");
        assert_eq!(parts[0], format!("AND n.identifier < {}", bound('1')));
        let second = format!("AND n.identifier >= {} AND n.identifier < {}", bound('1'), bound('2'));
        assert_eq!(parts[1], second);
        assert_eq!(parts[15], format!("AND n.identifier >= {}", bound('f')));
    }
}
