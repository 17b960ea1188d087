//! Whether a company is or was called so. Pure.

use super::error::{Hint, Known};
use super::symbols::Symbol;
use crate::edgar::identity::Identity;

/// A beginning of a name is offered for so many letters: shorter ones begin too many.
const MIN_BEGINNING: usize = 3;
/// What people leave out at the end of a name.
const KINDS: [&str; 12] =
    ["INC", "CORP", "CORPORATION", "CO", "COMPANY", "LTD", "LIMITED", "LLC", "PLC", "LP", "SA", "DE"];

/// A name that somebody gave, made comparable once for all companies.
pub(super) struct Wanted {
    symbol: String,
    words: String,
}

impl Wanted {
    pub(super) fn of(name: &str) -> Self {
        Self { symbol: Symbol::of(name).joined(), words: words(name) }
    }

    /// What this company has to do with the name: it is called so, or its name begins so.
    pub(super) fn hint(&self, company: &Identity) -> Option<Hint> {
        let known = |formerly: Option<&String>| Known {
            cik: company.cik,
            name: company.name.clone(),
            formerly: formerly.cloned(),
        };
        let is_ticker = |ticker: &String| !ticker.is_empty() && Symbol::of(ticker).joined() == self.symbol;
        if company.tickers.iter().any(is_ticker) {
            return Some(Hint::Called(known(None)));
        }
        if self.words.chars().count() < MIN_BEGINNING {
            return None;
        }
        let former = company.former_names.iter().map(|name| (name, Some(name)));
        let mut names: Vec<_> = std::iter::once((&company.name, None)).chain(former).collect();
        names.retain(|(name, _)| words(name).starts_with(&self.words));
        let is_whole = |name: &str| without_kind(&words(name)) == without_kind(&self.words);
        let whole = names.iter().find(|(name, _)| is_whole(name));
        let whole = whole.map(|(_, formerly)| Hint::Called(known(*formerly)));
        whole.or_else(|| names.first().map(|(_, formerly)| Hint::Begins(known(*formerly))))
    }
}

/// A name without the words at its end that say what kind of company it is.
fn without_kind(words: &str) -> &str {
    let shorter = KINDS.iter().find_map(|kind| words.strip_suffix(kind)?.strip_suffix(' '));
    shorter.map_or(words, without_kind)
}

/// A name as names are compared: capital letters and digits, one space between words.
fn words(name: &str) -> String {
    let spaced: String =
        name.to_uppercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use edgraph_shared::ids::Cik;

    use super::*;

    #[test]
    fn companies_are_known_by_tickers_by_names_and_by_beginnings() {
        let company = Identity {
            cik: Cik::new(42).unwrap(),
            name: "Dunwick Games, Inc.".into(),
            tickers: vec![String::new(), "DNW-B".into()],
            former_names: vec!["OLD TOYS & GAMES CORP".into(), "DUNWICK TOYS INC".into()],
        };
        let text = |name: &str| {
            let hint = Wanted::of(name).hint(&company)?;
            let unknown = super::super::error::Unknown { name: name.to_owned(), hint: Some(hint) };
            Some(unknown.to_string())
        };
        let now = "Dunwick Games, Inc.";
        for (name, expected) in [
            ("dnw.b", Some(format!("dnw.b ({now}: --ciks 42)"))),
            ("Dunwick Games", Some(format!("Dunwick Games ({now}: --ciks 42)"))),
            ("dunwick games inc", Some(format!("dunwick games inc ({now}: --ciks 42)"))),
            ("Dunwick", Some(format!("Dunwick (perhaps {now}: --ciks 42)"))),
            ("DUNW", Some(format!("DUNW (perhaps {now}: --ciks 42)"))),
            ("Dunwick Toys", Some(format!("Dunwick Toys ({now}, formerly DUNWICK TOYS INC: --ciks 42)"))),
            (
                "old toys",
                Some(format!("old toys (perhaps {now}, formerly OLD TOYS & GAMES CORP: --ciks 42)")),
            ),
            ("OLDT", None),
            ("OL", None),
            ("DU", None),
            ("", None),
            ("Games", None),
        ] {
            assert_eq!(text(name), expected, "{name}");
        }
    }
}
