//! Contexts and units: small elements in, periods, dimensions and measures out.

use std::fmt::Write as _;

use super::period::{DayEdge, moment};
use super::read;
use crate::diagnostic::Diagnostics;
use crate::model::{Context, Dimension, Period};
use crate::reader::XmlReader;
use crate::unit;

const ROOT: &str = r#"xmlns="http://www.xbrl.org/2003/instance" xmlns:d="http://xbrl.org/2006/xbrldi"
    xmlns:g="http://g" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#;

/// A context on one line, then its diagnostics' codes.
fn context(content: &str) -> String {
    let text = format!("<context {ROOT}>{content}</context>");
    let mut reader = XmlReader::new("t.xml", &text);
    reader.read().unwrap();
    let mut diagnostics = Diagnostics::default();
    let mut out = match read(&mut reader, "c".into(), 0, &mut diagnostics).unwrap() {
        Some(Context { entity, period, dimensions, .. }) => {
            let mut out = format!("{} {}", entity.identifier, describe(&period));
            for Dimension { axis, member, container } in dimensions {
                write!(out, " {}={member:?}/{container:?}", axis.local).unwrap();
            }
            out
        }
        None => "nothing".to_owned(),
    };
    diagnostics.finish().iter().for_each(|diagnostic| write!(out, " [{}]", diagnostic.code).unwrap());
    assert!(reader.read().unwrap().is_none(), "the context was read to its end");
    out
}

fn describe(period: &Period) -> String {
    match period {
        Period::Instant(end) => format!("@{}", end.date),
        Period::Duration { start, end } => format!("{}..{}", start.date, end.date),
        Period::Forever => "forever".to_owned(),
    }
}

#[test]
fn contexts() {
    let entity = "<entity><identifier scheme='s'> 0000320193\n</identifier></entity>";
    let instant = "<period><instant>2024-09-28</instant></period>";
    let with = |content: &str| {
        format!("<entity><identifier scheme='s'>1</identifier><segment>{content}</segment></entity>{instant}")
    };
    let scenario = format!(
        "<entity><identifier scheme='s'>1</identifier><segment><d:explicitMember dimension='g:B'>g:b</d:explicitMember>\
         </segment></entity>{instant}<scenario><d:explicitMember dimension='g:A'>a</d:explicitMember></scenario>"
    );
    for (content, expected) in [
        (format!("{entity}{instant}"), "0000320193 @2024-09-28"),
        (
            format!(
                "{entity}<period><startDate>\n 2024-01-01</startDate><endDate>2024-12-31 </endDate></period>"
            ),
            "0000320193 2024-01-01..2024-12-31",
        ),
        (format!("{entity}<period><forever/></period>"), "0000320193 forever"),
        (
            with("<d:explicitMember dimension=' g:A '>\n g:m\n</d:explicitMember>"),
            "1 @2024-09-28 A=Explicit({http://g}m)/Segment",
        ),
        (
            scenario,
            "1 @2024-09-28 A=Explicit({http://www.xbrl.org/2003/instance}a)/Scenario B=Explicit({http://g}b)/Segment",
        ),
        (
            with("<d:typedMember dimension='g:A'>\n<g:t> 2025 -\n x </g:t>\n</d:typedMember>"),
            "1 @2024-09-28 A=Typed { element: {http://g}t, value: \"2025 - x\", is_nil: false }/Segment",
        ),
        (
            with("<d:typedMember dimension='g:A'><g:t xsi:nil='true'/></d:typedMember>"),
            "1 @2024-09-28 A=Typed { element: {http://g}t, value: \"\", is_nil: true }/Segment",
        ),
        (
            with(
                "<d:explicitMember dimension='g:A'>g:m</d:explicitMember><d:explicitMember dimension='g:A'>g:n</d:explicitMember>",
            ),
            "1 @2024-09-28 A=Explicit({http://g}m)/Segment [dimension-duplicate]",
        ),
        (
            with("<d:explicitMember dimension='x:A'>g:m</d:explicitMember>"),
            "1 @2024-09-28 [dimension-invalid]",
        ),
        (
            with("<d:explicitMember dimension='g:A'>x:m</d:explicitMember>"),
            "1 @2024-09-28 [dimension-invalid]",
        ),
        (with("<d:typedMember dimension='g:A'/>"), "1 @2024-09-28 [dimension-invalid]"),
        (with("<g:other><g:deep/></g:other>"), "1 @2024-09-28 [context-content-unknown]"),
        (instant.to_owned(), "nothing [context-entity-missing]"),
        (entity.to_owned(), "nothing [context-period-invalid]"),
        (
            format!("{entity}<period><instant>28.9.2024</instant></period>"),
            "nothing [context-period-invalid]",
        ),
        (
            format!("{entity}<period><startDate>2024-01-01</startDate></period>"),
            "nothing [context-period-invalid]",
        ),
    ] {
        assert_eq!(context(&content), expected, "{content}");
    }
}

#[test]
fn moments() {
    for (text, edge, expected) in [
        ("2024-02-29", DayEdge::End, Some("2024-02-29")),
        ("2023-02-29", DayEdge::End, None),
        ("2024-1-1", DayEdge::Start, None),
        ("2024-01-01Z", DayEdge::Start, Some("2024-01-01")),
        ("2024-01-01-05:00", DayEdge::Start, Some("2024-01-01")),
        ("2024-01-01T00:00:00", DayEdge::Start, Some("2024-01-01")),
        ("2024-01-01T00:00:00", DayEdge::End, Some("2023-12-31")),
        ("2024-01-01T00:00:00.000+01:00", DayEdge::End, Some("2023-12-31")),
        ("2023-12-31T24:00:00", DayEdge::End, Some("2023-12-31")),
        ("2023-12-31T24:00:00", DayEdge::Start, Some("2024-01-01")),
        ("2023-12-31T24:00:00.0", DayEdge::End, Some("2023-12-31")),
        ("2023-12-31T24:00:00.000+00:00", DayEdge::End, Some("2023-12-31")),
        ("2023-12-31T24:00:00.1", DayEdge::End, None),
        ("2023-12-31T24:00:00.", DayEdge::End, None),
        ("2023-12-31T24:00:01", DayEdge::End, None),
        ("\n 2014-09-30T12:30:00 ", DayEdge::End, Some("2014-09-30 12:30:00")),
        ("2014-09-30T25:00:00", DayEdge::End, None),
        ("2014-09-30T", DayEdge::End, None),
        ("２０１４-09-30", DayEdge::End, None),
        ("0001-01-01T00:00:00", DayEdge::End, Some("0000-12-31")),
        ("", DayEdge::End, None),
    ] {
        let found = moment(text, edge).map(|moment| match moment.time {
            Some(time) => format!("{} {time}", moment.date),
            None => moment.date.to_string(),
        });
        assert_eq!(found.as_deref(), expected, "{text:?}");
    }
}

#[test]
fn units() {
    for (content, expected) in [
        ("<measure>shares</measure>", "{http://www.xbrl.org/2003/instance}shares /"),
        ("<measure>\n g:USD </measure>", "{http://g}USD /"),
        ("<measure>g:b</measure><measure>g:a</measure>", "{http://g}a {http://g}b /"),
        (
            "<divide><unitNumerator><measure>g:USD</measure></unitNumerator>\
             <unitDenominator><measure>shares</measure></unitDenominator></divide>",
            "{http://g}USD / {http://www.xbrl.org/2003/instance}shares",
        ),
        ("<measure xmlns:z='http://z'>z:m</measure>", "{http://z}m /"),
        ("<measure>x:USD</measure>", "{}x:USD / [unit-measure-invalid]"),
        ("", "/ [unit-empty]"),
    ] {
        let text = format!("<unit {ROOT}>{content}</unit>");
        let mut reader = XmlReader::new("t.xml", &text);
        reader.read().unwrap();
        let mut diagnostics = Diagnostics::default();
        let unit = unit::read(&mut reader, "u".into(), &mut diagnostics).unwrap();
        let mut found = String::new();
        unit.numerators.iter().for_each(|measure| write!(found, "{measure} ").unwrap());
        found.push('/');
        unit.denominators.iter().for_each(|measure| write!(found, " {measure}").unwrap());
        diagnostics.finish().iter().for_each(|diagnostic| write!(found, " [{}]", diagnostic.code).unwrap());
        assert_eq!(found, expected, "{content}");
    }
}
