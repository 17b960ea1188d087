//! Concepts by name or label. Facts are looked up of concepts that were chosen: they are most of a graph.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::chosen::{best, contenders};
use super::found::{Concept, Section};
use super::read::{array, condition, labels, list, words};
use super::words::{Fit, Wanted};
use crate::database::kuzu::Session;
use crate::error::Error;
use crate::facts::{ask, rows, text};

/// Of each concept the names and labels that have one of the words.
pub(super) type Named = BTreeMap<String, BTreeSet<String>>;

/// The names and English labels of concepts that have one of the words at least.
pub(super) fn named(session: &Session<'_>, wanted: &Wanted) -> Result<Named, Error> {
    let has = |value: &str| condition(wanted, " OR ", |place| format!("{value} CONTAINS $word{place}"));
    let by_name = format!(
        "MATCH (x:Element) WITH x.qname AS concept, lower(x.qname) AS text WHERE {} RETURN DISTINCT concept",
        has("text")
    );
    let by_label = format!(
        "MATCH (l:Label) WHERE l.type <> 'http://www.xbrl.org/2003/role/documentation'
WITH l, lower(l.value) AS text, lower(coalesce(l.language, 'en')) AS language
WHERE language STARTS WITH 'en' AND ({})
MATCH (x:Element)-[:ELEMENT_HAS_LABEL]->(l) RETURN DISTINCT x.qname AS concept, l.value AS label",
        has("text")
    );
    let mut named = Named::new();
    for row in ask(session, &by_name, &words(wanted))? {
        let [concept] = array(row);
        let concept = text(concept).unwrap_or_default();
        named.insert(concept.clone(), BTreeSet::from([concept]));
    }
    for row in ask(session, &by_label, &words(wanted))? {
        let [concept, label] = array(row);
        named.entry(text(concept).unwrap_or_default()).or_default().extend(text(label));
    }
    Ok(named)
}

/// How well a concept fits by its names and labels, and by another text of it.
pub(super) fn fit(wanted: &Wanted, concept: &str, named: &Named, other: &str) -> Option<Fit> {
    let (_, local) = concept.split_once(':').unwrap_or(("", concept));
    let mut others: Vec<&str> = named.get(concept).into_iter().flatten().map(String::as_str).collect();
    others.push(other);
    wanted.fit(&[concept, local], &others)
}

/// The concepts that fit, those first that most facts are of.
pub(super) fn concepts(
    session: &Session<'_>,
    wanted: &Wanted,
    named: &Named,
    limit: usize,
) -> Result<Section<Concept>, Error> {
    let fitting =
        named.keys().filter_map(|concept| Some((fit(wanted, concept, named, "")?, concept.clone())));
    let (contenders, more) = contenders(fitting.collect(), limit);
    let facts = counts(
        session,
        "MATCH (x:Element)<-[:FACT_HAS_ELEMENT]-(f:Fact) WHERE x.qname IN $concepts
RETURN x.qname AS concept, count(*) AS facts",
        contenders.iter().map(|(_, concept)| concept),
    )?;
    let of = |counts: &HashMap<String, u64>, concept: &String| counts.get(concept).copied().unwrap_or(0);
    let order = |a: &String, b: &String| of(&facts, b).cmp(&of(&facts, a)).then_with(|| a.cmp(b));
    let chosen = best(contenders, limit, order);
    let companies = counts(
        session,
        "MATCH (x:Element)<-[:FACT_HAS_ELEMENT]-(f:Fact)-[:FACT_HAS_ENTITY {role: 'context'}]->(e:Entity)
WHERE x.qname IN $concepts
WITH DISTINCT x.qname AS concept, e.uri AS company RETURN concept, count(*) AS companies",
        &chosen.hits,
    )?;
    let labels = labels(session, &chosen.hits)?;
    let hit = |concept: String| Concept {
        label: labels.get(&concept).cloned(),
        facts: of(&facts, &concept),
        companies: of(&companies, &concept),
        concept,
    };
    Ok(Section { hits: chosen.hits.into_iter().map(hit).collect(), more: chosen.more + more })
}

/// What a statement counts for each of these concepts.
fn counts<'a>(
    session: &Session<'_>,
    statement: &str,
    concepts: impl IntoIterator<Item = &'a String>,
) -> Result<HashMap<String, u64>, Error> {
    let found = rows(session, statement, &[("concepts", list(concepts))])?;
    let counted = found.into_iter().map(array).map(|[concept, count]| (text(concept), count.as_count()));
    Ok(counted.filter_map(|(concept, count)| Some((concept?, count?))).collect())
}
