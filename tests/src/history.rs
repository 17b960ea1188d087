//! What really ran: written by the handlers themselves, outside the system under test.
//!
//! Every handler appends a line when it starts and when it ends to a file of its own process. What a coordinator
//! says of an item is compared with this ([`check`]), never the other way round.

pub mod check;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

pub use check::{Attempt, History};

/// What happened to an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Moment {
    /// Its handler was called.
    Start,
    /// Its handler returned a result.
    Done,
    /// Its handler returned a failure.
    Failed,
    /// Its handler was told to stop, and did.
    Stopped,
}

/// One line of a history file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The pipeline.
    pub pipeline: String,
    /// The item.
    pub item: String,
    /// The fencing token of its lease.
    pub token: u64,
    /// As the coordinator counts.
    pub attempt: u32,
    /// The worker.
    pub worker: String,
    /// Its process.
    pub pid: u32,
    /// What happened.
    pub event: Moment,
    /// When, in nanoseconds since the Unix epoch.
    pub at: u64,
}

/// Writes history lines; processes may share a file.
#[derive(Debug)]
pub struct Writer(File);

impl Writer {
    /// Opens a file, or makes it.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        Ok(Self(file.with_context(|| format!("cannot open {}", path.display()))?))
    }

    /// Appends an event: one write of one line, so that lines of several processes never mix and a killed one
    /// leaves whole lines.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, event: &Event) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        Ok((&self.0).write_all(&line)?)
    }
}

/// Reads the history files of a folder, every event once: for a test that looks again and again.
#[derive(Debug)]
pub struct Reader {
    folder: PathBuf,
    /// How far each file is read.
    read: BTreeMap<PathBuf, u64>,
}

impl Reader {
    /// A reader that has read nothing yet.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), read: BTreeMap::new() }
    }

    /// The events that were written since the last time, in order of time.
    ///
    /// # Errors
    /// When a file cannot be read or holds a line that is no event.
    pub fn news(&mut self) -> anyhow::Result<Vec<Event>> {
        let mut events: Vec<Event> = Vec::new();
        let folder = &self.folder;
        for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let path = entry?.path();
            let from = self.read.entry(path.clone()).or_default();
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(*from))?;
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
                let event = serde_json::from_str(line);
                events.push(event.with_context(|| format!("{}: {line}", path.display()))?);
                *from += line.len() as u64;
            }
        }
        events.sort_by_key(|event| event.at);
        Ok(events)
    }
}
