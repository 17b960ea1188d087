//! The standard map: for each name the concepts that may stand for it, in order, by industry where that differs.
//!
//! A CSV that people read, extend and override; `concept` is a concept or, after `=`, a sum of names. Pure.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::Error;

const STANDARD: &str = include_str!("standard.csv");

/// A line of the map.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What is asked for, such as `revenue`.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// Its place among those of its name and industry.
    pub order: u32,
    /// The concept, `{prefix}:{name}`; after `=` names that are added and subtracted; nothing to remove a line.
    pub concept: String,
    /// From a SIC code to another, such as `6000-6199`; nothing for all.
    pub industry: String,
    /// `instant` or `duration`.
    pub period: String,
    /// What is to be known of it.
    pub note: String,
}

impl Entry {
    /// The names of a sum, each with whether it is added.
    pub(crate) fn terms(&self) -> Option<Vec<(bool, String)>> {
        let sum = self.concept.strip_prefix('=')?;
        let spaced = sum.replace('+', " + ").replace('-', " - ");
        let mut is_added = true;
        let mut terms = Vec::new();
        for word in spaced.split_whitespace() {
            match word {
                "+" => is_added = true,
                "-" => is_added = false,
                name => terms.push((is_added, name.to_owned())),
            }
        }
        Some(terms)
    }

    fn covers(&self, sic: Option<u32>) -> bool {
        let (Some(sic), Some((first, last))) = (sic, self.industry.split_once('-')) else { return false };
        let bound = |text: &str| text.trim().parse::<u32>().ok();
        bound(first).is_some_and(|first| first <= sic) && bound(last).is_some_and(|last| sic <= last)
    }

    fn is_same_line(&self, other: &Self) -> bool {
        (&self.name, self.order, &self.industry) == (&other.name, other.order, &other.industry)
    }
}

/// All lines, by name, industry and order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandardMap(Vec<Entry>);

impl StandardMap {
    /// The map that comes with edgraph.
    pub fn standard() -> Self {
        Self(read("the standard map", STANDARD).expect("it is tested to be readable"))
    }

    /// With the lines of another one: a line of the same name, industry and order takes the place of the one there is, and
    /// one without a concept removes it.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the line that is wrong.
    pub fn overridden(mut self, what: &str, csv: &str) -> Result<Self, Error> {
        for entry in read(what, csv)? {
            self.0.retain(|known| !known.is_same_line(&entry));
            if !entry.concept.is_empty() {
                self.0.push(entry);
            }
        }
        // A name stays where it was in the list.
        let mut names: Vec<String> = Vec::new();
        for entry in &self.0 {
            if !names.contains(&entry.name) {
                names.push(entry.name.clone());
            }
        }
        self.0.sort_by_cached_key(|entry| {
            (names.iter().position(|name| *name == entry.name), entry.industry.clone(), entry.order)
        });
        self.check(what)?;
        Ok(self)
    }

    /// All lines.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The lines of a name for an industry: its own where there are some, else those for all. Nothing for what is no name.
    pub(crate) fn candidates(&self, name: &str, sic: Option<u32>) -> Vec<&Entry> {
        let named = || self.0.iter().filter(|entry| entry.name == name);
        let own: Vec<&Entry> = named().filter(|entry| entry.covers(sic)).collect();
        if own.is_empty() { named().filter(|entry| entry.industry.is_empty()).collect() } else { own }
    }

    /// Every name of a sum must be one, and no sum may lead back to itself.
    fn check(&self, what: &str) -> Result<(), Error> {
        let terms = |entry: &Entry| entry.terms().unwrap_or_default().into_iter().map(|(_, name)| name);
        let names: BTreeSet<&str> = self.0.iter().map(|entry| entry.name.as_str()).collect();
        for entry in &self.0 {
            if let Some(name) = terms(entry).find(|name| !names.contains(name.as_str())) {
                return Err(Error::invalid(
                    what,
                    format!("{} is made of {name}, which has no line", entry.name),
                ));
            }
        }
        // From concepts upwards: a name is sound when all that it is made of is.
        let mut sound: BTreeSet<&str> = BTreeSet::new();
        loop {
            let is_sound = |name: &&str| {
                let mut own = self.0.iter().filter(|entry| entry.name == **name);
                own.all(|entry| terms(entry).all(|term| sound.contains(term.as_str())))
            };
            let more: BTreeSet<&str> = names.iter().copied().filter(is_sound).collect();
            if more.len() == sound.len() {
                break;
            }
            sound = more;
        }
        match names.difference(&sound).next() {
            Some(name) => Err(Error::invalid(what, format!("{name} is made of itself"))),
            None => Ok(()),
        }
    }
}

fn read(what: &str, text: &str) -> Result<Vec<Entry>, Error> {
    let mut entries: Vec<Entry> = Vec::new();
    for entry in csv::Reader::from_reader(text.as_bytes()).into_deserialize() {
        let entry: Entry = entry.map_err(|error| Error::invalid(what, error))?;
        let wrong = |problem: &str| {
            Err(Error::invalid(what, format!("line {} of {}: {problem}", entry.order, entry.name)))
        };
        if entry.name.is_empty() || !entry.name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        {
            return wrong("a name is of a-z, 0-9 and _");
        }
        if !["instant", "duration"].contains(&entry.period.as_str()) {
            return wrong("period is instant or duration");
        }
        let is_number = |text: &str| text.trim().parse::<u32>().is_ok();
        let is_range =
            entry.industry.split_once('-').is_some_and(|(first, last)| is_number(first) && is_number(last));
        if !entry.industry.is_empty() && !is_range {
            return wrong("industry is a range of SIC codes such as 6000-6199");
        }
        if !entry.concept.is_empty() && !entry.concept.starts_with('=') && !entry.concept.contains(':') {
            return wrong("concept is prefix:name, or = and names");
        }
        if entries.iter().any(|known| known.is_same_line(&entry)) {
            return wrong("there are two of this order and industry");
        }
        entries.push(entry);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "name,label,order,concept,industry,period,note\n";

    fn concepts(map: &StandardMap, name: &str, sic: Option<u32>) -> Vec<String> {
        map.candidates(name, sic).iter().map(|entry| entry.concept.clone()).collect()
    }

    #[test]
    fn the_standard_map_is_sound() {
        let map = StandardMap::standard();
        map.check("it").unwrap();
        let names: std::collections::BTreeSet<&str> =
            map.entries().iter().map(|entry| entry.name.as_str()).collect();
        assert!(names.len() >= 80, "{} names", names.len());
        for name in
            ["revenue", "net_income", "eps_diluted", "capex", "free_cash_flow", "debt", "shares_outstanding"]
        {
            assert!(!map.candidates(name, None).is_empty(), "{name}");
        }
        // What is revenue is nowhere cost, and the other way round.
        assert!(concepts(&map, "revenue", None).iter().all(|concept| !concept.contains("Cost")));
        assert!(concepts(&map, "cost_of_revenue", None).iter().all(|concept| concept.contains("Cost")));
        assert_ne!(concepts(&map, "revenue", Some(6021)), concepts(&map, "revenue", Some(3571)));
    }

    #[test]
    fn lines_are_overridden_added_and_removed() {
        let csv = format!(
            "{HEAD}revenue,Revenue,1,a:Sales,,duration,\nrevenue,Revenue,9,a:Takings,,duration,\nrevenue,Revenue,3,,,duration,\nmy_ratio,Mine,1,=revenue-capex,,duration,\n"
        );
        let map = StandardMap::standard().overridden("m.csv", &csv).unwrap();
        assert_eq!(
            concepts(&map, "revenue", None),
            [
                "a:Sales",
                "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax",
                "us-gaap:SalesRevenueNet",
                "a:Takings"
            ]
        );
        let mine = map.candidates("my_ratio", None)[0].terms().unwrap();
        assert_eq!(mine, [(true, "revenue".to_owned()), (false, "capex".to_owned())]);
        assert_eq!(map.entries()[0].name, "revenue");
    }

    #[test]
    fn what_is_wrong_with_a_map_is_said() {
        for (line, part) in [
            ("Revenue,R,1,a:B,,duration,", "a name is of"),
            ("r,R,1,a:B,,month,", "period is instant or duration"),
            ("r,R,1,a:B,banks,duration,", "range of SIC codes"),
            ("r,R,1,B,,duration,", "prefix:name"),
            ("r,R,x,a:B,,duration,", "invalid digit"),
            ("r,R,1,=s,,duration,", "r is made of s, which has no line"),
            ("r,R,1,=r,,duration,", "r is made of itself"),
            ("r,R,1,a:B,,duration,\nr,R,1,a:C,,duration,", "there are two"),
        ] {
            let error = StandardMap::standard()
                .overridden("m.csv", &format!("{HEAD}{line}\n"))
                .unwrap_err()
                .to_string();
            assert!(error.starts_with("m.csv: ") && error.contains(part), "{line}: {error}");
        }
    }
}
