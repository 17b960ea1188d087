//! Why companies were not found: names that nobody has, or no list to look them up in.

use std::fmt;

use edgraph_shared::failure::Failure;
use edgraph_shared::ids::Cik;
use edgraph_shared::storage;

use crate::download;
use crate::edgar::tickers;
use crate::store_failure::store_failure;

/// A name that nobody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// As given.
    pub name: String,
    /// What may be meant by it.
    pub hint: Option<Hint>,
}

/// What may be meant by a name that nobody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A company that is or was called so, by what is at hand of it; the SEC's list does not have it under this name.
    Called(Known),
    /// The ticker that differs least.
    Nearest(String),
    /// A company whose name, now or before, begins so.
    Begins(Known),
}

/// A company that is not in the SEC's list under the name that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its number.
    pub cik: Cik,
    /// Its name.
    pub name: String,
    /// The former name of its that was meant.
    pub formerly: Option<String>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hint {
            Some(Hint::Called(company)) => write!(f, "{} ({company})", self.name),
            Some(Hint::Begins(company)) => write!(f, "{} (perhaps {company})", self.name),
            Some(Hint::Nearest(ticker)) => write!(f, "{} (did you mean {ticker}?)", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cik, name, formerly } = self;
        f.write_str(name)?;
        if let Some(formerly) = formerly {
            write!(f, ", formerly {formerly}")?;
        }
        write!(f, ": --ciks {cik}")
    }
}

/// Why there is no list of companies.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// Names that nobody has; all of them are listed, after what to do: what is kept of a long message is its beginning.
    #[error(
        "no such company for {} of the names; correct them, give companies that are not listed any more by --ciks, or go \
         on without them with --skip-unknown: {}",
        .0.len(),
        join(.0)
    )]
    Unknown(Vec<Unknown>),
    /// The SEC's list could not be had.
    #[error(transparent)]
    Download(#[from] download::Error),
    /// The SEC's list cannot be read.
    #[error("{url}: {source}")]
    List {
        /// Where it came from.
        url: String,
        /// What is wrong.
        source: tickers::Error,
    },
    /// The store, where the list is kept.
    #[error(transparent)]
    Store(#[from] storage::Error),
}

impl From<ResolveError> for Failure {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Download(error) => error.failure(),
            ResolveError::Store(error) => store_failure(error),
            ResolveError::Unknown(_) | ResolveError::List { .. } => Self::permanent(error.to_string()),
        }
    }
}

fn join(unknown: &[Unknown]) -> String {
    unknown.iter().map(Unknown::to_string).collect::<Vec<_>>().join(", ")
}
