//! Statements as filed: a presentation network read by its own rules.
//!
//! ```text
//! company ─▶ filing ─▶ network ─▶ periods ─▶ lines with their labels, signs and balances ─▶ table, JSON, CSV
//!   facts     here     network    columns             sheet, of several filings merge      draw, export
//! ```
//! Lines stand in the order of the arcs; preferred labels name them, negate them, and choose the balance at the start or
//! end of a column. Columns are the periods in which most lines have values. Every number is one fact of one filing, as
//! that filing says it; nothing is computed. Over the graph alone: the store is not asked.

use std::path::Path;

use serde::{Deserialize, Serialize};

mod network;
mod label;
mod read;
mod parts;
mod columns;
mod sheet;
mod merge;
mod answer;
mod shown;
mod draw;
mod export;

use crate::database::kuzu::Session;
use crate::error::Error;
use crate::facts::{self, Filer, Filing, Period};
use crate::query::{self, Format};
use columns::columns;
use label::Labels;
use network::Network;
use parts::Parts;

pub use answer::Statement;
pub use draw::Proof;
pub use edgraph_shared::model::StatementSpan as Span;
pub use network::Wanted;
pub use sheet::{Breakdown, Cell, Column, Row, Sheet};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// A ticker, a CIK or an accession number.
    pub company: String,
    /// Which statement.
    pub wanted: Wanted,
    /// How far back.
    pub span: Span,
    /// Whether members are shown.
    pub breakdown: Breakdown,
}

impl Statement {
    /// One row for each number, with all it takes to find it again; of a heading, and of a line without numbers, one.
    pub fn table(&self) -> query::Table {
        export::table(self)
    }

    /// As text that ends with a line feed.
    pub fn render(&self, format: Format, proof: Proof) -> String {
        match format {
            Format::Table { .. } => draw::draw(self, proof),
            _ => query::render(&self.table(), format),
        }
    }
}

/// Reads a statement out of the graph in a folder. Blocks.
///
/// # Errors
/// [`Error::NoGraph`], and [`Error::Invalid`] for a company, a filing or a statement that is not there or is several,
/// naming those that are there.
pub fn run(graph: &Path, request: &Request) -> Result<Statement, Error> {
    facts::open(graph, |session| answer(session, &facts::find(session, &request.company)?, request))
}

/// A filing's network and what it takes to lay it out.
struct Source<'a> {
    filing: &'a Filing,
    network: Network,
    labels: Labels,
    facts: Vec<facts::Fact>,
    periods: Vec<Period>,
}

fn answer(session: &Session<'_>, filer: &Filer, request: &Request) -> Result<Statement, Error> {
    let mut sources = sources(session, filer, request)?;
    assign(&mut sources, request.span);
    let mut sheets = sources.iter().map(|source| {
        let parts = Parts::of(&source.network.lines);
        sheet::lay_out(&parts, &source.labels, &source.facts, &source.periods, request.breakdown)
    });
    let mut sheet = sheets.next().expect("there is one");
    for older in sheets {
        merge::merge(&mut sheet, older);
        merge::newest_first(&mut sheet);
    }
    let newest = &sources[0];
    Ok(Statement {
        company: filer.name.clone(),
        title: newest.network.title().to_owned(),
        role: newest.network.role.clone(),
        filings: sources.iter().map(|source| source.filing.clone()).collect(),
        sheet,
    })
}

/// The filings that a statement is made of, the newest first: one at least. An amendment counts if it has the statement.
fn sources<'a>(session: &Session<'_>, filer: &'a Filer, request: &Request) -> Result<Vec<Source<'a>>, Error> {
    let wanted = filer.filings.iter().filter(|filing| is_wanted(filing, request, filer.filings.len() == 1));
    let (most, kind) = match request.span {
        Span::Report => (1, "10-K or 10-Q"),
        Span::Years(years) => (years, "10-K"),
        Span::Quarters(quarters) => (quarters, "10-Q"),
    };
    let mut sources: Vec<Source<'_>> = Vec::new();
    for filing in wanted {
        // Of one period the newest filing that has the statement.
        if sources.iter().any(|source| source.filing.report_date == filing.report_date) {
            continue;
        }
        let found = source(session, filing, &request.wanted)?;
        match found {
            Ok(source) => sources.push(source),
            Err(_) if filing.is_amendment || !sources.is_empty() => {}
            Err(lacking) => return Err(lacking),
        }
        if sources.len() == most {
            break;
        }
    }
    if sources.is_empty() {
        let there: Vec<String> =
            filer.filings.iter().map(|filing| format!("{} {}", filing.form, filing.accession)).collect();
        let problem =
            format!("no {kind} with this statement is in the graph, which has {}", there.join(", "));
        return Err(Error::invalid(format!("{} of {}", request.wanted.word(), filer.name), problem));
    }
    Ok(sources)
}

fn is_wanted(filing: &Filing, request: &Request, is_only: bool) -> bool {
    let is_quarterly = filing.form.starts_with("10-Q");
    match request.span {
        Span::Report => is_only || filing.is_annual() || is_quarterly,
        Span::Years(_) => filing.is_annual(),
        Span::Quarters(_) => is_quarterly || (filing.is_annual() && request.wanted == Wanted::Balance),
    }
}

/// One filing's statement, or what it has instead.
fn source<'a>(
    session: &Session<'_>,
    filing: &'a Filing,
    wanted: &Wanted,
) -> Result<Result<Source<'a>, Error>, Error> {
    let mut networks = read::networks(session, &filing.accession)?;
    let lacking = |networks: &[Network]| {
        let all: Vec<&Network> = networks.iter().filter(|network| network.kind == "Statement").collect();
        let all = if all.is_empty() { networks.iter().collect() } else { all };
        let problem =
            format!("{} {} has none; it has {}", filing.form, filing.accession, network::list(&all));
        Error::invalid(format!("statement {:?}", wanted.word()), problem)
    };
    let role = network::choose(&networks, wanted)?.map(|network| network.role.clone());
    let Some(place) = networks.iter().position(|network| Some(&network.role) == role.as_ref()) else {
        return Ok(Err(lacking(&networks)));
    };
    let network = networks.swap_remove(place);
    let labels = read::labels(session, &filing.accession, &network)?;
    let mut concepts: Vec<String> = network.lines.iter().map(|line| line.concept.clone()).collect();
    concepts.sort_unstable();
    concepts.dedup();
    let facts = facts::read(session, std::slice::from_ref(&filing.accession), &concepts)?;
    let periods = columns(&Parts::of(&network.lines), &facts);
    if periods.is_empty() {
        networks.push(network);
        return Ok(Err(lacking(&networks)));
    }
    Ok(Ok(Source { filing, network, labels, facts, periods }))
}

/// Gives every period to the newest filing that has it, and keeps as many as are wanted, the newest.
fn assign(sources: &mut Vec<Source<'_>>, span: Span) {
    let most = match span {
        Span::Report => return,
        Span::Years(most) | Span::Quarters(most) => most,
    };
    let shortest = |periods: &[Period]| periods.iter().map(Period::quarters).min().unwrap_or_default();
    let mut taken: Vec<Period> = Vec::new();
    for source in sources.iter_mut() {
        let length = shortest(&source.periods);
        source.periods.retain(|period| period.quarters() == length && !taken.contains(period));
        taken.extend(&source.periods);
    }
    taken.sort_by_key(|period| std::cmp::Reverse(*period));
    taken.truncate(most);
    for source in sources.iter_mut() {
        source.periods.retain(|period| taken.contains(period));
    }
    sources.retain(|source| !source.periods.is_empty());
}

#[cfg(test)]
mod tests;
