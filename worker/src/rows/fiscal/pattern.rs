//! How a filer divides its year: where the first three quarters end, in days from its beginning.

/// How far the end of a quarter may be from where the pattern has it: a week more in a year of 53 weeks, and months of
/// different lengths.
const NEAR: i64 = 9;
/// Days.
const WEEK: i64 = 7;

/// Where the first three quarters end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pattern([i64; 3]);

impl Pattern {
    /// Three months, or thirteen weeks, each; 4-4-5 weeks are thirteen too.
    pub(super) const EVEN: Self = Self([91, 182, 274]);
    /// 12, 12, 12 and 16 weeks.
    const LONG_LAST: Self = Self([84, 168, 252]);
    /// 16, 12, 12 and 12 weeks.
    const LONG_FIRST: Self = Self([112, 196, 280]);
    /// The patterns that filers use, the usual one first.
    const ALL: [Self; 3] = [Self::EVEN, Self::LONG_LAST, Self::LONG_FIRST];

    /// How many quarters have passed after so many days; `None` between two ends.
    pub(super) fn quarters_after(self, days: i64) -> Option<usize> {
        let nearest = (0..3).min_by_key(|quarter| (days - self.0[*quarter]).abs())?;
        ((days - self.0[nearest]).abs() <= NEAR).then_some(nearest + 1)
    }

    /// Where a quarter from 1 to 3 ends.
    pub(super) fn days(self, quarter: usize) -> i64 {
        self.0[quarter - 1]
    }

    /// How many quarters of whatever pattern have passed after so many days.
    pub(super) fn any_quarters_after(days: i64) -> Option<usize> {
        Self::ALL.iter().find_map(|pattern| pattern.quarters_after(days))
    }

    /// The pattern that the lengths of a filing's periods tell: each is a stretch from so many days into the year to so
    /// many, which is a quarter or more of it, with how many facts say so. The usual one where nothing tells.
    pub(super) fn told_by(stretches: impl Iterator<Item = (i64, i64, usize)> + Clone) -> Self {
        let fits = |pattern: Self| -> usize {
            let fit = |(from, to, facts): (i64, i64, usize)| {
                let at = |days: i64| days == 0 || pattern.0.iter().any(|end| (days - end).abs() <= NEAR / 2);
                // The extra week of a year of 53 may come early in it; nine months of such a year are as long as those of
                // another pattern, so they say half as much.
                match (at(from), at(to)) {
                    (true, true) => 2 * facts,
                    _ if (at(from) || at(from - WEEK)) && at(to - WEEK) => facts,
                    _ => 0,
                }
            };
            stretches.clone().map(fit).sum()
        };
        // Of equal ones the last is taken, so the usual one comes last.
        Self::ALL.into_iter().rev().max_by_key(|pattern| fits(*pattern)).expect("there are patterns")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_end_where_the_pattern_has_them() {
        for (pattern, days, quarters) in [
            (Pattern::EVEN, 90, Some(1)),
            (Pattern::EVEN, 98, Some(1)),
            (Pattern::EVEN, 120, None),
            (Pattern::EVEN, 181, Some(2)),
            (Pattern::EVEN, 273, Some(3)),
            (Pattern::LONG_LAST, 252, Some(3)),
            (Pattern::LONG_LAST, 84, Some(1)),
            (Pattern::LONG_FIRST, 112, Some(1)),
            (Pattern::LONG_FIRST, 203, Some(2)),
            (Pattern::EVEN, 106, None),
        ] {
            assert_eq!(pattern.quarters_after(days), quarters, "{days} days of {pattern:?}");
        }
    }

    #[test]
    fn lengths_tell_the_pattern() {
        let told = |stretches: &[(i64, i64, usize)]| Pattern::told_by(stretches.iter().copied());
        assert_eq!(told(&[]), Pattern::EVEN);
        assert_eq!(told(&[(0, 181, 9), (90, 181, 9)]), Pattern::EVEN);
        assert_eq!(told(&[(0, 252, 5), (168, 252, 5)]), Pattern::LONG_LAST);
        assert_eq!(told(&[(0, 112, 5)]), Pattern::LONG_FIRST);
        assert_eq!(told(&[(0, 98, 5)]), Pattern::EVEN, "a quarter of fourteen weeks");
        assert_eq!(told(&[(0, 280, 9), (189, 280, 9), (0, 273, 2), (182, 273, 2)]), Pattern::EVEN);
        assert_eq!(told(&[(0, 280, 9), (196, 280, 9)]), Pattern::LONG_FIRST);
    }
}
