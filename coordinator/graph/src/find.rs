//! Looking something up by a few words: companies, concepts, statements and texts, each with what the next command needs.
//!
//! ```text
//! text ─▶ words ─▶ texts of the graph that have them ─▶ the best fits ─▶ table, JSON, CSV
//!         words    companies, concepts, statements, texts   chosen            render
//! ```
//! Over the graph alone. Facts are looked up of concepts that were chosen, never the other way round. Not here: what a
//! company's numbers are, which [`crate::statement`] and [`crate::series`] show.

use std::path::Path;

mod words;
mod found;
mod chosen;
mod names;
mod read;
mod companies;
mod concepts;
mod statements;
mod texts;
mod near;
mod render;

use crate::database::kuzu::Session;
use crate::error::Error;
use crate::facts;
use crate::query::{self, Format};
use words::Wanted;

pub use edgraph_shared::model::{FindKind as Kind, FindQuestion as Request};
pub use found::{Company, Concept, Found, Name, Section, Statement, TextBlock};

fn wants(request: &Request, kind: Kind) -> bool {
    request.kind.is_none_or(|only| only == kind)
}

impl Found {
    /// One row for each hit, whatever its kind.
    pub fn table(&self) -> query::Table {
        render::table(self)
    }

    /// As text that ends with a line feed.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Table { width } => render::draw(self, width),
            Format::Json => render::json(self),
            Format::Csv => query::render(&self.table(), format),
        }
    }
}

/// Looks words up in the graph in a folder. Blocks.
///
/// # Errors
/// [`Error::NoGraph`], and [`Error::Invalid`] where nothing has the words, naming what is near them.
pub fn run(graph: &Path, request: &Request) -> Result<Found, Error> {
    let Some(wanted) = Wanted::parse(&request.text) else {
        return Err(Error::invalid("find \"\"", "give a word, such as revenue, or several"));
    };
    facts::open(graph, |session| {
        let found = look(session, request, &wanted)?;
        if found.is_empty() { Err(nothing(session, request, &wanted, &found)?) } else { Ok(found) }
    })
}

fn look(session: &Session<'_>, request: &Request, wanted: &Wanted) -> Result<Found, Error> {
    let limit = request.limit;
    let mut found = Found { text: request.text.clone(), ..Found::default() };
    if wants(request, Kind::Company) {
        found.companies = companies::companies(session, wanted, limit)?;
    }
    let needs_filings = wants(request, Kind::Text) || wants(request, Kind::Statement);
    let filings = if needs_filings { read::filings(session)? } else { read::Filings::new() };
    if wants(request, Kind::Concept) || wants(request, Kind::Text) {
        let named = concepts::named(session, wanted)?;
        if wants(request, Kind::Concept) {
            found.names = names::names(wanted, limit);
            found.concepts = concepts::concepts(session, wanted, &named, limit)?;
        }
        if wants(request, Kind::Text) {
            found.texts = texts::texts(session, wanted, &named, &filings, limit)?;
        }
    }
    if wants(request, Kind::Statement) {
        found.statements = statements::statements(session, wanted, &filings, limit)?;
    }
    Ok(found)
}

/// Why nothing was found, and what is near.
fn nothing(session: &Session<'_>, request: &Request, wanted: &Wanted, found: &Found) -> Result<Error, Error> {
    let vocabulary = read::vocabulary(session, |kind| wants(request, kind))?;
    let mut problem = near::explained(wanted, &vocabulary);
    if !found.names.hits.is_empty() {
        let known: Vec<&str> = found.names.hits.iter().map(|name| name.name.as_str()).collect();
        problem.push_str(&format!("; edgraph series TICKER NAME knows {}", known.join(", ")));
    }
    let what = request.kind.map_or("nothing", found::none);
    Ok(Error::invalid(
        format!("find {:?}", request.text),
        format!("{what} in this graph has that: {problem}"),
    ))
}
