//! The rows of a graph as one file per table, and nothing but COPY of them.

use std::path::{Path, PathBuf};

use edgraph_graph::database::kuzu::Database;
use edgraph_graph::database::{Mode, ddl};
use edgraph_graph::ingest::Memory;
use edgraph_shared::schema::{self, Table, TableKind};

/// What a graph holds, as files.
pub(crate) struct Rows {
    folder: PathBuf,
    /// Rows of all tables.
    pub(crate) count: u64,
}

impl Rows {
    /// Writes the rows of a graph to a folder, as the database itself writes them, but for identifiers: they are text in
    /// the files of a store.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) fn of(graph: &Path, folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let database = Database::open(graph, Mode::Read)?;
        let session = database.session()?;
        let mut count = 0;
        for table in schema::graph_tables() {
            let columns: Vec<String> = schema::graph_columns(table)
                .skip(skipped(table))
                .map(|column| match column.name {
                    "identifier" => "STRING(n.identifier) AS identifier".to_owned(),
                    name => format!("n.`{name}`"),
                })
                .collect();
            let (name, columns) = (table.name, columns.join(", "));
            let (pattern, columns) = match table.kind {
                TableKind::Relationship { from, to } => (
                    format!("(a:`{from}`)-[n:`{name}`]->(b:`{to}`)"),
                    ["STRING(a.identifier) AS `from`", "STRING(b.identifier) AS `to`", &columns]
                        .into_iter()
                        .filter(|columns| !columns.is_empty())
                        .collect::<Vec<_>>()
                        .join(", "),
                ),
                _ => (format!("(n:`{name}`)"), columns),
            };
            let rows = session.rows(&format!("MATCH {pattern} RETURN count(*)"))?;
            count += rows[0][0].as_count().unwrap_or_default();
            let file = file(folder, name);
            session.run(&format!("COPY (MATCH {pattern} RETURN {columns}) TO '{}'", file.display()))?;
        }
        Ok(Self { folder: folder.to_owned(), count })
    }

    /// Copies them into a new database, in one transaction.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) fn copy_alone(&self, path: &Path) -> anyhow::Result<()> {
        let _ = std::fs::remove_file(path);
        let database = Database::open(path, Mode::Write { memory: Memory::default().database() })?;
        let session = database.session()?;
        for statement in ddl::statements() {
            session.run(&statement)?;
        }
        session.run("BEGIN TRANSACTION")?;
        for table in schema::graph_tables() {
            let file = file(&self.folder, table.name);
            session.run(&format!("COPY `{}` FROM '{}'", table.name, file.display()))?;
        }
        session.run("COMMIT")?;
        // Closed with it, which counts.
        Ok(())
    }
}

/// Columns that are the ends of a relationship.
fn skipped(table: &Table) -> usize {
    if table.is_relationship() { 2 } else { 0 }
}

fn file(folder: &Path, table: &str) -> PathBuf {
    folder.join(format!("{table}.parquet"))
}
