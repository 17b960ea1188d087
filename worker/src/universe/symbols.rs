//! Ticker symbols in all the spellings of their share classes: `ABC-B` is `ABC.B`, `ABC/B`, `ABC B` and `ABCB`, and
//! `ABC-PL` is `ABC.PR.L` and `ABC^L`. Pure.

use std::collections::HashMap;

use super::name::normal;
use crate::edgar::tickers::Listing;

/// What stands between a symbol and its class.
const SEPARATORS: [char; 9] = ['.', '-', '/', ' ', '_', ':', '^', '$', '\''];
/// Of these, what says that it is a preferred share.
const PREFERRED: [char; 2] = ['^', '$'];
/// Classes that exchanges and vendors spell differently, each with the spelling that stands for all. Single letters
/// other than these are classes of shares.
const CLASSES: [(&str, &[&str]); 3] = [
    ("U", &["U", "UN", "UT", "UNIT", "UNITS"]),
    ("W", &["W", "WS", "WT", "WTS", "WARRANT", "WARRANTS"]),
    ("R", &["R", "RI", "RT", "RTS", "RIGHT", "RIGHTS"]),
];

/// The symbols of the SEC's list, made comparable once for all names.
pub(super) struct Symbols<'a> {
    /// As the list has them, but for case and the kind of separator.
    exact: HashMap<String, &'a Listing>,
    /// With one spelling for every class; `None` where that is two companies.
    by_class: HashMap<String, Option<&'a Listing>>,
    /// The same without a separator.
    joined: HashMap<String, Option<&'a Listing>>,
}

impl<'a> Symbols<'a> {
    pub(super) fn of(listings: &'a [Listing]) -> Self {
        let (mut exact, mut by_class, mut joined) = (HashMap::new(), HashMap::new(), HashMap::new());
        for listing in listings {
            exact.entry(normal(&listing.ticker)).or_insert(listing);
            let symbol = Symbol::of(&listing.ticker);
            add(&mut by_class, symbol.separated(), listing);
            add(&mut joined, symbol.joined(), listing);
        }
        Self { exact, by_class, joined }
    }

    /// The company with this symbol: as it is written, else by its class, else by the letters alone where they mean one
    /// company.
    pub(super) fn find(&self, name: &str) -> Option<&'a Listing> {
        if let Some(listing) = self.exact.get(&normal(name)) {
            return Some(listing);
        }
        let symbol = Symbol::of(name);
        let by_class = self.by_class.get(&symbol.separated());
        by_class.or_else(|| self.joined.get(&symbol.joined())).copied().flatten()
    }
}

fn add<'a>(symbols: &mut HashMap<String, Option<&'a Listing>>, symbol: String, listing: &'a Listing) {
    let found = symbols.entry(symbol).or_insert(Some(listing));
    if found.is_some_and(|found| found.cik != listing.cik) {
        *found = None;
    }
}

/// A symbol taken apart.
pub(super) struct Symbol {
    root: String,
    /// Empty where there is none, or where no separator says so.
    class: String,
}

impl Symbol {
    pub(super) fn of(name: &str) -> Self {
        let name = name.trim().to_uppercase();
        // Marks of the tape, for units and for warrants.
        let name = name.strip_suffix('=').map(|root| format!("{root}-U")).unwrap_or(name);
        let name = name.strip_suffix('+').map(|root| format!("{root}-W")).unwrap_or(name);
        let (root, class) = name.split_once(SEPARATORS).unwrap_or((&name, ""));
        let is_preferred = !root.is_empty() && name[root.len()..].starts_with(PREFERRED);
        // What begins with a separator is no symbol, and its letters are none either.
        let class = if root.is_empty() { "" } else { class };
        let class: String = class.chars().filter(|c| !SEPARATORS.contains(c)).collect();
        let class = if is_preferred && !class.starts_with('P') { format!("P{class}") } else { class };
        Self { root: root.to_owned(), class: plain(&class) }
    }

    fn separated(&self) -> String {
        if self.class.is_empty() { self.root.clone() } else { format!("{}-{}", self.root, self.class) }
    }

    /// Its letters alone: as those write it who leave the separator out.
    pub(super) fn joined(&self) -> String {
        format!("{}{}", self.root, self.class)
    }
}

/// The spelling of a class that stands for all.
fn plain(class: &str) -> String {
    if let Some((plain, _)) = CLASSES.iter().find(|(_, spellings)| spellings.contains(&class)) {
        return (*plain).to_owned();
    }
    let after = |prefixes: [&str; 2]| prefixes.iter().find_map(|prefix| class.strip_prefix(prefix));
    match (after(["PFD", "PR"]), after(["CLASS", "CL"])) {
        (Some(series), _) => format!("P{series}"),
        (None, Some(letter)) if !letter.is_empty() => letter.to_owned(),
        _ => class.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use edgraph_shared::ids::Cik;

    use super::*;

    fn listings(rows: &[(u64, &str)]) -> Vec<Listing> {
        let listing = |(cik, ticker): &(u64, &str)| Listing {
            cik: Cik::new(*cik).unwrap(),
            ticker: (*ticker).into(),
            title: String::new(),
        };
        rows.iter().map(listing).collect()
    }

    #[track_caller]
    fn check(listings: &[Listing], names: &[&str], expected: Option<u64>) {
        let symbols = Symbols::of(listings);
        for name in names {
            assert_eq!(symbols.find(name).map(|listing| listing.cik.number()), expected, "{name}");
        }
    }

    #[test]
    fn a_class_is_found_however_it_is_written() {
        let listings = listings(&[
            (1, "ALF-A"),
            (1, "ALF-B"),
            (2, "BET"),
            (2, "BET-PL"),
            (2, "BET-P"),
            (3, "GAM-UN"),
            (3, "GAM-WT"),
            (3, "GAM-RI"),
            (4, "DELT"),
            (4, "DELTU"),
            (5, "EPS-WS"),
        ]);
        let cases: [(&[&str], Option<u64>); 9] = [
            (
                &[
                    "ALF-B", "ALF.B", "ALF/B", "ALF B", "ALF_B", "ALFB", "alf.b", " Alf-b ", "ALF.CL.B",
                    "ALF CL B",
                ],
                Some(1),
            ),
            (&["ALF.C", "ALFC", "ALF"], None),
            (&["BET-PL", "BET.PL", "BET PL", "BET.PRL", "BET-PRL", "BET PR L", "BET.PR.L", "BETPL"], Some(2)),
            (&["BET^L", "BET$L", "BET/PRL", "BET-P-L", "BET.PFD.L", "BET.PR", "BET^"], Some(2)),
            (&["BET^M", "BET.L"], None),
            (&["GAM-UN", "GAM.U", "GAM/U", "GAM.UT", "GAM U", "GAMU", "GAM="], Some(3)),
            (&["GAM.WS", "GAM/WS", "GAM-W", "GAM+", "GAMW", "GAM.WT", "GAM.RT", "GAM-R", "GAMR"], Some(3)),
            (&["DELT.U", "DELT/UN", "DELT=", "DELTU"], Some(4)),
            (&["EPS", "EPS.A", "EPSWS.X"], None),
        ];
        for (names, expected) in cases {
            check(&listings, names, expected);
        }
    }

    #[test]
    fn what_is_written_counts_first_and_letters_alone_only_where_they_mean_one_company() {
        let listings = listings(&[
            (1, "BFB"),
            (2, "BF-B"),
            (3, "XY-A"),
            (4, "X-YA"),
            (5, "Q.B"),
            (6, "Q-B"),
            (7, "P"),
            (8, "U"),
        ]);
        check(&listings, &["BFB"], Some(1));
        check(&listings, &["BF-B", "BF.B", "BF B", "bf/b"], Some(2));
        check(&listings, &["XY.A"], Some(3));
        check(&listings, &["XYA"], None);
        check(&listings, &["Q.B", "Q-B"], Some(5));
        check(&listings, &["", "-", "^", "=", "+", "..."], None);
    }
}
