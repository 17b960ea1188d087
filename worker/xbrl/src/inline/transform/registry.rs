//! The names of each registry.

mod table;
mod first;
mod second;
mod fourth;
mod sec;

use super::rule::Transform;
use table::Table;

/// Registries 1 to 5 and the SEC's. 2015-02-26 and 2022-02-16 hold all of the one before them and change nothing of it.
const REGISTRIES: [(&str, &[Table]); 6] = [
    ("http://www.xbrl.org/inlineXBRL/transformation/2010-04-20", &[first::NAMES]),
    ("http://www.xbrl.org/inlineXBRL/transformation/2011-07-31", &[second::NAMES]),
    ("http://www.xbrl.org/inlineXBRL/transformation/2015-02-26", &[second::NAMES, second::ADDED]),
    ("http://www.xbrl.org/inlineXBRL/transformation/2020-02-12", &[fourth::NAMES, fourth::MONTHS]),
    (
        "http://www.xbrl.org/inlineXBRL/transformation/2022-02-16",
        &[fourth::NAMES, fourth::MONTHS, fourth::ADDED],
    ),
    ("http://www.sec.gov/inlineXBRL/transformation/2015-08-31", &[sec::NAMES]),
];

pub(super) fn find(namespace: &str, local: &str) -> Option<Transform> {
    let (_, tables) = REGISTRIES.iter().find(|(name, _)| *name == namespace)?;
    tables.iter().find_map(|table| {
        let at = table.binary_search_by(|(name, _)| name.cmp(&local)).ok()?;
        Some(table[at].1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        for (namespace, tables) in REGISTRIES {
            for table in tables {
                assert!(table.is_sorted_by(|(a, _), (b, _)| a < b), "{namespace}");
            }
        }
    }

    /// As many as the specifications list.
    #[test]
    fn every_registry_is_complete() {
        let counts = REGISTRIES.map(|(_, tables)| tables.iter().map(|table| table.len()).sum::<usize>());
        assert_eq!(counts, [24, 21, 31, 94, 100, 18]);
    }
}
