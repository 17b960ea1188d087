//! What a benchmark is given on its command line.

use anyhow::Context;

/// Names, each followed by its value.
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    pub(crate) fn of_process() -> Self {
        Self(std::env::args().collect())
    }

    /// What follows a name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let at = self.0.iter().position(|arg| arg == name)?;
        self.0.get(at + 1).map(String::as_str)
    }

    /// # Errors
    /// Names what is no number.
    pub(crate) fn number(&self, name: &str, default: usize) -> anyhow::Result<usize> {
        self.text(name).map_or(Ok(default), |value| value.parse().with_context(|| format!("{name} {value}")))
    }
}
