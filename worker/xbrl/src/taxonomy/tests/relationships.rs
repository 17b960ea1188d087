//! Relationships in effect.

use super::{dts, items, linkbase};
use crate::taxonomy::{Dts, Endpoint};

/// A presentation link of role `r` with locators `A`, `B`, `C` of those concepts.
fn link(arcs: &str) -> String {
    let locator = |name: &str| {
        format!(r#"<link:loc xlink:type="locator" xlink:label="{name}" xlink:href="t.xsd#t_{name}"/>"#)
    };
    format!(
        r#"<link:presentationLink xlink:type="extended" xlink:role="r">{}{}{}{arcs}</link:presentationLink>"#,
        locator("A"),
        locator("B"),
        locator("C")
    )
}

/// An arc of arcrole `a`, written `from to attributes`.
fn arc(written: &str) -> String {
    let mut words = written.splitn(3, ' ');
    let (from, to) = (words.next().expect("from"), words.next().expect("to"));
    let attributes = words.next().unwrap_or_default();
    format!(
        r#"<link:presentationArc xlink:type="arc" xlink:arcrole="a" xlink:from="{from}" xlink:to="{to}" {attributes}/>"#
    )
}

fn joined(links: &[String]) -> Dts {
    dts(&[("t.xsd", &items("A B C")), ("l.xml", &linkbase(&links.concat()))])
}

/// What is in effect, in order: `from>to` by local names.
fn in_effect(dts: &Dts) -> String {
    let pairs = dts.relationships("a", "r").filter_map(|relationship| relationship.concepts());
    pairs.map(|(from, to)| format!("{}>{}", from.local, to.local)).collect::<Vec<_>>().join(" ")
}

#[test]
fn prohibition_and_priority() {
    // Each arc stands in a link of its own: within one link two arcs may not join the same labels.
    for (arcs, expected) in [
        (&["A B", "A C"][..], "A>B A>C"),
        (&["A B", "A B"], "A>B"),
        // A prohibition counts against its own priority and lower ones, wherever it stands.
        (&["A B", r#"A B use="prohibited""#], ""),
        (&[r#"A B use="prohibited""#, "A B"], ""),
        (&[r#"A B priority="1""#, r#"A B use="prohibited""#], "A>B"),
        (&[r#"A B priority="1""#, r#"A B use="prohibited" priority="2""#], ""),
        (&["A B", r#"A B use="prohibited" priority="1""#, r#"A B priority="2""#], "A>B"),
        // Attributes compare by value and with their defaults; xlink's own and ids do not count.
        (&["A B", r#"A B use="prohibited" order="1.0""#], ""),
        (&[r#"A B order="2""#, r#"A B use="prohibited""#], "A>B"),
        (&[r#"A B preferredLabel="x""#, r#"A B use="prohibited""#], "A>B"),
        (&[r#"A B xlink:title="x" id="y""#, r#"A B use="prohibited" priority="1""#], ""),
        (&[r#"A B t:extra="1""#, r#"A B use="prohibited""#], "A>B"),
        (&[r#"A B xbrldt:usable="true""#, r#"A B use="prohibited""#], ""),
        (&[r#"A B xbrldt:usable="false""#, r#"A B use="prohibited""#], "A>B"),
        (&[r#"A B xbrldt:targetRole="x""#, r#"A B use="prohibited""#], "A>B"),
        // The other direction is another relationship.
        (&["A B", r#"B A use="prohibited""#], "A>B"),
    ] {
        let links: Vec<_> = arcs.iter().map(|written| link(&arc(written))).collect();
        assert_eq!(in_effect(&joined(&links)), expected, "{arcs:?}");
    }
}

#[test]
fn order_first_then_place() {
    for (arcs, expected) in [
        (r#"A B order="2"|A C order="1""#, "A>C A>B"),
        (r#"A B order="10"|A C order="9.5""#, "A>C A>B"),
        (r#"A B order="1"|A C"#, "A>B A>C"),
        (r#"A C|A B order="1""#, "A>C A>B"),
        (r#"A B order="-1"|A C order="-2""#, "A>C A>B"),
    ] {
        let arcs: String = arcs.split('|').map(arc).collect();
        assert_eq!(in_effect(&joined(&[link(&arcs)])), expected);
    }
}

#[test]
fn an_arc_joins_all_that_bear_its_labels() {
    let locators = r#"<link:loc xlink:type="locator" xlink:label="many" xlink:href="t.xsd#t_B"/>
        <link:loc xlink:type="locator" xlink:label="many" xlink:href="t.xsd#t_C"/>"#;
    let dts = joined(&[link(&format!("{locators}{}{}", arc("A many"), arc("many A")))]);
    assert_eq!(in_effect(&dts), "A>B A>C B>A C>A");
    assert_eq!(dts.own_counts().presentation_arcs, 2);
}

#[test]
fn an_arc_from_nothing_is_reported() {
    let dts = joined(&[link(&arc("A nothing"))]);
    assert_eq!(in_effect(&dts), "");
    assert_eq!(dts.diagnostics().iter().map(|found| found.code).collect::<Vec<_>>(), ["arc-label-unknown"]);
}

#[test]
fn roots_are_where_nothing_leads() {
    for (arcs, expected) in
        [("A B|B C", "A"), (r#"C A order="2"|B A order="1""#, "C B"), ("A B|B A", ""), ("A B|A C", "A")]
    {
        let arcs: String = arcs.split('|').map(arc).collect();
        let dts = joined(&[link(&arcs)]);
        let roots = dts.network("a", "r").expect("a network").roots();
        let names = roots.iter().map(|root| match root.endpoint {
            Endpoint::Concept(resolved) => &*resolved.name.local,
            Endpoint::Resource(_) | Endpoint::Other(_) => "?",
        });
        assert_eq!(names.collect::<Vec<_>>().join(" "), expected);
    }
}

#[test]
fn networks_are_apart_by_arcrole_and_role() {
    let other_role = link(&arc("A C")).replace(r#"xlink:role="r""#, r#"xlink:role="s""#);
    let other_arcrole = link(&arc("B C")).replace(r#"arcrole="a""#, r#"arcrole="b""#);
    // A prohibition in another role or arcrole takes nothing back.
    let elsewhere = link(&arc(r#"A B use="prohibited""#)).replace(r#"xlink:role="r""#, r#"xlink:role="s""#);
    let dts = joined(&[other_arcrole, link(&arc("A B")), other_role, elsewhere]);
    let names: Vec<_> =
        dts.networks().map(|network| format!("{} {}", network.arcrole(), network.role())).collect();
    assert_eq!(names, ["a r", "a s", "b r"]);
    assert_eq!(in_effect(&dts), "A>B");
    let roles: Vec<_> = dts.roles().map(|role| (&**role.uri, role.is_own)).collect();
    assert_eq!(roles, [("r", true), ("s", true)]);
    assert_eq!(dts.own_counts().roles, 2);
}

#[test]
fn labels_join_concepts_and_can_be_taken_back() {
    const LABEL: &str = r#"xlink:arcrole="http://www.xbrl.org/2003/arcrole/concept-label""#;
    let stated = format!(
        r#"<link:labelLink xlink:type="extended" xlink:role="r">
             <link:loc xlink:type="locator" xlink:label="A" xlink:href="t.xsd#t_A"/>
             <link:label xlink:type="resource" xlink:label="l" id="one" xlink:role="standard" xml:lang="en">One</link:label>
             <link:label xlink:type="resource" xlink:label="l" id="two" xlink:role="terse" xml:lang="en">Two</link:label>
             <link:labelArc xlink:type="arc" {LABEL} xlink:from="A" xlink:to="l"/></link:labelLink>"#
    );
    let taken_back = format!(
        r##"<link:labelLink xlink:type="extended" xlink:role="r">
             <link:loc xlink:type="locator" xlink:label="A" xlink:href="t.xsd#t_A"/>
             <link:loc xlink:type="locator" xlink:label="l" xlink:href="#one"/>
             <link:labelArc xlink:type="arc" {LABEL} xlink:from="A" xlink:to="l" use="prohibited"/></link:labelLink>"##
    );
    for (links, expected) in [
        (vec![stated.clone()], "A standard en One, A terse en Two"),
        (vec![stated, taken_back], "A terse en Two"),
    ] {
        let dts = joined(&links);
        let labels = dts.labels().map(|label| {
            let language = label.language.expect("given");
            format!("{} {} {language} {}", label.concept.local, label.role, label.text)
        });
        assert_eq!(labels.collect::<Vec<_>>().join(", "), expected);
        assert_eq!(dts.diagnostics(), []);
        assert_eq!(dts.own_counts().labels, 2);
    }
}
