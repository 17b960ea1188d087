//! How commands fail.

/// Why a command failed: what is said and whether the command line is to blame.
#[derive(Debug)]
pub(super) struct CommandError {
    pub(super) message: String,
    pub(super) is_usage: bool,
}

impl CommandError {
    pub(super) fn usage(message: impl ToString) -> Self {
        Self { message: message.to_string(), is_usage: true }
    }

    pub(super) fn failure(message: impl ToString) -> Self {
        Self { message: message.to_string(), is_usage: false }
    }
}
