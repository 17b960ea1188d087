//! The tokens themselves: read from a file, kept as digests, read again when the file changes.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::names::Names;
use super::role::Role;

/// How often the tokens file is looked at: a token that is taken away ends its streams this much later.
const RELOAD_INTERVAL: Duration = Duration::from_secs(2);
/// Longest token in bytes: it travels in a header.
const MAX_TOKEN_LEN: usize = 4_096;
/// Most tokens: each is compared with every request's.
const MAX_TOKENS: usize = 1_000;

/// Why there are no tokens. Never names one.
#[derive(Debug, thiserror::Error)]
pub enum TokensError {
    /// The file cannot be read.
    #[error("cannot read the tokens file {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line is not `role token` or `worker:NAME token`.
    #[error("the tokens file, line {line}: {reason}")]
    Line {
        /// Counts from 1.
        line: usize,
        /// The rule it breaks.
        reason: &'static str,
    },
    /// A file without any token would let nobody in.
    #[error(
        "the tokens file names no token; write one `role token` a line, roles are viewer, client, worker and admin"
    )]
    Empty,
    /// There are too many.
    #[error("the tokens file names more than {MAX_TOKENS} tokens")]
    TooMany,
}

/// The SHA-256 of a token: of one length, so comparing says nothing of the token's.
#[derive(Clone, Copy)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

/// One line of the file: what a token is good for.
pub(super) struct Key {
    pub(super) role: Role,
    /// As which worker.
    pub(super) names: Names,
    digest: Digest,
}

/// All tokens at one moment. Several tokens may have one role, so that they can be replaced one by one; and one token
/// several lines.
pub(super) struct Keys(Vec<Key>);

impl Keys {
    /// The lines of a token, none if it is not known. Looks at all of them, whichever it is.
    pub(super) fn of(&self, presented: &Digest) -> Vec<&Key> {
        self.0.iter().filter(|key| bool::from(key.digest.0.ct_eq(&presented.0))).collect()
    }

    fn parse(text: &str) -> Result<Self, TokensError> {
        let mut keys = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line_error = |reason| TokensError::Line { line: index + 1, reason };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (role, token) =
                line.split_once(char::is_whitespace).ok_or_else(|| line_error("expected `role token`"))?;
            let (role, names) = holder(role).map_err(line_error)?;
            let token = token.trim();
            if token.len() > MAX_TOKEN_LEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(line_error("a token is at most 4096 printable ASCII characters without blanks"));
            }
            keys.push(Key { role, names, digest: Digest::of(token) });
        }
        match keys.len() {
            0 => Err(TokensError::Empty),
            count if count > MAX_TOKENS => Err(TokensError::TooMany),
            _ => Ok(Self(keys)),
        }
    }
}

/// Reads `role`, or of workers `worker:NAME` and `worker:PREFIX*`.
fn holder(text: &str) -> Result<(Role, Names), &'static str> {
    let (role, names) = text.split_once(':').map_or((text, None), |(role, names)| (role, Some(names)));
    let role = Role::ALL.into_iter().find(|known| known.name() == role);
    let role = role.ok_or("the role is none of viewer, client, worker, admin")?;
    match names {
        None => Ok((role, Names::Any)),
        Some(_) if role != Role::Worker => {
            Err("only tokens of workers are bound to names: `worker:NAME` or `worker:PREFIX*`")
        }
        Some(names) => match Names::parse(names) {
            Some(names) => Ok((role, names)),
            None => Err("a worker's name is 1 to 128 bytes, and `*` stands at its end: `worker:PREFIX*`"),
        },
    }
}

/// Who is let in. Clones share the tokens.
#[derive(Clone)]
pub struct Tokens(Option<Arc<Shared>>);

struct Shared {
    file: Option<PathBuf>,
    keys: watch::Sender<Arc<Keys>>,
}

impl Tokens {
    /// Everybody is let in everywhere.
    pub fn open() -> Self {
        Self(None)
    }

    /// Fixed tokens.
    ///
    /// # Errors
    /// [`TokensError`] if there are none or one is not a token.
    pub fn fixed<'a>(tokens: impl IntoIterator<Item = (Role, &'a str)>) -> Result<Self, TokensError> {
        let lines: Vec<String> =
            tokens.into_iter().map(|(role, token)| format!("{} {token}", role.name())).collect();
        Ok(Self::shared(None, Keys::parse(&lines.join("\n"))?))
    }

    /// Reads a tokens file: a line `role token` or `worker:NAME token` each; empty lines and lines that begin with `#`
    /// are skipped.
    ///
    /// # Errors
    /// [`TokensError`] if it cannot be read or breaks a rule.
    pub fn read(file: &Path) -> Result<Self, TokensError> {
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|source| TokensError::Read { path: file.to_owned(), source })?;
        Ok(Self::shared(Some(file.to_owned()), Keys::parse(&text)?))
    }

    /// Whether everybody is let in.
    pub fn is_open(&self) -> bool {
        self.0.is_none()
    }

    fn shared(file: Option<PathBuf>, keys: Keys) -> Self {
        Self(Some(Arc::new(Shared { file, keys: watch::channel(Arc::new(keys)).0 })))
    }

    /// The tokens now and after every change; `None` if everybody is let in.
    pub(super) fn watch(&self) -> Option<watch::Receiver<Arc<Keys>>> {
        self.0.as_ref().map(|shared| shared.keys.subscribe())
    }

    /// Looks at the file until `shutdown`. A file that is wrong changes nothing: half a file, seen while an editor
    /// writes it, must not throw everybody out.
    pub(in crate::service) async fn follow_file(self, shutdown: CancellationToken) {
        let Some(Shared { file: Some(file), keys }) = self.0.as_deref() else { return };
        let (mut known, mut complaint) = (String::new(), String::new());
        while shutdown.run_until_cancelled(tokio::time::sleep(RELOAD_INTERVAL)).await.is_some() {
            let text = tokio::fs::read_to_string(file).await;
            let parsed = match text {
                Ok(text) if text == known => continue,
                Ok(text) => {
                    let parsed = Keys::parse(&text);
                    known = text;
                    parsed
                }
                Err(source) => Err(TokensError::Read { path: file.clone(), source }),
            };
            match parsed {
                Ok(new) => {
                    complaint.clear();
                    keys.send_replace(Arc::new(new));
                }
                Err(error) => {
                    let message = error.to_string();
                    if message != complaint {
                        tracing::warn!(%error, "the tokens read before stay in use");
                        complaint = message;
                    }
                }
            }
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("open"),
            Some(shared) => write!(f, "{} tokens", shared.keys.borrow().0.len()),
        }
    }
}
