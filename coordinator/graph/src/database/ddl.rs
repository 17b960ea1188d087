//! The schema as text: Kuzu DDL, and the printed forms of `edgraph schema`.
//!
//! Pure. Tables come from `edgraph_shared::schema`; the graph's own two, `_Graph` and `_Filing`, are here because
//! nothing outside of ingestion reads or writes them.

use edgraph_shared::manifest::sha256_hex;
use edgraph_shared::schema::{self, Column, ColumnType, Table, TableKind};
use serde_json::json;

/// Hex digits of a schema version: enough that two schemas never share one.
const VERSION_DIGITS: usize = 12;

/// The column by which a node is found and joined.
const IDENTIFIER: &str = "identifier";

const fn string(name: &'static str, doc: &'static str) -> Column {
    Column { name, column_type: ColumnType::String, doc }
}

/// What the graph is: one row, written at creation.
pub(crate) static GRAPH: Table = Table {
    name: "_Graph",
    kind: TableKind::Owned,
    doc: "The graph itself: one row.",
    columns: &[
        string("graph_id", "Random, made with the graph: tells one graph from another in the same folder."),
        string("schema_version", "A hash of the tables the graph was made with."),
        string("removed_rows", "Rows of filings that were replaced since the graph was built anew, decimal."),
    ],
};

/// What was loaded: one marker per filing.
pub(crate) static FILING: Table = Table {
    name: "_Filing",
    kind: TableKind::Owned,
    doc: "A filing that is in the graph: written with its rows.",
    columns: &[
        string("accession", "The filing."),
        string("input_key", "What its rows were made from."),
        string("owner", "The filer's CIK."),
        string("form", "The form."),
        string("accepted_at", "When EDGAR accepted it, ISO 8601 UTC."),
        string(
            "companies",
            "CIKs it is listed under as far as known, ten digits, sorted, separated by spaces.",
        ),
        string("occurrences", "Fact occurrences, decimal."),
        string("rows", "Rows by table that are in the graph, a JSON object."),
    ],
};

/// How the database writes a type of the schema.
fn type_name(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::String => "STRING",
        ColumnType::Boolean => "BOOLEAN",
        ColumnType::Int32 => "INT32",
        ColumnType::Double => "DOUBLE",
        ColumnType::Date => "DATE",
        ColumnType::Timestamp => "TIMESTAMP",
    }
}

/// How the database writes the type of a column. What joins nodes takes 16 bytes there: it is a UUID, as text in files.
fn type_in(table: &Table, column: &Column) -> &'static str {
    let is_identifier = table.is_node() && column.name == IDENTIFIER;
    if is_identifier { "UUID" } else { type_name(column.column_type) }
}

/// The key of a table's nodes, as an expression over a file of its rows.
pub(crate) fn key_in_file(table: &Table) -> String {
    let key = &table.columns[0];
    match type_in(table, key) {
        "UUID" => format!("UUID(`{}`)", key.name),
        _ => format!("`{}`", key.name),
    }
}

/// The statement that creates a table of the graph.
fn create(table: &'static Table) -> String {
    let definition = |column: &Column| format!("`{}` {}", column.name, type_in(table, column));
    let columns: Vec<String> = schema::graph_columns(table).map(definition).collect();
    match table.kind {
        TableKind::Relationship { from, to } => {
            let ends = format!("FROM `{from}` TO `{to}`");
            let parts: Vec<String> = std::iter::once(ends).chain(columns.into_iter().skip(2)).collect();
            format!("CREATE REL TABLE `{}`({})", table.name, parts.join(", "))
        }
        _ => {
            let (columns, key) = (columns.join(", "), table.columns[0].name);
            format!("CREATE NODE TABLE `{}`({columns}, PRIMARY KEY(`{key}`))", table.name)
        }
    }
}

/// Everything that makes an empty graph, in order.
pub fn statements() -> Vec<String> {
    schema::graph_tables().chain([&GRAPH, &FILING]).map(create).collect()
}

/// A hash of the tables: graphs of another version are refused, because their columns are others.
pub fn schema_version() -> String {
    let mut version = sha256_hex(statements().join("\n").as_bytes());
    version.truncate(VERSION_DIGITS);
    version
}

/// How `edgraph schema` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaFormat {
    /// Markdown: a heading and a table of columns each.
    Markdown,
    /// One JSON array.
    Json,
    /// The statements that make an empty graph.
    Ddl,
}

/// Every table with its columns and what they mean.
pub fn print(format: SchemaFormat) -> String {
    match format {
        SchemaFormat::Ddl => statements().iter().map(|statement| format!("{statement};\n")).collect(),
        SchemaFormat::Json => {
            let tables: Vec<_> = schema::all_tables().map(as_json).collect();
            let mut text = serde_json::to_string_pretty(&tables).expect("strings always serialise");
            text.push('\n');
            text
        }
        SchemaFormat::Markdown => {
            let heading = "# Tables of the graph, and of files beside it\n\nA UUID is text in files.\n";
            std::iter::once(heading.to_owned()).chain(schema::all_tables().map(as_markdown)).collect()
        }
    }
}

/// One table as Markdown, by its name in any case.
pub fn describe(table: &str) -> Option<String> {
    schema::all_tables().find(|known| known.name.eq_ignore_ascii_case(table)).map(as_markdown)
}

/// Whether there is such a table in the graph.
fn is_in_graph(table: &Table) -> bool {
    schema::graph_tables().any(|other| other.name == table.name)
}

fn kind_name(table: &Table) -> &'static str {
    match table.kind {
        TableKind::Relationship { .. } if !is_in_graph(table) => "relationship, in files only",
        TableKind::Owned => "node of one filing",
        TableKind::Shared(_) => "node shared between filings",
        TableKind::Relationship { .. } => "relationship",
        TableKind::Export => "file only",
    }
}

fn as_json(table: &'static Table) -> serde_json::Value {
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|column| {
            let in_graph = is_in_graph(table) && schema::is_in_graph(table, column);
            let column_type = type_in(table, column);
            json!({"name": column.name, "type": column_type, "doc": column.doc, "in_graph": in_graph})
        })
        .collect();
    let mut object = json!({
        "name": table.name, "kind": kind_name(table), "doc": table.doc, "folder": table.folder(), "columns": columns,
    });
    if let TableKind::Relationship { from, to } = table.kind {
        object["from"] = from.into();
        object["to"] = to.into();
    }
    object
}

fn as_markdown(table: &'static Table) -> String {
    let ends = match table.kind {
        TableKind::Relationship { from, to } => format!(", {from} → {to}"),
        _ => String::new(),
    };
    let mut text = format!("\n## {}\n{} ({}{ends})\n\n", table.name, table.doc, kind_name(table));
    text.push_str("| column | type | meaning |\n|---|---|---|\n");
    for column in table.columns {
        let mut doc = column.doc.replace('|', "\\|");
        if !schema::is_in_graph(table, column) {
            doc.push_str(" In files only.");
        }
        text.push_str(&format!("| {} | {} | {doc} |\n", column.name, type_in(table, column)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_per_table_with_keys_and_ends() {
        let statements = statements();
        assert_eq!(statements.len(), 14 + 21 + 2);
        assert!(statements.contains(
            &"CREATE NODE TABLE `FactSet`(`identifier` UUID, `accession` STRING, PRIMARY KEY(`identifier`))".into()
        ));
        assert!(statements.contains(
            &"CREATE REL TABLE `ELEMENT_HAS_LABEL`(FROM `Element` TO `Label`, `accession` STRING)".into()
        ));
        assert!(statements.contains(&"CREATE REL TABLE `FACT_HAS_ELEMENT`(FROM `Fact` TO `Element`)".into()));
    }

    #[test]
    fn every_table_and_column_is_printed_in_every_form() {
        for table in schema::all_tables() {
            assert!(print(SchemaFormat::Markdown).contains(&format!("## {}\n", table.name)));
        }
        let json: Vec<serde_json::Value> = serde_json::from_str(&print(SchemaFormat::Json)).unwrap();
        assert_eq!(json.len(), schema::all_tables().count());
        let entity_has_report = json.iter().find(|table| table["name"] == "ENTITY_HAS_REPORT").unwrap();
        assert_eq!(entity_has_report["to"], "Report");
        let said = |column: &serde_json::Value| column["in_graph"].as_bool().unwrap();
        assert_eq!(entity_has_report["columns"].as_array().unwrap().iter().filter(|c| said(c)).count(), 3);
        assert!(print(SchemaFormat::Markdown).contains("`Filing: {form}`. In files only."));
        assert!(print(SchemaFormat::Markdown).contains("(relationship, in files only, FactSet → Fact)"));
        assert_eq!(print(SchemaFormat::Ddl).lines().count(), statements().len());
        assert_eq!(schema_version().len(), VERSION_DIGITS);
    }
}
