//! Queries to begin with: the predecessor's fifteen presets, made deterministic, one amount everybody knows, and what people
//! ask of filings in their first hour.
//!
//! Each answers one question about the graph as a whole and is meant to be read and changed. Clauses in comments that
//! begin with `?` hold where their parameters are given: they narrow it to a company, a filing or a concept.

mod presets;
mod questions;

pub use super::example::Example;
use presets::PRESETS;
use questions::QUESTIONS;

/// An example by name.
pub fn find(name: &str) -> Option<&'static Example> {
    all().find(|example| example.name == name)
}

/// All examples.
pub fn all() -> impl Iterator<Item = &'static Example> {
    PRESETS.iter().chain(&QUESTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::cypher;

    #[test]
    fn they_read_need_no_parameters_and_are_ordered() {
        assert_eq!(all().count(), 27);
        for example in all() {
            assert!(cypher::check_reads(example.cypher).is_ok(), "{}", example.name);
            assert!(cypher::parameters(example.cypher).is_empty(), "{}", example.name);
            assert!(example.cypher.contains("ORDER BY"), "{}", example.name);
            assert_eq!(all().filter(|other| other.name == example.name).count(), 1);
            assert!(find(example.name).is_some());
        }
        assert!(find("nonsense").is_none());
    }

    #[test]
    fn a_parameter_that_is_given_makes_its_clause_hold() {
        let assets = find("total_assets").unwrap();
        assert_eq!(assets.takes(), ["ticker", "accession"]);
        assert_eq!(assets.narrowed(&[]).unwrap(), assets.cypher);
        let narrowed = assets.narrowed(&["accession"]).unwrap();
        assert!(narrowed.contains("\nMATCH (r) WHERE r.accession = $accession\nRETURN"), "{narrowed}");
        assert!(narrowed.contains("/*? MATCH (o:Entity)"), "{narrowed}");
        for example in all() {
            let takes = example.takes();
            let names: Vec<&str> = takes.iter().map(String::as_str).collect();
            let narrowed = example.narrowed(&names).unwrap();
            assert!(cypher::check_reads(&narrowed).is_ok(), "{}", example.name);
            assert_eq!(cypher::parameters(&narrowed).len(), names.len(), "{}", example.name);
        }
        let refused = find("summary").unwrap().narrowed(&["ticker"]).unwrap_err().to_string();
        assert_eq!(
            refused,
            "parameter ticker: example `summary` takes no parameters; --examples lists what each takes"
        );
        let refused = find("entities").unwrap().narrowed(&["form"]).unwrap_err().to_string();
        assert!(refused.contains("example `entities` takes ticker;"), "{refused}");
    }
}
