//! The conformance suites of XBRL 2.1 (2014-12-10) and Dimensions 1.0 (2009-10-06): what is valid there loads with all
//! its facts and nothing to say about it that is not explained; what is invalid there stops nothing, and which of it is
//! noticed is listed, and why the rest is not.
//!
//! They are no part of the repository: without them every test says so and passes. (The SEC's suite of transformations
//! is tried in `src/inline/transform/tests.rs`, which relationships are in effect in `taxonomy_conformance.rs`. The suite
//! of the units registry asks for validation of units, which is none of this crate's.)

mod lists;
mod suite;

use std::collections::BTreeSet;

use edgraph_xbrl::model::Member;
use lists::{EXPLAINED, INVALID, NO_NOTICE};
use suite::{Suite, Variation, corpus};

const XBRL: [&str; 2] = ["XBRL-CONF-2014-12-10", "xbrl.xml"];
const DIMENSIONS: [&str; 2] = ["xdt-conf-cr4-2009-10-06", "xdt.xml"];

/// The variations of a suite that are valid, or those that are not.
fn variations([name, index]: [&str; 2], valid: bool) -> Option<(Suite, Vec<Variation>)> {
    let suite = Suite::new(&corpus()?, name);
    let variations = suite.variations(index).into_iter().filter(|variation| variation.is_valid == valid);
    let variations = variations.collect();
    Some((suite, variations))
}

/// Everything that is wrong with how the valid variations of a suite load.
fn faults(suite: &mut Suite, variations: &[Variation]) -> Vec<String> {
    let mut faults = Vec::new();
    for variation in variations {
        let Variation { name, description, .. } = variation;
        let outcome = suite.read(variation);
        if outcome.facts() != outcome.items {
            faults.push(format!("{name}: {} facts of {}: {description}", outcome.facts(), outcome.items));
        }
        let explained: Vec<&str> =
            EXPLAINED.iter().filter(|(of, ..)| of == name).map(|(_, code, _)| *code).collect();
        if outcome.codes() != explained {
            faults.push(format!("{name}: {:?}: {description}", outcome.codes()));
            faults.extend(outcome.diagnostics.iter().map(ToString::to_string));
            faults.extend(outcome.refused);
        }
        for fact in outcome.instances.iter().flat_map(|instance| &instance.facts) {
            if fact.context.is_none() {
                faults.push(format!("{name}: {} has no context", fact.concept));
            } else if outcome.dts.concept(&fact.concept).is_none() {
                faults.push(format!("{name}: {} is not declared", fact.concept));
            }
        }
    }
    faults
}

#[test]
fn what_is_valid_in_xbrl_loads_with_its_facts_and_without_a_word() {
    let Some((mut suite, variations)) = variations(XBRL, true) else { return };
    assert_eq!(variations.len(), 331);
    assert_eq!(faults(&mut suite, &variations), Vec::<String>::new());
    // A nil tuple is no fact.
    let nil = variations.iter().find(|variation| variation.name == "398-Testcase-Nillable V-01").unwrap();
    assert_eq!(suite.read(nil).facts(), 0);
}

#[test]
fn what_is_valid_in_dimensions_loads_with_its_members() {
    let Some((mut suite, variations)) = variations(DIMENSIONS, true) else { return };
    assert_eq!(variations.len(), 175);
    assert_eq!(faults(&mut suite, &variations), Vec::<String>::new());
    let (mut explicit, mut typed, mut written) = (0, 0, 0);
    for variation in &variations {
        let outcome = suite.read(variation);
        written += outcome.members;
        for context in outcome.instances.iter().flat_map(|instance| &instance.contexts) {
            for dimension in &context.dimensions {
                match dimension.member {
                    Member::Explicit(_) => explicit += 1,
                    Member::Typed { .. } => typed += 1,
                }
            }
        }
    }
    assert_eq!(explicit + typed, written, "{explicit} explicit and {typed} typed");
    assert!(explicit > 100 && typed > 3, "{explicit} explicit and {typed} typed");
}

#[test]
fn what_is_invalid_stops_nothing_and_is_noticed_as_listed() {
    let mut unlisted = Vec::new();
    let (mut noticed, mut silent) = (0, 0);
    for suite in [XBRL, DIMENSIONS] {
        let Some((mut suite, variations)) = variations(suite, false) else { return };
        for variation in &variations {
            let (case, id) = variation.name.rsplit_once(' ').unwrap();
            let listed = INVALID.iter().find(|(listed, ..)| *listed == case);
            let Some((_, expected, reason)) = listed else {
                unlisted.push(format!("{}: its test case is not listed", variation.name));
                continue;
            };
            let mut codes = suite.read(variation).codes();
            codes.retain(|code| *code != NO_NOTICE);
            if codes.is_empty() {
                silent += 1;
                if expected.contains(&id) || reason.is_empty() {
                    unlisted.push(format!("{}: not noticed: {}", variation.name, variation.description));
                }
            } else {
                noticed += 1;
                if !expected.contains(&id) {
                    unlisted.push(format!("{}: {codes:?} is not listed", variation.name));
                }
            }
        }
    }
    println!("{noticed} noticed, {silent} not");
    assert_eq!(noticed, INVALID.iter().map(|(_, expected, _)| expected.len()).sum::<usize>());
    assert_eq!(unlisted, Vec::<String>::new());
}

#[test]
fn no_test_case_is_listed_twice() {
    let cases: BTreeSet<&str> = INVALID.iter().map(|(case, ..)| *case).collect();
    assert_eq!(cases.len(), INVALID.len());
    assert!(EXPLAINED.iter().all(|(.., why)| !why.is_empty()));
}
