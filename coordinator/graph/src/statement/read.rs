//! The networks and labels of a filing, out of the graph.

use std::collections::BTreeMap;

use super::label::{Label, Labels};
use super::network::{Line, Network};
use crate::database::cell::{Cell, Parameter};
use crate::database::kuzu::Session;
use crate::error::Error;
use crate::facts::{integer, rows, text};

const NETWORKS: &str = "MATCH (s:Structure)-[:STRUCTURE_HAS_ASSOCIATION]->(a:Association),
      (a)-[:ASSOCIATION_HAS_FROM_ELEMENT]->(above:Element), (a)-[:ASSOCIATION_HAS_TO_ELEMENT]->(x:Element)
WHERE s.accession = $accession AND a.association_type = 'Presentation' AND a.line IS NOT NULL
RETURN s.uri, s.number, s.type, s.name, a.line, a.depth, above.qname, x.qname, x.classification, x.period_type,
       x.is_abstract, a.preferred_label, a.sign, a.is_total, a.period_edge";

const LABELS: &str = "MATCH (x:Element)-[h:ELEMENT_HAS_LABEL]->(l:Label)
WHERE x.qname IN $concepts AND h.accession = $accession
RETURN x.qname, l.type, l.language, l.value";

/// The presentation networks of a filing, by number as far as that is one, then by role.
pub(super) fn networks(session: &Session<'_>, accession: &str) -> Result<Vec<Network>, Error> {
    let mut networks: BTreeMap<String, Network> = BTreeMap::new();
    for row in rows(session, NETWORKS, &[("accession", Parameter::Text(accession.to_owned()))])? {
        let [
            role,
            number,
            kind,
            name,
            line,
            depth,
            parent,
            concept,
            class,
            period,
            is_abstract,
            label,
            sign,
            is_total,
            edge,
        ] = <[Cell; 15]>::try_from(row).expect("as many as the statement returns");
        let (Some(role), concept) = (text(role), text(concept)) else { continue };
        let network = networks.entry(role).or_insert_with_key(|role| Network {
            role: role.clone(),
            number: text(number).unwrap_or_default(),
            kind: text(kind).unwrap_or_default(),
            name: text(name).unwrap_or_default(),
            lines: Vec::new(),
        });
        let is_abstract = match is_abstract {
            Cell::Boolean(is_abstract) => is_abstract,
            // Where no schema says it, the name does.
            _ => concept
                .as_deref()
                .is_some_and(|name| name.ends_with("Abstract") || name.ends_with("RollForward")),
        };
        network.lines.push(Line {
            number: integer(line).unwrap_or_default(),
            depth: integer(depth).unwrap_or_default(),
            parent: text(parent).unwrap_or_default(),
            concept: concept.unwrap_or_default(),
            classification: text(class),
            is_instant: text(period).map(|period| period == "instant"),
            is_abstract,
            preferred_label: text(label),
            is_negated: integer(sign) == Some(-1),
            is_total: is_total == Cell::Boolean(true),
            edge: text(edge),
        });
    }
    let mut networks: Vec<Network> = networks.into_values().collect();
    for network in &mut networks {
        network.lines.sort_by_key(|line| line.number);
    }
    networks.sort_by_key(|network| network.number.parse::<u64>().unwrap_or(u64::MAX));
    Ok(networks)
}

/// The labels of a network's concepts as the filing has them.
pub(super) fn labels(session: &Session<'_>, accession: &str, network: &Network) -> Result<Labels, Error> {
    let concepts = network.lines.iter().map(|line| Parameter::Text(line.concept.clone())).collect();
    let parameters =
        [("accession", Parameter::Text(accession.to_owned())), ("concepts", Parameter::List(concepts))];
    let found = rows(session, LABELS, &parameters)?.into_iter().map(|row| {
        let [concept, role, language, value] =
            <[Cell; 4]>::try_from(row).expect("as many as the statement returns");
        Label {
            concept: text(concept).unwrap_or_default(),
            role: text(role).unwrap_or_default(),
            language: text(language),
            text: text(value).unwrap_or_default(),
        }
    });
    Ok(Labels::new(found.collect()))
}
