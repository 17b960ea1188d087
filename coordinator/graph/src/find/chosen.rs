//! The best hits of one kind. Pure.

use std::cmp::Ordering;

use super::found::Section;
use super::words::Fit;

/// Hits with how well they fit.
pub(super) type Fits<T> = Vec<(Fit, T)>;

/// The best by fit and then by an order of their own, and how many more there are.
pub(super) fn best<T>(mut hits: Fits<T>, limit: usize, order: impl Fn(&T, &T) -> Ordering) -> Section<T> {
    hits.sort_by(|(fit, hit), (other_fit, other)| fit.cmp(other_fit).then_with(|| order(hit, other)));
    let more = hits.len().saturating_sub(limit);
    Section { hits: hits.into_iter().take(limit).map(|(_, hit)| hit).collect(), more: more as u64 }
}

/// Those that may be among the best, whatever their own order is: all that fit as well as the last of them. The others are
/// only counted.
pub(super) fn contenders<T>(mut hits: Fits<T>, limit: usize) -> (Fits<T>, u64) {
    hits.sort_by_key(|(fit, _)| *fit);
    let last = limit.checked_sub(1).and_then(|place| hits.get(place)).map(|(fit, _)| *fit);
    let kept = match last {
        Some(last) => hits.partition_point(|(fit, _)| *fit <= last),
        None => hits.len(),
    };
    let more = hits.len() - kept;
    hits.truncate(kept);
    (hits, more as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_better_comes_first_and_the_rest_is_counted() {
        let hits = || vec![(Fit::Parts, 9), (Fit::Words, 1), (Fit::Starts, 5), (Fit::Starts, 7)];
        let section = best(hits(), 3, |a, b| b.cmp(a));
        assert_eq!((section.hits, section.more), (vec![1, 7, 5], 1));
        let (kept, more) = contenders(hits(), 2);
        assert_eq!((kept.len(), more), (3, 1), "both that begin so may be the second");
        assert_eq!(contenders(hits(), 9).0.len(), 4);
    }
}
