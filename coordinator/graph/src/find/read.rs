//! What several kinds of hits ask the graph: filings, labels, and all words there are.

use edgraph_shared::model::FindKind as Kind;
use std::collections::{BTreeSet, HashMap};

use super::words::{Wanted, pieces};
use crate::database::cell::{Cell, Parameter};
use crate::database::kuzu::Session;
use crate::error::Error;
use crate::facts::{rows, text};

/// A filing, as a hit names it.
#[derive(Clone, Debug, Default)]
pub(super) struct Filing {
    pub(super) company: String,
    pub(super) form: String,
    pub(super) filed: String,
}

/// Filings by accession number.
pub(super) type Filings = HashMap<String, Filing>;

/// All of them.
pub(super) fn filings(session: &Session<'_>) -> Result<Filings, Error> {
    let statement = "MATCH (e:Entity)-[:ENTITY_HAS_REPORT {role: 'filer'}]->(r:Report)
RETURN r.accession AS accession, coalesce(e.ticker, e.name, e.cik, e.uri) AS company, r.form AS form, r.filing_date AS filed";
    let filing = |row| {
        let [accession, company, form, filed] = array(row).map(|cell| text(cell).unwrap_or_default());
        (accession, Filing { company, form, filed })
    };
    Ok(rows(session, statement, &[])?.into_iter().map(filing).collect())
}

/// The plain English label of each concept that most filings have.
pub(super) fn labels<'a>(
    session: &Session<'_>,
    concepts: impl IntoIterator<Item = &'a String>,
) -> Result<HashMap<String, String>, Error> {
    let statement = "MATCH (x:Element)-[:ELEMENT_HAS_LABEL]->(l:Label)
WHERE x.qname IN $concepts AND l.type = 'http://www.xbrl.org/2003/role/label'
WITH x.qname AS concept, l.value AS label, lower(coalesce(l.language, 'en')) AS language, count(*) AS filings
WHERE language STARTS WITH 'en' RETURN concept, label ORDER BY filings, label DESC";
    let found = rows(session, statement, &[("concepts", list(concepts))])?;
    Ok(found
        .into_iter()
        .map(|row| array(row).map(|cell| text(cell).unwrap_or_default()))
        .map(|[concept, label]| (concept, label.trim().to_owned()))
        .collect())
}

/// All words of what is looked for, in lower case.
pub(super) fn vocabulary(
    session: &Session<'_>,
    wants: impl Fn(Kind) -> bool,
) -> Result<BTreeSet<String>, Error> {
    let sources = [
        (
            Kind::Company,
            "MATCH (e:Entity) RETURN DISTINCT concat(coalesce(e.name, ''), ' ', coalesce(e.tickers, ''))",
        ),
        (Kind::Concept, "MATCH (x:Element) RETURN DISTINCT x.name"),
        (Kind::Statement, "MATCH (s:Structure) RETURN DISTINCT s.name"),
        (Kind::Text, "MATCH (x:Element) WHERE x.is_textblock = true RETURN DISTINCT x.name"),
    ];
    let mut vocabulary = BTreeSet::new();
    for (_, statement) in sources.into_iter().filter(|(kind, _)| wants(*kind)) {
        let names = rows(session, statement, &[])?.into_iter().flatten().filter_map(text);
        vocabulary.extend(names.flat_map(|name| pieces(&name)));
    }
    Ok(vocabulary)
}

/// A condition for each word.
pub(super) fn condition(wanted: &Wanted, between: &str, of_word: impl Fn(usize) -> String) -> String {
    (0..wanted.words().len()).map(of_word).collect::<Vec<_>>().join(between)
}

/// The words as parameters of such conditions.
pub(super) fn words(wanted: &Wanted) -> Vec<(String, Parameter)> {
    let word = |(place, word): (usize, &String)| (format!("word{place}"), Parameter::Text(word.clone()));
    wanted.words().iter().enumerate().map(word).collect()
}

/// A list of texts.
pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a String>) -> Parameter {
    Parameter::List(texts.into_iter().cloned().map(Parameter::Text).collect())
}

/// A row taken apart.
pub(super) fn array<const N: usize>(row: Vec<Cell>) -> [Cell; N] {
    row.try_into().expect("as many as the statement returns")
}
