//! Series: one amount over time, under a name that means the same for every company.
//!
//! ```text
//! name ─▶ concepts in order ─▶ facts of all filings ─▶ first or last told ─▶ years, quarters, twelve months ─▶ rows
//!              map                    facts                 told                 derive, amount           answer, render
//! ```
//! A wrong number costs more than a missing one: candidates that differ are all shown, what follows from several facts names
//! them, and what cannot be proven is absent with the reason.

use std::collections::HashMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

mod map;
mod amount;
mod told;
mod derive;
mod answer;
mod lines;
mod render;

use crate::database::cell::{Cell, Parameter};
use crate::database::kuzu::Session;
use crate::error::Error;
use crate::facts::{self, Filer, rows, text};
use crate::query::{self, Format};
use answer::{Asked, Company};

pub use amount::{Amount, Source};
pub use answer::{Row, Status};
pub use edgraph_shared::model::SeriesLength as Length;
pub use lines::{Line, Series};
pub use map::{Entry, StandardMap};
pub use told::Basis;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Tickers or CIKs.
    pub companies: Vec<String>,
    /// A name of the map, or a concept with or without its prefix.
    pub name: String,
    /// Of what length.
    pub length: Length,
    /// Which filing counts.
    pub basis: Basis,
    /// What names stand for.
    pub map: StandardMap,
}

impl Series {
    /// One row for each line, with operands and with what another filing says.
    pub fn table(&self) -> query::Table {
        render::table(self)
    }

    /// As text that ends with a line feed.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Table { width } => render::draw(self, width),
            _ => query::render(&self.table(), format),
        }
    }
}

/// Reads a series out of the graph in a folder. Blocks.
///
/// # Errors
/// [`Error::NoGraph`], and [`Error::Invalid`] for a company that is not there and for what is neither name nor concept.
pub fn run(graph: &Path, request: &Request) -> Result<Series, Error> {
    facts::open(graph, |session| {
        let filers: Vec<Filer> = request
            .companies
            .iter()
            .map(|company| facts::find(session, company))
            .collect::<Result<_, _>>()?;
        let (label, asked) = asked(session, request)?;
        let mut lines = Vec::new();
        for filer in &filers {
            lines.extend(one(session, filer, &asked, request)?);
        }
        Ok(Series { name: request.name.clone(), label, lines })
    })
}

fn one(session: &Session<'_>, filer: &Filer, asked: &Asked, request: &Request) -> Result<Vec<Line>, Error> {
    let concepts = answer::concepts(&request.map, filer.sic, asked);
    let accessions: Vec<String> = filer.filings.iter().map(|filing| filing.accession.clone()).collect();
    let facts = facts::read(session, &accessions, &concepts)?;
    let accepted: HashMap<&str, &str> =
        filer.filings.iter().map(|filing| (filing.accession.as_str(), filing.accepted.as_str())).collect();
    let told = told::told(&facts, &accepted, request.basis);
    let company = Company { filer, map: &request.map, told: &told, length: request.length };
    let line = |row: Row| Line {
        company: filer.name.clone(),
        cik: filer.cik.clone(),
        ticker: filer.ticker.clone(),
        row,
    };
    Ok(company.rows(asked).into_iter().map(line).collect())
}

/// A name of the map, else a concept: with its prefix, or under whatever prefix the graph has it.
fn asked(session: &Session<'_>, request: &Request) -> Result<(String, Asked), Error> {
    let name = request.name.to_lowercase().replace('-', "_");
    if let Some(entry) = request.map.entries().iter().find(|entry| entry.name == name) {
        return Ok((entry.label.clone(), Asked::Name(name)));
    }
    let property = if request.name.contains(':') { "qname" } else { "name" };
    let statement = format!(
        "MATCH (x:Element) WHERE x.{property} = $name RETURN DISTINCT x.qname AS qname ORDER BY qname"
    );
    let found = rows(session, &statement, &[("name", Parameter::Text(request.name.clone()))])?;
    let concepts: Vec<String> = found.into_iter().flatten().filter_map(|cell: Cell| text(cell)).collect();
    if concepts.is_empty() {
        let mut near: Vec<&str> = request.map.entries().iter().map(|entry| entry.name.as_str()).collect();
        near.dedup();
        near.retain(|known| name.split('_').any(|word| word.len() > 2 && known.contains(word)));
        let near = if near.is_empty() { String::new() } else { format!(", such as {}", near.join(", ")) };
        let problem = format!(
            "neither a name of the standard map{near}, nor a concept of this graph; `edgraph series --list` has all names"
        );
        return Err(Error::invalid(format!("series {:?}", request.name), problem));
    }
    Ok((request.name.clone(), Asked::Concepts(concepts)))
}

#[cfg(test)]
mod tests;
