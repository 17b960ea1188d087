//! Hostile instances and inline documents.

use crate::Case;
use crate::reading::Read;

const CONTEXT: &str =
    "<entity><identifier scheme='s'>1</identifier></entity><period><instant>2024-12-31</instant></period>";

fn instance(content: &str) -> String {
    format!(
        "<xbrl xmlns='http://www.xbrl.org/2003/instance' xmlns:g='http://g'>\
         <context id='c'>{CONTEXT}</context><unit id='u'><measure>pure</measure></unit>{content}</xbrl>"
    )
}

fn inline(content: &str) -> String {
    format!(
        "<html xmlns='http://www.w3.org/1999/xhtml' xmlns:ix='http://www.xbrl.org/2013/inlineXBRL' \
         xmlns:t='http://www.xbrl.org/inlineXBRL/transformation/2020-02-12' xmlns:g='http://g'>\
         <ix:header><ix:resources><context xmlns='http://www.xbrl.org/2003/instance' id='c'>{CONTEXT}</context>\
         </ix:resources></ix:header>{content}</html>"
    )
}

fn repeated(parts: usize, part: impl Fn(usize) -> String) -> String {
    (0..parts).map(part).collect()
}

fn nested(parts: usize, open: &str, within: &str, close: &str) -> String {
    [&open.repeat(parts), within, &close.repeat(parts)].concat()
}

/// The same in both sizes.
fn same(expected: &'static str) -> [&'static str; 2] {
    [expected, expected]
}

/// As deep as elements may nest, with room for those around.
const DEEP: usize = 990;

/// Formats of every kind.
const FORMATS: [(&str, &str); 13] = [
    ("sec.gov/inlineXBRL/transformation/2015-08-31", "durwordsen"),
    ("sec.gov/inlineXBRL/transformation/2015-08-31", "duryear"),
    ("sec.gov/inlineXBRL/transformation/2015-08-31", "numwordsen"),
    ("sec.gov/inlineXBRL/transformation/2015-08-31", "stateprovnameen"),
    ("sec.gov/inlineXBRL/transformation/2015-08-31", "boolballotbox"),
    ("xbrl.org/inlineXBRL/transformation/2020-02-12", "date-monthname-day-year-en"),
    ("xbrl.org/inlineXBRL/transformation/2020-02-12", "date-day-month"),
    ("xbrl.org/inlineXBRL/transformation/2020-02-12", "num-dot-decimal"),
    ("xbrl.org/inlineXBRL/transformation/2020-02-12", "num-unit-decimal"),
    ("xbrl.org/inlineXBRL/transformation/2022-02-16", "date-day-monthname-year-hi"),
    ("xbrl.org/inlineXBRL/transformation/2022-02-16", "date-jpn-era-year-month-day"),
    ("xbrl.org/inlineXBRL/transformation/2015-02-26", "numcommadecimal"),
    ("xbrl.org/inlineXBRL/transformation/2010-04-20", "datelongus"),
];

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = structures();
    cases.extend(counts());
    cases.extend(multiplications());
    cases
}

/// Depth and size.
fn structures() -> Vec<Case> {
    vec![
        Case {
            name: "nested elements",
            make: |parts| instance(&nested(parts, "<g:t>", "", "</g:t>")),
            read: Read::Instance,
            parts: [10_000, 10_000_000],
            expected: same("element depth exceeds"),
        },
        Case {
            name: "nested tags",
            make: |parts| {
                inline(&nested(parts, "<ix:nonNumeric name='g:a' contextRef='c'>", "", "</ix:nonNumeric>"))
            },
            read: Read::Inline,
            parts: [10_000, 2_000_000],
            expected: same("element depth exceeds"),
        },
        Case {
            name: "nested continuations",
            make: |parts| inline(&nested(parts, "<ix:continuation id='a'>", "", "</ix:continuation>")),
            read: Read::Inline,
            parts: [10_000, 2_000_000],
            expected: same("element depth exceeds"),
        },
        Case {
            name: "one large attribute",
            make: |bytes| instance(&format!("<g:f id='{}' contextRef='c'/>", "x".repeat(bytes))),
            read: Read::Instance,
            parts: [20 << 20, 1 << 30],
            expected: ["1 facts", "document size in bytes exceeds"],
        },
        Case {
            name: "one large text",
            make: |bytes| instance(&format!("<g:f contextRef='c'>{}</g:f>", "x".repeat(bytes))),
            read: Read::Instance,
            parts: [20 << 20, 250 << 20],
            expected: ["1 facts", "text of one element exceeds"],
        },
        Case {
            name: "one large text of references",
            make: |bytes| instance(&format!("<g:f contextRef='c'>{}</g:f>", "&gt;".repeat(bytes / 4))),
            read: Read::Instance,
            parts: [20 << 20, 250 << 20],
            expected: same("1 facts"),
        },
        Case {
            name: "one large tagged text",
            make: |bytes| {
                inline(&format!(
                    "<ix:nonNumeric name='g:a' contextRef='c' escape='1'>{}</ix:nonNumeric>",
                    ">".repeat(bytes)
                ))
            },
            read: Read::Inline,
            parts: [20 << 20, 250 << 20],
            expected: ["1 facts", "text of one element exceeds"],
        },
        Case {
            name: "large texts to transform",
            make: |bytes| {
                let facts = FORMATS.map(|(registry, format)| {
                    let text = "9 one, march 2 ".repeat(bytes / 15 / FORMATS.len());
                    format!(
                        "<ix:nonNumeric xmlns:f='http://www.{registry}' name='g:a' contextRef='c' format='f:{format}'>{text}\
                         </ix:nonNumeric>"
                    )
                });
                inline(&facts.concat())
            },
            read: Read::Inline,
            parts: [10 << 20, 200 << 20],
            expected: same("13 facts, 1 contexts, 0 units, 13 transform-failed"),
        },
        Case {
            name: "one large comment",
            make: |bytes| instance(&format!("<!--{}-->", "- ".repeat(bytes / 2))),
            read: Read::Instance,
            parts: [20 << 20, 250 << 20],
            expected: same("0 facts"),
        },
        Case {
            name: "one large type declaration",
            make: |bytes| {
                format!("<!DOCTYPE a [{}]>{}", "<!ENTITY a 'b'>".repeat(bytes / 15), instance("&a;"))
            },
            read: Read::Instance,
            parts: [20 << 20, 250 << 20],
            expected: same("an entity of its own"),
        },
    ]
}

/// Many of a thing, and many of one name.
fn counts() -> Vec<Case> {
    vec![
        Case {
            name: "attributes",
            make: |parts| {
                instance(&format!("<g:f {} contextRef='c'/>", repeated(parts, |n| format!("a{n}='' "))))
            },
            read: Read::Instance,
            parts: [100_000, 10_000_000],
            expected: same("number of attributes exceeds"),
        },
        Case {
            name: "prefixes of one element",
            make: |parts| instance(&format!("<g:f {}/>", repeated(parts, |n| format!("xmlns:p{n}='u' ")))),
            read: Read::Instance,
            parts: [200_000, 10_000_000],
            expected: same("number of namespaces in scope exceeds"),
        },
        Case {
            name: "prefixes of many elements",
            make: |parts| {
                instance(&repeated(parts, |n| format!("<p{n}:f xmlns:p{n}='u{n}' contextRef='c'/>")))
            },
            read: Read::Instance,
            parts: [200_000, 4_000_000],
            expected: ["200000 facts", "number of facts exceeds"],
        },
        Case {
            name: "namespaces and attributes at their limits",
            make: |parts| {
                let names = repeated(500, |n| format!("xmlns:p{n}='u{n}' "));
                let attributes = repeated(500, |n| format!("p{n}:nil='' "));
                instance(&format!(
                    "<g:t {names}>{}</g:t>",
                    format!("<g:f contextRef='c' {attributes}/>").repeat(parts)
                ))
            },
            read: Read::Instance,
            parts: [1_000, 40_000],
            expected: ["1000 facts", "40000 facts"],
        },
        Case {
            name: "contexts",
            make: |parts| instance(&repeated(parts, |n| format!("<context id='x{n}'>{CONTEXT}</context>"))),
            read: Read::Instance,
            parts: [200_000, 1_900_000],
            expected: ["200001 contexts", "number of contexts exceeds"],
        },
        Case {
            name: "contexts of one id",
            make: |parts| instance(&format!("<context id='c'>{CONTEXT}</context>").repeat(parts)),
            read: Read::Instance,
            parts: [200_000, 900_000],
            expected: same("100000 context-duplicate, 1 diagnostics-left-out"),
        },
        Case {
            name: "units",
            make: |parts| {
                instance(&repeated(parts, |n| format!("<unit id='x{n}'><measure>pure</measure></unit>")))
            },
            read: Read::Instance,
            parts: [200_000, 4_000_000],
            expected: ["200001 units", "number of units exceeds"],
        },
        Case {
            name: "facts",
            make: |parts| instance(&"<g:f contextRef='c'>1</g:f>".repeat(parts)),
            read: Read::Instance,
            parts: [200_000, 9_000_000],
            expected: ["200000 facts", "number of facts exceeds"],
        },
        Case {
            name: "facts of one id",
            make: |parts| {
                instance(&"<g:f id='i' contextRef='c' unitRef='u' decimals='0'>1</g:f>".repeat(parts))
            },
            read: Read::Instance,
            parts: [100_000, 900_000],
            expected: ["100000 facts", "900000 facts"],
        },
        Case {
            name: "facts of unknown contexts",
            make: |parts| {
                instance(&repeated(parts, |n| format!("<g:f contextRef='x{n}' unitRef='y'>1</g:f>")))
            },
            read: Read::Instance,
            parts: [200_000, 900_000],
            expected: same("50000 context-missing, 1 diagnostics-left-out"),
        },
        Case {
            name: "long numbers",
            make: |parts| instance(&"<g:f contextRef='c' unitRef='u'>1e1100</g:f>".repeat(parts)),
            read: Read::Instance,
            parts: [10_000, 300_000],
            expected: ["10000 facts", "300000 facts"],
        },
        Case {
            name: "tagged facts",
            make: |parts| inline(&"<ix:nonFraction name='g:a'>1</ix:nonFraction>".repeat(parts)),
            read: Read::Inline,
            parts: [100_000, 5_000_000],
            expected: ["100000 facts", "number of tags with text exceeds"],
        },
        Case {
            name: "exclusions in one tag",
            make: |parts| {
                let within = "a<ix:exclude>b</ix:exclude>".repeat(parts);
                inline(&format!("<ix:nonNumeric name='g:a' contextRef='c'>{within}</ix:nonNumeric>"))
            },
            read: Read::Inline,
            parts: [50_000, 9_000_000],
            expected: ["1 facts", "number of exclusions exceeds"],
        },
        Case {
            name: "one chain of continuations",
            make: |parts| {
                let chain =
                    |n| format!("<ix:continuation id='k{n}' continuedAt='k{}'>b</ix:continuation>", n + 1);
                let first = "<ix:nonNumeric name='g:a' contextRef='c' continuedAt='k0'>a</ix:nonNumeric>";
                inline(&format!("{first}{}<ix:continuation id='k{parts}'/>", repeated(parts, chain)))
            },
            read: Read::Inline,
            parts: [100_000, 900_000],
            expected: same("1 facts, 1 contexts, 0 units"),
        },
        Case {
            name: "a circle of continuations",
            make: |parts| {
                let chain = |n| {
                    format!(
                        "<ix:continuation id='k{n}' continuedAt='k{}'>b</ix:continuation>",
                        (n + 1) % parts
                    )
                };
                let first = "<ix:nonNumeric name='g:a' contextRef='c' continuedAt='k0'>a</ix:nonNumeric>";
                inline(&format!("{}{first}{first}", repeated(parts, chain)))
            },
            read: Read::Inline,
            parts: [100_000, 900_000],
            expected: same("2 facts, 1 contexts, 0 units, 2 continuation-shared"),
        },
    ]
}

/// What is written once and stands for much.
fn multiplications() -> Vec<Case> {
    vec![
        Case {
            name: "a long namespace",
            make: |parts| {
                let within = "<p:a/>".repeat(parts);
                let entity = format!(
                    "<entity><identifier scheme='s'>1</identifier><segment>{within}</segment></entity>"
                );
                let context = format!(
                    "<context id='d'>{entity}<period><instant>2024-12-31</instant></period></context>"
                );
                instance(&format!("<g:t xmlns:p='{}'>{context}</g:t>", "n".repeat(2_000)))
            },
            read: Read::Instance,
            parts: [5_000, 30_000_000],
            expected: ["0 facts", "content of contexts in bytes exceeds"],
        },
        Case {
            name: "a namespace that is too long",
            make: |bytes| {
                instance(&format!(
                    "<g:t xmlns:p='{}'>{}</g:t>",
                    "n".repeat(bytes),
                    "<p:a>1</p:a>".repeat(bytes)
                ))
            },
            read: Read::Instance,
            parts: [200_000, 10_000_000],
            expected: same("length of a namespace in bytes exceeds"),
        },
        Case {
            name: "a context with a long name and much in it",
            make: |parts| {
                let id = "i".repeat(parts * 8);
                instance(&format!("<context id='{id}'>{}{CONTEXT}</context>", "<g:a/>".repeat(parts)))
            },
            read: Read::Instance,
            parts: [10_000, 1_000_000],
            expected: ["10000 context-content-unknown", "content of contexts in bytes exceeds"],
        },
        Case {
            name: "text in nested tags",
            make: |bytes| {
                inline(&nested(
                    DEEP,
                    "<ix:nonNumeric name='g:a' contextRef='c'>",
                    &"x".repeat(bytes),
                    "</ix:nonNumeric>",
                ))
            },
            read: Read::Inline,
            parts: [100_000, 60_000_000],
            expected: ["990 facts", "values in bytes exceeds"],
        },
        Case {
            name: "text in nested tags of which little is made",
            make: |bytes| {
                let open = "<ix:nonFraction name='g:a' contextRef='c' format='t:fixed-zero'>";
                let within = format!("<ix:exclude/>{}", "x".repeat(bytes));
                inline(&nested(DEEP, open, &within, "</ix:nonFraction>").repeat(2))
            },
            read: Read::Inline,
            parts: [100_000, 60_000_000],
            expected: ["1980 facts", "values in bytes exceeds"],
        },
        Case {
            name: "nested continuations of one fact",
            make: |bytes| {
                let open: String =
                    repeated(DEEP, |n| format!("<ix:continuation id='k{n}' continuedAt='k{}'>", n + 1));
                let first = "<ix:nonNumeric name='g:a' contextRef='c' continuedAt='k0'>a</ix:nonNumeric>";
                inline(&format!("{first}{open}{}{}", "x".repeat(bytes), "</ix:continuation>".repeat(DEEP)))
            },
            read: Read::Inline,
            parts: [100_000, 60_000_000],
            expected: ["1 facts", "values in bytes exceeds"],
        },
        Case {
            name: "exclusions in nested tags",
            make: |parts| {
                let open = "<ix:nonNumeric name='g:a' contextRef='c'>";
                inline(&nested(DEEP, open, &"<ix:exclude/>".repeat(parts), "</ix:nonNumeric>"))
            },
            read: Read::Inline,
            parts: [10_000, 99_000],
            expected: same("990 facts"),
        },
        Case {
            name: "terms in nested fractions",
            make: |bytes| {
                let open = "<ix:fraction name='g:a' contextRef='c' unitRef='u'><ix:numerator>";
                inline(&nested(DEEP / 2, open, &"x".repeat(bytes), "</ix:numerator></ix:fraction>"))
            },
            read: Read::Inline,
            parts: [100_000, 60_000_000],
            expected: ["495 facts", "values in bytes exceeds"],
        },
    ]
}
