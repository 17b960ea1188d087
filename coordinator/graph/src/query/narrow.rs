//! What an example is narrowed to, a company, a filing or a concept, must be there: an empty table would not say that it is
//! not.

use crate::database::cell::Parameter;
use crate::database::kuzu::Session;
use crate::error::Error;
use crate::facts::{self, Asked, Filer};

/// The parameter that names a concept.
const CONCEPT: &str = "concept";

/// The parameters that narrow an example, as the graph writes them.
///
/// # Errors
/// [`Error::Invalid`] for what is no ticker or accession number, and for a company, a filing or a concept that is not in the
/// graph, naming what is.
pub(super) fn narrowed_to(
    session: &Session<'_>,
    parameters: &[(String, Parameter)],
) -> Result<Vec<(String, Parameter)>, Error> {
    let (concepts, of_filers): (Vec<_>, Vec<_>) =
        parameters.iter().cloned().partition(|(name, _)| name == CONCEPT);
    let asked: Vec<Asked> = of_filers.iter().map(asked).collect::<Result<_, _>>()?;
    let filers: Vec<Filer> =
        asked.iter().map(|asked| facts::look_up(session, asked)).collect::<Result<_, _>>()?;
    belong_together(&asked, &filers)?;
    let named = asked.into_iter().zip(of_filers);
    let mut narrowed: Vec<_> =
        named.map(|(asked, (name, _))| (name, Parameter::Text(written(asked)))).collect();
    for (name, value) in concepts {
        narrowed.push((name, Parameter::Text(concept(session, &value)?)));
    }
    Ok(narrowed)
}

/// A concept as the graph names it: given whole, or without its prefix where one concept alone has that name.
fn concept(session: &Session<'_>, value: &Parameter) -> Result<String, Error> {
    let Parameter::Text(given) = value else {
        return Err(Error::invalid(
            format!("parameter {CONCEPT}"),
            "expected one text, such as us-gaap:Revenues",
        ));
    };
    let property = if given.contains(':') { "qname" } else { "name" };
    let statement = format!(
        "MATCH (x:Element) WHERE x.{property} = $name RETURN DISTINCT x.qname AS qname ORDER BY qname"
    );
    let found = facts::rows(session, &statement, &[("name", value.clone())])?;
    let mut found: Vec<String> = found.into_iter().flatten().filter_map(facts::text).collect();
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            found.push(last);
            Err(Error::invalid(format!("concept {given:?}"), format!("it is one of {}", found.join(", "))))
        }
        (None, _) => Err(Error::invalid(
            format!("concept {given:?}"),
            "not in this graph; `edgraph find WORDS --kind concept` has those that are",
        )),
    }
}

/// What a parameter names.
fn asked((name, value): &(String, Parameter)) -> Result<Asked, Error> {
    let wrong = |problem: &str| Error::invalid(format!("parameter {name}"), problem);
    let text = match value {
        Parameter::Text(text) => text.clone(),
        // 18 digits read as a number.
        Parameter::Integer(number) => number.to_string(),
        _ => return Err(wrong("expected one text")),
    };
    match (name.as_str(), Asked::parse(&text)) {
        ("ticker", asked @ Asked::Ticker(_)) | ("accession", asked @ Asked::Accession(_)) => Ok(asked),
        ("ticker", _) => Err(wrong("expected a ticker symbol, such as ticker=AAPL")),
        _ => Err(wrong("expected an accession number, such as accession=0000320193-23-000106")),
    }
}

/// A filing must be of the company that is named beside it.
fn belong_together(asked: &[Asked], filers: &[Filer]) -> Result<(), Error> {
    let is_of =
        |accession: &str, filer: &Filer| filer.filings.iter().any(|filing| filing.accession == accession);
    for filing in asked {
        let Asked::Accession(accession) = filing else { continue };
        if let Some(other) = filers.iter().find(|filer| !is_of(accession.as_str(), filer)) {
            let own: Vec<&str> = other.filings.iter().map(|filing| filing.accession.as_str()).collect();
            let problem = format!("no filing of {}, of which there are {}", other.name, own.join(", "));
            return Err(Error::invalid(format!("filing {accession}"), problem));
        }
    }
    Ok(())
}

/// As the graph writes it.
fn written(asked: Asked) -> String {
    match asked {
        Asked::Accession(accession) => accession.to_string(),
        Asked::Cik(cik) => cik.cik10(),
        Asked::Ticker(ticker) => ticker,
    }
}
