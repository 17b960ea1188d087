//! Asking in a process of its own, which is ended at the deadline and on cancellation, and may crash.

use std::io;
use std::path::Path;
use std::process::Stdio;

use tokio::process::{Child, ChildStdout, Command};
use tokio_util::sync::CancellationToken;

use super::answer::{MAX_MEMORY_BYTES, OUT_OF_MEMORY};
use super::frame::{self, Part};
use super::question::{Question, Table};
use super::run::check;
use crate::error::Error;

/// Asks `program`, which calls [`super::answer()`] when it is given `arguments`.
///
/// # Errors
/// Those of [`super::run`]; [`Error::Database`] where the statement took too long or too much memory, or crashed the
/// process that answered, and [`Error::Interrupted`] on cancellation.
pub async fn ask(
    program: &Path,
    arguments: &[&str],
    question: &Question,
    cancel: &CancellationToken,
) -> Result<Table, Error> {
    check(question)?;
    let start = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut child = start.map_err(Error::io("start", program))?;
    let timeout = question.limits.timeout;
    let answered = tokio::select! {
        answered = answer_of(&mut child, question) => answered,
        () = tokio::time::sleep(timeout) => Err(Error::Database {
            message: format!("it took longer than {} s and was ended; narrow the statement, or give it more time", timeout.as_secs_f64()),
        }),
        () = cancel.cancelled() => Err(Error::Interrupted),
    };
    // Whatever it still does, nobody waits for it. That it may be gone already is no error.
    let _ = child.kill().await;
    answered
}

async fn answer_of(child: &mut Child, question: &Question) -> Result<Table, Error> {
    let (mut input, mut output) = (child.stdin.take(), child.stdout.take());
    let (Some(to), Some(from)) = (input.as_mut(), output.as_mut()) else {
        unreachable!("both were asked for")
    };
    let told = match frame::send(to, question).await {
        Ok(()) => table(from).await,
        Err(error) => Err(error),
    };
    match told {
        Ok(answered) => answered,
        Err(_) => Err(Error::Database { message: end_of(child).await }),
    }
}

/// Puts an answer together.
async fn table(from: &mut ChildStdout) -> io::Result<Result<Table, Error>> {
    let mut table = Table { columns: Vec::new(), rows: Vec::new(), truncated: false };
    loop {
        match frame::receive(from).await? {
            Part::Columns(columns) => table.columns = columns,
            Part::Rows(rows) => table.rows.extend(rows),
            Part::End { truncated } => return Ok(Ok(Table { truncated, ..table })),
            Part::Refused(message) => return Ok(Err(Error::Database { message })),
        }
    }
}

/// Why a process ended without an answer.
async fn end_of(child: &mut Child) -> String {
    match child.wait().await {
        Ok(status) if status.code() == Some(OUT_OF_MEMORY.into()) => format!(
            "it took more than {} GiB of memory and was ended; narrow the statement",
            MAX_MEMORY_BYTES >> 30
        ),
        Ok(status) => {
            format!("the database crashed on it ({status}); the graph is unharmed: write it differently")
        }
        Err(error) => format!("the process that answers is lost: {error}"),
    }
}
