//! Dates of the Japanese eras and of the Indian national (Saka) calendar.

use chrono::{Datelike, Days, NaiveDate};

use super::date::{full_year, split, two_digits, write};

/// How far a Japanese date goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::inline) enum Era {
    /// Year and month.
    Month,
    /// Year, month and day.
    Day,
}

/// The eras and the year before their first.
const ERAS: [(&str, i32); 5] = [("令", 2018), ("平", 1988), ("昭", 1925), ("大", 1911), ("明", 1867)];

/// `令和2年3月31日`; the first year of an era may be written 元.
pub(super) fn japanese(text: &str, era: Era) -> Option<String> {
    let text = text.replace('元', "1");
    let (_, start) = ERAS.into_iter().find(|(name, _)| text.starts_with(name))?;
    let (runs, _) = split(&text);
    let number = |index: usize| runs.get(index).and_then(|run| two_digits(run));
    let year = start + i32::try_from(number(0)?).ok()?;
    match era {
        Era::Month if runs.len() == 2 => write(Some(year), number(1)?, None),
        Era::Day if runs.len() == 3 => write(Some(year), number(1)?, Some(number(2)?)),
        _ => None,
    }
}

/// What marks each Saka month, in Devanagari and in the transliterations the registry tells apart: a beginning and a
/// part of the name in Latin script, where it is written in many ways.
const SAKA_MONTHS: [(&[&str], &str, &str); 12] = [
    (&["चैत्र"], "c", "ait"),
    (&["वैशाख", "बैसाख"], "vai", ""),
    (&["ज्येष्ठ"], "jy", ""),
    (&["आषाढ"], "", "dha"),
    (&["श्रावण", "सावन"], "", "vana"),
    (&["भाद्रपद", "भादो"], "bh", "dra"),
    (&["आश्विन"], "", "in"),
    (&["कार्तिक"], "k", "rti"),
    (&["मार्गशीर्ष", "अगहन"], "m", "rga"),
    (&["पौष"], "pau", ""),
    (&["माघ"], "m", "gh"),
    (&["फाल्गुन"], "ph", "lg"),
];

/// Names that the marks do not tell apart: how they begin, and the index of the month.
const SAKA_OTHERS: [(&str, usize); 2] = [("proṣṭhapada", 5), ("agra", 8)];

/// `22 Chaitra 1945` as the Gregorian day it is.
pub(super) fn indian_national(text: &str) -> Option<String> {
    let (runs, gaps) = split(text);
    let [day, year] = &runs[..] else { return None };
    // Diacritics are folded as far as the marks need it.
    let name = gaps[1].trim().to_lowercase().replace(['ḍ'], "d").replace(['ṇ'], "n").replace(['ā'], "a");
    let named = |(devanagari, start, part): &(&[&str], &str, &str)| {
        devanagari.iter().any(|known| name.contains(known))
            || (name.starts_with(start) && name.contains(part))
    };
    let other = SAKA_OTHERS.into_iter().find(|(start, _)| name.starts_with(start)).map(|(_, month)| month);
    let month = other.or_else(|| SAKA_MONTHS.iter().position(named))?;
    let day = u64::from(two_digits(day)?);
    // Two digits up to 21 are of this Gregorian century's Saka years, as registry 3 says.
    let saka = match year.len() {
        2 if year.as_str() > "21" => 1900 + year.parse::<i32>().ok()?,
        _ => full_year(year)?,
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
