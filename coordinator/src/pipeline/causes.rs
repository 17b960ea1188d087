//! What dead items died of: reasons that differ in numbers, names and addresses alone are one cause.
//!
//! Kept up with every death, because a status is asked for often and has no time to read a million reasons. Where there
//! are more causes than a person would read, what comes after them is counted together.

use std::collections::BTreeMap;

use super::item::{ItemIx, KindIx};
use super::ix_set::IxSet;

/// Causes that are told apart in one pipeline.
const MAX_CAUSES: usize = 200;
/// Longest form of a cause, in bytes: it is also what items are selected by.
const MAX_FORM_LEN: usize = 256;
/// Digits in a row that make a word a name or an address, as in an accession number. An HTTP status has fewer.
const NAMING_DIGITS: usize = 5;
/// What stands for such a word.
pub(super) const ANYTHING: char = '…';

/// One cause.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cause {
    pub(super) count: u64,
    pub(super) items: IxSet,
}

/// All causes of one pipeline, by kind and form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Causes {
    by_form: BTreeMap<(KindIx, String), Cause>,
    /// Items of further causes. While there are any, no further cause is told apart: so an item's cause is told apart
    /// now exactly if it was when it died.
    others: u64,
}

impl Causes {
    /// An item has died.
    pub(super) fn enter(&mut self, kind: KindIx, ix: ItemIx, reason: &str) {
        let key = (kind, form(reason));
        let is_known = self.by_form.contains_key(&key);
        if !is_known && (self.others > 0 || self.by_form.len() >= MAX_CAUSES) {
            self.others += 1;
            return;
        }
        let cause = self.by_form.entry(key).or_default();
        cause.count += 1;
        cause.items.insert(ix);
    }

    /// It is dead no more.
    pub(super) fn leave(&mut self, kind: KindIx, ix: ItemIx, reason: &str) {
        let key = (kind, form(reason));
        let Some(cause) = self.by_form.get_mut(&key) else {
            self.others -= 1;
            return;
        };
        cause.count -= 1;
        cause.items.remove(ix);
        if cause.count == 0 {
            self.by_form.remove(&key);
        }
    }

    /// Dead items, whatever they died of.
    #[cfg(test)]
    pub(super) fn total(&self) -> u64 {
        self.by_form.values().map(|cause| cause.count).sum::<u64>() + self.others
    }

    /// The most frequent ones: kind, form, and the cause. Of equally frequent ones the one that came first.
    pub(super) fn first(&self, limit: usize) -> Vec<(KindIx, &str, &Cause)> {
        let mut causes: Vec<_> =
            self.by_form.iter().map(|((kind, form), cause)| (*kind, form.as_str(), cause)).collect();
        causes.sort_by_key(|(.., cause)| (std::cmp::Reverse(cause.count), cause.items.first()));
        causes.truncate(limit);
        causes
    }
}

/// What reasons of one cause have in common: words that name one item or another are left out, and of several in a row
/// how many they are.
fn form(reason: &str) -> String {
    let mut form = String::new();
    for word in reason.split_inclusive(is_between) {
        let (name, between) = match word.char_indices().next_back() {
            Some((at, last)) if is_between(last) => word.split_at(at),
            _ => (word, ""),
        };
        let piece = if names_something(name) { "…" } else { name };
        if piece == "…" {
            let known = form.trim_end_matches(is_between);
            if known.ends_with(ANYTHING) {
                form.truncate(known.len() - ANYTHING.len_utf8());
            }
        }
        if form.len() + piece.len() + between.len() > MAX_FORM_LEN {
            break;
        }
        form.push_str(piece);
        form.push_str(between);
    }
    form
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '`' | '"' | '\'' | '(' | ')' | ',' | ';')
}

fn names_something(word: &str) -> bool {
    if word.contains("://") {
        return true;
    }
    let mut digits = 0;
    word.bytes().any(|byte| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits >= NAMING_DIGITS
    })
}

/// Whether a text has these words, in any case; [`ANYTHING`] among them stands for whatever is there.
pub(super) fn has(text: &str, words: &str) -> bool {
    let (text, words) = (text.to_lowercase(), words.to_lowercase());
    let mut rest = text.as_str();
    words.split(ANYTHING).all(|piece| match rest.find(piece) {
        Some(at) => {
            rest = &rest[at + piece.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_name_an_item_are_left_out() {
        for (reason, expected) in [
            ("broken", "broken"),
            ("", ""),
            ("404 Not Found", "404 Not Found"),
            ("https://a.example/data/320193/0000320193-24-000123.zip: 404 Not Found", "… 404 Not Found"),
            ("schema `aapl-20230930.xsd` is missing, 14 in all", "schema `…` is missing, 14 in all"),
            ("https://a.example/x.xsd, https://b.example/y.xsd (gone)", "… (gone)"),
            ("missing are `a/10001`, `a/10002`; and 10003", "missing are `…`; and …"),
            ("ran longer than 900s, its max_run", "ran longer than 900s, its max_run"),
        ] {
            assert_eq!(form(reason), expected);
            assert!(has(reason, expected), "{reason}");
        }
        let long = "x".repeat(300);
        assert_eq!(form(&format!("first {long}")), "first ");
    }

    #[test]
    fn words_are_found_in_any_case_and_order_matters() {
        assert!(has("The Server said NO", "server … no"));
        assert!(!has("The Server said NO", "no … server"));
        assert!(has("anything", ""));
    }

    #[test]
    fn causes_are_counted_and_the_most_frequent_come_first() {
        let mut causes = Causes::default();
        let kind = KindIx(0);
        for n in 0..5 {
            causes.enter(kind, ItemIx(n), &format!("file {} is gone", 10_000 + n));
        }
        causes.enter(kind, ItemIx(9), "disk full");
        causes.enter(KindIx(1), ItemIx(10), "disk full");
        let first = causes.first(10);
        let shown: Vec<_> = first.iter().map(|(kind, form, cause)| (kind.0, *form, cause.count)).collect();
        assert_eq!(shown, [(0, "file … is gone", 5), (0, "disk full", 1), (1, "disk full", 1)]);
        for n in 0..5 {
            causes.leave(kind, ItemIx(n), &format!("file {} is gone", 10_000 + n));
        }
        assert_eq!(causes.first(1)[0].1, "disk full");
    }

    #[test]
    fn very_many_causes_are_counted_together_and_forgotten_like_the_others() {
        let mut causes = Causes::default();
        let kind = KindIx(0);
        let reason = |n: u32| "x".repeat(1 + n as usize % 250) + if n >= 250 { "y" } else { "" };
        for n in 0..300 {
            causes.enter(kind, ItemIx(n), &reason(n));
        }
        assert_eq!(causes.first(usize::MAX).len(), MAX_CAUSES);
        for n in 0..300 {
            causes.leave(kind, ItemIx(n), &reason(n));
        }
        assert_eq!(causes, Causes::default());
    }
}
