//! Rows of whole small filings: what hangs on single facts, on axes and on companies.

mod flat;

use std::sync::Arc;

use edgraph_shared::manifest::FilingMetadata;
use edgraph_xbrl::taxonomy::{Dts, Loader, parse};
use edgraph_xbrl::{enumeration, instance};

use super::datum::Datum;
use super::{Filing, Rows, build};

const HEAD: &str = r#"xmlns="http://www.xbrl.org/2003/instance" xmlns:xbrldi="http://xbrl.org/2006/xbrldi"
 xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:dei="http://example.org/dei/2024" xmlns:t="http://t" xml:lang="en""#;

/// A schema with elements of `http://t`, references and a default member.
const SCHEMA: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xbrli="http://www.xbrl.org/2003/instance"
 xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:t="http://t" xmlns:p="http://p"
 xmlns:xbrldt="http://xbrl.org/2005/xbrldt" xmlns:e2="http://xbrl.org/2020/extensible-enumerations-2.0" targetNamespace="http://t">
<xs:annotation><xs:appinfo><link:linkbase>
<link:definitionLink xlink:type="extended" xlink:role="http://www.xbrl.org/2003/role/link">
<link:loc xlink:type="locator" xlink:label="axis" xlink:href="t.xsd#t_Axis"/><link:loc xlink:type="locator" xlink:label="all" xlink:href="t.xsd#t_All"/>
<link:definitionArc xlink:type="arc" xlink:arcrole="http://xbrl.org/int/dim/arcrole/dimension-default" xlink:from="axis" xlink:to="all"/>
</link:definitionLink>
<link:referenceLink xlink:type="extended" xlink:role="http://www.xbrl.org/2003/role/link">
<link:loc xlink:type="locator" xlink:label="A" xlink:href="t.xsd#t_A"/>
<link:reference xlink:type="resource" xlink:label="r" xlink:role="http://www.xbrl.org/2003/role/disclosureRef"><p:Publisher>Board</p:Publisher><t:Section>3</t:Section><p:Name>Code</p:Name><p:Section>2</p:Section></link:reference>
<link:referenceArc xlink:type="arc" xlink:arcrole="http://www.xbrl.org/2003/arcrole/concept-reference" xlink:from="A" xlink:to="r"/>
</link:referenceLink></link:linkbase></xs:appinfo></xs:annotation>
<xs:element name="A" id="t_A" type="xbrli:stringItemType" substitutionGroup="xbrli:item" xbrli:periodType="instant"/>
<xs:element name="B" id="t_B" type="xbrli:stringItemType" substitutionGroup="xbrli:item" xbrli:periodType="instant"/>
<xs:element name="List" id="t_List" type="e2:enumerationSetItemType" substitutionGroup="xbrli:item" xbrli:periodType="instant"/>
<xs:element name="Axis" id="t_Axis" type="xbrli:stringItemType" substitutionGroup="xbrldt:dimensionItem" abstract="true" xbrli:periodType="instant"/>
<xs:element name="All" id="t_All" type="xbrli:stringItemType" substitutionGroup="xbrli:item" abstract="true" xbrli:periodType="instant"/>
<xs:element name="Part" id="t_Part" type="xbrli:stringItemType" substitutionGroup="xbrli:item" abstract="true" xbrli:periodType="instant"/>
</xs:schema>"#;

/// Of documents by address; those of the host `h` are the filing's own.
fn dts(documents: &[(&str, &str)]) -> Dts {
    let mut loader = Loader::new(documents.iter().map(|(url, _)| *url));
    for (url, text) in documents {
        loader.feed(url, Arc::new(parse(url, text.as_bytes()).unwrap().0));
    }
    loader.finish(|url| url.starts_with("http://h/"))
}

fn rows(content: &str) -> Vec<Rows> {
    rows_with(&[("http://h/t.xsd", SCHEMA)], content)
}

/// The rows of a filing of CIK 9900001 with contexts `c` (plain), `part` (of `t:Part`), `sub` (of the member `t:Sub` of the
/// legal entities' axis) and this content, with these documents as its DTS.
fn rows_with(documents: &[(&str, &str)], content: &str) -> Vec<Rows> {
    let context = |id: &str, segment: &str| {
        format!(
            r#"<context id="{id}"><entity><identifier scheme="http://www.sec.gov/CIK">0009900001</identifier>{segment}</entity><period><instant>2024-12-31</instant></period></context>"#
        )
    };
    let member = |axis: &str, member: &str| {
        format!(
            r#"<segment><xbrldi:explicitMember dimension="{axis}">{member}</xbrldi:explicitMember></segment>"#
        )
    };
    let contexts = [
        context("c", ""),
        context("part", &member("t:Axis", "t:Part")),
        context("sub", &member("dei:LegalEntityAxis", "t:Sub")),
        context("class", &member("t:ClassAxis", "t:ClassB")),
    ];
    let text = format!("<xbrl {HEAD}>{}{content}</xbrl>", contexts.concat());
    let (instance, _) = instance::parse("t.xml", text.as_bytes()).unwrap();
    let metadata = FilingMetadata {
        accession: "0009900001-25-000001".parse().unwrap(),
        form: "10-K".to_owned(),
        filing_date: "2025-02-20".to_owned(),
        report_date: "2024-12-31".to_owned(),
        accepted_at: "2025-02-20T21:10:19.000Z".to_owned(),
        primary_document: "t.htm".to_owned(),
    };
    let dts = dts(documents);
    let filing = Filing {
        metadata: &metadata,
        instance: &instance,
        dts: &dts,
        named_elements: &enumeration::read(&instance, &dts).0,
        source_document: "t.xml",
        sec_tickers: &["WHO".to_owned(), "WHO-C".to_owned()],
        processor_version: "1",
        is_degraded: false,
    };
    build(filing).unwrap().tables.into_tables().collect()
}

/// The cells of some columns of a table, row by row.
fn cells(graph: &[Rows], table: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let found = graph.iter().find(|rows| rows.table().name == table);
    let shown = |rows: &Rows, row, column| match rows.cell(row, column) {
        Datum::Null => "-".to_owned(),
        Datum::Text(text) => text.into_owned(),
        other => format!("{other:?}"),
    };
    let row = |rows: &Rows, row| columns.iter().map(|column| shown(rows, row, column)).collect();
    found.into_iter().flat_map(|rows| (0..rows.count()).map(|at| row(rows, at))).collect()
}

/// The only row of a table where a column has this value, another column of it.
fn find(graph: &[Rows], table: &str, wanted: (&str, &str), column: &str) -> String {
    let rows = cells(graph, table, &[wanted.0, column]);
    let mut found = rows.into_iter().filter(|row| row[0] == wanted.1).map(|row| row[1].clone());
    let first = found.next().unwrap_or_else(|| panic!("no {table} has {wanted:?}"));
    assert_eq!(found.next(), None, "{table} {wanted:?}");
    first
}

fn facts(count: usize) -> String {
    (1..=count).map(|at| format!(r#"<t:A id="f{at}" contextRef="c">{at}</t:A>"#)).collect()
}

/// A footnote link from facts to footnotes, `from to` by their ids; footnotes are written as elements.
fn link(footnotes: &str, arcs: &[(&str, &str, &str)]) -> String {
    let arc = |(from, to, order): &(&str, &str, &str)| {
        format!(
            r##"<link:loc xlink:type="locator" xlink:label="{from}" xlink:href="#{from}"/><link:footnoteArc xlink:type="arc" xlink:arcrole="http://www.xbrl.org/2003/arcrole/fact-footnote" xlink:from="{from}" xlink:to="{to}" order="{order}"/>"##
        )
    };
    let arcs: String = arcs.iter().map(arc).collect();
    format!(
        r#"<link:footnoteLink xlink:type="extended" xlink:role="r">{footnotes}{arcs}</link:footnoteLink>"#
    )
}

#[test]
fn equal_footnotes_are_one_and_hang_on_every_fact_that_has_them() {
    let notes = r#"<link:footnote xlink:type="resource" xlink:label="a">Net of tax.</link:footnote>
        <link:footnote xlink:type="resource" xlink:label="b"> Net of <b>tax</b>. </link:footnote>
        <link:footnote xlink:type="resource" xlink:label="c" xml:lang="fr">Net of tax.</link:footnote>
        <link:footnote xlink:type="resource" xlink:label="d">Nobody's.</link:footnote>"#;
    let graph = rows(&(facts(2) + &link(notes, &[("f1", "a", "2"), ("f2", "b", "1"), ("f1", "c", "1")])));
    let mut found = cells(&graph, "Footnote", &["text", "language", "markup", "value_type", "content_type"]);
    found.sort();
    let expected = [
        ["Net of tax.", "en", "-", "inline", "text/plain"],
        ["Net of tax.", "fr", "-", "inline", "text/plain"],
        ["Nobody's.", "en", "-", "inline", "text/plain"],
    ];
    assert_eq!(found, expected);
    let fact = |value| find(&graph, "Fact", ("value", value), "identifier");
    let note = |language: &str| {
        let notes = cells(&graph, "Footnote", &["text", "language", "identifier"]);
        notes.into_iter().find(|note| note[0] == "Net of tax." && note[1] == language).unwrap()[2].clone()
    };
    let mut related = cells(&graph, "FACT_HAS_FOOTNOTE", &["from", "to", "order_value"]);
    let mut expected = vec![
        vec![fact("1"), note("en"), "Double(2.0)".to_owned()],
        vec![fact("1"), note("fr"), "Double(1.0)".to_owned()],
        vec![fact("2"), note("en"), "Double(1.0)".to_owned()],
    ];
    related.sort();
    expected.sort();
    assert_eq!(related, expected);
}

#[test]
fn a_long_footnote_keeps_its_words_and_goes_to_the_texts_whole() {
    let table = format!("<table>{}</table>", "<tr><td>1</td></tr>".repeat(80));
    let long = "word ".repeat(300);
    let note = |label: &str, content: &str| {
        format!(r#"<link:footnote xlink:type="resource" xlink:label="{label}">{content}</link:footnote>"#)
    };
    let notes = note("a", &table) + &note("b", &long);
    let graph = rows(&(facts(1) + &link(&notes, &[("f1", "a", "1"), ("f1", "b", "2")])));
    let lines = vec!["1"; 80].join("\n");
    let words = &long[..256];
    let columns = ["text", "markup", "value_type", "content_type", "value_ref", "identifier"];
    let notes = cells(&graph, "Footnote", &columns);
    // The text of the table is short enough, its markup is not.
    for (text, content_type, content) in [(&*lines, "text/html", &*table), (words, "text/plain", long.trim())]
    {
        let found = notes.iter().find(|note| note[0] == text).unwrap();
        assert_eq!(found[1..4], ["-", "external", content_type]);
        let hash = found[4].strip_prefix("0009900001-25-000001#").unwrap();
        assert_eq!(find(&graph, "text", ("sha256", hash), "text"), content);
        assert_eq!(find(&graph, "text", ("sha256", hash), "fact_id"), found[5]);
        assert_eq!(find(&graph, "text", ("sha256", hash), "concept"), "link:footnote");
    }
}

#[test]
fn a_footnote_of_an_item_hangs_on_the_statement_it_is_part_of() {
    let items = r#"<t:A id="f1" contextRef="c">1</t:A><t:A id="f2" contextRef="c">1</t:A>"#;
    let note = r#"<link:footnote xlink:type="resource" xlink:label="a">x</link:footnote>"#;
    let graph = rows(&(items.to_owned() + &link(note, &[("f2", "a", "1")])));
    let fact = find(&graph, "Fact", ("fact_ids", "f1 f2"), "identifier");
    assert_eq!(cells(&graph, "FACT_HAS_FOOTNOTE", &["from"]), [[fact]]);
}

#[test]
fn values_that_name_elements_lead_to_them_in_order() {
    // Facts need no id for it.
    let graph =
        rows(r#"<t:List contextRef="c">http://t#B http://t#A</t:List><t:A contextRef="c">http://t#B</t:A>"#);
    let element = |name| find(&graph, "Element", ("qname", name), "identifier");
    let mut found = cells(&graph, "FACT_HAS_VALUE_ELEMENT", &["order_value", "to", "from"]);
    found.sort();
    let list = find(&graph, "Fact", ("value", "http://t#B http://t#A"), "identifier");
    let expected = [["Int32(1)", &element("t:B"), &list], ["Int32(2)", &element("t:A"), &list]];
    assert_eq!(found, expected);
}

#[test]
fn a_reference_has_all_its_parts_in_order() {
    let graph = rows(&facts(1));
    let found = cells(&graph, "Reference", &["value", "parts"]);
    let part = |namespace: &str, name: &str, text: &str| {
        format!(r#"{{"name":"{name}","namespace":"{namespace}","text":"{text}"}}"#)
    };
    let parts = [
        part("http://p", "Publisher", "Board"),
        part("http://t", "Section", "3"),
        part("http://p", "Name", "Code"),
        part("http://p", "Section", "2"),
    ];
    let value = "Publisher: Board; Section: 3; Name: Code; Section: 2";
    assert_eq!(found, [[value.to_owned(), format!("[{}]", parts.join(","))]]);
}

#[test]
fn an_axis_says_its_default_member_where_it_is_used() {
    let graph = rows(r#"<t:A contextRef="part">1</t:A><t:A contextRef="class">2</t:A>"#);
    let default = |axis| find(&graph, "FactDimension", ("axis_uri", axis), "default_member_uri");
    assert_eq!(default("http://t#Axis"), "http://t#All");
    assert_eq!(default("http://t#ClassAxis"), "-");
    let arcs = cells(&graph, "Association", &["arcrole"]);
    assert_eq!(arcs, [["http://xbrl.org/int/dim/arcrole/dimension-default"]]);
}

const COVER: &str = r#"<dei:EntityRegistrantName contextRef="c">Whole Corp</dei:EntityRegistrantName>
<dei:EntityCentralIndexKey contextRef="c">0009900001</dei:EntityCentralIndexKey><dei:TradingSymbol contextRef="c">WHO</dei:TradingSymbol>
<dei:SecurityExchangeName contextRef="c">NYSE</dei:SecurityExchangeName><dei:TradingSymbol contextRef="class">WHO-B</dei:TradingSymbol>"#;
const SUBSIDIARY: &str = r#"<dei:EntityRegistrantName contextRef="sub">Part Company</dei:EntityRegistrantName>
<dei:EntityCentralIndexKey contextRef="sub">9900002</dei:EntityCentralIndexKey><t:A contextRef="sub">7</t:A><t:A contextRef="c">8</t:A>"#;

#[test]
fn facts_of_a_member_that_is_a_company_are_about_it_too() {
    let graph = rows(&format!("{COVER}{SUBSIDIARY}"));
    let entity = |cik| find(&graph, "Entity", ("cik", cik), "identifier");
    let (whole, part) = (entity("0009900001"), entity("0009900002"));
    let about = |value| {
        let fact = find(&graph, "Fact", ("value", value), "identifier");
        let rows = cells(&graph, "FACT_HAS_ENTITY", &["from", "role", "to"]);
        let mut found: Vec<_> =
            rows.into_iter().filter(|row| row[0] == fact).map(|row| row[1..].to_vec()).collect();
        found.sort();
        found
    };
    let (context, legal) = (["context".to_owned(), whole], ["legal-entity".to_owned(), part]);
    assert_eq!(about("7"), [context.clone(), legal]);
    assert_eq!(about("8"), [context]);
    // Without the cover page's word a member is a member.
    let graph = rows(r#"<t:A contextRef="sub">7</t:A>"#);
    assert_eq!(cells(&graph, "FACT_HAS_ENTITY", &["role"]), [["context"]]);
}

#[test]
fn companies_have_the_names_and_symbols_of_the_cover_page() {
    let graph = rows(&format!("{COVER}{SUBSIDIARY}"));
    assert_eq!(cells(&graph, "Report", &["trading_symbols"]), [[r#"["WHO","WHO-B"]"#]]);
    let columns = ["cik", "name", "legal_name", "ticker", "exchange", "tickers", "is_resolved"];
    let mut found = cells(&graph, "Entity", &columns);
    found.sort();
    let whole =
        ["0009900001", "Whole Corp", "Whole Corp", "WHO", "NYSE", r#"["WHO","WHO-B"]"#, "Boolean(false)"];
    let part = ["0009900002", "Part Company", "Part Company", "-", "-", "-", "Boolean(false)"];
    assert_eq!(found, [whole, part]);
}
