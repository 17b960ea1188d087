//! Companies by name, ticker symbol or CIK.

use super::chosen::best;
use super::found::{Company, Section};
use super::read::array;
use super::words::Wanted;
use crate::database::kuzu::Session;
use crate::error::Error;
use crate::facts::{rows, text};

/// The companies that fit.
pub(super) fn companies(
    session: &Session<'_>,
    wanted: &Wanted,
    limit: usize,
) -> Result<Section<Company>, Error> {
    let statement = "MATCH (e:Entity) OPTIONAL MATCH (e)-[:ENTITY_HAS_REPORT]->(r:Report)
RETURN e.uri AS uri, e.cik AS cik, e.name AS name, e.ticker AS ticker, e.tickers AS tickers, count(r) AS filings";
    let fitting = rows(session, statement, &[])?.into_iter().filter_map(|row| {
        let [uri, cik, name, ticker, tickers, filings] = array(row);
        let (cik, ticker) = (text(cik).or_else(|| text(uri)).unwrap_or_default(), text(ticker));
        let listed: Option<Vec<String>> = text(tickers).and_then(|list| serde_json::from_str(&list).ok());
        let tickers = listed.unwrap_or_else(|| ticker.into_iter().collect());
        let name = text(name).unwrap_or_else(|| cik.clone());
        // The SEC writes classes of shares with a dash, others with a point.
        let pointed: Vec<String> = tickers.iter().map(|ticker| ticker.replace('-', ".")).collect();
        let mut texts = vec![name.as_str(), &cik, cik.trim_start_matches('0')];
        texts.extend(tickers.iter().chain(&pointed).map(String::as_str));
        let fit = wanted.fit(&texts, &[])?;
        Some((fit, Company { filings: filings.as_count().unwrap_or_default(), cik, tickers, name }))
    });
    let order = |a: &Company, b: &Company| (b.filings, &a.name, &a.cik).cmp(&(a.filings, &b.name, &b.cik));
    Ok(best(fitting.collect(), limit, order))
}
