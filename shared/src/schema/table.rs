//! What a table is: its name, what its rows are, and its columns.

use super::column::Column;

/// What the rows of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// Nodes that belong to one filing: replaced with it.
    Owned,
    /// Nodes shared between filings.
    Shared(Merge),
    /// Relationships from one node table to another; every row belongs to a filing.
    Relationship {
        /// The node table its `from` column names.
        from: &'static str,
        /// The node table its `to` column names.
        to: &'static str,
    },
    /// Files only, never loaded into the graph.
    Export,
}

/// How rows of a shared node with one identifier become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Equal by construction; a difference is an error of the filing that differs.
    Equal,
    /// The whole row with the greatest (`is_resolved`, `as_of`, `accession`) wins.
    Greatest,
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name, in Cypher and in paths.
    pub name: &'static str,
    /// What its rows are.
    pub kind: TableKind,
    /// One sentence: what a row is.
    pub doc: &'static str,
    /// Its columns in file order. The first is the identifier of a node; the first two of a relationship are `from`
    /// and `to`.
    pub columns: &'static [Column],
}

impl Table {
    /// The position of a column.
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// How many of its columns, from the first, are identifiers of nodes that no row lacks.
    pub fn keys(&self) -> usize {
        if self.is_relationship() { 2 } else { 1 }
    }

    /// The folder of its files in a store.
    pub fn folder(&self) -> String {
        match self.kind {
            TableKind::Owned | TableKind::Shared(_) => format!("graph/nodes/{}", self.name),
            TableKind::Relationship { .. } => format!("graph/relationships/{}", self.name),
            TableKind::Export => self.name.to_owned(),
        }
    }

    /// Whether its rows are nodes.
    pub fn is_node(&self) -> bool {
        matches!(self.kind, TableKind::Owned | TableKind::Shared(_))
    }

    /// Whether its rows are relationships.
    pub fn is_relationship(&self) -> bool {
        matches!(self.kind, TableKind::Relationship { .. })
    }

    /// The column that names the filing a row belongs to, for owned nodes and relationships.
    pub fn accession_column(&self) -> Option<usize> {
        match self.kind {
            TableKind::Owned | TableKind::Relationship { .. } => self.column_index("accession"),
            TableKind::Shared(_) | TableKind::Export => None,
        }
    }
}
