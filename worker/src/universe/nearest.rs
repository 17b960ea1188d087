//! What somebody may have meant by a name that nobody has. Pure.

use strsim::damerau_levenshtein;

use super::name::normal;
use crate::edgar::tickers::Listing;

/// A title is offered for a name of at least so many letters: shorter ones begin half of all titles.
const MIN_TITLE_PREFIX: usize = 3;

/// The companies that may be meant, made comparable once for all names.
pub(super) struct Candidates<'a> {
    candidates: Vec<Candidate<'a>>,
}

struct Candidate<'a> {
    ticker: &'a str,
    normal_ticker: String,
    title: String,
}

impl<'a> Candidates<'a> {
    pub(super) fn of(listings: &'a [Listing]) -> Self {
        let candidate = |listing: &'a Listing| Candidate {
            ticker: &listing.ticker,
            normal_ticker: normal(&listing.ticker),
            title: listing.title.to_uppercase(),
        };
        Self { candidates: listings.iter().map(candidate).collect() }
    }

    /// The ticker of a company whose name begins so, or the one that differs least.
    pub(super) fn nearest(&self, name: &str) -> Option<&'a str> {
        let wanted = normal(name);
        let letters = wanted.chars().count();
        let by_title =
            |candidate: &&Candidate<'_>| letters >= MIN_TITLE_PREFIX && candidate.title.starts_with(&wanted);
        if let Some(found) = self.candidates.iter().find(by_title) {
            return Some(found.ticker);
        }
        // Beyond a third of the letters a suggestion is a guess; one letter is always allowed.
        let tolerated = (letters / 3).max(1);
        // What is so much longer or shorter differs by more, and a name may be as long as somebody likes.
        let comparable = |candidate: &&Candidate<'_>| {
            candidate.normal_ticker.chars().count().abs_diff(letters) <= tolerated
        };
        let distances = self
            .candidates
            .iter()
            .filter(comparable)
            .map(|candidate| (damerau_levenshtein(&wanted, &candidate.normal_ticker), candidate.ticker));
        let near = distances.filter(|(distance, _)| *distance <= tolerated);
        near.min_by_key(|(distance, _)| *distance).map(|(_, ticker)| ticker)
    }
}

#[cfg(test)]
mod tests {
    use edgraph_shared::ids::Cik;

    use super::*;

    #[test]
    fn names_lead_to_titles_that_begin_so_and_to_tickers_that_differ_little() {
        let rows =
            [("ALFA", "Alfa Corp"), ("BETA", "Beta Inc."), ("GAM-B", "Gamma Plc"), ("A", "Single Inc.")];
        let listings = rows.map(|(ticker, title)| Listing {
            cik: Cik::new(1).unwrap(),
            ticker: ticker.into(),
            title: title.into(),
        });
        let candidates = Candidates::of(&listings);
        let long = "ALFA".repeat(10_000);
        for (name, expected) in [
            ("ALFFA", Some("ALFA")),
            ("alf", Some("ALFA")),
            ("gamma p", Some("GAM-B")),
            ("GAM.C", Some("GAM-B")),
            ("BEAT", Some("BETA")),
            ("BEXX", None),
            ("al", Some("A")),
            ("B", Some("A")),
            ("ZZZZ", None),
            (long.as_str(), None),
        ] {
            assert_eq!(candidates.nearest(name), expected, "{name:.20}");
        }
    }
}
