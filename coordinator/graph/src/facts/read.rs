//! Rows of the graph as facts. Patterns join, so that no statement depends on what identifiers are made of.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;

use super::fact::{Fact, Period};
use crate::database::cell::{Cell, Cells, Parameter};
use crate::database::kuzu::Session;
use crate::error::Error;

/// How long one statement may run.
pub(super) const MAX_SECONDS: Duration = Duration::from_secs(60);

const FACTS: &str = "MATCH (r:Report)-[:REPORT_HAS_FACT]->(f:Fact)-[:FACT_HAS_ELEMENT]->(x:Element), (f)-[:FACT_HAS_PERIOD]->(p:Period)
WHERE r.accession IN $accessions AND x.qname IN $concepts AND f.is_primary
OPTIONAL MATCH (f)-[:FACT_HAS_UNIT]->(u:Unit)
OPTIONAL MATCH (f)-[:FACT_HAS_DIMENSION]->(d:FactDimension)-[:FACT_DIMENSION_AXIS_ELEMENT]->(axis:Element)
OPTIONAL MATCH (d)-[:FACT_DIMENSION_MEMBER_ELEMENT]->(member:Element)
RETURN f.identifier, f.accession, f.fact_ids, x.qname, f.value, f.is_nil, f.fact_type, f.decimals, u.measure, p.start_date,
       coalesce(p.end_date, p.instant_date), f.fiscal_year, f.fiscal_period, axis.qname, coalesce(member.qname, d.typed_value)";

/// All primary facts of some concepts in some filings, in the order of their identifiers.
pub(crate) fn read(
    session: &Session<'_>,
    accessions: &[String],
    concepts: &[String],
) -> Result<Vec<Fact>, Error> {
    let list = |texts: &[String]| Parameter::List(texts.iter().cloned().map(Parameter::Text).collect());
    let found = rows(session, FACTS, &[("accessions", list(accessions)), ("concepts", list(concepts))])?;
    let mut facts: BTreeMap<String, Fact> = BTreeMap::new();
    // One row for each dimension of a fact.
    for row in found {
        let [
            identifier,
            accession,
            ids,
            concept,
            value,
            is_nil,
            kind,
            decimals,
            unit,
            first,
            last,
            year,
            name,
            axis,
            member,
        ] = <[Cell; 15]>::try_from(row).expect("as many as the statement returns");
        // What holds forever is in no column and no series.
        let (Some(identifier), Some(last)) = (text(identifier), date(last)) else { continue };
        let fact = facts.entry(identifier).or_insert_with_key(|identifier| Fact {
            identifier: identifier.clone(),
            accession: text(accession).unwrap_or_default(),
            fact_id: text(ids).and_then(|ids| ids.split_whitespace().next().map(str::to_owned)),
            concept: text(concept).unwrap_or_default(),
            value: text(value).filter(|_| is_nil != Cell::Boolean(true)),
            is_numeric: text(kind).is_some_and(|kind| kind == "Numeric"),
            decimals: text(decimals),
            unit: text(unit),
            period: Period { last, first: date(first) },
            dimensions: BTreeMap::new(),
            fiscal_year: integer(year),
            fiscal_period: text(name),
        });
        if let Some(axis) = text(axis) {
            fact.dimensions.insert(axis, text(member));
        }
    }
    Ok(facts.into_values().collect())
}

/// The rows that a statement of ours answers.
pub(crate) fn rows(
    session: &Session<'_>,
    statement: &str,
    parameters: &[(&str, Parameter)],
) -> Result<Vec<Cells>, Error> {
    let parameters: Vec<_> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    ask(session, statement, &parameters)
}

/// The same, where the parameters' names are made.
pub(crate) fn ask(
    session: &Session<'_>,
    statement: &str,
    parameters: &[(String, Parameter)],
) -> Result<Vec<Cells>, Error> {
    Ok(session.query(statement, parameters, usize::MAX)?.rows)
}

/// A cell's text.
pub(crate) fn text(cell: Cell) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text),
        _ => None,
    }
}

/// A cell's number.
pub(crate) fn integer(cell: Cell) -> Option<i32> {
    match cell {
        Cell::Integer(number) => i32::try_from(number).ok(),
        _ => None,
    }
}

/// A cell's day.
pub(super) fn date(cell: Cell) -> Option<NaiveDate> {
    text(cell).and_then(|text| text.parse().ok())
}
