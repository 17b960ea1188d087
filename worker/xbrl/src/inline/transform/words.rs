//! Numbers and durations in English words, and ballot boxes.

use std::borrow::Cow;

use super::characters::is_hyphen;

/// `eighteen million three hundred thousand and fifty-one`, as an integer.
pub(super) fn number(text: &str) -> Option<Cow<'static, str>> {
    let text = text.to_lowercase();
    match &*text {
        "no" | "none" | "nil" | "zero" => Some(Cow::Borrowed("0")),
        _ => {
            let words: Vec<_> = split(&text).collect();
            cardinal(&words).map(|number| Cow::Owned(number.to_string()))
        }
    }
}

/// `twelve years, six months and four days`, as an `xs:duration`; numbers may be digits.
pub(super) fn duration(text: &str) -> Option<Cow<'static, str>> {
    let text = text.to_lowercase();
    let mut out = String::from("P");
    let mut number: Vec<&str> = Vec::new();
    let mut previous = 0;
    let mut has_unit = false;
    for word in split(&text) {
        let (rank, unit) = match word {
            "year" | "years" => (1, 'Y'),
            "month" | "months" => (2, 'M'),
            "day" | "days" => (3, 'D'),
            "," => continue,
            "and" if number.is_empty() => continue,
            _ => {
                number.push(word);
                continue;
            }
        };
        if rank <= previous {
            return None;
        }
        previous = rank;
        has_unit = true;
        match number[..] {
            ["no" | "zero" | "none"] => {}
            [digits]
                if !digits.is_empty()
                    && digits.len() <= 4
                    && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                out.push_str(digits);
                out.push(unit);
            }
            _ => {
                out.push_str(&cardinal(&number)?.to_string());
                out.push(unit);
            }
        }
        number.clear();
    }
    if !number.is_empty() || !has_unit {
        return None;
    }
    Some(if out.len() == 1 { Cow::Borrowed("P0D") } else { Cow::Owned(out) })
}

/// Words, with a comma as a word of its own.
fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || is_hyphen(c))
        .flat_map(|word| match word.strip_suffix(',') {
            Some(word) => [word, ","],
            None => [word, ""],
        })
        .filter(|word| !word.is_empty())
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
    while !words.is_empty() {
        // "and" stands before what is below a hundred, so before the last group at the earliest.
        if total > 0 && words[0] == "and" {
            words = &words[1..];
        }
        let (value, rest) = below_two_thousand(words)?;
        let scale = rest.first().and_then(|word| SCALES.iter().find(|(name, _)| name == word));
        let (scale, rest) = match scale {
            Some((_, scale)) => (*scale, rest[1..].strip_prefix(&[","][..]).unwrap_or(&rest[1..])),
            None if rest.is_empty() => (1, rest),
            None => return None,
        };
        if scale >= limit {
            return None;
        }
        limit = scale;
        total += value * scale;
        words = rest;
    }
    (total > 0).then_some(total)
}

/// `nineteen hundred and ninety nine` at most; what follows is handed back.
fn below_two_thousand<'w>(words: &'w [&'w str]) -> Option<(u128, &'w [&'w str])> {
    let (first, rest) = words.split_first()?;
    let small = small(first);
    if let (Some(hundreds), Some((&"hundred", rest))) = (small, rest.split_first()) {
        let after_and = rest.strip_prefix(&["and"][..]).unwrap_or(rest);
        return match below_hundred(after_and) {
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
    match rest.split_first().and_then(|(word, rest)| Some((small(word)?, rest))) {
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
