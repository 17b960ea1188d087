//! `edgraph answer`: the process in which a query runs, hidden from people.

use std::io::{self, stdin, stdout};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;

use edgraph_graph::asking::{self, Asker, Which};
use tokio::net::unix::pipe;
use tokio_util::sync::CancellationToken;

use super::CommandError;
use super::format::RowsFormat;
use super::print::print;

/// Its name on the command line.
const NAME: &str = "answer";

/// What asks graphs: `program`, which is this one.
pub(super) fn asker(program: &Path) -> Asker {
    Asker::new(program, NAME)
}

/// Prints a statement, a series or what was found, out of the graph in a folder.
pub(super) async fn show(
    program: &Path,
    graph: &Path,
    which: Which,
    format: RowsFormat,
    shutdown: &CancellationToken,
) -> Result<ExitCode, CommandError> {
    let text = asker(program).text(graph, which, format.into(), shutdown).await;
    print(text.map_err(CommandError::failure)?)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn execute(shutdown: CancellationToken) -> Result<ExitCode, CommandError> {
    let (input, output) =
        pipes().map_err(|_| CommandError::usage("this is what `edgraph query` starts; ask that one"))?;
    let answered = shutdown.run_until_cancelled(asking::answer(input, output)).await;
    let ended = answered.unwrap_or(Ok(asking::Ended::Abandoned)).map_err(CommandError::failure)?;
    Ok(ExitCode::from(ended.exit_code()))
}

/// Standard input and output, which are pipes from and to the process that asks.
fn pipes() -> io::Result<(pipe::Receiver, pipe::Sender)> {
    let input = pipe::Receiver::from_owned_fd(stdin().as_fd().try_clone_to_owned()?)?;
    let output = pipe::Sender::from_owned_fd(stdout().as_fd().try_clone_to_owned()?)?;
    Ok((input, output))
}
