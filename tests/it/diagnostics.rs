//! A filing with a fault of every kind, inspected.

use std::fs;

use serde_json::{Value, json};

use crate::program::edgraph;

const HEAD: &str = r#"xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xbrldt="http://xbrl.org/2005/xbrldt" xmlns:xbrldi="http://xbrl.org/2006/xbrldi" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="http://t" xmlns:dei="http://xbrl.sec.gov/dei/2024""#;
const SCHEMA: &str = r#"<xs:annotation><xs:appinfo><link:linkbaseRef xlink:type="simple" xlink:href="l.xml"/></xs:appinfo></xs:annotation>
<xs:import namespace="http://xbrl.sec.gov/dei/2024" schemaLocation="http://not.at.hand.example/dei.xsd"/>
<xs:element name="Total" id="t_Total" type="xbrli:monetaryItemType" substitutionGroup="xbrli:item" xbrli:periodType="instant"/>
<xs:element name="Part" id="t_Part" type="xbrli:monetaryItemType" substitutionGroup="xbrli:item" xbrli:periodType="instant"/>
<xs:element name="Axis" id="t_Axis" type="xbrli:stringItemType" substitutionGroup="xbrldt:dimensionItem" xbrli:periodType="duration"/>
<xs:element name="All" id="t_All" type="xbrli:stringItemType" substitutionGroup="xbrli:item" xbrli:periodType="duration"/>"#;
const LINKS: &str = r#"<link:calculationLink xlink:type="extended" xlink:role="r">
<link:loc xlink:type="locator" xlink:label="t" xlink:href="t.xsd#t_Total"/><link:loc xlink:type="locator" xlink:label="p" xlink:href="t.xsd#t_Part"/>
<link:calculationArc xlink:type="arc" xlink:arcrole="http://www.xbrl.org/2003/arcrole/summation-item" xlink:from="t" xlink:to="p" weight="1"/></link:calculationLink>
<link:definitionLink xlink:type="extended" xlink:role="r">
<link:loc xlink:type="locator" xlink:label="x" xlink:href="t.xsd#t_Axis"/><link:loc xlink:type="locator" xlink:label="a" xlink:href="t.xsd#t_All"/>
<link:definitionArc xlink:type="arc" xlink:arcrole="http://xbrl.org/int/dim/arcrole/dimension-default" xlink:from="x" xlink:to="a"/>
<link:definitionArc xlink:type="arc" xlink:arcrole="http://xbrl.org/int/dim/arcrole/dimension-domain" xlink:from="x" xlink:to="a" xbrldt:targetRole="elsewhere"/></link:definitionLink>
<link:presentationLink xlink:role="r"/>"#;

fn context(id: &str, cik: u32, period: &str, member: Option<&str>) -> String {
    let period = match period.split_once('/') {
        Some((from, to)) => {
            format!("<xbrli:startDate>{from}</xbrli:startDate><xbrli:endDate>{to}</xbrli:endDate>")
        }
        None => format!("<xbrli:instant>{period}</xbrli:instant>"),
    };
    let segment = member.map_or(String::new(), |member| {
        format!(
            r#"<xbrli:segment><xbrldi:explicitMember dimension="t:Axis">{member}</xbrldi:explicitMember></xbrli:segment>"#
        )
    });
    format!(
        r#"<xbrli:context id="{id}"><xbrli:entity><xbrli:identifier scheme="http://www.sec.gov/CIK">{cik:010}</xbrli:identifier>{segment}</xbrli:entity><xbrli:period>{period}</xbrli:period></xbrli:context>"#
    )
}

/// A fact in United States dollars, on a line of its own.
fn fact(concept: &str, context: &str, accuracy: &str, value: &str) -> String {
    format!("\n<t:{concept} contextRef=\"{context}\" unitRef=\"usd\" {accuracy}>{value}</t:{concept}>")
}

#[test]
fn inspect_names_code_file_and_line_of_every_fault() {
    let instance = [
        r#"<link:schemaRef xlink:type="simple" xlink:href="t.xsd"/><xbrli:unit id="usd"><xbrli:measure xmlns:iso4217="http://www.xbrl.org/2003/iso4217">iso4217:USD</xbrli:measure></xbrli:unit>"#.to_owned(),
        context("i", 42, "2024-12-31", None),
        context("before", 42, "2023-12-31", None),
        context("d", 42, "2024-12-31/2024-01-01", None),
        context("default", 42, "2024-12-31", Some("t:All")),
        context("nobody", 42, "2024-12-31", Some("t:Nobody")),
        context("stranger", 43, "2024-12-31", None),
        r#"<dei:EntityCentralIndexKey contextRef="i">0000000042</dei:EntityCentralIndexKey>"#.to_owned(),
        fact("Total", "i", r#"decimals="0""#, "5"),
        fact("Part", "i", r#"decimals="0""#, "3"),
        fact("Total", "before", "", "5"),
        fact("Total", "before", r#"decimals="0" precision="1""#, "5"),
        fact("Total", "d", r#"decimals="0""#, "5"),
        fact("Part", "before", r#"decimals="0""#, "3"),
        fact("Part", "before", r#"decimals="0""#, "4"),
        fact("Nothing", "i", r#"decimals="0""#, "4"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (name, root, content) in [
        ("t.xsd", "xs:schema", SCHEMA),
        ("l.xml", "link:linkbase", LINKS),
        ("t.xml", "xbrli:xbrl", &instance.concat()),
    ] {
        let target = if name == "t.xsd" { r#"targetNamespace="http://t""# } else { "" };
        fs::write(folder.path().join(name), format!("<{root} {HEAD} {target}>\n{content}</{root}>")).unwrap();
    }
    let path = folder.path().display().to_string();
    let shown = edgraph(["inspect", &path]).ok().json();
    let text = |found: &Value, key: &str| found[key].as_str().unwrap().to_owned();
    let mut found: Vec<String> = shown["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| format!("{} {}:{}", text(found, "code"), text(found, "file"), found["line"]))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "accuracy-double t.xml:6",
            "accuracy-missing t.xml:5",
            "calculation-inconsistent t.xml:3",
            "concept-undeclared t.xml:10",
            "duplicates-inconsistent t.xml:8",
            "foreign-cik t.xml:2",
            "member-default t.xml:2",
            "member-undeclared t.xml:2",
            "period-reversed t.xml:2",
            "period-type-wrong t.xml:7",
            "target-role-unresolved l.xml:8",
            "xlink-type-missing l.xml:9",
        ],
        "{shown}"
    );
    assert_eq!(shown["diagnostic_counts"]["foreign-cik"], json!(1));
}
