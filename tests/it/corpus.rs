//! Real filings, where the corpus is at hand: the numbers are compared with the SEC's own.

mod fiscal;
mod statements;
mod series;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use edgraph_tests::corpus::{Mirror, corpus};
use edgraph_tests::edgar::{Base, EdgarServer};
use serde_json::{Value, json};

use crate::program::{Run, checksum, edgraph, query};
use crate::samples::ASSETS;

const TICKERS: [&str; 2] = ["--tickers", "AAPL,MSFT,NFLX,TSLA,GAHC"];
const BEST_EFFORT: [&str; 2] = ["--taxonomy-mode", "best-effort"];
const ANNUAL_2023: &str = "0000320193-23-000106";

fn run(mirror: &Path, out: &Path) -> Run {
    Run::at(&format!("file://{}", mirror.display()), out).with(TICKERS)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn columns(line: &str) -> Vec<&str> {
    line.split('\t').collect()
}

#[test]
fn ten_filings_give_the_ten_amounts_and_the_second_run_has_nothing_to_do() {
    let Some(corpus) = corpus() else { return };
    let out = tempfile::tempdir().unwrap();
    let first = run(&corpus, out.path()).with(BEST_EFFORT).ok();
    assert_eq!((&first["processed"], &first["ingested"]["added"]), (&json!(10), &json!(10)));

    let found: Vec<(String, f64)> = query(out.path(), ASSETS)
        .iter()
        .map(|row| (text(&row["date"]), row["amount"].as_f64().unwrap()))
        .collect();
    let mut amounts = found.clone();
    amounts.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let mut expected = [
        ("2010-09-25", 75_183_000_000.0),
        ("2023-07-01", 335_038_000_000.0),
        ("2023-09-30", 352_583_000_000.0),
        ("2025-03-29", 331_233_000_000.0),
        ("2015-06-30", 176_223_000_000.0),
        ("2009-12-31", 679_734_000.0),
        ("2010-09-30", 770_283_000.0),
        ("2023-12-31", 48_731_992_000.0),
        ("2024-06-30", 112_832_000_000.0),
        ("2024-09-30", 744_276.0),
    ]
    .map(|(date, amount)| (date.to_owned(), amount));
    expected.sort_by(|a, b| a.partial_cmp(b).unwrap());
    assert_eq!(amounts, expected);

    let facts = format!("MATCH (f:Fact {{accession: '{ANNUAL_2023}'}})");
    let all = query(out.path(), &format!("{facts} RETURN sum(f.occurrences) AS tagged, count(*) AS rows"));
    assert_eq!(all, [json!({"tagged": 1164, "rows": 1075})]);
    let primary = query(out.path(), &format!("{facts} WHERE f.is_primary RETURN count(*) AS rows"));
    assert_eq!(primary, [json!({"rows": 1073})]);

    every_table_has_its_rows(out.path());

    let before = checksum(out.path());
    let again = run(&corpus, out.path()).with(BEST_EFFORT).ok();
    assert_eq!((&again["processed"], &again["skipped"]), (&json!(0), &json!(10)));
    assert_eq!((&again["ingested"]["nodes"], &again["ingested"]["relationships"]), (&json!(0), &json!(0)));
    assert_eq!(checksum(out.path()), before);
    statements_read_as_filed(&corpus, out.path());
    statements::show_what_the_filings_show(out.path());
    series::are_the_secs(&corpus, out.path());
    facts_equal_the_secs(&corpus, out.path());
    let periods = fiscal::names_follow_from_the_dates(out.path());
    assert!(periods > 100, "only {periods} periods were compared");
}

/// Rows of the annual report of 2023 in each of the 36 tables.
const ROWS: [(&str, u64); 36] = [
    ("Entity", 1),
    ("Period", 13),
    ("Unit", 9),
    ("Element", 690),
    ("Label", 1_425),
    // The filing brings no reference linkbase, and the standard ones are not in its DTS: no references anywhere.
    ("Reference", 0),
    ("Taxonomy", 6),
    ("Report", 1),
    ("Fact", 1_075),
    ("Structure", 86),
    ("FactDimension", 79),
    ("Association", 1_369),
    ("FactSet", 1),
    ("Footnote", 0),
    ("ELEMENT_HAS_LABEL", 1_485),
    ("ELEMENT_HAS_REFERENCE", 0),
    ("TAXONOMY_HAS_LABEL", 1_425),
    ("TAXONOMY_HAS_REFERENCE", 0),
    ("ENTITY_HAS_REPORT", 1),
    ("REPORT_HAS_FACT", 1_075),
    ("FACT_HAS_ELEMENT", 1_075),
    ("FACT_HAS_ENTITY", 1_075),
    ("FACT_HAS_PERIOD", 1_075),
    ("FACT_HAS_UNIT", 906),
    // Eight of the 86 roles are declared by schemas that are not at hand.
    ("STRUCTURE_HAS_TAXONOMY", 78),
    ("FACT_HAS_DIMENSION", 673),
    ("FACT_DIMENSION_AXIS_ELEMENT", 79),
    // Four of the 79 have typed members.
    ("FACT_DIMENSION_MEMBER_ELEMENT", 75),
    ("FACT_SET_CONTAINS_FACT", 1_075),
    ("REPORT_HAS_FACT_SET", 1),
    ("REPORT_USES_TAXONOMY", 6),
    ("STRUCTURE_HAS_ASSOCIATION", 1_369),
    ("ASSOCIATION_HAS_FROM_ELEMENT", 1_369),
    ("ASSOCIATION_HAS_TO_ELEMENT", 1_369),
    ("FACT_HAS_FOOTNOTE", 0),
    // The names of line items that lease amounts are part of.
    ("FACT_HAS_VALUE_ELEMENT", 20),
];

fn every_table_has_its_rows(out: &Path) {
    let folder = out.join("store/manifests").join(ANNUAL_2023);
    let current = fs::read_to_string(folder.join("current")).unwrap();
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.join(format!("{current}.json"))).unwrap()).unwrap();
    let rows_of = |table: &str| {
        let files = manifest["files"].as_array().unwrap().iter().filter(|file| file["table"] == table);
        files.map(|file| file["rows"].as_u64().unwrap()).sum::<u64>()
    };
    let found = ROWS.map(|(table, _)| (table, rows_of(table)));
    assert_eq!(found, ROWS);
}

/// For a role: presentation lines in order, each with the label of the arc's preferred role as filed.
fn statements_read_as_filed(corpus: &Path, out: &Path) {
    let mut lines = 0;
    for accession in [ANNUAL_2023, "0001065280-24-000030"] {
        let labels = labels_of(&edgraph_tests::corpus::filing_folder(corpus, accession).unwrap());
        let statement = format!(
            "MATCH (s:Structure {{accession: '{accession}', type: 'Statement'}})-[:STRUCTURE_HAS_ASSOCIATION]->\
             (a:Association {{association_type: 'Presentation'}})-[:ASSOCIATION_HAS_TO_ELEMENT]->(x:Element)\
             -[h:ELEMENT_HAS_LABEL]->(l:Label) \
             WHERE h.accession = '{accession}' AND l.type = coalesce(a.preferred_label, 'http://www.xbrl.org/2003/role/label') \
             RETURN s.uri AS statement, a.line AS line, x.qname AS concept, l.type AS role, l.value AS label \
             ORDER BY statement, line"
        );
        let arcs = format!(
            "MATCH (s:Structure {{accession: '{accession}', type: 'Statement'}})-[:STRUCTURE_HAS_ASSOCIATION]->\
             (a:Association {{association_type: 'Presentation'}}) RETURN count(*) AS n"
        );
        let rows = query(out, &statement);
        assert_eq!(
            Some(rows.len() as u64),
            query(out, &arcs)[0]["n"].as_u64(),
            "a line has one label in {accession}"
        );
        let mut before = (String::new(), 0);
        for row in &rows {
            // Line after line, without a gap, from the top of each statement.
            let (statement, line) = (text(&row["statement"]), row["line"].as_i64().unwrap());
            assert_eq!(line, if statement == before.0 { before.1 + 1 } else { 1 }, "{statement}");
            before = (statement, line);
            let key = (text(&row["concept"]), text(&row["role"]));
            assert_eq!(labels.get(&key), Some(&text(&row["label"])), "{key:?} of {accession}");
        }
        lines += rows.len();
    }
    assert!(lines > 200, "only {lines} lines");
}

/// Labels in a filing's label linkbase by concept and role, read with nothing of ours.
fn labels_of(folder: &Path) -> BTreeMap<(String, String), String> {
    let file = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = file.into_iter().find(|path| path.display().to_string().ends_with("_lab.xml")).unwrap();
    let linkbase = fs::read_to_string(file).unwrap();
    let mut reader = quick_xml::Reader::from_str(&linkbase);
    let (mut locators, mut resources, mut arcs) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    let mut open: Option<(String, String, String)> = None;
    loop {
        let event = reader.read_event().unwrap();
        let element = match &event {
            quick_xml::events::Event::Start(element) | quick_xml::events::Event::Empty(element) => {
                Some(element)
            }
            _ => None,
        };
        if let Some(element) = element {
            let attribute = |name: &str| {
                let found = element.attributes().map(Result::unwrap).find(|a| a.key.as_ref() == name);
                found.map(|a| a.value.into_owned()).unwrap_or_default()
            };
            match element.local_name().as_ref() {
                "loc" => {
                    let href = attribute("xlink:href");
                    let concept = href.split_once('#').unwrap().1.replacen('_', ":", 1);
                    locators.insert(attribute("xlink:label"), concept);
                }
                "labelArc" => arcs.push((attribute("xlink:from"), attribute("xlink:to"))),
                "label" => open = Some((attribute("xlink:label"), attribute("xlink:role"), String::new())),
                _ => {}
            }
            continue;
        }
        match event {
            quick_xml::events::Event::Text(part) => {
                if let Some((.., text)) = &mut open {
                    text.push_str(&part);
                }
            }
            quick_xml::events::Event::GeneralRef(entity) => {
                if let Some((.., text)) = &mut open {
                    let name: &str = &entity;
                    let resolved = quick_xml::escape::unescape(&format!("&{name};")).unwrap().into_owned();
                    text.push_str(&resolved);
                }
            }
            quick_xml::events::Event::End(element) if element.local_name().as_ref() == "label" => {
                let (name, role, text) = open.take().unwrap();
                resources.entry(name).or_insert_with(Vec::new).push((role, text.trim().to_owned()));
            }
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    let mut labels = BTreeMap::new();
    for (from, to) in arcs {
        for (role, text) in resources.get(&to).into_iter().flatten() {
            labels.insert((locators[&from].clone(), role.clone()), text.clone());
        }
    }
    labels
}

/// Undimensioned primary numeric facts against `companyfacts`, by concept, period and value, both ways.
fn facts_equal_the_secs(corpus: &Path, out: &Path) {
    type Key = (String, String, String, String, String);
    let facts = fs::read(corpus.join("api/xbrl/companyfacts/CIK0000320193.json")).unwrap();
    let facts: Value = serde_json::from_slice(&facts).unwrap();
    let rows = query(
        out,
        "MATCH (e:Entity {cik: '0000320193'})-[:ENTITY_HAS_REPORT]->(r:Report)-[:REPORT_HAS_FACT]->(f:Fact)\
         -[:FACT_HAS_ELEMENT]->(x:Element), (f)-[:FACT_HAS_PERIOD]->(p:Period), (f)-[:FACT_HAS_UNIT]->(u:Unit) \
         WHERE f.is_primary AND NOT f.is_nil AND NOT EXISTS { MATCH (f)-[:FACT_HAS_DIMENSION]->() } \
         RETURN r.accession_number AS accession, x.qname AS concept, p.start_date AS first, \
         coalesce(p.end_date, p.instant_date) AS last, f.numeric_value AS amount, u.value AS unit",
    );
    let mut ours: BTreeMap<Key, String> = BTreeMap::new();
    for row in rows {
        let concept = text(&row["concept"]);
        if concept.starts_with("us-gaap:") || concept.starts_with("dei:") {
            let amount = row["amount"].as_f64().unwrap().to_string();
            let key = (text(&row["accession"]), concept, text(&row["first"]), text(&row["last"]), amount);
            ours.insert(key, text(&row["unit"]));
        }
    }
    let filings: BTreeSet<&String> = ours.keys().map(|(accession, ..)| accession).collect();
    let mut theirs: BTreeMap<Key, String> = BTreeMap::new();
    for (prefix, concepts) in facts["facts"].as_object().unwrap() {
        for (name, concept) in concepts.as_object().unwrap() {
            for (unit, values) in concept["units"].as_object().unwrap() {
                for value in values.as_array().unwrap() {
                    let accession = text(&value["accn"]);
                    if filings.contains(&accession) {
                        let amount = value["val"].as_f64().unwrap().to_string();
                        let concept = format!("{prefix}:{name}");
                        theirs.insert(
                            (accession, concept, text(&value["start"]), text(&value["end"]), amount),
                            unit.clone(),
                        );
                    }
                }
            }
        }
    }
    let (our_keys, their_keys): (BTreeSet<_>, BTreeSet<_>) = (ours.keys().collect(), theirs.keys().collect());
    let only_ours: Vec<_> = our_keys.difference(&their_keys).collect();
    let only_theirs: Vec<_> = their_keys.difference(&our_keys).collect();
    assert!(only_ours.is_empty() && only_theirs.is_empty(), "ours {only_ours:?}, theirs {only_theirs:?}");
    assert_eq!(ours.len(), 1_555);

    let other_units: Vec<_> = ours.iter().filter(|(key, unit)| theirs[*key] != **unit).collect();
    // The filing of 2010 gives per-share amounts in USD; the SEC shows them per share.
    assert_eq!(other_units.len(), 12, "{other_units:?}");
    assert!(other_units.iter().all(|((accession, ..), _)| accession == "0001193125-10-238044"));
}

#[test]
fn every_document_has_the_counts_of_truth() {
    let Some(corpus) = corpus() else { return };
    let truth = fs::read_to_string(corpus.join("TRUTH.tsv")).unwrap();
    let mut lines = truth.lines();
    let header = columns(lines.next().unwrap());
    const NAMES: [(&str, &str); 12] = [
        ("facts_total", "facts"),
        ("facts_numeric", "numeric_facts"),
        ("facts_nil", "nil_facts"),
        ("contexts", "contexts"),
        ("units", "units"),
        ("explicit_dims", "explicit_dimensions"),
        ("typed_dims", "typed_dimensions"),
        ("presentation_arcs", "presentation_arcs"),
        ("calculation_arcs", "calculation_arcs"),
        ("definition_arcs", "definition_arcs"),
        ("label_resources", "labels"),
        ("roles_used", "roles"),
    ];
    let mut documents = 0;
    for line in lines {
        let cells: BTreeMap<&str, &str> = header.iter().copied().zip(columns(line)).collect();
        let inside = format!("Archives/edgar/data/{}/{}", cells["cik"], cells["accession"].replace('-', ""));
        let folder =
            [corpus.join(&inside), corpus.join("extra").join(&inside)].into_iter().find(|f| f.is_dir());
        let path = folder.unwrap().join(cells["file"]).display().to_string();
        let shown = edgraph(["inspect", &path]).ok().json();
        for (truth, name) in NAMES {
            assert_eq!(shown[name], cells[truth].parse::<u64>().unwrap(), "{name} of {path}");
        }
        documents += 1;
    }
    assert_eq!(documents, 26);
}

/// Facts by id, with everything that must be the same in an inline document and the SEC's extraction of it.
fn facts_of(path: &Path) -> BTreeMap<String, String> {
    let printed = edgraph(["inspect", "--facts", &path.display().to_string()]).ok().stdout;
    let mut facts = BTreeMap::new();
    for line in printed.lines() {
        let mut fact: Value = serde_json::from_str(line).unwrap();
        let value = text(&fact["value"]).split_whitespace().collect::<Vec<_>>().join(" ");
        fact["value"] = value.into();
        let id = text(&fact["id"]);
        assert!(facts.insert(id, fact.to_string()).is_none());
    }
    facts
}

#[test]
fn inline_documents_alone_give_the_facts_of_the_secs_extraction() {
    let Some(corpus) = corpus() else { return };
    let pairs = [
        ("0000320193-25-000057", "aapl-20250329"),
        ("0001213900-25-032135", "ea0238372-8k_abvcbio"),
        ("0001628280-25-058337", "meta-20251219"),
        ("0000072333-23-000015", "jwn-20230301"),
    ];
    for (accession, name) in pairs {
        let folder = edgraph_tests::corpus::filing_folder(&corpus, accession).unwrap();
        let alone = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if !path.display().to_string().ends_with("_htm.xml") {
                fs::copy(&path, alone.path().join(path.file_name().unwrap())).unwrap();
            }
        }
        let inline = facts_of(&alone.path().join(format!("{name}.htm")));
        let extracted = facts_of(&folder.join(format!("{name}_htm.xml")));
        assert_eq!(inline.keys().collect::<Vec<_>>(), extracted.keys().collect::<Vec<_>>(), "{accession}");
        for (id, fact) in &inline {
            assert_eq!(fact, &extracted[id], "{id} of {accession}");
        }
    }
}

#[test]
fn strict_runs_skip_what_is_whole_name_what_is_missing_and_heal_with_the_stubs() {
    let Some(corpus) = corpus() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let mirror = Mirror::copy_of(&corpus).unwrap();
    let official = corpus.join("taxonomies").display().to_string();
    let stubs = corpus.join("taxonomies-stub").display().to_string();
    let out = scratch.path().join("out");
    let strict = run(mirror.path(), &out).with(["--taxonomies", &official]);

    let best_effort = strict.clone().with(BEST_EFFORT).ok();
    assert_eq!((&best_effort["processed"], &best_effort["degraded"]), (&json!(10), &json!(7)));
    let before = checksum(&out);
    // Whole filings have no element without type and period type.
    for accession in ["0001193125-10-238044", "0001193125-10-036181", "0000000000-10-000001"] {
        let of_facts = format!(
            "MATCH (f:Fact {{accession: '{accession}'}})-[:FACT_HAS_ELEMENT]->(x:Element) \
             WHERE x.type IS NULL OR x.period_type IS NULL RETURN x.qname AS name"
        );
        assert_eq!(query(&out, &of_facts), Vec::<Value>::new());
    }

    // Without the archives, a request for a filing would be a failure of another kind.
    fs::rename(mirror.path().join("Archives"), mirror.path().join("gone")).unwrap();
    let refused = strict.finish();
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let summary = refused.json();
    assert_eq!((&summary["skipped"], &summary["processed"]), (&json!(3), &json!(0)));
    let failed = summary["failed"].as_array().unwrap();
    assert_eq!(failed.len(), 7);
    let annual = failed.iter().find(|failure| text(&failure["item"]).ends_with(ANNUAL_2023)).unwrap();
    let reason = text(&annual["reason"]);
    for schema in [
        "us-gaap-2023.xsd",
        "us-roles-2023.xsd",
        "srt-2023.xsd",
        "dei-2023.xsd",
        "ecd-2023.xsd",
        "country-2023.xsd",
    ] {
        assert!(reason.contains(schema), "{schema} is not in {reason}");
    }
    assert_eq!(reason.matches(".xsd").count(), 6, "{reason}");
    assert_eq!(checksum(&out), before);

    let healed = strict.clone().with(["--taxonomies", &stubs]).ok();
    assert_eq!(
        (&healed["processed"], &healed["skipped"], &healed["degraded"]),
        (&json!(7), &json!(3), &json!(0))
    );
}

#[test]
fn one_more_filing_in_the_mirror_is_one_processed_and_the_graph_of_a_fresh_run() {
    let Some(corpus) = corpus() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let (grown, fresh) = (scratch.path().join("grown"), scratch.path().join("fresh"));
    let before = Mirror::copy_of(&corpus).unwrap();
    before.remove_filing("0000320193-25-000057").unwrap();
    assert_eq!(run(before.path(), &grown).with(BEST_EFFORT).ok()["processed"], 9);
    let second = run(&corpus, &grown).with(BEST_EFFORT).ok();
    assert_eq!((&second["processed"], &second["skipped"]), (&json!(1), &json!(9)));
    run(&corpus, &fresh).with(BEST_EFFORT).ok();
    let sums = checksum(&fresh);
    assert_eq!(checksum(&grown), sums);

    let limited = run(&corpus, &grown).with(BEST_EFFORT).with(["--max-filings-per-entity", "1"]).ok();
    assert_eq!((&limited["processed"], &limited["skipped"]), (&json!(0), &json!(5)));
    assert_eq!(checksum(&grown), sums, "the older filings stay");
}

#[test]
fn eight_workers_on_two_servers_are_never_banned() {
    let Some(corpus) = corpus() else { return };
    let archives = EdgarServer::builder(&corpus).base(Base::Archives).ban_above(10).start().unwrap();
    let data = EdgarServer::builder(&corpus).base(Base::Data).counting_with(&archives).start().unwrap();
    let out = tempfile::tempdir().unwrap();
    let (agent, data_url) = ("edgraph tests tests@example.com", data.url());
    let more = ["--edgar-data", &data_url, "--user-agent", agent, "--offline", "--workers", "8"];
    let summary = Run::at(&archives.url(), out.path()).with(TICKERS).with(BEST_EFFORT).with(more).ok();
    assert_eq!(summary["processed"], 10);
    assert!(!archives.banned() && archives.max_per_second() <= 10, "{}", archives.max_per_second());
    let zips = archives.requests().iter().filter(|request| request.path.ends_with("-xbrl.zip")).count();
    assert_eq!(zips, 10, "one request per filing");
}
