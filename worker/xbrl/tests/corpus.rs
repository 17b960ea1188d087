//! Real filings against independent readings of them. Needs the corpus, which is no part of the repository: without
//! it every test says so and passes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use edgraph_xbrl::model::{Context, Fact, FactValue, Instance, Member, Period};
use edgraph_xbrl::sniff::{Kind, sniff};
use edgraph_xbrl::{Diagnostic, inline, instance};

/// Where the corpus is, if it is anywhere.
fn corpus() -> Option<PathBuf> {
    let path = std::env::var_os("EDGRAPH_CORPUS")
        .map_or_else(|| PathBuf::from("../../../shared/edgar"), PathBuf::from);
    if !path.join("TRUTH.tsv").exists() {
        println!("skipped: no corpus at {}", path.display());
        return None;
    }
    Some(path)
}

fn filing(corpus: &Path, cik: &str, accession: &str) -> PathBuf {
    let folder = format!("Archives/edgar/data/{cik}/{}", accession.replace('-', ""));
    let main = corpus.join(&folder);
    if main.exists() { main } else { corpus.join("extra").join(folder) }
}

fn parse(path: &Path) -> (Instance, Vec<Diagnostic>) {
    let bytes = std::fs::read(path).unwrap();
    let file = path.file_name().unwrap().to_str().unwrap();
    match sniff(&bytes) {
        Kind::Instance => instance::parse(file, &bytes),
        Kind::Inline => inline::parse(&[(file, &bytes)]),
        kind => panic!("{file} is {kind:?}"),
    }
    .unwrap_or_else(|error| panic!("{error}"))
}

/// Facts, numeric, nil, contexts, units, explicit and typed members.
fn counts(instance: &Instance) -> [usize; 7] {
    let members = || instance.contexts.iter().flat_map(|context| &context.dimensions);
    let explicit = members().filter(|dimension| matches!(dimension.member, Member::Explicit(_))).count();
    [
        instance.facts.len(),
        instance.facts.iter().filter(|fact| fact.is_numeric).count(),
        instance.facts.iter().filter(|fact| fact.value == FactValue::Nil).count(),
        instance.contexts.len(),
        instance.units.len(),
        explicit,
        members().count() - explicit,
    ]
}

#[test]
fn every_document_holds_what_an_independent_count_found() {
    let Some(corpus) = corpus() else { return };
    let truth = std::fs::read_to_string(corpus.join("TRUTH.tsv")).unwrap();
    let mut problems = String::new();
    let mut documents = 0;
    for line in truth.lines().skip(1) {
        let columns: Vec<_> = line.split('\t').collect();
        let path = filing(&corpus, columns[1], columns[0]).join(columns[2]);
        let (instance, diagnostics) = parse(&path);
        let expected: Vec<usize> = columns[4..11].iter().map(|column| column.parse().unwrap()).collect();
        if counts(&instance)[..] != expected[..] {
            writeln!(problems, "{}: {:?} instead of {expected:?}", columns[2], counts(&instance)).unwrap();
        }
        let codes: BTreeMap<_, usize> = diagnostics.iter().fold(BTreeMap::new(), |mut codes, diagnostic| {
            *codes.entry(diagnostic.code).or_default() += 1;
            codes
        });
        println!("{}: {codes:?}", columns[2]);
        for diagnostic in diagnostics.iter().take(3) {
            println!("    {diagnostic}");
        }
        documents += 1;
    }
    assert_eq!(problems, "");
    assert_eq!(documents, 26);
}

/// One fact, readable, joined over its references. White space in markup does not count.
fn describe(instance: &Instance, fact: &Fact) -> String {
    let context = fact.context.map(|index| &instance.contexts[index]);
    let context = context.map(|Context { entity, period, dimensions, .. }| (entity, period, dimensions));
    let unit =
        fact.unit.map(|index| (&instance.units[index].numerators, &instance.units[index].denominators));
    let value = match &fact.value {
        FactValue::Text(text) if text.contains('<') => {
            format!("{:?}", text.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        value => format!("{value:?}"),
    };
    let Fact { concept, decimals, precision, language, .. } = fact;
    format!("{concept:?} {context:?} {unit:?} {decimals:?} {precision:?} {language:?} {value}")
}

#[test]
fn inline_documents_say_what_the_extraction_of_the_sec_says() {
    let Some(corpus) = corpus() else { return };
    for (cik, accession, name, facts) in [
        ("1173313", "0001213900-25-032135", "ea0238372-8k_abvcbio", 22),
        ("1326801", "0001628280-25-058337", "meta-20251219", 22),
        ("72333", "0000072333-23-000015", "jwn-20230301", 24),
        ("320193", "0000320193-25-000057", "aapl-20250329", 760),
    ] {
        let folder = filing(&corpus, cik, accession);
        let by_id = |file: String| -> BTreeMap<String, String> {
            let (instance, diagnostics) = parse(&folder.join(file));
            assert_eq!(diagnostics, [], "{name}");
            let described = instance.facts.iter().map(|fact| {
                let id = fact.id.as_deref().expect("every fact has an id").to_owned();
                (id, describe(&instance, fact))
            });
            described.collect()
        };
        let (inline, extracted) = (by_id(format!("{name}.htm")), by_id(format!("{name}_htm.xml")));
        assert_eq!(inline.keys().collect::<BTreeSet<_>>(), extracted.keys().collect::<BTreeSet<_>>());
        let different: Vec<_> = inline.iter().filter(|(id, fact)| extracted[*id] != **fact).collect();
        for (id, fact) in different.iter().take(5) {
            println!("{id}:\n  inline    {fact}\n  extracted {}", extracted[*id]);
        }
        assert_eq!((different.len(), inline.len()), (0, facts), "{name}");
    }
}

/// Start tags of elements of this name, whatever their prefix, as written.
fn tags<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.split('<').filter_map(|rest| rest.split('>').next()).filter(move |tag| {
        let written = tag.split_ascii_whitespace().next().unwrap_or_default();
        !written.starts_with('/') && written.rsplit(':').next() == Some(name)
    })
}

/// The words of an attribute.
fn words<'a>(tag: &'a str, attribute: &str) -> BTreeSet<&'a str> {
    let value = tag.split_once(&format!("{attribute}=\"")).and_then(|(_, rest)| rest.split('"').next());
    value.unwrap_or_default().split_ascii_whitespace().collect()
}

#[test]
fn footnotes_are_those_that_the_tags_alone_tell() {
    let Some(corpus) = corpus() else { return };
    let truth = std::fs::read_to_string(corpus.join("TRUTH.tsv")).unwrap();
    let (mut notes, mut arcs) = (0, 0);
    for line in truth.lines().skip(1) {
        let columns: Vec<_> = line.split('\t').collect();
        let path = filing(&corpus, columns[1], columns[0]).join(columns[2]);
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let (instance, _) = parse(&path);
        let count = tags(&text, "footnote").count();
        assert_eq!(instance.footnotes.len(), count, "{}", columns[2]);
        assert!(instance.footnotes.iter().all(|note| !note.text.contains('<')), "{}", columns[2]);
        let pairs: BTreeSet<_> = tags(&text, "relationship")
            .flat_map(|tag| {
                let to = words(tag, "toRefs");
                let from = words(tag, "fromRefs");
                from.into_iter().flat_map(move |fact| to.clone().into_iter().map(move |note| (fact, note)))
            })
            .collect();
        // The locators of classic instances have labels of their own, one for each arc in all of these.
        let classic = tags(&text, "footnoteArc").count();
        assert_eq!(instance.footnote_arcs.len(), pairs.len() + classic, "{}", columns[2]);
        (notes, arcs) = (notes + count, arcs + pairs.len() + classic);
    }
    println!("{notes} footnotes, {arcs} arcs");
    assert!(notes > 40 && arcs > 200, "only {notes} footnotes and {arcs} arcs");
}

#[test]
fn apple_reported_what_the_company_facts_of_the_sec_say() {
    let Some(corpus) = corpus() else { return };
    let json = std::fs::read(corpus.join("api/xbrl/companyfacts/CIK0000320193.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let mut expected: BTreeMap<String, BTreeSet<(String, String, String, String)>> = BTreeMap::new();
    for (_, concepts) in json["facts"].as_object().unwrap() {
        for (concept, body) in concepts.as_object().unwrap() {
            for (_, rows) in body["units"].as_object().unwrap() {
                for row in rows.as_array().unwrap() {
                    let start = row["start"].as_str().unwrap_or_default().to_owned();
                    let end = row["end"].as_str().unwrap().to_owned();
                    let value = row["val"].to_string();
                    let value = edgraph_xbrl::decimal::canonical(&value).unwrap().into_owned();
                    let accession = row["accn"].as_str().unwrap().to_owned();
                    expected.entry(accession).or_default().insert((concept.clone(), start, end, value));
                }
            }
        }
    }
    let mut rows = 0;
    for (accession, file) in [
        ("0001193125-10-238044", "aapl-20100925.xml"),
        ("0000320193-23-000077", "aapl-20230701_htm.xml"),
        ("0000320193-23-000106", "aapl-20230930_htm.xml"),
        ("0000320193-25-000057", "aapl-20250329.htm"),
    ] {
        let (instance, _) = parse(&filing(&corpus, "320193", accession).join(file));
        let found: BTreeSet<_> = instance
            .facts
            .iter()
            .filter(|fact| fact.is_numeric && fact.value != FactValue::Nil)
            .filter_map(|fact| {
                let context = &instance.contexts[fact.context?];
                let (start, end) = match &context.period {
                    Period::Instant(end) => (String::new(), end.date.to_string()),
                    Period::Duration { start, end } => (start.date.to_string(), end.date.to_string()),
                    Period::Forever => return None,
                };
                let row = (fact.concept.local.to_string(), start, end, fact.value.as_str().to_owned());
                context.dimensions.is_empty().then_some(row)
            })
            .collect();
        let Some(expected) = expected.get(accession) else { panic!("no company facts of {accession}") };
        let missing: Vec<_> = expected.difference(&found).collect();
        assert_eq!(missing, Vec::<&(String, String, String, String)>::new(), "{file}");
        rows += expected.len();
        println!("{file}: {} rows, {} more here", expected.len(), found.difference(expected).count());
    }
    assert!(rows > 500, "only {rows} rows compared");
}

#[test]
fn every_instance_of_the_conformance_suites_parses() {
    let Some(corpus) = corpus() else { return };
    let mut folders = vec![corpus.join("conformance")];
    let (mut instances, mut facts) = (0, 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            if sniff(&bytes) == Kind::Instance {
                facts += parse(&path).0.facts.len();
                instances += 1;
            }
        }
    }
    println!("{instances} instances, {facts} facts");
    assert!(instances > 500, "only {instances} instances");
}
