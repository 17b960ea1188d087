//! Hostile schemas and linkbases.

use crate::Case;
use crate::reading::Read;

fn schema(content: &str) -> String {
    format!(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:link='http://www.xbrl.org/2003/linkbase' \
         xmlns:xlink='http://www.w3.org/1999/xlink' xmlns:g='http://g' targetNamespace='http://g'>{content}</xs:schema>"
    )
}

fn links(content: &str) -> String {
    format!(
        "<link:linkbase xmlns:link='http://www.xbrl.org/2003/linkbase' xmlns:xlink='http://www.w3.org/1999/xlink'>\
         <link:labelLink xlink:type='extended' xlink:role='r'>{content}</link:labelLink></link:linkbase>"
    )
}

fn locator(href: &str, label: &str) -> String {
    format!("<link:loc xlink:type='locator' xlink:href='{href}' xlink:label='{label}'/>")
}

fn arc(from: &str, to: &str, order: usize) -> String {
    format!(
        "<link:arc xlink:type='arc' xlink:arcrole='http://www.xbrl.org/2003/arcrole/concept-label' \
         xlink:from='{from}' xlink:to='{to}' order='{order}'/>"
    )
}

const LABEL: &str = "<link:label xlink:type='resource' xlink:label='l' xlink:role='r'>t</link:label>";

fn repeated(parts: usize, part: impl Fn(usize) -> String) -> String {
    (0..parts).map(part).collect()
}

fn case(
    name: &'static str,
    make: fn(usize) -> String,
    parts: [usize; 2],
    expected: [&'static str; 2],
) -> Case {
    Case { name, make, read: Read::Taxonomy, parts, expected }
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "elements of a schema",
            |parts| schema(&repeated(parts, |n| format!("<xs:element name='e{n}' id='g_e{n}' type='g:t'/>"))),
            [100_000, 1_000_000],
            ["100000 elements", "1000000 elements"],
        ),
        case(
            "elements of one name",
            |parts| schema(&"<xs:element name='e' id='e' type='g:t' substitutionGroup='g:e'/>".repeat(parts)),
            [100_000, 1_000_000],
            ["100000 elements", "1000000 elements"],
        ),
        case(
            "a schema that imports itself",
            |parts| {
                schema(&"<xs:import namespace='http://g' schemaLocation='f.xsd'/><xs:include schemaLocation='https://h/f.xsd#x'/>".repeat(parts))
            },
            [100_000, 2_000_000],
            ["0 elements, 0 relationships, 0 roots, 0 labels, 0 missing", "0 missing"],
        ),
        case(
            "imports",
            |parts| {
                schema(&repeated(parts, |n| {
                    format!("<xs:import namespace='n{n}' schemaLocation='{n}.xsd'/>")
                }))
            },
            [10_000, 2_000_000],
            ["1999 missing, 1 too-many-documents", "number of documents referred to exceeds"],
        ),
        case(
            "references behind a long base",
            |parts| {
                let base = format!(
                    "<link:labelLink xlink:type='extended' xlink:role='q' xml:base='{}/'/>",
                    "b".repeat(2_000)
                );
                let base = base.trim_end_matches("/>");
                let locators = repeated(parts, |n| locator(&format!("{n}.xsd#a"), "a"));
                format!(
                    "<link:linkbase xmlns:link='http://www.xbrl.org/2003/linkbase' \
                     xmlns:xlink='http://www.w3.org/1999/xlink'>{base}>{locators}</link:labelLink></link:linkbase>"
                )
            },
            [10_000, 3_000_000],
            ["1999 missing", "number of documents referred to exceeds"],
        ),
        case(
            "a base that grows",
            |parts| {
                let open = "<a xml:base='bbbbbbbbbbbbbbbbbbbb/'>".repeat(parts);
                schema(&format!("<xs:annotation>{open}{}</xs:annotation>", "</a>".repeat(parts)))
            },
            [900, 10_000],
            ["length of xml:base in bytes exceeds", "length of xml:base in bytes exceeds"],
        ),
        case(
            "one arc from one to many",
            |parts| links(&format!("{}{}{}", locator("f.xsd#a", "a"), LABEL.repeat(parts), arc("a", "l", 1))),
            [100_000, 1_000_000],
            ["100000 relationships", "1000000 relationships"],
        ),
        case(
            "one arc from many to many",
            |parts| {
                let from = repeated(parts, |n| locator(&format!("f.xsd#a{n}"), "a"));
                links(&format!("{from}{}{}", LABEL.repeat(parts), arc("a", "l", 1)))
            },
            [5_000, 1_000_000],
            ["0 relationships", "0 relationships"],
        ),
        case(
            "many arcs from one to many",
            |parts| {
                let arcs = repeated(parts, |n| arc("a", "l", n));
                links(&format!("{}{}{arcs}", locator("f.xsd#a", "a"), LABEL.repeat(parts)))
            },
            [2_500, 500_000],
            ["1 too-many-relationships", "1 too-many-relationships"],
        ),
        case(
            "many arcs that differ in nothing",
            |parts| {
                let ends = [locator("f.xsd#a", "a"), LABEL.to_owned()].concat();
                links(&format!("{ends}{}", arc("a", "l", 1).repeat(parts)))
            },
            [100_000, 1_500_000],
            ["1 relationships", "1 relationships"],
        ),
        case(
            "arcs in a circle",
            |parts| {
                let locators = repeated(parts, |n| locator(&format!("f.xsd#a{n}"), &format!("a{n}")));
                let arcs = repeated(parts, |n| arc(&format!("a{n}"), &format!("a{}", (n + 1) % parts), 1));
                links(&format!("{locators}{arcs}"))
            },
            [50_000, 700_000],
            ["50000 relationships, 0 roots", "700000 relationships, 0 roots"],
        ),
        case(
            "arcs whose labels nobody bears",
            |parts| links(&repeated(parts, |n| arc(&format!("a{n}"), &format!("b{n}"), 1))),
            [100_000, 1_500_000],
            ["100000 arc-label-unknown, 1 diagnostics-left-out", "diagnostics-left-out"],
        ),
        case(
            "roles",
            |parts| {
                let role = |n| {
                    format!(
                        "<link:roleType roleURI='r{n}' id='r{n}'><link:usedOn>x:y</link:usedOn></link:roleType>"
                    )
                };
                schema(&format!(
                    "<xs:annotation><xs:appinfo>{}</xs:appinfo></xs:annotation>",
                    repeated(parts, role)
                ))
            },
            [50_000, 2_000_000],
            ["50000 name-unresolved", "diagnostics-left-out"],
        ),
    ]
}
