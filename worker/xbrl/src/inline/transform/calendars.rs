//! Dates with the marks 年, 月 and 日, Gregorian or of a Japanese era, and dates of the Indian national (Saka) calendar.

use chrono::{Datelike, Days, NaiveDate};

use super::characters::Digits;
use super::date::write;

/// `2008年6月30日`.
pub(super) fn year_month_day(text: &str) -> Option<String> {
    let [year, month, day] = marked(text, ['年', '月', '日'])?;
    write(Some(full_year(year)?), two_digits(month)?, Some(two_digits(day)?))
}

/// `2008年6月`.
pub(super) fn year_month(text: &str) -> Option<String> {
    let [year, month] = marked(text, ['年', '月'])?;
    write(Some(full_year(year)?), two_digits(month)?, None)
}

/// `令和2年3月31日`.
pub(super) fn era_year_month_day(text: &str) -> Option<String> {
    let [year, month, day] = marked(text, ['年', '月', '日'])?;
    write(Some(era_year(year)?), two_digits(month)?, Some(two_digits(day)?))
}

/// `令和2年3月`.
pub(super) fn era_year_month(text: &str) -> Option<String> {
    let [year, month] = marked(text, ['年', '月'])?;
    write(Some(era_year(year)?), two_digits(month)?, None)
}

/// What stands before each mark, white space around it left out; after the last there is nothing.
fn marked<const N: usize>(text: &str, marks: [char; N]) -> Option<[&str; N]> {
    let mut values = [""; N];
    let mut rest = text;
    for (value, mark) in values.iter_mut().zip(marks) {
        let (before, after) = rest.split_once(mark)?;
        *value = before.trim();
        rest = after;
    }
    rest.trim().is_empty().then_some(values)
}

fn two_digits(text: &str) -> Option<u32> {
    Digits::FullWidth.number(text, 2)
}

fn full_year(text: &str) -> Option<i32> {
    let year = i32::try_from(Digits::FullWidth.number(text, 4)?).ok()?;
    match text.chars().count() {
        1 | 2 => Some(2000 + year),
        4 => Some(year),
        _ => None,
    }
}

/// The eras, in full and by their first character, and the year before their first.
const ERAS: [(&str, &str, i32); 5] = [
    ("令和", "令", 2018),
    ("平成", "平", 1988),
    ("昭和", "昭", 1925),
    ("大正", "大", 1911),
    ("明治", "明", 1867),
];

/// The first year of an era may be written 元.
fn era_year(text: &str) -> Option<i32> {
    let of_era = |(full, short, start): (&str, &str, i32)| {
        Some((text.strip_prefix(full).or_else(|| text.strip_prefix(short))?.trim(), start))
    };
    let (year, start) = ERAS.into_iter().find_map(of_era)?;
    let year = if year == "元" { 1 } else { two_digits(year).filter(|year| *year > 0)? };
    Some(start + i32::try_from(year).ok()?)
}

/// What names a Saka month.
struct Names {
    texts: &'static [&'static str],
    /// Of transliterations there are many.
    pattern: Option<Pattern>,
}

/// A beginning, and a part that follows in the same word after at least so many characters.
type Pattern = (&'static str, usize, &'static str);

const fn names(texts: &'static [&'static str]) -> Names {
    Names { texts, pattern: None }
}

const fn pattern(
    texts: &'static [&'static str],
    start: &'static str,
    least: usize,
    part: &'static str,
) -> Names {
    Names { texts, pattern: Some((start, least, part)) }
}

const SAKA_MONTHS: [Names; 12] = [
    pattern(&["चैत्र"], "C", 0, "ait"),
    names(&["Vai", "वैशाख", "बैसाख"]),
    names(&["Jy", "ज्येष्ठ"]),
    names(&["dha", "ḍha", "आषाढ"]),
    names(&["vana", "Śrāvaṇa", "श्रावण", "सावन"]),
    pattern(&["Proṣṭhapada", "भाद्रपद", "भादो"], "Bh", 1, "dra"),
    names(&["in", "आश्विन"]),
    pattern(&["कार्तिक"], "K", 1, "rti"),
    pattern(&["Agra", "मार्गशीर्ष", "अगहन"], "M", 1, "rga"),
    names(&["Pau", "पौष"]),
    pattern(&["माघ"], "M", 1, "gh"),
    pattern(&["फाल्गुन"], "Ph", 1, "lg"),
];

/// `22 Chaitra 1945` as the Gregorian day it is.
pub(super) fn indian_national(text: &str) -> Option<String> {
    let (runs, gaps) = Digits::Devanagari.split(text)?;
    let ([day, year], ["", name, ""]) = (&runs[..], &gaps[..]) else { return None };
    let month = saka_month(name)?;
    let day = u64::from(Digits::Devanagari.number(day, 2)?);
    let number = i32::try_from(Digits::Devanagari.number(year, 4)?).ok()?;
    let saka = match year.chars().count() {
        // The year whose Gregorian one is of this century: 11 Pausha 1921 was 1 January 2000.
        2 if (number, month, day) >= (21, 9, 11) => 1900 + number,
        2 => 2000 + number,
        4 => number,
        _ => return None,
    };
    let gregorian = saka + 78;
    let is_leap = NaiveDate::from_ymd_opt(gregorian, 2, 29).is_some();
    // The year begins on 22 March, in leap years on 21 March with a longer first month; five months of 31 days follow.
    let lengths = [if is_leap { 31 } else { 30 }, 31, 31, 31, 31, 31, 30, 30, 30, 30, 30, 30];
    if day == 0 || day > lengths[month] {
        return None;
    }
    let start = NaiveDate::from_ymd_opt(gregorian, 3, if is_leap { 21 } else { 22 })?;
    let date = start.checked_add_days(Days::new(lengths[..month].iter().sum::<u64>() + day - 1))?;
    write(Some(date.year()), date.month(), Some(date.day()))
}

/// The index of the month named between a day and a year; none when two are.
fn saka_month(gap: &str) -> Option<usize> {
    let mut found = None;
    for (at, _) in gap.char_indices().skip(1) {
        let rest = &gap[at..];
        for (month, names) in SAKA_MONTHS.iter().enumerate() {
            // Something follows a name, if only the rest of its word.
            let starts = |text: &&str| rest.strip_prefix(*text).is_some_and(|end| !end.is_empty());
            if !names.texts.iter().any(starts) && !names.pattern.is_some_and(|pattern| fits(rest, pattern)) {
                continue;
            }
            if found.is_some_and(|other| other != month) {
                return None;
            }
            found = Some(month);
        }
    }
    found
}

fn fits(text: &str, (start, least, part): Pattern) -> bool {
    let Some(rest) = text.strip_prefix(start) else { return false };
    let word = rest.split(char::is_whitespace).next().unwrap_or_default();
    let mut places = word.char_indices().skip(least).map(|(at, _)| &rest[at..]);
    places.any(|place| place.strip_prefix(part).is_some_and(|end| !end.is_empty()))
}
