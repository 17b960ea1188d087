//! The side that asks: it starts the process, and ends it at the deadline and on cancellation.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use edgraph_shared::model::{QueryPart, QueryRefusal};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::answer::{MAX_MEMORY_BYTES, OUT_OF_MEMORY};
use super::frame::{self, Said};
use super::task::{Task, Which};
use crate::query::{Format, Question, Table};

/// Parts that may wait for whoever puts them together.
const PARTS_AHEAD: usize = 2;

/// Asks graphs: each question in a process of its own.
#[derive(Clone, Debug)]
pub struct Asker {
    program: PathBuf,
    argument: String,
}

impl Asker {
    /// Of `program`, which calls [`super::answer()`] when it is given `argument`.
    pub fn new(program: impl Into<PathBuf>, argument: impl Into<String>) -> Self {
        Self { program: program.into(), argument: argument.into() }
    }

    /// Hands the parts of an answer on as they come, the end as the last. Whoever stops taking them ends it; so does
    /// dropping the future.
    ///
    /// # Errors
    /// [`QueryRefusal`]; parts may have been given before.
    pub async fn stream(
        &self,
        question: Question,
        parts: mpsc::Sender<QueryPart>,
    ) -> Result<(), QueryRefusal> {
        self.rows_of(Task::Query(question), parts).await
    }

    /// The same of what is made of facts, out of the graph in a folder.
    ///
    /// # Errors
    /// [`QueryRefusal`]; parts may have been given before.
    pub async fn stream_of(
        &self,
        graph: &Path,
        which: Which,
        parts: mpsc::Sender<QueryPart>,
    ) -> Result<(), QueryRefusal> {
        self.rows_of(Task::Rows { graph: graph.to_owned(), which }, parts).await
    }

    async fn rows_of(&self, task: Task, parts: mpsc::Sender<QueryPart>) -> Result<(), QueryRefusal> {
        let mut asked = self.ask(task).await?;
        loop {
            match asked.said().await? {
                Said::Part(part) => {
                    let is_last = matches!(part, QueryPart::End { .. });
                    if parts.send(part).await.is_err() || is_last {
                        return Ok(());
                    }
                }
                Said::Refused(refusal) => return Err(refusal),
                Said::Text(_) => return Err(unexpected()),
            }
        }
    }

    /// A whole result.
    ///
    /// # Errors
    /// [`QueryRefusal`], also on cancellation.
    pub async fn query(&self, question: Question, cancel: &CancellationToken) -> Result<Table, QueryRefusal> {
        let (sender, mut parts) = mpsc::channel(PARTS_AHEAD);
        let collecting = async {
            let mut table = Table { columns: Vec::new(), rows: Vec::new(), truncated: false };
            while let Some(part) = parts.recv().await {
                match part {
                    QueryPart::Columns(columns) => table.columns = columns,
                    QueryPart::Rows(rows) => table.rows.extend(rows),
                    QueryPart::End { truncated } => table.truncated = truncated,
                }
            }
            table
        };
        let both = async { tokio::join!(self.stream(question, sender), collecting) };
        let (told, table) = cancel.run_until_cancelled(both).await.ok_or(QueryRefusal::Interrupted)?;
        told.map(|()| table)
    }

    /// A statement or a series out of the graph in a folder, written in a format.
    ///
    /// # Errors
    /// [`QueryRefusal`], also on cancellation.
    pub async fn text(
        &self,
        graph: &Path,
        which: Which,
        format: Format,
        cancel: &CancellationToken,
    ) -> Result<String, QueryRefusal> {
        let asking = async {
            let task = Task::Text { graph: graph.to_owned(), which, format };
            match self.ask(task).await?.said().await? {
                Said::Text(text) => Ok(text),
                Said::Refused(refusal) => Err(refusal),
                Said::Part(_) => Err(unexpected()),
            }
        };
        cancel.run_until_cancelled(asking).await.ok_or(QueryRefusal::Interrupted)?
    }

    /// Starts a process and hands it its task.
    async fn ask(&self, task: Task) -> Result<Asked, QueryRefusal> {
        task.check()?;
        let timeout = task.limits().timeout;
        let deadline = Instant::now() + timeout;
        let start = Command::new(&self.program)
            .arg(&self.argument)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let failed =
            |error| QueryRefusal::Failed(format!("cannot start {}: {error}", self.program.display()));
        let mut child = start.map_err(failed)?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both were asked for")
        };
        if frame::send(&mut input, &task).await.is_err() {
            return Err(end_of(&mut child).await);
        }
        Ok(Asked { child, output, _input: input, deadline, timeout })
    }
}

fn unexpected() -> QueryRefusal {
    QueryRefusal::Failed("the process that answers is of another version".to_owned())
}

/// A process at work. It ends when this is dropped.
struct Asked {
    child: Child,
    output: ChildStdout,
    /// Its end would tell the process that nobody waits.
    _input: ChildStdin,
    deadline: Instant,
    timeout: Duration,
}

impl Asked {
    /// What it says next.
    async fn said(&mut self) -> Result<Said, QueryRefusal> {
        tokio::select! {
            said = frame::receive(&mut self.output) => match said {
                Ok(said) => {
                    // What it found is in its memory by now: the rest takes as long as it is read.
                    self.deadline = Instant::now() + self.timeout;
                    Ok(said)
                }
                Err(_) => Err(end_of(&mut self.child).await),
            },
            () = tokio::time::sleep_until(self.deadline) => Err(QueryRefusal::TooLong(self.timeout)),
        }
    }
}

/// Why a process ended without an answer.
async fn end_of(child: &mut Child) -> QueryRefusal {
    match child.wait().await {
        Ok(status) if status.code() == Some(OUT_OF_MEMORY.into()) => QueryRefusal::TooLarge(format!(
            "it took more than {} GiB of memory and was ended; narrow the statement",
            MAX_MEMORY_BYTES >> 30
        )),
        Ok(status) => QueryRefusal::Crashed(status.to_string()),
        Err(error) => QueryRefusal::Failed(format!("the process that answers is lost: {error}")),
    }
}
