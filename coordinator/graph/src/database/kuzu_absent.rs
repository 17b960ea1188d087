//! What stands in for `kuzu` in a build without it: the same names, and an error on opening.

use std::path::Path;
use std::time::Duration;

use super::Mode;
use super::cell::{Cells, Parameter};
use crate::error::Error;

/// A database that cannot be: [`Database::open`] always fails.
#[derive(Debug)]
pub enum Database {}

impl Database {
    /// Answers [`Error::NotBuilt`].
    pub fn open(_path: &Path, _mode: Mode) -> Result<Self, Error> {
        Err(Error::NotBuilt)
    }

    /// There is no database to connect to.
    pub fn session(&self) -> Result<Session<'_>, Error> {
        match *self {}
    }

    /// There is no database to connect to.
    pub fn sorting_session(&self) -> Result<Session<'_>, Error> {
        self.session()
    }
}

/// A connection that cannot be.
#[derive(Debug)]
pub struct Session<'a> {
    database: &'a Database,
}

impl Session<'_> {
    /// Never called.
    pub fn run(&self, _statement: &str) -> Result<(), Error> {
        match *self.database {}
    }

    /// Never called.
    pub fn rows(&self, _statement: &str) -> Result<Vec<Cells>, Error> {
        match *self.database {}
    }

    /// Never called.
    pub fn each(&self, _statement: &str, _row: impl FnMut(Cells)) -> Result<(), Error> {
        match *self.database {}
    }

    /// Never called.
    pub fn query(
        &self,
        _statement: &str,
        _parameters: &[(String, Parameter)],
        _max_rows: usize,
    ) -> Result<super::Answer, Error> {
        match *self.database {}
    }

    /// Never called.
    pub fn set_timeout(&self, _timeout: Duration) {
        match *self.database {}
    }
}
