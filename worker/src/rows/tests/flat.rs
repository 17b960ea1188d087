//! The flat export: what it says of a fact beside its value.

use super::*;

/// A label or a presentation arc needs a locator for its concept.
fn locators(names: &[&str]) -> String {
    let locator = |name: &&str| {
        format!(r##"<link:loc xlink:type="locator" xlink:label="{name}" xlink:href="#t_{name}"/>"##)
    };
    names.iter().map(locator).collect()
}

fn labels(texts: &[(&str, &str)]) -> String {
    let names: Vec<&str> = texts.iter().map(|(name, _)| *name).collect();
    let label = |(name, text): &(&str, &str)| {
        format!(
            r#"<link:label xlink:type="resource" xlink:label="l{name}" xlink:role="http://www.xbrl.org/2003/role/label" xml:lang="en">{text}</link:label><link:labelArc xlink:type="arc" xlink:arcrole="http://www.xbrl.org/2003/arcrole/concept-label" xlink:from="{name}" xlink:to="l{name}"/>"#
        )
    };
    let all: String = texts.iter().map(label).collect();
    format!(
        r#"<link:labelLink xlink:type="extended" xlink:role="http://www.xbrl.org/2003/role/link">{}{all}</link:labelLink>"#,
        locators(&names)
    )
}

/// A role under which these concepts stand below `t:Top`.
fn presented(role: &str, names: &[&str]) -> String {
    let arc = |name: &&str| {
        format!(
            r#"<link:presentationArc xlink:type="arc" xlink:arcrole="http://www.xbrl.org/2003/arcrole/parent-child" xlink:from="Top" xlink:to="{name}"/>"#
        )
    };
    let arcs: String = names.iter().map(arc).collect();
    format!(
        r#"<link:presentationLink xlink:type="extended" xlink:role="http://r/{role}">{}{}{arcs}</link:presentationLink>"#,
        locators(&["Top"]),
        locators(names)
    )
}

fn declared(role: &str, definition: &str) -> String {
    format!(
        r#"<link:roleType roleURI="http://r/{role}" id="{role}"><link:definition>{definition}</link:definition></link:roleType>"#
    )
}

/// The filing's schema: concepts of `http://t` and what is written about them.
fn schema(appinfo: &str, linkbase: &str) -> String {
    let element = |name: &&str| {
        format!(
            r#"<xs:element name="{name}" id="t_{name}" type="xbrli:stringItemType" substitutionGroup="xbrli:item" xbrli:periodType="instant"/>"#
        )
    };
    let elements: String = ["Top", "A", "B", "C", "Axis", "OtherAxis", "Part"].iter().map(element).collect();
    format!(
        r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:t="http://t" targetNamespace="http://t"><xs:annotation><xs:appinfo>{appinfo}<link:linkbase>{linkbase}</link:linkbase></xs:appinfo></xs:annotation>{elements}</xs:schema>"#
    )
}

fn filed(appinfo: &str, linkbase: &str, content: &str) -> Vec<Rows> {
    rows_with(&[("http://h/t.xsd", &schema(appinfo, linkbase))], content)
}

fn flat(graph: &[Rows], columns: &[&str]) -> Vec<Vec<String>> {
    cells(graph, "flat/facts", columns)
}

#[test]
fn days_and_times_have_types_and_every_period_a_last_day() {
    let other = r#"<context id="year"><entity><identifier scheme="http://www.sec.gov/CIK">0009900001</identifier></entity><period><startDate>2024-01-01</startDate><endDate>2024-12-31</endDate></period></context>
        <context id="hour"><entity><identifier scheme="http://www.sec.gov/CIK">0009900001</identifier></entity><period><instant>2024-12-31T12:00:00</instant></period></context>
        <context id="ever"><entity><identifier scheme="http://www.sec.gov/CIK">0009900001</identifier></entity><period><forever/></period></context>"#;
    let facts = r#"<t:A contextRef="c">1</t:A><t:A contextRef="year">2</t:A><t:A contextRef="hour">3</t:A><t:A contextRef="ever">4</t:A>"#;
    let graph = rows(&(other.to_owned() + facts));
    let (end, day) = ("2024-12-31", "Date(2024-12-31)");
    let periods = ["period_start", "period_end", "period_instant", "period_last"];
    let expected = [
        ["-", "-", end, day],
        ["2024-01-01", end, "-", day],
        ["-", "-", "2024-12-31T12:00:00", day],
        ["-"; 4],
    ];
    assert_eq!(flat(&graph, &periods), expected);
    let of_filing = ["filing_date", "report_date", "accepted_at"];
    assert_eq!(flat(&graph, &of_filing)[3], ["Date(2025-02-20)", day, "Timestamp(2025-02-20T21:10:19Z)"]);
}

#[test]
fn the_secs_tickers_and_the_fiscal_focus_stand_beside_what_the_cover_says() {
    let focus = r#"<dei:DocumentFiscalYearFocus contextRef="c">2024</dei:DocumentFiscalYearFocus><dei:DocumentFiscalPeriodFocus contextRef="c">FY</dei:DocumentFiscalPeriodFocus>"#;
    let graph = rows(&format!("{COVER}{focus}"));
    let columns = ["ticker", "sec_ticker", "sec_tickers", "focus_year", "focus_period"];
    assert_eq!(flat(&graph, &columns)[0], ["WHO", "WHO", r#"["WHO","WHO-C"]"#, "Int32(2024)", "FY"]);
    let report = cells(&graph, "Report", &["fiscal_year_focus", "fiscal_period_focus"]);
    assert_eq!(report, [["Int32(2024)", "FY"]]);
}

#[test]
fn a_concept_names_the_first_statement_it_stands_in_and_a_disclosure_where_none_shows_it() {
    let roles = [
        declared("early", "0000001 - Disclosure - Early"),
        declared("second", "0000003 - Statement - Second - Parenthetical"),
        declared("first", "0000002 - Statement - First"),
        declared("late", "0000004 - Disclosure - Late"),
    ];
    let networks = [
        presented("early", &["A", "B"]),
        presented("second", &["A"]),
        presented("first", &["A"]),
        presented("late", &["B"]),
        presented("undeclared", &["A", "B", "C"]),
    ];
    let facts = r#"<t:A contextRef="c">1</t:A><t:B contextRef="c">2</t:B><t:C contextRef="c">3</t:C><t:Part contextRef="c">4</t:Part>"#;
    let graph = filed(&roles.concat(), &networks.concat(), facts);
    let expected = [
        ["http://r/first", "0000002 - Statement - First"],
        ["http://r/early", "0000001 - Disclosure - Early"],
        ["http://r/undeclared", "-"],
        ["-", "-"],
    ];
    assert_eq!(flat(&graph, &["statement_role", "statement"]), expected);
}

#[test]
fn dimensions_are_there_by_label_too() {
    let typed = r#"<context id="two"><entity><identifier scheme="http://www.sec.gov/CIK">0009900001</identifier><segment><xbrldi:typedMember dimension="t:OtherAxis"><t:Value>7</t:Value></xbrldi:typedMember><xbrldi:explicitMember dimension="t:Axis">t:Part</xbrldi:explicitMember></segment></entity><period><instant>2024-12-31</instant></period></context>"#;
    let facts = r#"<t:A contextRef="c">1</t:A><t:A contextRef="part">2</t:A><t:A contextRef="two">3</t:A>"#;
    let content = typed.to_owned() + facts;
    let shown =
        |texts: &[(&str, &str)]| flat(&filed("", &labels(texts), &content), &["dimension_labels"]).concat();
    let labelled = shown(&[("Axis", "Parts [Axis]"), ("Part", "One &amp; part"), ("OtherAxis", "Others")]);
    let both = r#"{"Others":"7","Parts [Axis]":"One & part"}"#;
    assert_eq!(labelled, ["-", r#"{"Parts [Axis]":"One & part"}"#, both]);
    // Without labels by name, and with one label for two axes each is told apart.
    assert_eq!(shown(&[])[2], r#"{"t:Axis":"t:Part","t:OtherAxis":"7"}"#);
    let same = shown(&[("Axis", "Parts"), ("OtherAxis", "Parts")]);
    assert_eq!(same[2], r#"{"Parts":"t:Part","t:OtherAxis":"7"}"#);
}

#[test]
fn whether_a_concept_is_custom_is_known_where_a_schema_of_its_namespace_is_at_hand() {
    let standard = schema("", "").replace("http://t", "http://standard");
    let own = schema("", "");
    let documents = [("http://h/t.xsd", &*own), ("http://standard/s.xsd", &*standard)];
    let facts = r#"<t:A contextRef="c">1</t:A><t:Undeclared contextRef="c">2</t:Undeclared><s:A xmlns:s="http://standard" contextRef="c">3</s:A><s:Undeclared xmlns:s="http://standard" contextRef="c">4</s:Undeclared><u:A xmlns:u="http://unknown" contextRef="c">5</u:A>"#;
    let custom = flat(&rows_with(&documents, facts), &["is_custom"]).concat();
    let (own, standard) = ("Boolean(true)", "Boolean(false)");
    assert_eq!(custom, [own, own, standard, standard, "-"]);
}
