//! Instances, inline documents, schemas and linkbases.
//!
//! No input panics; a document read twice says the same, and so do its copies with other line ends (XML 1.0 section
//! 2.11); what is wrong is said in one line; numbers are canonical; and a small document does not make a large result.

use std::fmt::Debug;
use std::sync::Arc;

use edgraph_xbrl::model::{FactValue, Instance, Member};
use edgraph_xbrl::taxonomy::{Document, Loader};
use edgraph_xbrl::{Diagnostic, Error, decimal, inline, instance, sniff, taxonomy};

/// Most characters of a message; an error has its file and line before it.
const MAX_MESSAGE_CHARS: usize = 300;
const MAX_PLACE_CHARS: usize = 100;
/// How much longer than its document a text may be: one written-out `>` is `&gt;`, and entities of HTML grow a little.
const MAX_GROWTH: usize = 6;
/// How much longer a number may be than what it was written as, by its scale and exponent.
const MAX_ZEROS: usize = decimal::MAX_SHIFT as usize + 10;

type Parsed<T> = Result<(T, Vec<Diagnostic>), Error>;

/// A classic instance.
pub fn instance(bytes: &[u8]) {
    let parse = |bytes: &[u8]| instance::parse("f.xml", bytes);
    check_instance(bytes.len(), &parse(bytes));
    means_the_same(bytes, parse);
    sniff::sniff(bytes);
}

/// An inline document, alone and as a set of two: the second has every identifier of the first again.
pub fn inline(bytes: &[u8]) {
    let parse = |bytes: &[u8]| inline::parse(&[("f.htm", bytes)]);
    check_instance(bytes.len(), &parse(bytes));
    means_the_same(bytes, parse);
    check_instance(2 * bytes.len(), &inline::parse(&[("f.htm", bytes), ("g.htm", bytes)]));
}

/// A schema, and the taxonomy that it is alone.
pub fn schema(bytes: &[u8]) {
    taxonomy_document("http://h/f.xsd", bytes);
}

/// A linkbase, and the taxonomy that it is alone.
pub fn linkbase(bytes: &[u8]) {
    taxonomy_document("http://h/f_lab.xml", bytes);
}

fn taxonomy_document(url: &str, bytes: &[u8]) {
    let parse = |bytes: &[u8]| taxonomy::parse(url, bytes);
    let parsed = parse(bytes);
    check_messages(&parsed);
    // Its look-ups are maps, which have no order to be printed in.
    means_the_same(bytes, |bytes| parse(bytes).map(|(document, diagnostics)| (said(&document), diagnostics)));
    let Ok((document, _)) = parsed else { return };
    let mut loader = Loader::new([url]);
    loader.feed(url, Arc::new(document.clone()));
    while let Some(next) = loader.needed().first() {
        loader.missing(next);
    }
    let dts = loader.finish(|_| true);
    dts.diagnostics().iter().for_each(check_diagnostic);
    let mut relationships = 0;
    for network in dts.networks() {
        relationships += network.relationships().len();
        assert!(network.roots().len() <= network.relationships().len());
    }
    assert!(relationships <= taxonomy::MAX_RELATIONSHIPS);
    assert!(dts.labels().count() <= relationships);
    assert_eq!(dts.references().count(), dts.references().count());
    for element in document.schema().map(|schema| &*schema.elements).unwrap_or_default() {
        let name = edgraph_xbrl::QName::new(
            document.schema().map(|schema| schema.target_namespace.clone()).unwrap_or_default(),
            element.name.clone(),
        );
        assert!(dts.concept(&name).is_some(), "{name} is declared and not found");
    }
    assert!(dts.roles().count() <= bytes.len());
}

fn said(document: &Document) -> String {
    let schema = document.schema().map(|schema| {
        (&schema.elements, &schema.types, &schema.role_types, &schema.arcrole_types, &schema.imports)
    });
    format!("{schema:?} {:?} {:?} {:?}", document.linkbases(), document.references, document.places)
}

fn means_the_same<T: Debug>(bytes: &[u8], parse: impl Fn(&[u8]) -> Parsed<T>) {
    let said = |bytes: &[u8]| format!("{:?}", parse(bytes));
    assert_eq!(said(bytes), said(bytes), "read twice");
    // No character of XML is a zero, but UTF-16 is full of them.
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0')) else { return };
    let plain = text.replace("\r\n", "\n").replace('\r', "\n");
    let expected = said(plain.as_bytes());
    for line_end in ["\r\n", "\r"] {
        assert_eq!(said(plain.replace('\n', line_end).as_bytes()), expected, "with {line_end:?}");
    }
}

fn check_instance(length: usize, parsed: &Parsed<Instance>) {
    check_messages(parsed);
    let Ok((instance, diagnostics)) = parsed else { return };
    assert!(instance.facts.len() + instance.contexts.len() + instance.units.len() <= length);
    assert!(diagnostics.len() <= length);
    let is_canonical = |text: &str| match text {
        "INF" | "-INF" | "NaN" => true,
        _ => decimal::canonical(text).as_deref() == Some(text),
    };
    for fact in &instance.facts {
        let (value, most) = match &fact.value {
            FactValue::Number(number) => {
                assert!(is_canonical(number), "{number} is not canonical");
                assert!(fact.is_numeric, "{fact:?}");
                (&**number, MAX_GROWTH * length + MAX_ZEROS)
            }
            value => (value.as_str(), MAX_GROWTH * length + 2 * MAX_ZEROS),
        };
        assert!(value.len() <= most, "{} bytes of {length}", value.len());
        assert!(fact.context.is_none_or(|context| context < instance.contexts.len()));
        assert!(fact.unit.is_none_or(|unit| unit < instance.units.len()));
        assert!(fact.file < instance.files.len() && fact.line > 0);
    }
    for context in &instance.contexts {
        assert!(context.dimensions.is_sorted_by(|a, b| a.axis < b.axis), "{context:?}");
        let typed = context.dimensions.iter().map(|dimension| match &dimension.member {
            Member::Typed { value, .. } => value.len(),
            Member::Explicit(_) => 0,
        });
        let other = context.other.as_ref().map_or(0, |other| other.len());
        // Names are written with their namespace, of which there may be many to one declaration.
        assert!(typed.sum::<usize>() + other <= MAX_GROWTH * length * length.max(1), "{context:?}");
    }
}

fn check_messages<T>(parsed: &Parsed<T>) {
    match parsed {
        Ok((_, diagnostics)) => diagnostics.iter().for_each(check_diagnostic),
        Err(error) => check_line(&error.to_string(), MAX_MESSAGE_CHARS + MAX_PLACE_CHARS),
    }
}

fn check_diagnostic(diagnostic: &Diagnostic) {
    check_line(&diagnostic.message, MAX_MESSAGE_CHARS);
    assert!(!diagnostic.code.is_empty());
}

fn check_line(message: &str, most: usize) {
    assert!(message.chars().count() <= most, "{} characters: {message}", message.chars().count());
    assert!(
        !message.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')),
        "{message:?}"
    );
}
