//! Numbers and durations in English words, and ballot boxes.

use std::borrow::Cow;

use super::characters::is_hyphen;

/// `eighteen million three hundred thousand and fifty-one`, as an integer.
pub(super) fn number(text: &str) -> Option<Cow<'static, str>> {
    let words = split(text)?;
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["no" | "none" | "nil" | "zero"] => Some(Cow::Borrowed("0")),
        ref words => cardinal(words).map(|number| Cow::Owned(number.to_string())),
    }
}

/// `twelve years, six months and four days`, as an `xs:duration`; numbers may be digits.
pub(super) fn duration(text: &str) -> Option<Cow<'static, str>> {
    let words = split(text)?;
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let mut rest = &words[..];
    let mut out = String::from("P");
    for (unit, units, designator) in [("year", "years", 'Y'), ("month", "months", 'M'), ("day", "days", 'D')]
    {
        let Some((amount, after)) = amount(rest) else { break };
        let Some((word, after)) = after.strip_prefix(HYPHEN).unwrap_or(after).split_first() else { break };
        if *word != unit && *word != units {
            continue;
        }
        rest = after;
        if designator != 'D' {
            rest = rest.strip_prefix(COMMA).unwrap_or(rest);
            rest = rest.strip_prefix(AND).unwrap_or(rest);
        }
        if amount > 0 {
            out.push_str(&format!("{amount}{designator}"));
        }
    }
    match (rest.is_empty() && !words.is_empty(), out.len()) {
        (false, _) => None,
        (true, 1) => Some(Cow::Borrowed("P0D")),
        (true, _) => Some(Cow::Owned(out)),
    }
}

/// How many years, months or days: four digits at most, a number below two thousand, or none of them.
fn amount<'w>(words: &'w [&'w str]) -> Option<(u128, &'w [&'w str])> {
    match words.split_first()? {
        (&("no" | "zero"), rest) => Some((0, rest)),
        (digits, rest) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some((digits.parse().ok().filter(|_| digits.len() <= 4)?, rest))
        }
        _ => below_two_thousand(words, HYPHEN),
    }
}

const HYPHEN: &[&str] = &["-"];
const COMMA: &[&str] = &[","];
const AND: &[&str] = &["and"];

/// Words with their first letter small, if they are no more than that; commas, and hyphens that join two words, are
/// words too. `None` when a hyphen joins nothing: it may be a minus.
fn split(text: &str) -> Option<Vec<String>> {
    let mut out = Vec::new();
    for word in text.split(char::is_whitespace).filter(|word| !word.is_empty()) {
        if word.starts_with(is_hyphen) || word.ends_with(is_hyphen) {
            return None;
        }
        let mut rest = word;
        while let Some(mark) = rest.find(|c| c == ',' || is_hyphen(c)) {
            let (before, after) = rest.split_at(mark);
            let mark = after.chars().next()?;
            out.extend((!before.is_empty()).then(|| with_small_letter(before)));
            out.push(if mark == ',' { "," } else { "-" }.to_owned());
            rest = &after[mark.len_utf8()..];
        }
        out.extend((!rest.is_empty()).then(|| with_small_letter(rest)));
    }
    Some(out)
}

/// That is how far the registry is free about case, and "and" is always small.
fn with_small_letter(word: &str) -> String {
    let mut word = word.to_owned();
    if word != "And"
        && let Some(first) = word.get_mut(..1)
    {
        first.make_ascii_lowercase();
    }
    word
}

const SMALL: [&str; 19] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(&str, u128); 6] = [
    ("quintillion", 1_000_000_000_000_000_000),
    ("quadrillion", 1_000_000_000_000_000),
    ("trillion", 1_000_000_000_000),
    ("billion", 1_000_000_000),
    ("million", 1_000_000),
    ("thousand", 1_000),
];

/// A number of at least one: groups of up to 1,999 with falling scales.
fn cardinal(words: &[&str]) -> Option<u128> {
    let mut total = 0;
    let mut limit = u128::MAX;
    let mut words = words;
    loop {
        let (value, rest) = below_two_thousand(words, &[])?;
        let Some((word, rest)) = rest.split_first() else { return Some(total + value) };
        let (_, scale) = SCALES.iter().find(|(name, scale)| name == word && *scale < limit)?;
        total += value * scale;
        limit = *scale;
        match (*scale, rest) {
            (_, []) => return Some(total),
            (1_000, rest) => return Some(total + after_thousands(rest.strip_prefix(COMMA).unwrap_or(rest))?),
            (_, rest) => words = rest.strip_prefix(COMMA).unwrap_or(rest),
        }
        if words.is_empty() {
            return Some(total);
        }
    }
}

/// The last group after a thousand, before which "and" may stand when it is below a hundred.
fn after_thousands(words: &[&str]) -> Option<u128> {
    let (value, rest) = match words.strip_prefix(AND) {
        Some(words) => below_hundred(words)?,
        None => below_two_thousand(words, &[])?,
    };
    rest.is_empty().then_some(value)
}

/// `nineteen hundred and ninety nine` at most; what follows is handed back. `joint` may stand around "hundred".
fn below_two_thousand<'w>(
    words: &'w [&'w str],
    joint: &'static [&'static str],
) -> Option<(u128, &'w [&'w str])> {
    let (first, rest) = words.split_first()?;
    let joined = |rest: &'w [&'w str]| rest.strip_prefix(joint).unwrap_or(rest);
    if let (Some(hundreds), Some((&"hundred", rest))) = (small(first), joined(rest).split_first()) {
        let after = joined(rest);
        return match below_hundred(after.strip_prefix(AND).unwrap_or(after)) {
            Some((value, rest)) => Some((hundreds * 100 + value, rest)),
            None => Some((hundreds * 100, rest)),
        };
    }
    below_hundred(words)
}

fn below_hundred<'w>(words: &'w [&'w str]) -> Option<(u128, &'w [&'w str])> {
    let (first, rest) = words.split_first()?;
    if let Some(value) = small(first) {
        return Some((value, rest));
    }
    let tens = 10 * (position(&TENS, first)? + 1);
    let after = rest.strip_prefix(HYPHEN).unwrap_or(rest);
    match after.split_first().and_then(|(word, rest)| Some((small(word)?, rest))) {
        Some((units, rest)) if units < 10 => Some((tens + units, rest)),
        _ => Some((tens, rest)),
    }
}

fn small(word: &str) -> Option<u128> {
    position(&SMALL, word)
}

/// The index of `word`, counted from 1: in [`SMALL`] that is the number the word means.
fn position(words: &[&str], word: &str) -> Option<u128> {
    words.iter().position(|known| *known == word).and_then(|index| u128::try_from(index + 1).ok())
}

/// A ballot box is ticked, crossed or empty.
pub(super) fn ballot_box_boolean(text: &str) -> Option<Cow<'static, str>> {
    ballot_box(text, "true", "false")
}

pub(super) fn ballot_box_yes_no(text: &str) -> Option<Cow<'static, str>> {
    ballot_box(text, "Yes", "No")
}

fn ballot_box(text: &str, yes: &'static str, no: &'static str) -> Option<Cow<'static, str>> {
    match text {
        "☐" => Some(Cow::Borrowed(no)),
        "☑" | "☒" => Some(Cow::Borrowed(yes)),
        _ => None,
    }
}
