//! Fact by fact and arc by arc: the sample filings as an independent processor reads them.

use std::collections::BTreeMap;
use std::path::Path;

use edgraph_tests::corpus;
use serde_json::Value;

use crate::program::{Run, edgraph, query};

fn accessions() -> Vec<String> {
    corpus::golden("counts").unwrap().into_iter().map(|row| row["accession"].clone()).collect()
}

/// Text between tags, entities resolved, white space collapsed: how the golden files keep text blocks.
fn plain(markup: &str) -> String {
    let mut plain = String::new();
    let mut rest = markup;
    while let Some(open) = rest.find('<') {
        plain.push_str(&rest[..open]);
        plain.push(' ');
        rest = rest[open..].find('>').map_or("", |close| &rest[open + close + 1..]);
    }
    plain.push_str(rest);
    let entities = [
        ("&nbsp;", "\u{a0}"),
        ("&#160;", "\u{a0}"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ];
    // The dash is the one numeric reference that the samples' escaped markup has besides.
    let plain = plain.replace("&#8211;", "–");
    let plain = entities.iter().fold(plain, |text, (entity, character)| text.replace(entity, character));
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_fact_of_every_sample_is_the_one_in_the_golden_file() {
    let mirror = corpus::fixture_edgar();
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    let mut compared = 0;
    for accession in accessions() {
        let folder = corpus::filing_folder(&mirror, &accession).unwrap().display().to_string();
        let printed = edgraph(["inspect", "--facts", "--taxonomies", &taxonomies, &folder]).ok().stdout;
        let facts: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let expected = corpus::golden(&format!("{accession}.facts")).unwrap();
        assert_eq!(facts.len(), expected.len(), "{accession}");
        for (fact, expected) in facts.iter().zip(&expected) {
            let value = match expected["kind"].as_str() {
                "textblock" => plain(&text(&fact["value"])),
                _ => text(&fact["value"]),
            };
            let dimensions: BTreeMap<String, Value> =
                serde_json::from_value(fact["dimensions"].clone()).unwrap();
            let is_numeric = expected["kind"] == "numeric";
            let shown = [
                text(&fact["id"]),
                text(&fact["concept"]),
                value,
                text(&fact["decimals"]),
                text(&fact["entity"]),
                text(&fact["period"]),
                if is_numeric { String::new() } else { text(&fact["language"]) },
                fact["nil"].to_string(),
                dimensions.len().to_string(),
            ];
            let axes = expected["dimensions"].split(';').filter(|axis| !axis.is_empty());
            let wanted = [
                expected["id"].clone(),
                expected["concept"].clone(),
                expected["value"].clone(),
                expected["decimals"].clone(),
                expected["entity"].clone(),
                expected["period"].clone(),
                expected["language"].clone(),
                expected["nil"].clone(),
                axes.clone().count().to_string(),
            ];
            assert_eq!(shown, wanted, "in {accession}");
            for axis in axes {
                let (axis, member) = axis.trim_start_matches("scenario:").split_once('=').unwrap();
                let member = member.split_once('>').map_or(member, |(_, typed)| typed);
                assert_eq!(dimensions[axis], member, "in {accession}");
            }
            compared += 1;
        }
    }
    assert!(compared > 500, "only {compared} facts were compared");
}

/// The last segment of a role, as the golden files write roles of labels and arcs.
fn last_segment(role: &str) -> String {
    role.rsplit('/').next().unwrap_or_default().to_owned()
}

#[test]
fn labels_and_arcs_in_the_graph_are_those_in_effect() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    for accession in accessions() {
        compare_labels(out.path(), &accession);
        compare_arcs(out.path(), &accession);
    }
}

fn compare_labels(out: &Path, accession: &str) {
    let rows = query(
        out,
        &format!(
            "MATCH (e:Element)-[:ELEMENT_HAS_LABEL {{accession: '{accession}'}}]->(l:Label) \
             RETURN e.qname AS concept, l.type AS role, l.language AS language, l.value AS text"
        ),
    );
    let mut found: Vec<[String; 4]> = rows
        .iter()
        .map(|row| {
            [
                text(&row["concept"]),
                last_segment(&text(&row["role"])),
                text(&row["language"]),
                text(&row["text"]),
            ]
        })
        .collect();
    let expected = corpus::golden(&format!("{accession}.labels")).unwrap();
    let mut expected: Vec<[String; 4]> = expected
        .iter()
        .map(|row| ["concept", "role", "language", "text"].map(|name| row[name].clone()))
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "labels of {accession}");
}

fn compare_arcs(out: &Path, accession: &str) {
    let rows = query(
        out,
        &format!(
            "MATCH (s:Structure {{accession: '{accession}'}})-[:STRUCTURE_HAS_ASSOCIATION]->(a:Association), \
             (a)-[:ASSOCIATION_HAS_FROM_ELEMENT]->(x:Element), (a)-[:ASSOCIATION_HAS_TO_ELEMENT]->(y:Element) \
             RETURN a.association_type AS linkbase, s.network_uri AS role, a.arcrole AS arcrole, x.qname AS source, \
             y.qname AS target, a.order_value AS place, a.preferred_label AS preferred, a.weight AS weight, \
             a.target_role AS target_role"
        ),
    );
    let number = |value: &Value| value.as_f64().map(|number| number.to_string()).unwrap_or_default();
    let mut found: Vec<[String; 9]> = rows
        .iter()
        .map(|row| {
            [
                text(&row["linkbase"]).to_lowercase(),
                text(&row["role"]),
                last_segment(&text(&row["arcrole"])),
                text(&row["source"]),
                text(&row["target"]),
                number(&row["place"]),
                last_segment(&text(&row["preferred"])),
                number(&row["weight"]),
                text(&row["target_role"]),
            ]
        })
        .collect();
    let decimal = |written: &str| written.parse::<f64>().map(|number| number.to_string()).unwrap_or_default();
    let expected = corpus::golden(&format!("{accession}.arcs")).unwrap();
    let mut expected: Vec<[String; 9]> = expected
        .iter()
        .map(|row| {
            [
                row["linkbase"].clone(),
                row["role"].clone(),
                row["arcrole"].clone(),
                row["from"].clone(),
                row["to"].clone(),
                decimal(&row["order"]),
                row["preferred_label"].clone(),
                decimal(&row["weight"]),
                row["target_role"].clone(),
            ]
        })
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "arcs of {accession}");
}
