//! Names and the SEC's list of companies: which company a ticker, a CIK or a whole universe means. Pure.

use std::collections::HashSet;

use edgraph_shared::ids::Cik;
use edgraph_shared::kinds::sec_xbrl::{Damage, Universe};

use super::error::{Hint, Unknown};
use super::name::{is_number, normal};
use super::nearest::Candidates;
use super::sp500;
use super::symbols::Symbols;
use crate::edgar::tickers::Listing;

/// Unknown names that get a suggestion: each is compared with ten thousand tickers, and nobody reads more.
const MAX_SUGGESTIONS: usize = 50;

/// One company of the universe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Its number.
    pub cik: Cik,
    /// The ticker it was found by; `None` when its CIK was given.
    pub ticker: Option<String>,
    /// Its name in the SEC's list.
    pub title: Option<String>,
}

/// Companies found, and names that nobody has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// One entry per CIK, in the order given; the SEC's own order for all companies.
    pub companies: Vec<Company>,
    /// In the order given.
    pub unknown: Vec<Unknown>,
    /// Rows of the SEC's list that cannot be read.
    pub damage: Damage,
}

/// Matches a universe with the SEC's list. Case does not matter, nor how the class of a share is written; a company
/// appears once, however many of its tickers are given, and of those found the first `max_companies` stay.
pub fn select(universe: &Universe, listings: &[Listing], max_companies: Option<u32>) -> Resolved {
    let mut resolved = Resolved::default();
    let of_listing = |listing: &Listing| Company {
        cik: listing.cik,
        ticker: Some(listing.ticker.clone()),
        title: Some(listing.title.clone()),
    };
    match universe {
        Universe::All => resolved.companies.extend(listings.iter().map(of_listing)),
        Universe::Ciks(ciks) => {
            resolved.companies.extend(ciks.iter().map(|cik| Company {
                cik: *cik,
                ticker: None,
                title: None,
            }));
        }
        Universe::Tickers(names) => {
            resolved.add(names.iter().map(String::as_str), listings, of_listing);
        }
        Universe::Sp500 => resolved.add(sp500::tickers(), listings, of_listing),
    }
    let mut seen = HashSet::new();
    resolved.companies.retain(|company| seen.insert(company.cik));
    resolved.companies.truncate(max_companies.map_or(usize::MAX, |max| max as usize));
    resolved
}

impl Resolved {
    /// Tickers by the list; what is digits alone is a CIK, since no ticker is.
    fn add<'a>(
        &mut self,
        names: impl Iterator<Item = &'a str>,
        listings: &[Listing],
        of_listing: impl Fn(&Listing) -> Company,
    ) {
        let symbols = Symbols::of(listings);
        let mut reported = HashSet::new();
        for name in names {
            let name = name.trim();
            let cik = is_number(name).then(|| name.parse().ok()).flatten();
            let company = match cik {
                Some(cik) => Some(Company { cik, ticker: None, title: None }),
                None => symbols.find(name).map(&of_listing),
            };
            match company {
                Some(company) => self.companies.push(company),
                None if reported.insert(normal(name)) => {
                    self.unknown.push(Unknown { name: name.to_owned(), hint: None });
                }
                None => {}
            }
        }
        if !self.unknown.is_empty() {
            let candidates = Candidates::of(listings);
            for unknown in self.unknown.iter_mut().take(MAX_SUGGESTIONS) {
                let nearest = candidates.nearest(&unknown.name);
                unknown.hint = nearest.map(|ticker| Hint::Nearest(ticker.to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use edgraph_shared::failure::Failure;

    use super::super::error::ResolveError;
    use super::*;

    fn listings() -> Vec<Listing> {
        let rows = [
            (1, "ALFA", "Alfa Corp"),
            (2, "BETA", "Beta Inc."),
            (2, "BETAB", "Beta Inc."),
            (3, "GAM-B", "Gamma Plc"),
        ];
        let listing = |(cik, ticker, title): (u64, &str, &str)| Listing {
            cik: Cik::new(cik).unwrap(),
            ticker: ticker.into(),
            title: title.into(),
        };
        rows.map(listing).into()
    }

    fn tickers(names: &[&str]) -> Universe {
        Universe::Tickers(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn universes_become_companies() {
        let ciks = |numbers: &[u64]| Universe::Ciks(numbers.iter().filter_map(|n| Cik::new(*n)).collect());
        let cases: [(Universe, Option<u32>, &[u64]); 12] = [
            (tickers(&["ALFA", "BETA"]), None, &[1, 2]),
            (tickers(&["beta", " alfa "]), None, &[2, 1]),
            (tickers(&["GAM.B"]), None, &[3]),
            (tickers(&["gam/b", "GAMB", "BETA", "BETAB", "GAM B"]), None, &[3, 2]),
            (tickers(&["BETAB", "ALFA", "BETA"]), None, &[2, 1]),
            (tickers(&["BETAB", "BETA", "ALFA"]), Some(2), &[2, 1]),
            (tickers(&[]), None, &[]),
            (ciks(&[99, 7, 99]), None, &[99, 7]),
            (tickers(&["gam.b", "0000000099", "ALFA", "3"]), None, &[3, 99, 1]),
            (tickers(&["99", "7", "099"]), None, &[99, 7]),
            (Universe::All, None, &[1, 2, 3]),
            (Universe::All, Some(1), &[1]),
        ];
        for (universe, max, expected) in cases {
            let resolved = select(&universe, &listings(), max);
            let found: Vec<u64> = resolved.companies.iter().map(|company| company.cik.number()).collect();
            assert_eq!(found, expected, "{universe:?} {max:?}");
            assert_eq!(resolved.unknown, []);
        }
    }

    #[test]
    fn unknown_names_are_all_listed_with_the_nearest_match() {
        let resolved =
            select(&tickers(&["ALFFA", "ALFA", "gamma", "XYZ", "xyz", "BETTA"]), &listings(), None);
        assert_eq!(resolved.companies.len(), 1);
        let error = ResolveError::Unknown(resolved.unknown);
        assert_eq!(
            error.to_string(),
            "no such company for 4 of the names; correct them, give companies that are not listed any more by --ciks, or go on without them with --skip-unknown: \
             ALFFA (did you mean ALFA?), gamma (did you mean GAM-B?), XYZ, BETTA (did you mean BETA?)"
        );
    }

    #[test]
    fn thousands_of_unknown_names_are_listed_and_the_first_get_a_suggestion() {
        let names: Vec<String> = (0..5_000).map(|number| format!("ALFA{number}")).collect();
        let resolved = select(&Universe::Tickers(names), &listings(), None);
        let suggested = |unknown: &Unknown| unknown.hint.is_some();
        assert_eq!(resolved.unknown.len(), 5_000);
        assert!(resolved.unknown[..10].iter().all(suggested), "{:?}", &resolved.unknown[..10]);
        assert!(!resolved.unknown[MAX_SUGGESTIONS..].iter().any(suggested));
        // What to do is in the part of the message that an item keeps.
        let failure = Failure::from(ResolveError::Unknown(resolved.unknown));
        assert!(failure.message.contains("5000 of the names") && failure.message.contains("--skip-unknown"));
    }
}
