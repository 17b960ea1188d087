//! The kinds of documents, each told by a small one.

use super::{Kind, sniff};

#[test]
fn kinds() {
    let long = format!(
        r#"<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"><p>{}"#,
        "x".repeat(400_000)
    );
    for (text, expected) in [
        (r#"<xbrl xmlns="http://www.xbrl.org/2003/instance"/>"#, Kind::Instance),
        (
            "\u{feff}\n<?xml version='1.0'?><!-- c --><x:xbrl xmlns:x='http://www.xbrl.org/2003/instance'>",
            Kind::Instance,
        ),
        (r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element/>"#, Kind::Schema),
        (r#"<linkbase xmlns="http://www.xbrl.org/2003/linkbase"/>"#, Kind::Linkbase),
        (r#"<html xmlns:ix="http://www.xbrl.org/2013/inlineXBRL"><head/>"#, Kind::Inline),
        (r#"<html><body><i:header xmlns:i="http://www.xbrl.org/2008/inlineXBRL"/>"#, Kind::Inline),
        (&long, Kind::Inline),
        ("<html><body><p>plain</p></body></html>", Kind::Other),
        ("<HTML><BR><P>not XML</HTML>", Kind::Other),
        (r#"<report xmlns="http://www.xbrl.org/2003/instance"/>"#, Kind::Other),
        ("%PDF-1.7", Kind::Other),
        ("", Kind::Other),
    ] {
        assert_eq!(sniff(text.as_bytes()), expected, "{}", &text[..text.len().min(90)]);
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(sniff(&utf16), expected, "in UTF-16: {}", &text[..text.len().min(90)]);
    }
}
