//! What may have been meant by words that nothing has. Pure.

use std::collections::BTreeSet;

use strsim::damerau_levenshtein;

use super::words::Wanted;

/// Words that are offered for one that is nowhere.
const MAX_OFFERED: usize = 5;

/// Why nothing has all words: which of them are nowhere, and what is near these.
pub(super) fn explained(wanted: &Wanted, vocabulary: &BTreeSet<String>) -> String {
    let is_there = |word: &String| vocabulary.iter().any(|known| known.contains(word.as_str()));
    let missing: Vec<&String> = wanted.words().iter().filter(|word| !is_there(word)).collect();
    if missing.is_empty() {
        return "each word is there, but nothing has all of them; leave one out".to_owned();
    }
    let explain = |word: &String| match nearest(word, vocabulary) {
        near if near.is_empty() => format!("no name has {word:?}"),
        near => format!("no name has {word:?}, near are {}", near.join(", ")),
    };
    missing.into_iter().map(explain).collect::<Vec<_>>().join("; ")
}

/// The words that differ least, of the same distance by the alphabet.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a String>) -> Vec<&'a str> {
    let letters = word.chars().count();
    // Beyond a third of the letters a suggestion is a guess; one letter is always allowed.
    let tolerated = (letters / 3).max(1);
    let is_comparable = |known: &&String| known.chars().count().abs_diff(letters) <= tolerated;
    let distance = |known: &'a String| (damerau_levenshtein(word, known), known.as_str());
    let mut near: Vec<(usize, &str)> = known.into_iter().filter(is_comparable).map(distance).collect();
    near.retain(|(distance, _)| *distance <= tolerated);
    near.sort_unstable();
    near.into_iter().take(MAX_OFFERED).map(|(_, known)| known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_word_too_many_is_said_to_be() {
        let known = ["revenue", "revenues", "assets", "net"].map(str::to_owned).into();
        let check = |text, expected| assert_eq!(explained(&Wanted::parse(text).unwrap(), &known), expected);
        check("revnue", "no name has \"revnue\", near are revenue, revenues");
        check("assets net", "each word is there, but nothing has all of them; leave one out");
        check("zzzzzz asets", "no name has \"zzzzzz\"; no name has \"asets\", near are assets");
    }
}
