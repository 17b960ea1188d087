//! How commands print their results.

use clap::ValueEnum;
use edgraph_graph::query::Format;
use edgraph_shared::console;

/// See the module's documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How commands print rows out of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RowsFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For programs and spreadsheets.
    Csv,
}

impl From<RowsFormat> for Format {
    fn from(format: RowsFormat) -> Self {
        match format {
            RowsFormat::Table => Format::Table { width: console::width() },
            RowsFormat::Json => Format::Json,
            RowsFormat::Csv => Format::Csv,
        }
    }
}
