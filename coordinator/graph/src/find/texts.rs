//! Text blocks by what their concepts are called, and by as much of their text as the graph has.

use std::collections::{BTreeMap, BTreeSet};

use edgraph_worker::rows::first_words;

use super::chosen::{Fits, best};
use super::concepts::{Named, fit};
use super::found::{Section, TextBlock};
use super::read::{Filings, array, condition, labels, list, words};
use super::words::{Fit, Wanted};
use crate::database::kuzu::Session;
use crate::error::Error;
use crate::facts::{ask, text};

/// Characters of a text block that are shown.
const MAX_TEXT_CHARS: usize = 100;

/// The text blocks that fit, those of the newest filings first.
pub(super) fn texts(
    session: &Session<'_>,
    wanted: &Wanted,
    named: &Named,
    filings: &Filings,
    limit: usize,
) -> Result<Section<TextBlock>, Error> {
    let statement = format!(
        "MATCH (x:Element)<-[:FACT_HAS_ELEMENT]-(f:Fact)
WHERE (x.is_textblock = true OR x.name ENDS WITH 'TextBlock') AND NOT f.is_nil
WITH x.qname AS concept, f.accession AS accession, f.identifier AS identifier, f.value AS value, lower(f.value) AS text
WHERE {}
RETURN accession, concept, value ORDER BY accession, concept, identifier",
        condition(wanted, " AND ", |place| format!("(text CONTAINS $word{place} OR concept IN $having{place})"))
    );
    let mut parameters = words(wanted);
    for (place, word) in wanted.words().iter().enumerate() {
        let has = |texts: &BTreeSet<String>| texts.iter().any(|text| text.to_lowercase().contains(word));
        let having = named.iter().filter(|(_, texts)| has(texts)).map(|(concept, _)| concept);
        parameters.push((format!("having{place}"), list(having)));
    }
    let mut found: BTreeMap<(String, String), (Fit, TextBlock)> = BTreeMap::new();
    for row in ask(session, &statement, &parameters)? {
        let [accession, concept, value] = array(row).map(|cell| text(cell).unwrap_or_default());
        let plain = first_words(&value, usize::MAX);
        // The words may be in the markup alone.
        let Some(fit) = fit(wanted, &concept, named, &plain) else { continue };
        let filing = filings.get(&accession).cloned().unwrap_or_default();
        let hit = TextBlock {
            accession: accession.clone(),
            company: filing.company,
            filed: filing.filed,
            concept: concept.clone(),
            label: None,
            text: beginning(&plain),
            facts: 0,
        };
        let (known, block) = found.entry((accession, concept)).or_insert((fit, hit));
        *known = fit.min(*known);
        block.facts += 1;
    }
    let fitting: Fits<TextBlock> = found.into_values().collect();
    let mut section = best(fitting, limit, |a, b| {
        let newest = (&b.filed, &b.accession).cmp(&(&a.filed, &a.accession));
        newest.then_with(|| a.concept.cmp(&b.concept))
    });
    let labels = labels(session, section.hits.iter().map(|hit| &hit.concept))?;
    for hit in &mut section.hits {
        hit.label = labels.get(&hit.concept).cloned();
    }
    Ok(section)
}

/// The first words of a text, and a sign where there are more.
fn beginning(plain: &str) -> String {
    let first = first_words(plain, MAX_TEXT_CHARS);
    if first.len() < plain.len() { format!("{first}…") } else { first }
}
