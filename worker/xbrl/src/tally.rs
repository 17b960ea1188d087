//! Diagnostics of a whole filing: all are counted, few of each code are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Diagnostic;

/// Diagnostics of one code that are kept: a filing that has one fault a thousand times is understood from a hundred.
pub const KEPT_PER_CODE: u64 = 100;

/// Diagnostics by code, the first [`KEPT_PER_CODE`] of each kept, in the order in which they were found.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    kept: Vec<Diagnostic>,
    counts: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Counts a diagnostic and keeps it if there are few of its code. The message is made only then.
    pub(crate) fn add(
        &mut self,
        code: &'static str,
        file: &Arc<str>,
        line: u32,
        message: impl FnOnce() -> String,
    ) {
        if self.count(code) {
            self.kept.push(Diagnostic::new(code, file, line, message()));
        }
    }

    /// Takes in what another found.
    pub fn merge(&mut self, other: Tally) {
        let Tally { kept, counts } = other;
        let mut beyond = counts;
        for diagnostic in kept {
            if let Some(count) = beyond.get_mut(diagnostic.code) {
                *count -= 1;
            }
            self.extend([diagnostic]);
        }
        for (code, count) in beyond {
            *self.counts.entry(code).or_default() += count;
        }
    }

    /// Those that are kept.
    pub fn kept(&self) -> &[Diagnostic] {
        &self.kept
    }

    /// At most so many of them, in their order: the first of each code, then the second, so that one fault found often
    /// does not hide the others.
    pub fn sample(&self, most: usize) -> Vec<&Diagnostic> {
        let mut of_code: BTreeMap<&str, usize> = BTreeMap::new();
        let mut turns: Vec<(usize, usize)> = Vec::with_capacity(self.kept.len());
        for (index, diagnostic) in self.kept.iter().enumerate() {
            let turn = of_code.entry(diagnostic.code).or_default();
            turns.push((*turn, index));
            *turn += 1;
        }
        turns.sort_unstable();
        turns.truncate(most);
        turns.sort_unstable_by_key(|(_, index)| *index);
        turns.into_iter().map(|(_, index)| &self.kept[index]).collect()
    }

    /// How many there were of each code, kept or not.
    pub fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }

    /// Counts one; whether it is to be kept.
    fn count(&mut self, code: &'static str) -> bool {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        *count <= KEPT_PER_CODE
    }
}

impl Extend<Diagnostic> for Tally {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: T) {
        for diagnostic in diagnostics {
            if self.count(diagnostic.code) {
                self.kept.push(diagnostic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &'static str, count: u64) -> Tally {
        let mut tally = Tally::default();
        (0..count).for_each(|n| tally.add(code, &"f".into(), 1, || n.to_string()));
        tally
    }

    #[test]
    fn all_are_counted_and_the_first_of_each_code_kept() {
        for (tallies, kept, counts) in [
            (vec![("a", 3), ("b", 1)], 4, vec![("a", 3), ("b", 1)]),
            (vec![("a", KEPT_PER_CODE + 5)], KEPT_PER_CODE, vec![("a", KEPT_PER_CODE + 5)]),
            (
                vec![("a", KEPT_PER_CODE + 5), ("a", KEPT_PER_CODE + 7), ("b", 2)],
                KEPT_PER_CODE + 2,
                vec![("a", 2 * KEPT_PER_CODE + 12), ("b", 2)],
            ),
        ] {
            let mut all = Tally::default();
            tallies.iter().for_each(|(code, count)| all.merge(found(code, *count)));
            assert_eq!(all.kept().len() as u64, kept, "{tallies:?}");
            assert_eq!(all.counts().iter().map(|(code, count)| (*code, *count)).collect::<Vec<_>>(), counts);
            assert_eq!(all.kept()[0].message, "0");
        }
    }

    #[test]
    fn a_sample_has_every_code_first() {
        for (tallies, most, expected) in [
            (vec![("a", 3), ("b", 1), ("c", 2)], 4, "a0 a1 b0 c0"),
            (vec![("a", 3), ("b", 1), ("c", 2)], 5, "a0 a1 b0 c0 c1"),
            (vec![("a", 3), ("b", 1), ("c", 2)], 2, "a0 b0"),
            (vec![("a", 1)], 20, "a0"),
            (vec![], 20, ""),
        ] {
            let mut all = Tally::default();
            tallies.iter().for_each(|(code, count)| all.merge(found(code, *count)));
            let sample = all.sample(most).into_iter().map(|it| format!("{}{}", it.code, it.message));
            assert_eq!(sample.collect::<Vec<_>>().join(" "), expected, "{tallies:?} {most}");
        }
    }
}
