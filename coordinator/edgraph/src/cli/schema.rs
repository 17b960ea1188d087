//! `edgraph schema`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use edgraph_graph::database::ddl::{self, SchemaFormat};

use super::CommandError;
use super::print::print;

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Markdown, JSON, or the statements that make an empty graph.
    #[arg(long, value_enum, default_value_t = Format::Md)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Md,
    Json,
    Ddl,
}

pub(super) fn execute(args: SchemaArgs) -> Result<ExitCode, CommandError> {
    let format = match args.format {
        Format::Md => SchemaFormat::Markdown,
        Format::Json => SchemaFormat::Json,
        Format::Ddl => SchemaFormat::Ddl,
    };
    print(ddl::print(format))?;
    Ok(ExitCode::SUCCESS)
}
