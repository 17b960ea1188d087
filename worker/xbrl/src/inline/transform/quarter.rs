//! The last day of a calendar quarter.

use std::borrow::Cow;

use super::characters::Digits;

/// Only the first letter may be a capital.
const WORDS: [(&str, &str, &str); 5] = [
    ("first", "First", "1"),
    ("second", "Second", "2"),
    ("third", "Third", "3"),
    ("fourth", "Fourth", "4"),
    ("last", "Last", "4"),
];

/// `Q3 1999`, `1999, third quarter`: a quarter and a year in either order, the year at an end.
pub(super) fn end(text: &str) -> Option<Cow<'static, str>> {
    let (runs, gaps) = Digits::Ascii.split(text)?;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (year, quarter, is_fit) = match (&runs[..], &gaps[..]) {
        ([year], [words, ""]) => (year, named(words)?, words.starts_with(is_word)),
        ([year], ["", words]) => (year, named(words)?, words.ends_with(is_word)),
        ([quarter, year], [before, _, ""]) if year.len() == 4 => {
            (year, *quarter, before.is_empty() || before.starts_with(is_word))
        }
        ([year, quarter], ["", _, after]) => (year, *quarter, after.is_empty() || after.ends_with(is_word)),
        _ => return None,
    };
    let end = match quarter {
        "1" => "03-31",
        "2" => "06-30",
        "3" => "09-30",
        "4" => "12-31",
        _ => return None,
    };
    (is_fit && year.len() == 4).then(|| Cow::Owned(format!("{year}-{end}")))
}

/// The quarter that is named; `None` when two are.
fn named(text: &str) -> Option<&'static str> {
    let is_there = |(small, capital, _): &&(&str, &str, &str)| text.contains(small) || text.contains(capital);
    let mut found = WORDS.iter().filter(is_there).map(|(_, _, quarter)| *quarter);
    let first = found.next()?;
    found.all(|quarter| quarter == first).then_some(first)
}
