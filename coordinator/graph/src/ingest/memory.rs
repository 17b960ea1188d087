//! How much memory an ingestion may take, and what its parts get of it. Pure.

use std::fmt;
use std::str::FromStr;

/// Below, the database has too little for its own structures.
const LEAST: u64 = 512 << 20;
const DEFAULT: u64 = 3 << 30;

/// What merging holds for each row of a batch: of three rows one is shared, and most of those are known already.
const BYTES_PER_ROW: u64 = 150;

/// Units, the largest first.
const UNITS: [(&str, u64); 2] = [("GiB", 1 << 30), ("MiB", 1 << 20)];

/// Memory for one ingestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory(u64);

impl Memory {
    /// For pages of the database.
    pub fn database(self) -> u64 {
        self.0 / 3 * 2
    }

    /// Rows that one transaction loads at most: a commit into tables that have rows writes much of them again, so one
    /// transaction takes as many as merging can hold.
    pub(super) fn rows(self) -> u64 {
        self.0 / 3 / BYTES_PER_ROW
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, bytes) =
            UNITS.into_iter().find(|(_, bytes)| self.0.is_multiple_of(*bytes)).unwrap_or(UNITS[1]);
        write!(f, "{}{unit}", self.0 / bytes)
    }
}

/// A number with `MiB` or `GiB`.
impl FromStr for Memory {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = UNITS.into_iter().find_map(|(unit, bytes)| {
            let number: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
            number.checked_mul(bytes)
        });
        match parsed {
            None => Err("expected a number and MiB or GiB, such as 3GiB".to_owned()),
            Some(bytes) if bytes < LEAST => {
                Err(format!("too little for the database: give {} or more", Memory(LEAST)))
            }
            Some(bytes) => Ok(Memory(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_shown() {
        for text in ["512MiB", "3GiB", "1536MiB"] {
            assert_eq!(text.parse::<Memory>().unwrap().to_string(), text);
        }
        assert_eq!("3072MiB".parse::<Memory>().unwrap(), Memory::default());
    }

    #[test]
    fn what_is_no_size_and_what_is_too_little_is_refused_with_an_example() {
        for (text, part) in
            [("3", "such as 3GiB"), ("GiB", "such as 3GiB"), ("3GB", "MiB or GiB"), ("1MiB", "512MiB")]
        {
            let error = text.parse::<Memory>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!("99999999999999999GiB".parse::<Memory>().is_err());
    }

    #[test]
    fn more_memory_loads_more_at_once() {
        let (small, large): (Memory, Memory) = ("512MiB".parse().unwrap(), "4GiB".parse().unwrap());
        assert!(small.rows() < large.rows() && small.database() < large.database());
        assert!(small.database() + small.rows() * BYTES_PER_ROW <= 512 << 20);
    }
}
