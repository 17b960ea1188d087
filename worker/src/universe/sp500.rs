//! The members of the S&P 500, as a dated list of ticker symbols.
//!
//! Only symbols: which company each is, the SEC's list says when a run starts. A member whose symbol is not in that
//! list any more is reported and left out.

/// The list; its first line says as of when it is.
const LIST: &str = include_str!("sp500.txt");

/// The ticker symbols, in the order of the alphabet.
pub fn tickers() -> impl Iterator<Item = &'static str> {
    LIST.lines().filter(|line| !line.starts_with('#'))
}

/// The day as of which the list is, `YYYY-MM-DD`.
pub fn as_of() -> &'static str {
    let heading = LIST.lines().next().unwrap_or_default();
    let date = heading.split_once("as of ").map(|(_, rest)| rest);
    date.and_then(|rest| rest.get(..10)).expect("the list's first line has its date")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_is_dated_sorted_and_of_the_size_of_the_index() {
        let symbols: Vec<&str> = tickers().collect();
        // Five hundred companies, some with two classes of shares.
        assert!((500..=510).contains(&symbols.len()), "{}", symbols.len());
        let sorted: BTreeSet<&str> = symbols.iter().copied().collect();
        assert_eq!(symbols, sorted.into_iter().collect::<Vec<_>>());
        assert!(symbols.iter().all(|s| s.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'.')));
        assert!(as_of().parse::<chrono::NaiveDate>().is_ok(), "{}", as_of());
    }
}
