//! A fact as the graph has it, with everything that gives its value a meaning. Plain data.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;

/// From axis to member, by name; a typed member's value, and `None` for one that is nil.
pub type Dimensions = BTreeMap<String, Option<String>>;

/// When a fact holds: at the end of a day, or from a first day to a last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// The last day, of an instant the only one.
    pub last: NaiveDate,
    /// The first day of a duration.
    pub first: Option<NaiveDate>,
}

/// Days of a hundred quarters of a year, on the average.
const DAYS_OF_HUNDRED_QUARTERS: i64 = 9_131;

impl Period {
    /// The end of a day.
    pub fn instant(day: NaiveDate) -> Self {
        Self { last: day, first: None }
    }

    /// Days from first to last, both counted; none for an instant.
    pub fn days(&self) -> i64 {
        self.first.map_or(0, |first| (self.last - first).num_days() + 1)
    }

    /// The moment at which it begins: the end of the day before.
    pub fn opening(&self) -> Option<Self> {
        self.first.and_then(|first| first.pred_opt()).map(Self::instant)
    }

    /// The moment at which it ends.
    pub fn closing(&self) -> Self {
        Self::instant(self.last)
    }

    /// Whether another duration lies in it, and is shorter.
    pub fn contains(&self, other: &Self) -> bool {
        match (self.first, other.first) {
            (Some(first), Some(inner)) => first <= inner && other.last <= self.last && other != self,
            _ => false,
        }
    }

    /// How many quarters of a year it comes to, whatever their length: 12 to 16 weeks are one, 40 weeks are three. 0 for
    /// an instant.
    pub fn quarters(&self) -> i64 {
        match self.first {
            None => 0,
            Some(_) => {
                ((self.days() * 200 + DAYS_OF_HUNDRED_QUARTERS) / (2 * DAYS_OF_HUNDRED_QUARTERS)).max(1)
            }
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first {
            Some(first) => write!(f, "{first}/{}", self.last),
            None => write!(f, "{}", self.last),
        }
    }
}

/// What one filing says of one concept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The graph's identifier of it.
    pub identifier: String,
    /// The filing.
    pub accession: String,
    /// The first of its ids in the document.
    pub fact_id: Option<String>,
    /// The concept, `{prefix}:{name}`.
    pub concept: String,
    /// Canonical decimal text, or text; `None` when nil.
    pub value: Option<String>,
    /// Whether it is a number.
    pub is_numeric: bool,
    /// How precise it is.
    pub decimals: Option<String>,
    /// The unit with conventional prefixes.
    pub unit: Option<String>,
    /// When it holds.
    pub period: Period,
    /// Of which parts it speaks.
    pub dimensions: Dimensions,
    /// The filer's fiscal year.
    pub fiscal_year: Option<i32>,
    /// The filer's name of the period.
    pub fiscal_period: Option<String>,
}

impl Fact {
    /// Where its value is from: filing and fact id, or the graph's identifier where the document gives none.
    pub fn source(&self) -> String {
        format!("{}#{}", self.accession, self.fact_id.as_ref().unwrap_or(&self.identifier))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(first: &str, last: &str) -> Period {
        Period { first: first.parse().ok(), last: last.parse().unwrap() }
    }

    #[test]
    fn quarters_are_counted_whatever_their_length() {
        for (first, last, quarters) in [
            ("2024-01-01", "2024-03-31", 1),
            // Twelve weeks, and sixteen.
            ("2024-09-01", "2024-11-23", 1),
            ("2024-05-12", "2024-08-31", 1),
            ("2024-01-01", "2024-06-30", 2),
            // 16 + 12 weeks, 36 weeks, 16 + 12 + 12.
            ("2024-01-01", "2024-07-14", 2),
            ("2024-01-01", "2024-09-08", 3),
            ("2024-01-01", "2024-10-06", 3),
            ("2022-09-25", "2023-09-30", 4),
            ("", "2023-09-30", 0),
        ] {
            assert_eq!(period(first, last).quarters(), quarters, "{first} {last}");
        }
    }

    #[test]
    fn a_period_begins_at_the_end_of_the_day_before() {
        let year = period("2022-09-25", "2023-09-30");
        assert_eq!(year.opening(), Some(period("", "2022-09-24")));
        assert_eq!(year.closing(), period("", "2023-09-30"));
        assert!(year.contains(&period("2023-07-02", "2023-09-30")));
        assert!(!year.contains(&year) && !year.contains(&period("2022-07-02", "2022-09-30")));
    }
}
