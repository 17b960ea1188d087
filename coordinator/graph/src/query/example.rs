//! A ready query, and how it is narrowed. Pure.

use crate::database::cypher::parameters;
use crate::error::Error;

/// A ready query.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line: what it matches and returns.
    pub doc: &'static str,
    /// The statement, which needs no parameters.
    pub cypher: &'static str,
}

/// What begins and what ends a clause that holds where its parameters are given.
const CLAUSE: (&str, &str) = ("/*?", "*/");

impl Example {
    /// The parameters that narrow it.
    pub fn takes(&self) -> Vec<String> {
        clauses(self.cypher)
            .filter(|(_, is_clause)| *is_clause)
            .flat_map(|(clause, _)| parameters(clause))
            .collect()
    }

    /// The statement with those of its clauses that hold when these parameters are given.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a parameter that it does not take.
    pub fn narrowed(&self, given: &[&str]) -> Result<String, Error> {
        let takes = self.takes();
        if let Some(unknown) = given.iter().find(|name| !takes.iter().any(|known| known == *name)) {
            let there = if takes.is_empty() { "no parameters".to_owned() } else { takes.join(" and ") };
            return Err(Error::invalid(
                format!("parameter {unknown}"),
                format!("example `{}` takes {there}; --examples lists what each takes", self.name),
            ));
        }
        let held = |(text, is_clause): (&str, bool)| match is_clause {
            true if parameters(text).iter().all(|name| given.contains(&name.as_str())) => {
                text.trim().to_owned()
            }
            true => format!("{}{text}{}", CLAUSE.0, CLAUSE.1),
            false => text.to_owned(),
        };
        Ok(clauses(self.cypher).map(held).collect())
    }
}

/// The statement in pieces, each with whether it is such a clause.
fn clauses(cypher: &str) -> impl Iterator<Item = (&str, bool)> {
    let pieces = cypher.split(CLAUSE.0).enumerate();
    pieces.flat_map(|(place, piece)| match piece.split_once(CLAUSE.1).filter(|_| place > 0) {
        Some((clause, after)) => vec![(clause, true), (after, false)],
        None => vec![(piece, false)],
    })
}
