//! Results of commands, on standard output.

use std::fmt::Display;
use std::io::{self, Write};

use edgraph_shared::console::{self, Reader};

use super::CommandError;

/// Prints a result.
pub(super) fn print(text: impl Display) -> Result<(), CommandError> {
    print_with(|out| write!(out, "{text}"))
}

/// Prints a result of one line.
pub(super) fn print_line(line: impl Display) -> Result<(), CommandError> {
    print_with(|out| writeln!(out, "{line}"))
}

/// Prints one line of a result that goes on, and says whether somebody still reads.
pub(super) fn print_next(line: impl Display) -> Result<Reader, CommandError> {
    console::output(|out| writeln!(out, "{line}")).map_err(not_written)
}

/// Prints a result that is written piece by piece.
pub(super) fn print_with(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CommandError> {
    console::output(write).map(drop).map_err(not_written)
}

fn not_written(error: io::Error) -> CommandError {
    CommandError::failure(format!("cannot write to standard output: {error}"))
}
