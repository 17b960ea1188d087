//! Gregorian dates as printed.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::characters::digit;
use super::months::Months;

/// A part of a printed date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inline) enum Part {
    Day,
    /// A month by number.
    Month,
    /// A month by name.
    Name,
    Year,
}

/// The date as `xs:date`, `xs:gMonthDay` or `xs:gYearMonth`, whichever the parts make.
///
/// The text is runs of digits with gaps between them; a month's name is looked for in the gap that stands where the name
/// belongs. After the last part there may be an ending (`5th`, `2020 г.`).
pub(super) fn read(text: &str, parts: &[Part], months: Months) -> Option<String> {
    let (runs, gaps) = split(text);
    let numbers = parts.iter().filter(|part| **part != Part::Name).count();
    let starts_with_name = parts.first() == Some(&Part::Name);
    if runs.len() != numbers || (!starts_with_name && !gaps[0].is_empty()) {
        return None;
    }
    let mut runs = runs.iter();
    let (mut year, mut month, mut day) = (None, None, None);
    for (index, part) in parts.iter().enumerate() {
        match part {
            // The parts before the name are runs, each with a gap before it; the gap after the last of them is the
            // name's.
            Part::Name => month = Some(months.find(gaps[index])?),
            Part::Year => year = Some(full_year(runs.next()?)?),
            Part::Month => month = Some(two_digits(runs.next()?)?),
            Part::Day => day = Some(two_digits(runs.next()?)?),
        }
    }
    write(year, month?, day)
}

/// Writes the parts there are, if there is such a day.
pub(super) fn write(year: Option<i32>, month: u32, day: Option<u32>) -> Option<String> {
    // 29 February is a day of some year.
    NaiveDate::from_ymd_opt(year.unwrap_or(2000), month, day.unwrap_or(1))?;
    Some(match (year, day) {
        (Some(year), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
        (Some(year), None) => format!("{year:04}-{month:02}"),
        (None, Some(day)) => format!("--{month:02}-{day:02}"),
        (None, None) => return None,
    })
}

/// Runs of digits, as ASCII, and what stands before, between and after them: one gap more than runs.
pub(super) fn split(text: &str) -> (Vec<String>, Vec<&str>) {
    let (mut runs, mut gaps) = (Vec::new(), Vec::new());
    let mut rest = text;
    loop {
        let start = rest.find(|c| digit(c).is_some()).unwrap_or(rest.len());
        let (gap, run) = rest.split_at(start);
        gaps.push(gap);
        if run.is_empty() {
            return (runs, gaps);
        }
        let end = run.find(|c| digit(c).is_none()).unwrap_or(run.len());
        runs.push(run[..end].chars().filter_map(digit).collect());
        rest = &run[end..];
    }
}

/// A year of one or two digits is of this century, as the registries say.
pub(super) fn full_year(digits: &str) -> Option<i32> {
    let year: i32 = digits.parse().ok()?;
    match digits.len() {
        1 | 2 => Some(2000 + year),
        4 => Some(year),
        _ => None,
    }
}

pub(super) fn two_digits(digits: &str) -> Option<u32> {
    if digits.len() > 2 { None } else { digits.parse().ok() }
}

/// The last day of a calendar quarter: `Q3 1999`, `1999, third quarter`.
pub(super) fn quarter_end(text: &str) -> Option<Cow<'static, str>> {
    let (runs, gaps) = split(text);
    let at = runs.iter().position(|run| run.len() == 4)?;
    let is_at_an_end = gaps[at].is_empty() || gaps[at + 1].is_empty();
    let others: Vec<_> =
        runs.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, run)| run).collect();
    let quarter = match others[..] {
        [] => {
            let text = text.to_lowercase();
            let words = [("first", 1), ("second", 2), ("third", 3), ("fourth", 4), ("last", 4)];
            words.into_iter().find(|(word, _)| text.contains(word))?.1
        }
        [run] if run.len() == 1 => run.parse().ok()?,
        _ => return None,
    };
    let end = match quarter {
        1 => "03-31",
        2 => "06-30",
        3 => "09-30",
        4 => "12-31",
        _ => return None,
    };
    is_at_an_end.then(|| Cow::Owned(format!("{}-{end}", runs[at])))
}
