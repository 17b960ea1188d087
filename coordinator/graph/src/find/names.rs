//! Names of the standard map: what `edgraph series` takes. Pure.

use super::chosen::{Fits, best};
use super::found::{Name, Section};
use super::words::Wanted;
use crate::series::StandardMap;

/// The names that have the words, in the map's order.
pub(super) fn names(wanted: &Wanted, limit: usize) -> Section<Name> {
    let map = StandardMap::standard();
    let mut all: Vec<Name> = Vec::new();
    for entry in map.entries() {
        match all.last_mut() {
            Some(name) if name.name == entry.name => {
                if !name.concepts.contains(&entry.concept) {
                    name.concepts.push(entry.concept.clone());
                }
            }
            _ => all.push(Name {
                name: entry.name.clone(),
                label: entry.label.clone(),
                concepts: vec![entry.concept.clone()],
            }),
        }
    }
    let fitting: Fits<Name> = all
        .into_iter()
        .filter_map(|name| {
            Some((wanted.fit(&[&name.name, &name.name.replace('_', " "), &name.label], &[])?, name))
        })
        .collect();
    best(fitting, limit, |_, _| std::cmp::Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_itself_and_by_its_words() {
        for (text, expected) in [
            ("operating income", "operating_income"),
            ("net_income", "net_income"),
            ("research", "research_and_development"),
        ] {
            let found = names(&Wanted::parse(text).unwrap(), 1);
            assert_eq!(found.hits[0].name, expected, "{text}");
        }
        let revenue = names(&Wanted::parse("revenue").unwrap(), 10).hits.remove(0);
        assert_eq!((revenue.name.as_str(), revenue.concepts[0].as_str()), ("revenue", "us-gaap:Revenues"));
    }
}
