//! What keeps a tracker from doing as asked, and whether somebody has to act.

use std::fmt;

/// See the module's documentation. Sending the same again is safe in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What happened, in the tracker's words.
    pub text: String,
    /// What somebody has to change before anything helps; `None` where it may pass by itself.
    pub fix: Option<&'static str>,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fix {
            Some(fix) => write!(f, "{}; {fix}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

impl From<String> for Trouble {
    fn from(text: String) -> Self {
        Self { text, fix: None }
    }
}
