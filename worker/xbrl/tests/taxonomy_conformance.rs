//! The XBRL 2.1 conformance suite (2014-12-10), where it tests what this crate decides: discovery, `xml:base`, what
//! locators point to, and which relationships are in effect. Validation is not our business.
//!
//! Needs the corpus, as `taxonomy_corpus.rs`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use edgraph_xbrl::taxonomy::{Dts, Endpoint, LinkKind, Loader, Relationship, parse};

const BASE: &str = "http://suite.example/Common/";

fn suite() -> Option<PathBuf> {
    let corpus = match std::env::var_os("EDGRAPH_CORPUS") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from("../../../shared/edgar"),
    };
    if corpus.join("conformance/XBRL-CONF-2014-12-10").exists() {
        return Some(corpus);
    }
    println!("skipped: no corpus at {}", corpus.display());
    None
}

fn load(corpus: &Path, entry_points: &[&str]) -> Dts {
    let mut loader = Loader::new(entry_points.iter().map(|name| format!("{BASE}200-linkbase/{name}")));
    loop {
        let needed = loader.needed();
        for url in &needed {
            let path = match url.strip_prefix(BASE) {
                Some(path) => corpus.join("conformance/XBRL-CONF-2014-12-10/Common").join(path),
                None => corpus.join("taxonomies").join(url.split_once("://").expect("absolute").1),
            };
            match std::fs::read(path).ok().and_then(|bytes| parse(url, &bytes).ok()) {
                Some((document, _)) => loader.feed(url, Arc::new(document)),
                None => loader.missing(url),
            }
        }
        if needed.is_empty() {
            return loader.finish(|url| url.starts_with(BASE));
        }
    }
}

/// The suite's own way of listing relationships (PTVL), reduced to what tells them apart, sorted.
fn listed(dts: &Dts) -> Vec<String> {
    let mut lines: Vec<_> = dts
        .networks()
        .flat_map(|network| network.relationships())
        .filter(|relationship| relationship.document.is_own)
        .map(|relationship| line(dts, &relationship))
        .collect();
    lines.sort();
    lines
}

fn line(dts: &Dts, relationship: &Relationship<'_>) -> String {
    let Endpoint::Concept(from) = relationship.from.endpoint else { panic!("{:?}", relationship.from) };
    let (arc, link) = (relationship.arc, relationship.link);
    let to = match relationship.to.endpoint {
        Endpoint::Concept(to) => to.name.uri(),
        Endpoint::Resource(id) => {
            let resource = dts.resource(*id);
            format!(
                "{} {:?} {:?}",
                resource.role,
                resource.language.as_deref().unwrap_or_default(),
                &*resource.text
            )
        }
        Endpoint::Other(href) => panic!("{href:?}"),
    };
    let weight = arc.weight.map(|weight| weight.to_string()).unwrap_or_default();
    let preferred = arc.preferred_label.as_deref().unwrap_or_default();
    format!("{} {} {} -> {to} {} {weight} {preferred}", arc.arcrole, link.role, from.name.uri(), arc.order)
}

/// The same from a PTVL file. The files are the suite's, so a scanner for exactly their shape will do.
fn expected(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("readable");
    let mut lines = Vec::new();
    for arc in text.split("<arc ").skip(1) {
        let (tag, rest) = arc.split_once('>').expect("closed");
        let attribute = |name: &str| {
            let value = tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
            value.unwrap_or_default()
        };
        let number =
            |name: &str| attribute(name).parse::<f64>().map(|number| number.to_string()).unwrap_or_default();
        let content = if tag.ends_with('/') { "" } else { rest.split("</arc>").next().expect("ended") };
        let content = content.split("<ref:note>").last().and_then(|text| text.split("</ref").next());
        let to = match attribute("toPath") {
            "" => format!(
                "{} {:?} {:?}",
                attribute("resRole"),
                attribute("labelLang"),
                content.expect("text").trim()
            ),
            to => to.replace("#mycomp_", "#"),
        };
        lines.push(format!(
            "{} {} {} -> {to} {} {} {}",
            attribute("arcRole"),
            attribute("extRole"),
            // Two files of the suite give ids for names.
            attribute("fromPath").replace("#mycomp_", "#"),
            number("order"),
            number("weight"),
            attribute("preferredLabel"),
        ));
    }
    lines.sort();
    lines
}

#[test]
fn relationships_in_effect_are_those_the_suite_lists() {
    let Some(corpus) = suite() else { return };
    for (entry_points, output) in [
        ("209-01-DifferentWeights.xsd", "209-01-Out.xml"),
        ("209-02-DifferentPreferredLabels.xsd", "209-02-Out.xml"),
        ("209-03-SameDefinitionArcs.xsd", "209-03-Out.xml"),
        ("209-04-DifferentArcroles.xsd", "209-04-Out.xml"),
        ("ArcOverrideDisjointLinkbases.xsd", "291-01-ArcOverrideDisjointLinkbasesOut.xml"),
        ("291-02-ArcOverrideLabelLinkbases.xsd", "291-02-Out.xml"),
        ("291-04-ArcOverrideDisjointLinkbases.xsd", "291-04-Out.xml"),
        ("291-05-ArcOverrideDisjointLinkbases.xsd", "291-05-Out.xml"),
        ("291-06-ArcOverrideDisjointLinkbases.xsd", "291-06-Out.xml"),
        ("291-09-ArcOverrideLabelLinkbases.xsd", "291-09-ArcOverrideLabelLinkbases-1-labelOut.xml"),
        ("291-10-ArcOverrideDisjointLinkbases.xsd", "291-10-Out.xml"),
        ("291-11-ArcOverrideReferenceLinkbases.xsd", "291-11-Out.xml"),
        (
            "291-15-ArcOverrideReferenceLinkbases.xsd",
            "291-15-ArcOverrideReferenceLinkbases-1-referenceOut.xml",
        ),
    ] {
        let dts = load(&corpus, &[entry_points]);
        let common = corpus.join("conformance/XBRL-CONF-2014-12-10/Common");
        assert_eq!(listed(&dts), expected(&common.join("200-linkbase/out").join(output)), "{output}");
    }
}

/// Calculation arcs in effect, `from>to` by local names.
fn calculation(dts: &Dts) -> String {
    let networks = dts.networks().filter(|network| network.kind() == LinkKind::Calculation);
    let pairs = networks.flat_map(|network| network.relationships()).filter_map(|found| found.concepts());
    let mut pairs: Vec<_> = pairs.map(|(from, to)| format!("{}>{}", from.local, to.local)).collect();
    pairs.sort();
    pairs.join(" ")
}

#[test]
fn prohibition_compares_attributes_by_value() {
    let Some(corpus) = suite() else { return };
    let check = |schema: &str, in_effect: &str| {
        assert_eq!(calculation(&load(&corpus, &[schema])), in_effect, "{schema}");
    };
    // A prohibiting arc of equal attributes and higher priority takes the relationship back …
    check("210-01-RelationshipEquivalence.xsd", "");
    // … another order makes another relationship …
    check("210-02-DifferentOrder.xsd", "fixedAssets>changeInRetainedEarnings");
    // … a missing order is 1 …
    check("210-03-MissingOrder.xsd", "");
    // … and neither the order of documents nor that of arcs matters.
    check("210-04-RelationshipEquivalence.xsd", "fixedAssets>floatingAssets");
    check("210-05-RelationshipEquivalence.xsd", "fixedAssets>floatingAssets");
    // Labels are local to a link: equal spelling is not equality.
    check("231-01-ArcsAreNotEqualButTheyLookAsEqual.xsd", "A>B D>B");
    // Decimals are equal by value, `1.0` and `+1`.
    check("232-01-ArcsUsingNonCanonicalDecimalOrder.xsd", "A>B D>B");
    check("232-03-ArcsUsingNonCanonicalDecimalWeight.xsd", "A>B D>B");
}

/// `concept=label` in effect, by local names.
fn labels(dts: &Dts) -> Vec<String> {
    let mut labels: Vec<_> =
        dts.labels().map(|label| format!("{}={}", label.concept.local, label.text)).collect();
    labels.sort();
    labels
}

#[test]
fn hrefs_resolve_by_base_and_by_pointer() {
    let Some(corpus) = suite() else { return };
    // The suite labels them crosswise.
    let both = ["changeInRetainedEarnings=Fixed Assets", "fixedAssets=Change in Retained Earnings"];
    let check = |entry_points: &[&str], expected: &[&str]| {
        let dts = load(&corpus, entry_points);
        assert_eq!(labels(&dts), expected, "{entry_points:?}");
    };
    for letter in ["", "a", "b", "d", "e"] {
        check(&[&format!("202-03{letter}-HrefResolutionXMLBase.xsd")], &both);
    }
    check(&["202-03f-HrefResolutionXMLBase-label.xml"], &both);
    // `./base` without a slash is a file, not a folder: its siblings are here, where the linkbase is not.
    let dts = load(&corpus, &["202-03c-HrefResolutionXMLBase.xsd"]);
    let missing: Vec<_> = dts.missing().iter().map(|missing| &*missing.url).collect();
    assert_eq!(missing, [format!("{BASE}200-linkbase/202-03c-HrefResolutionXMLBase-label.xml")]);

    check(&["202-06-DuplicateLocatorExample.xsd"], &["fixedAssets=Fixed Assets"]);
    check(&["202-09-ElementSchemeXPointerLocatorExample.xsd"], &["aaa=Text of the label"]);
    check(&["202-10-ElementSchemeXPointerLocatorExample.xsd"], &["aaa=Text of the label"]);
    check(&["202-13-ElementSchemeXPointerLocatorExample.xsd"], &["aaa=Text of the label"]);
}

#[test]
fn embedded_linkbases_are_read() {
    let Some(corpus) = suite() else { return };
    let dts = load(&corpus, &["292-00-Embeddedlinkbaseinthexsd.xsd"]);
    let counts = dts.own_counts();
    assert_eq!((counts.presentation_arcs, counts.calculation_arcs, counts.labels), (6, 5, 14));
    assert!(labels(&dts).contains(&"Building=Documentation for Building".to_owned()));
}
