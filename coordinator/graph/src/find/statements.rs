//! Statements and disclosures by name, number, kind or filing.

use super::chosen::best;
use super::found::{Section, Statement};
use super::read::{Filing, Filings, array, condition, words};
use super::words::Wanted;
use crate::database::kuzu::Session;
use crate::error::Error;
use crate::facts::{ask, text};

/// The statements and disclosures that fit: statements first, those of the newest filings before others.
pub(super) fn statements(
    session: &Session<'_>,
    wanted: &Wanted,
    filings: &Filings,
    limit: usize,
) -> Result<Section<Statement>, Error> {
    let statement = format!(
        "MATCH (s:Structure)
WITH s, lower(concat(coalesce(s.name, ''), ' ', coalesce(s.type, ''), ' ', coalesce(s.number, ''), ' ', s.accession)) AS text
WHERE {}
RETURN DISTINCT s.accession AS accession, s.number AS number, s.type AS type, coalesce(s.name, s.uri) AS name",
        condition(wanted, " AND ", |place| format!("text CONTAINS $word{place}"))
    );
    let fitting = ask(session, &statement, &words(wanted))?.into_iter().filter_map(|row| {
        let [accession, number, kind, name] = array(row).map(text);
        let (accession, name) = (accession.unwrap_or_default(), name.unwrap_or_default());
        let names: Vec<&str> =
            [Some(name.as_str()), number.as_deref(), Some(&accession)].into_iter().flatten().collect();
        let fit = wanted.fit(&names, &kind.as_deref().into_iter().collect::<Vec<_>>())?;
        let Filing { company, form, filed } = filings.get(&accession).cloned().unwrap_or_default();
        Some((fit, Statement { accession, company, form, filed, number, kind, name }))
    });
    let place = |hit: &Statement| hit.number.as_deref().and_then(|number| number.parse().ok());
    let key = |hit: &Statement| (hit.kind.as_deref() != Some("Statement"), place(hit).unwrap_or(u64::MAX));
    Ok(best(fitting.collect(), limit, |a, b| {
        let (first, second) = (key(a), key(b));
        let newest = (&b.filed, &b.accession).cmp(&(&a.filed, &a.accession));
        first.0.cmp(&second.0).then(newest).then((first.1, &a.name).cmp(&(second.1, &b.name)))
    }))
}
