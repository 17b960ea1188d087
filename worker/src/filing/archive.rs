//! Zips: opened with suspicion, written the same way every time.
//!
//! EDGAR's archives are flat. What names a folder, hides bytes or unpacks to more than any filing is refused, with the
//! entry's name; what merely fails its checksum may be a torn download.

use std::collections::HashSet;
use std::io::{Cursor, Read, Write};

use bytes::Bytes;
use edgraph_shared::failure::shortened;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::download::is_safe_name;

/// The largest filings have some 300 files.
pub const MAX_ENTRIES: usize = 2_000;
/// The largest inline documents are some 60 MB.
pub const MAX_ENTRY_BYTES: u64 = 256 << 20;
/// What one filing may take of a worker's memory.
pub const MAX_TOTAL_BYTES: u64 = 512 << 20;
/// Linkbases of repeated lines pack some 30 to 1, deflate's own end is 1,032.
const MAX_RATIO: u64 = 250;
/// Below this size the ratio says nothing.
const RATIO_COUNTS_FROM: u64 = 1 << 20;
/// Longest entry name shown.
const SHOWN_NAME_CHARS: usize = 120;
/// Longest cause shown; it may have a name in it.
const SHOWN_CAUSE_CHARS: usize = 250;

/// Why an archive is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a whole zip: opening, unpacking or a checksum failed.
    #[error("damaged archive: {cause}")]
    Damaged {
        /// What failed.
        cause: String,
    },
    /// An entry that no filing has.
    #[error("archive refused: entry {entry} {cause}")]
    Hostile {
        /// Its name, quoted and cut to a length fit for messages.
        entry: String,
        /// What is wrong with it.
        cause: String,
    },
    /// More entries than any filing has.
    #[error("archive refused: {entries} entries, the limit is {MAX_ENTRIES}")]
    TooMany {
        /// How many.
        entries: usize,
    },
}

impl Error {
    /// Whether another download may help.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }

    pub(super) fn damaged(cause: impl Into<String>) -> Self {
        Self::Damaged { cause: shortened(&cause.into(), SHOWN_CAUSE_CHARS) }
    }

    fn hostile(entry: &str, cause: impl Into<String>) -> Self {
        Self::Hostile { entry: shown(entry), cause: cause.into() }
    }
}

/// A name as a message shows it.
fn shown(name: &str) -> String {
    shortened(&format!("{name:?}"), SHOWN_NAME_CHARS)
}

/// Unpacks an archive and checks every checksum. The files come sorted by name.
///
/// # Errors
/// [`Error`] for anything that is not a plain archive of a filing's size.
pub fn unpack(bytes: &[u8]) -> Result<Vec<(String, Bytes)>, Error> {
    let damaged = |error: zip::result::ZipError| Error::damaged(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MAX_ENTRIES {
        return Err(Error::TooMany { entries: archive.len() });
    }
    let mut files = Vec::with_capacity(archive.len());
    let mut seen = HashSet::new();
    let mut total = 0;
    for position in 0..archive.len() {
        let raw = archive.by_index_raw(position).map_err(damaged)?;
        let name = String::from_utf8_lossy(raw.name_raw()).into_owned();
        let (declared, packed) = (raw.size(), raw.compressed_size());
        refuse_name(&name)?;
        if raw.encrypted() {
            return Err(Error::hostile(&name, "is encrypted"));
        }
        // Windows and macOS would take both names for one file; so may whoever made the archive.
        if !seen.insert(name.to_lowercase()) {
            return Err(Error::hostile(&name, "is there twice"));
        }
        refuse_size(&name, declared, packed)?;
        drop(raw);
        let left = MAX_TOTAL_BYTES.saturating_sub(total).min(MAX_ENTRY_BYTES);
        let content = read(&mut archive, position, &name, declared, left)?;
        refuse_size(&name, content.len() as u64, packed)?;
        total += content.len() as u64;
        files.push((name, content));
    }
    if archive.has_duplicate_names() {
        return Err(Error::damaged("names are there twice"));
    }
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(files)
}

fn refuse_name(name: &str) -> Result<(), Error> {
    let cause = if name.starts_with(['/', '\\']) || name.get(1..2) == Some(":") {
        "has an absolute name"
    } else if name.split(['/', '\\']).any(|part| part == "..") {
        "leads out of its folder"
    } else if name.contains(['/', '\\']) {
        "is in a folder, where a filing has none"
    } else if !is_safe_name(name) {
        "has a name that no file can have"
    } else {
        return Ok(());
    };
    Err(Error::hostile(name, cause))
}

fn refuse_size(name: &str, size: u64, packed: u64) -> Result<(), Error> {
    if size > MAX_ENTRY_BYTES {
        return Err(Error::hostile(name, format!("unpacks to {size} bytes, the limit is {MAX_ENTRY_BYTES}")));
    }
    if size > RATIO_COUNTS_FROM && size / packed.max(1) > MAX_RATIO {
        let ratio = size / packed.max(1);
        return Err(Error::hostile(name, format!("unpacks {ratio} to 1, the limit is {MAX_RATIO}")));
    }
    Ok(())
}

/// Reads one entry to its end, where its checksum is compared. The declared size is only a hint.
fn read(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    position: usize,
    name: &str,
    declared: u64,
    limit: u64,
) -> Result<Bytes, Error> {
    let damaged = |error: String| Error::damaged(format!("entry {}: {error}", shown(name)));
    let entry = archive.by_index(position).map_err(|error| damaged(error.to_string()))?;
    let mut content = Vec::with_capacity(usize::try_from(declared.min(limit)).unwrap_or(0));
    entry.take(limit + 1).read_to_end(&mut content).map_err(|error| damaged(error.to_string()))?;
    if content.len() as u64 > limit {
        return Err(Error::hostile(
            name,
            format!("brings the archive over {MAX_TOTAL_BYTES} bytes unpacked"),
        ));
    }
    Ok(content.into())
}

/// Packs files into an archive whose bytes follow from them alone.
pub fn pack(mut files: Vec<(String, Bytes)>) -> Bytes {
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in &files {
        writer.start_file(name, options).expect("names are distinct and memory takes any size");
        writer.write_all(content).expect("memory takes any size");
    }
    writer.finish().expect("memory takes any size").into_inner().into()
}

#[cfg(test)]
mod tests;
