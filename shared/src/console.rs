//! What a process prints: never a reason to fail, and the only place that writes to the standard streams.
//!
//! Results go to standard output. A reader that has left, as `head` does, has what it wanted: what comes after counts
//! as written. Any other failure, such as a full disk, is told to the caller, since a result that is cut short is
//! wrong. Everything said beside results goes to standard error, and is lost where nobody takes it.

use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use terminal_size::terminal_size_of;
use tracing_subscriber::fmt::MakeWriter;

/// Who reads standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Somebody, or a file.
    There,
    /// Nobody any more.
    Gone,
}

/// Writes a result to standard output, whole or as much of it as is read.
///
/// # Errors
/// What `write` returns, and whatever keeps the output from being written but a reader that has left.
pub fn output(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Reader> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = write(&mut out).and_then(|()| out.flush());
    // What could not be written is dropped with the buffer, instead of being tried once more.
    drop(out.into_parts());
    match written {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(error),
    }
}

/// Whether remarks are wanted.
static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// From now on nothing is said but results and errors.
pub fn hush() {
    IS_QUIET.store(true, Ordering::Relaxed);
}

/// Whether anything but results and errors is said.
pub fn is_quiet() -> bool {
    IS_QUIET.load(Ordering::Relaxed)
}

/// Says one line on standard error that is neither a result nor an error: progress, or what else there is to know.
pub fn remark(line: impl Display) {
    if !is_quiet() {
        say(line);
    }
}

/// Characters on a line of whoever looks at standard output; nothing where that is no terminal.
pub fn width() -> Option<u16> {
    let (width, _) = terminal_size_of(io::stdout())?;
    io::stdout().is_terminal().then_some(width.0)
}

/// Says one line on standard error.
pub fn say(line: impl Display) {
    let _ = Saying.write_all(format!("{line}\n").as_bytes());
}

/// Standard error as a writer that takes everything.
pub(crate) struct Saying;

impl Write for Saying {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full disk behind standard error, or a reader that has left: there is nobody else to tell.
        let _ = io::stderr().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Saying {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
