//! Gregorian dates as printed.

use chrono::NaiveDate;

use super::characters::Digits;
use super::months::{Months, Place};
use super::tail::Tail;

/// A part of a printed date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inline) enum Part {
    Day,
    /// A month by number.
    Month,
    /// A month by number, in digits of its script and not in ASCII.
    NativeMonth,
    /// A month by name.
    Name,
    Year,
}

/// What stands between the parts.
#[derive(Clone, Copy)]
enum Separators {
    /// At least one character, and none of them a digit.
    Any,
    /// Exactly these.
    Exactly(&'static [&'static str]),
}

/// How a date is printed.
#[derive(Clone, Copy)]
pub(in crate::inline) struct Layout {
    parts: &'static [Part],
    separators: Separators,
    digits: Digits,
    months: Months,
    tail: Tail,
    /// Whether a year may have one digit; it may always have two or four.
    has_short_years: bool,
}

impl Layout {
    /// Parts with anything between them and nothing around them.
    pub(super) const fn new(parts: &'static [Part]) -> Self {
        Layout {
            parts,
            separators: Separators::Any,
            digits: Digits::Ascii,
            months: Months::None,
            tail: Tail::Nothing,
            has_short_years: true,
        }
    }

    pub(super) const fn separated(self, separators: &'static [&'static str]) -> Self {
        Layout { separators: Separators::Exactly(separators), ..self }
    }

    pub(super) const fn digits(self, digits: Digits) -> Self {
        Layout { digits, ..self }
    }

    pub(super) const fn months(self, months: Months) -> Self {
        Layout { months, ..self }
    }

    pub(super) const fn tail(self, tail: Tail) -> Self {
        Layout { tail, ..self }
    }

    pub(super) const fn long_years(self) -> Self {
        Layout { has_short_years: false, ..self }
    }

    /// The date as `xs:date`, `xs:gMonthDay` or `xs:gYearMonth`, whichever the parts make.
    pub(super) fn read(self, text: &str) -> Option<String> {
        let (runs, gaps) = self.digits.split(text)?;
        let name = self.parts.iter().position(|part| *part == Part::Name);
        if runs.len() + usize::from(name.is_some()) != self.parts.len() {
            return None;
        }
        let (mut year, mut month, mut day) = (None, None, None);
        let mut runs_read = 0;
        for (index, part) in self.parts.iter().enumerate() {
            let number = |length| self.digits.number(runs.get(runs_read)?, length);
            match part {
                Part::Name => month = Some(self.name(gaps[runs_read], index)?),
                Part::Year => year = Some(self.year(runs[runs_read])?),
                Part::Day => day = Some(number(2)?),
                Part::Month => month = Some(number(2)?),
                Part::NativeMonth if runs[runs_read].is_ascii() => return None,
                Part::NativeMonth => month = Some(number(2)?),
            }
            if *part == Part::Name {
                continue;
            }
            // A gap beside a name is the name's.
            let is_fit = match index.checked_sub(1) {
                None => gaps[0].is_empty(),
                Some(before) if name == Some(before) => true,
                Some(before) => self.separates(gaps[runs_read], before),
            };
            if !is_fit {
                return None;
            }
            runs_read += 1;
        }
        let ends_with_name = self.parts.last() == Some(&Part::Name);
        (ends_with_name || self.tail.allows(gaps[runs_read])).then(|| write(year, month?, day)).flatten()
    }

    fn separates(self, gap: &str, before: usize) -> bool {
        match self.separators {
            Separators::Any => !gap.is_empty(),
            Separators::Exactly(separators) => separators.get(before) == Some(&gap),
        }
    }

    /// The month in the gap that its name shares with what separates it from its neighbours.
    fn name(self, gap: &str, index: usize) -> Option<u32> {
        let is_last = index + 1 == self.parts.len();
        match self.separators {
            Separators::Any if index == 0 => self.months.find(gap, Place::Start),
            Separators::Any if is_last => self.months.find(gap, Place::End(self.tail)),
            Separators::Any => self.months.find(gap, Place::Middle),
            Separators::Exactly(separators) => {
                let before = index.checked_sub(1).and_then(|before| separators.get(before)).unwrap_or(&"");
                let after = separators.get(index).unwrap_or(&"");
                self.months.named(gap.strip_prefix(before)?.strip_suffix(after)?)
            }
        }
    }

    /// A year of one or two digits is of this century, as the registries say.
    fn year(self, run: &str) -> Option<i32> {
        let year = i32::try_from(self.digits.number(run, 4)?).ok()?;
        match run.chars().count() {
            1 if self.has_short_years => Some(2000 + year),
            2 => Some(2000 + year),
            4 => Some(year),
            _ => None,
        }
    }
}

/// Writes the parts there are, if there is such a day.
pub(super) fn write(year: Option<i32>, month: u32, day: Option<u32>) -> Option<String> {
    // 29 February is a day of some year. There is no year nought in XML Schema 1.0.
    NaiveDate::from_ymd_opt(year.unwrap_or(2000), month, day.unwrap_or(1)).filter(|_| year != Some(0))?;
    Some(match (year, day) {
        (Some(year), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
        (Some(year), None) => format!("{year:04}-{month:02}"),
        (None, Some(day)) => format!("--{month:02}-{day:02}"),
        (None, None) => return None,
    })
}
