//! The process that answers: one question on its input, the answer on its output, and it ends.
//!
//! Whatever happens here (a statement that never ends, takes all memory, or crashes the database) happens to this
//! process alone. It ends with the one that asked, whose end closes the input.

use std::io;
use std::time::Duration;

use edgraph_shared::model::QueryPart;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::oneshot;

use super::frame::{self, Said};
use super::task::{Task, refusal};
use crate::error::Error;
use crate::query::{self, Table};

/// Memory that the process may hold, beside which the database's own bound for pages is small.
pub(super) const MAX_MEMORY_BYTES: u64 = 3 << 30;
/// What the process ends with where it would hold more.
pub(super) const OUT_OF_MEMORY: u8 = 3;
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// Rows of one frame.
const ROWS_AT_ONCE: usize = 256;

/// How answering ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The answer, or why there is none, was given.
    Answered,
    /// Nobody waits for it any more.
    Abandoned,
    /// It took more memory than it may.
    OutOfMemory,
}

impl Ended {
    /// The process's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Ended::Answered => 0,
            Ended::Abandoned => 1,
            Ended::OutOfMemory => OUT_OF_MEMORY,
        }
    }
}

/// Answers the question on `input`. What still runs afterwards ends with the process.
///
/// # Errors
/// If no question can be read, or the answer cannot be written.
pub async fn answer(
    mut input: impl AsyncRead + Unpin + Send + 'static,
    mut output: impl AsyncWrite + Unpin,
) -> io::Result<Ended> {
    let task: Task = frame::receive(&mut input).await?;
    let (max_bytes, (sender, answer)) = (task.limits().max_bytes, oneshot::channel());
    // A thread of its own: the runtime's would be waited for at the end.
    std::thread::spawn(move || sender.send(Found::of(&task)));
    let mut byte = [0];
    tokio::select! {
        answer = answer => {
            write(answer.map_err(io::Error::other)?, max_bytes, &mut output).await?;
            Ok(Ended::Answered)
        }
        _ = input.read(&mut byte) => Ok(Ended::Abandoned),
        () = memory_is_taken() => Ok(Ended::OutOfMemory),
    }
}

/// What was found.
enum Found {
    Rows(Table),
    Text(String),
}

impl Found {
    fn of(task: &Task) -> Result<Self, Error> {
        match task {
            Task::Query(question) => query::run(question).map(Self::Rows),
            Task::Rows { graph, which } => which.rows(graph).map(Self::Rows),
            Task::Text { graph, which, format } => which.text(graph, *format).map(Self::Text),
        }
    }
}

async fn write(
    found: Result<Found, Error>,
    max_bytes: u64,
    output: &mut (impl AsyncWrite + Unpin),
) -> io::Result<()> {
    let table = match found {
        Ok(Found::Rows(table)) => table,
        Ok(Found::Text(text)) => return frame::send(output, &Said::Text(text)).await,
        Err(error) => return frame::send(output, &Said::Refused(refusal(error))).await,
    };
    frame::send(output, &Said::Part(QueryPart::Columns(table.columns))).await?;
    let (mut rows, mut bytes, mut truncated) = (table.rows.into_iter(), 0, table.truncated);
    loop {
        let mut some = Vec::new();
        for row in rows.by_ref().take(ROWS_AT_ONCE) {
            bytes += row.iter().map(|cell| cell.bytes()).sum::<u64>();
            if bytes > max_bytes {
                truncated = true;
                rows = Vec::new().into_iter();
                break;
            }
            some.push(row);
        }
        if some.is_empty() {
            break;
        }
        frame::send(output, &Said::Part(QueryPart::Rows(some))).await?;
    }
    frame::send(output, &Said::Part(QueryPart::End { truncated })).await
}

/// Returns once the process holds too much.
async fn memory_is_taken() {
    loop {
        tokio::time::sleep(LOOK).await;
        if resident_bytes().is_some_and(|bytes| bytes > MAX_MEMORY_BYTES) {
            return;
        }
    }
}

/// Memory that this process holds, where the system says so (Linux, proc(5)).
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
