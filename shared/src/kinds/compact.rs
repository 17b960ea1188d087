//! What both sides must agree on about pipelines that compact tables: one item finds the months that are due, and each
//! month of each table is an item of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::bad_parameter::BadParameter;

/// The kind's name, as clients give it.
pub const NAME: &str = "compact";

/// Kinds of work items, also the first segment of their keys.
pub mod kind {
    /// The root: which months of which tables.
    pub const FIND_MONTHS: &str = "find_months";
    /// One month of one table.
    pub const COMPACT_MONTH: &str = "compact_month";
}

/// A month of filing, `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: u16,
    month: u8,
}

/// A text that is no month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no month: expected YYYY-MM")]
pub struct InvalidMonth(String);

impl Month {
    /// `None` for a month that is not between 1 and 12, and for years of other than four digits.
    pub fn new(year: u16, month: u8) -> Option<Self> {
        ((1_000..10_000).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }
}

impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Self, InvalidMonth> {
        let digits =
            |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts = text.split_once('-').filter(|(year, month)| digits(year, 4) && digits(month, 2));
        let parsed = parts.and_then(|(year, month)| Self::new(year.parse().ok()?, month.parse().ok()?));
        parsed.ok_or_else(|| InvalidMonth(text.to_owned()))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.year, self.month)
    }
}

impl TryFrom<String> for Month {
    type Error = InvalidMonth;

    fn try_from(text: String) -> Result<Self, InvalidMonth> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

/// Parameters of a pipeline, and payload of its root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindMonths {
    /// Months before this one are closed.
    pub before: Month,
}

/// Reads the parameters of a pipeline.
///
/// # Errors
/// The parameter that cannot be taken.
pub fn parameters_from(text: &str) -> Result<FindMonths, Vec<BadParameter>> {
    serde_json::from_str(text).map_err(|error| {
        let reason = format!(r#"{error}; give {{"before": "YYYY-MM"}}"#);
        vec![BadParameter { field: "params".to_owned(), reason }]
    })
}

/// Payload of `compact_month`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompactMonth {
    /// The table, as [`crate::schema::Table::name`].
    pub table: String,
    /// The month.
    pub month: Month,
}

/// Result of `find_months`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthsFound {
    /// Months, counted for every table.
    pub months: u64,
}

/// Result of `compact_month`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compacted {
    /// Files that were made.
    pub parts: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that they stand for now.
    pub files: u64,
    /// Rows in them.
    pub rows: u64,
    /// Files that stay as they are, with the reason; the first of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left: BTreeMap<String, String>,
}

impl Compacted {
    /// Both together.
    pub fn append(&mut self, other: Self) {
        self.parts += other.parts;
        self.bytes += other.bytes;
        self.files += other.files;
        self.rows += other.rows;
        self.left.extend(other.left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_written_as_it_is_read_and_nothing_else_is_one() {
        let month: Month = "2024-02".parse().unwrap();
        assert_eq!((month.to_string().as_str(), Month::new(2024, 2)), ("2024-02", Some(month)));
        assert!(month < "2024-10".parse().unwrap() && month > "2023-12".parse().unwrap());
        for text in ["2024", "2024-2", "2024-13", "2024-00", "24-02", "2024-02-01", "0999-01", "2024-+2"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    #[test]
    fn parameters_say_before_which_month_and_nothing_else() {
        assert_eq!(parameters_from(r#"{"before":"2024-03"}"#).unwrap().before.to_string(), "2024-03");
        for text in ["", "{}", r#"{"before":"soon"}"#, r#"{"before":"2024-03","after":1}"#] {
            let bad = parameters_from(text).unwrap_err().remove(0);
            assert!(bad.reason.contains("YYYY-MM"), "{text}: {}", bad.reason);
        }
    }
}
