//! `edgraph text`: what a filing says of a concept, long or short, as text and as filed.

use std::path::Path;
use std::process::Stdio;

use expect_test::expect;
use serde_json::{Value, json};

use crate::program::{Finished, Run, command, edgraph, query};

const ANNUAL: &str = "0009900001-25-000011";
const POLICY: &str = "RevenueRecognitionPolicyTextBlock";

fn samples() -> tempfile::TempDir {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    out
}

fn text(out: &Path, accession: &str, concept: &str, more: &[&str]) -> Finished {
    let store = out.join("store").display().to_string();
    edgraph(["text", accession, concept, "--store", &store].into_iter().chain(more.iter().copied()))
}

#[test]
fn a_long_value_is_read_back_whole_and_as_text() {
    let out = samples();
    let long = query(
        out.path(),
        "MATCH (f:Fact)-[:FACT_HAS_ELEMENT]->(x:Element) WHERE f.value_type = 'external' \
         RETURN f.accession AS accession, x.qname AS concept, f.value AS value, f.value_ref AS ref ORDER BY accession, concept",
    );
    assert!(!long.is_empty());
    for fact in long {
        let (accession, concept) = (fact["accession"].as_str().unwrap(), fact["concept"].as_str().unwrap());
        let filed = text(out.path(), accession, concept, &["--html"]).ok().stdout;
        assert!(filed.len() > 1_024 && filed.contains("<p>"), "{concept} of {accession}: {filed}");
        let plain = text(out.path(), accession, concept, &[]).ok();
        assert!(!plain.stdout.contains("<p>") && plain.stderr.is_empty(), "{plain:?}");
        // The graph has its first words, without the marks of lists.
        let words =
            |text: &str| text.split_whitespace().filter(|word| *word != "•").collect::<Vec<_>>().join(" ");
        let (excerpt, whole) = (words(fact["value"].as_str().unwrap()), words(&plain.stdout));
        assert!(whole.len() > excerpt.len() && whole.starts_with(&excerpt), "{excerpt}\n{whole}");
        assert!(fact["ref"].as_str().unwrap().starts_with(accession));
    }
}

#[test]
fn a_note_reads_as_text_and_its_table_as_a_table() {
    let out = samples();
    let note = text(out.path(), ANNUAL, POLICY, &[]).ok().stdout;
    expect![[r#"
        Revenue recognition. The Company sells instruments, consumables & services. Revenue is recognized when control of a product passes to the customer, which for most instruments is on delivery and for services is over the term of the contract. Revenues were $412.4 million in 2024.

        A contract may hold several promises: an instrument, its installation, training, and a warranty that goes beyond the law’s. Each is accounted for on its own if the customer can benefit from it on its own, and the price is divided by relative stand-alone prices.

        Kind of contract  Recognized
        Instruments       on delivery
        Service           monthly

        The remaining performance obligation at year end is $96.4 million, of which three quarters <75%> fall due in 2025.

        Payment terms are 30 to 60 days. The Company does not adjust prices for the time value of money where less than a year lies between delivery and payment, and expenses commissions as incurred where the contract runs for a year or less. Returns are accepted within 14 days of delivery; they were below one percent of sales in each of the three years, and an allowance of that size is held.
    "#]].assert_eq(&note);
    let facts = text(out.path(), ANNUAL, POLICY, &["--format", "json"]).ok().json();
    let [fact] = &facts.as_array().unwrap()[..] else { panic!("{facts}") };
    assert_eq!(
        (&fact["concept"], &fact["period_end"]),
        (&json!(format!("gaap:{POLICY}")), &json!("2024-12-31"))
    );
    assert_eq!(fact["text"], note.trim_end());
    assert_eq!(
        fact["value"],
        text(out.path(), ANNUAL, POLICY, &["--html"]).ok().stdout.trim_end_matches('\n')
    );
}

#[test]
fn a_short_value_is_answered_likewise_and_several_are_told_apart() {
    let out = samples();
    let name = text(out.path(), ANNUAL, "EntityRegistrantName", &[]).ok();
    assert_eq!((&*name.stdout, &*name.stderr), ("Larkspur Instruments Corp\n", ""));
    expect![[r#"
        ==> gaap:Assets, 2024-12-31 <==
        408625000

        ==> gaap:Assets, 2023-12-31 <==
        377500000
    "#]]
    .assert_eq(&text(out.path(), ANNUAL, "gaap:Assets", &[]).ok().stdout);
    expect![[r#"
        (a) Basic and diluted shares are averages of month ends.
    "#]]
    .assert_eq(&text(out.path(), ANNUAL, "link:footnote", &[]).ok().stdout);

    let raw = text(out.path(), ANNUAL, "gaap:Assets", &["--html"]).ok();
    assert_eq!(raw.stdout.lines().count(), raw.stderr.lines().count(), "{raw:?}");
    let facts = text(out.path(), ANNUAL, "gaap:Assets", &["--format", "json"]).ok().json();
    assert_eq!((&facts[0]["value"], &facts[0]["unit"]), (&json!("408625000"), &json!("USD")));

    // The newest first, and the whole company before its parts.
    let facts = text(out.path(), ANNUAL, "gaap:Revenues", &["--format", "json"]).ok().json();
    let parts: Vec<bool> =
        facts.as_array().unwrap().iter().map(|fact| fact["dimensions"] != json!({})).collect();
    assert!(parts.is_sorted() && parts[0] != parts[parts.len() - 1], "{facts}");
    let ends: Vec<&Value> = facts.as_array().unwrap().iter().map(|fact| &fact["period_end"]).collect();
    assert_eq!(ends[0], "2024-12-31");
}

#[test]
fn a_part_of_a_name_will_do_and_a_wrong_one_is_told_what_there_is() {
    let out = samples();
    let whole = text(out.path(), ANNUAL, POLICY, &[]).ok().stdout;
    assert_eq!(text(out.path(), ANNUAL, "revenuerecognition", &[]).ok().stdout, whole);
    for (concept, expected) in [
        (
            "textblock",
            expect![[r#"
                error: textblock is in the names of several concepts of filing 0009900001-25-000011; give one of gaap:LeasesTextBlock, gaap:RevenueRecognitionPolicyTextBlock
            "#]],
        ),
        (
            "RevenueRecognitionPolicyTextBlok",
            expect![[r#"
                error: filing 0009900001-25-000011 says nothing of RevenueRecognitionPolicyTextBlok; its texts are gaap:RevenueRecognitionPolicyTextBlock, gaap:LeasesTextBlock, link:footnote
            "#]],
        ),
    ] {
        let refused = text(out.path(), ANNUAL, concept, &[]);
        assert_eq!((refused.code, &*refused.stdout), (Some(1), ""));
        expected.assert_eq(&refused.stderr);
    }
    let unknown = text(out.path(), "0000000000-25-000001", POLICY, &[]);
    assert!(unknown.stderr.contains("`edgraph run` processes filings"), "{unknown:?}");
    let nowhere = text(&out.path().join("elsewhere"), ANNUAL, POLICY, &[]);
    assert!(nowhere.stderr.contains("there is no folder"), "{nowhere:?}");
}

#[test]
fn a_reader_that_leaves_early_is_told_nothing() {
    let out = samples();
    let store = out.path().join("store").display().to_string();
    for more in [&[][..], &["--html"], &["--format", "json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut text = command(["text", ANNUAL, POLICY, "--store", &store].iter().chain(more));
        let ended = text.stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(
            (ended.status.code(), &*String::from_utf8_lossy(&ended.stderr)),
            (Some(0), ""),
            "{more:?}"
        );
    }
}
