//! Ingestion with the real database: graphs are folders, filings are files in a local store.

use std::sync::Mutex;

use super::*;
use crate::Error;
use crate::database::folder::GraphFolder;
use crate::database::{self, cell, ddl, kuzu};

mod kit;
mod story;
mod replace;
mod refusal;
mod damage;
mod queries;

use kit::{Filing, Kit};

/// Databases reserve much address space and use every core: one at a time is as fast.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
