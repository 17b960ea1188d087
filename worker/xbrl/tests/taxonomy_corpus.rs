//! Taxonomies against real filings: counts of every filing's linkbases, and complete DTSs from the standard schemas.
//!
//! Needs the corpus (`EDGRAPH_CORPUS`, else `../shared/edgar` beside the workspace); without it the tests say so and
//! pass.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use edgraph_xbrl::model::Instance;
use edgraph_xbrl::taxonomy::{Counts, Document, Dts, Endpoint, LinkKind, Loader, Purpose, parse};
use edgraph_xbrl::{QName, instance};

const FILINGS: &str = "https://www.sec.gov/Archives/edgar/data/";

fn corpus() -> Option<PathBuf> {
    let path = match std::env::var_os("EDGRAPH_CORPUS") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from("../../../shared/edgar"),
    };
    if path.join("TRUTH.tsv").exists() {
        return Some(path);
    }
    println!("skipped: no corpus at {}", path.display());
    None
}

/// Where documents come from: the filing's folder and, for everything else, directories in `{host}/{path}` layout.
struct Library {
    corpus: PathBuf,
    taxonomies: Vec<&'static str>,
    parsed: HashMap<PathBuf, Arc<Document>>,
}

impl Library {
    fn new(corpus: &Path, taxonomies: &[&'static str]) -> Self {
        Self { corpus: corpus.to_owned(), taxonomies: taxonomies.to_vec(), parsed: HashMap::new() }
    }

    fn find(&mut self, url: &str) -> Option<Arc<Document>> {
        let path = match url.strip_prefix(FILINGS) {
            Some(path) => self.corpus.join("Archives/edgar/data").join(path),
            None => {
                let (_, path) = url.split_once("://")?;
                let places = self.taxonomies.iter().map(|place| self.corpus.join(place).join(path));
                places.into_iter().find(|path| path.exists())?
            }
        };
        if let Some(document) = self.parsed.get(&path) {
            return Some(document.clone());
        }
        let bytes = std::fs::read(&path).ok()?;
        let (document, diagnostics) = parse(url, &bytes).expect("well-formed");
        assert_eq!(diagnostics, [], "{url}");
        let document = Arc::new(document);
        self.parsed.insert(path, document.clone());
        Some(document)
    }

    /// The DTS of a schema, or what else begins one, in a filing's folder.
    fn load(&mut self, folder: &str, schema: &str) -> Dts {
        self.load_from(folder, &[format!("{FILINGS}{folder}/{schema}").into()])
    }

    /// An instance with its DTS.
    fn load_instance(&mut self, folder: &str, name: &str) -> (Instance, Dts) {
        let path = self.corpus.join("Archives/edgar/data").join(folder).join(name);
        let bytes = std::fs::read(path).expect("readable");
        let (instance, _) =
            instance::parse(&format!("{FILINGS}{folder}/{name}"), &bytes).expect("an instance");
        let dts = self.load_from(folder, &instance.schema_refs);
        (instance, dts)
    }

    fn load_from(&mut self, folder: &str, entry_points: &[Arc<str>]) -> Dts {
        let base = format!("{FILINGS}{folder}/");
        let mut loader = Loader::new(entry_points);
        loop {
            let needed = loader.needed();
            // Answered backwards, to show that the order of answers does not matter.
            for url in needed.iter().rev() {
                match self.find(url) {
                    Some(document) => loader.feed(url, document),
                    None => loader.missing(url),
                }
            }
            if needed.is_empty() {
                return loader.finish(|url| url.starts_with(&base));
            }
        }
    }
}

/// The filing folders of the truth table, with its columns by name.
fn truth(corpus: &Path) -> Vec<HashMap<String, String>> {
    let text = std::fs::read_to_string(corpus.join("TRUTH.tsv")).expect("readable");
    let mut lines = text.lines();
    let names: Vec<_> = lines.next().expect("a head").split('\t').map(str::to_owned).collect();
    lines.map(|line| names.iter().cloned().zip(line.split('\t').map(str::to_owned)).collect()).collect()
}

fn schema_of(folder: &Path) -> Option<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .ok()?
        .map(|entry| entry.expect("readable").file_name().into_string().expect("a plain name"))
        .filter(|name| name.ends_with(".xsd"))
        .collect();
    names.sort();
    names.into_iter().next()
}

#[test]
fn counts_equal_the_truth() {
    let Some(corpus) = corpus() else { return };
    let mut library = Library::new(&corpus, &["taxonomies", "taxonomies-stub"]);
    let mut checked = 0;
    for row in truth(&corpus) {
        let folder = format!("{}/{}", row["cik"], row["accession"].replace('-', ""));
        let Some(schema) = schema_of(&corpus.join("Archives/edgar/data").join(&folder)) else { continue };
        let dts = library.load(&folder, &schema);
        let number = |column: &str| row[column].parse::<usize>().expect("a number");
        let expected = Counts {
            presentation_arcs: number("presentation_arcs"),
            calculation_arcs: number("calculation_arcs"),
            definition_arcs: number("definition_arcs"),
            label_arcs: number("label_arcs"),
            labels: number("label_resources"),
            roles: number("roles_used"),
            role_types: number("role_types"),
        };
        assert_eq!(dts.own_counts(), expected, "{folder}");
        // The official SRT schema of 2024 names a role of a schema that could not be had.
        let missing = dts.missing().iter().filter(|missing| missing.purpose == Purpose::Content);
        assert_eq!(missing.count(), 0, "{folder}: {:?}", dts.missing());
        assert_eq!(dts.diagnostics(), [], "{folder}");
        // Nothing is prohibited in these filings, so what is stated is in effect.
        let own_labels = dts.labels().filter(|label| label.is_own).count();
        assert_eq!(own_labels, number("label_resources"), "{folder}");
        let effective = |kind: LinkKind| {
            let networks = dts.networks().filter(|network| network.kind() == kind);
            networks.flat_map(|network| network.relationships()).filter(|found| found.document.is_own).count()
        };
        assert_eq!(effective(LinkKind::Presentation), expected.presentation_arcs, "{folder}");
        checked += 1;
    }
    assert!(checked >= 13, "only {checked} filings");
}

/// Every concept some arc names.
fn concepts_of_arcs(dts: &Dts) -> BTreeSet<QName> {
    let relationships = dts.networks().flat_map(|network| network.relationships());
    let ends = relationships.flat_map(|relationship| [relationship.from.endpoint, relationship.to.endpoint]);
    ends.filter_map(|end| match end {
        Endpoint::Concept(resolved) => Some(resolved.name.clone()),
        Endpoint::Resource(_) | Endpoint::Other(_) => None,
    })
    .collect()
}

#[test]
fn the_official_schemas_complete_three_filings() {
    let Some(corpus) = corpus() else { return };
    let mut library = Library::new(&corpus, &["taxonomies"]);
    for (folder, name) in [
        ("320193/000119312510238044", "aapl-20100925.xml"),
        ("1065280/000119312510036181", "nflx-20091231.xml"),
        ("1065280/000000000010000001", "nflx-20100930.xml"),
    ] {
        let (instance, dts) = library.load_instance(folder, name);
        assert_eq!(dts.missing(), [], "{folder}");
        assert_eq!(dts.documents().iter().filter(|loaded| !loaded.is_own).count(), 11, "{folder}");
        let facts = instance.facts.iter().map(|fact| fact.concept.clone());
        for name in concepts_of_arcs(&dts).into_iter().chain(facts) {
            let concept = dts.concept(&name).unwrap_or_else(|| panic!("{folder}: {name} is not declared"));
            assert!(concept.item_type.name.is_some() && concept.item_type.is_complete, "{folder}: {name}");
            assert!(concept.period_type().is_some(), "{folder}: {name}");
            assert!(concept.substitution.is_some(), "{folder}: {name}");
            assert!(concept.item_type.base.is_some(), "{folder}: {name}");
        }
        let assets =
            dts.concept(&QName::new("http://xbrl.us/us-gaap/2009-01-31", "Assets")).expect("declared");
        assert_eq!(assets.prefixed_name(), "us-gaap:Assets");
        assert_eq!(assets.item_type.is_monetary(), Some(true));
        assert_eq!(assets.balance().map(|balance| balance.as_str()), Some("debit"));
        assert_eq!(assets.period_type().map(|period| period.as_str()), Some("instant"));
    }
}

#[test]
fn a_filing_of_2023_lacks_six_official_schemas() {
    let Some(corpus) = corpus() else { return };
    let (folder, name) = ("320193/000032019323000106", "aapl-20230930_htm.xml");
    let (instance, dts) = Library::new(&corpus, &["taxonomies"]).load_instance(folder, name);
    let missing: BTreeSet<_> =
        dts.missing().iter().map(|missing| missing.url.rsplit('/').next().expect("a name")).collect();
    let expected = [
        "country-2023.xsd",
        "dei-2023.xsd",
        "ecd-2023.xsd",
        "srt-2023.xsd",
        "us-gaap-2023.xsd",
        "us-roles-2023.xsd",
    ];
    assert_eq!(missing, BTreeSet::from(expected), "{:?}", dts.missing());
    // Names are found all the same, and are those of the facts.
    let (_, stubbed) = Library::new(&corpus, &["taxonomies", "taxonomies-stub"]).load_instance(folder, name);
    assert_eq!(stubbed.missing(), []);
    assert_eq!(concepts_of_arcs(&dts), concepts_of_arcs(&stubbed));
    let named = concepts_of_arcs(&dts);
    let lost: Vec<_> = instance.facts.iter().filter(|fact| !named.contains(&fact.concept)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert_eq!(dts.prefix("http://fasb.org/us-gaap/2023").map(|prefix| &**prefix), Some("us-gaap"));
}
