//! The reader by tables of small documents: the events, names, texts and errors it gives.

use super::href::absolute;
use super::limits::{MAX_ATTRIBUTES, MAX_NAMESPACES};
use super::*;
use crate::name::ns;

/// The events of a document, one per line: `+{ns}name`, text in quotes, `-name`.
fn events(text: &str) -> Result<String, Error> {
    let text = decode("t.xml", text.as_bytes())?;
    let mut reader = XmlReader::new("t.xml", &text);
    let mut out = String::new();
    while let Some(event) = reader.read()? {
        match event {
            Event::Start(element) => out.push_str(&format!("+{} ", element.name())),
            Event::Text(text) => out.push_str(&format!("{text:?} ")),
            Event::End(name) => out.push_str(&format!("-{name} ")),
        }
    }
    Ok(out.trim_end().to_owned())
}

#[test]
fn events_of_small_documents() {
    for (text, expected) in [
        ("<a/>", "+{}a -a"),
        ("\n\n<?xml version='1.0'?>\n<!-- c --><a >x</a >\n<?pi?>", "+{}a \"x\" -a"),
        ("<a>1<!-- c -->2<?p?>3</a>", "+{}a \"1\" \"2\" \"3\" -a"),
        ("<a>&lt;&#65;&#x42;&nbsp;&amp;</a>", "+{}a \"<AB\\u{a0}&\" -a"),
        ("<a>\r\n<![CDATA[<&\r]]></a>", "+{}a \"\\n\" \"<&\\n\" -a"),
        ("<p:a xmlns:p='u'><b xmlns='v'/><b/></p:a>", "+{u}a +{v}b -b +{}b -b -p:a"),
        ("<a xmlns='u'><b xmlns=''><c/></b><c/></a>", "+{u}a +{}b +{}c -c -b +{u}c -c -a"),
        (
            "<a xmlns:p='u'><p:c/><b xmlns:p='v'><p:c/></b><p:c/></a>",
            "+{}a +{u}c -p:c +{}b +{v}c -p:c -b +{u}c -p:c -a",
        ),
        ("<o:p>undeclared</o:p>", "+{}o:p \"undeclared\" -o:p"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a b='1>2'/>", "+{}a -a"),
        ("<a/>\n</TEXT>".strip_suffix("</TEXT>").unwrap(), "+{}a -a"),
    ] {
        assert_eq!(events(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn malformed_documents() {
    for (text, line, part) in [
        ("", 1, "no root element"),
        ("plain", 1, "no root element"),
        ("<a>\n<b>\n</a>", 3, "b"),
        ("<a>\n<b>", 2, "2 elements open"),
        ("<a>\n\n<b", 3, ""),
        ("<a/>\n<b/>", 2, "second root"),
        ("<a>\n&unknown;</a>", 2, "&unknown;"),
        ("<a>\n& </a>", 2, ""),
        ("<a>&#0;</a>", 1, "entity"),
        ("<a>&#x110000;</a>", 1, "entity"),
        ("<a xmlns:b=\n'&unknown;'/>", 1, "unknown"),
        ("<a xmlns:b='u' c=1/>", 1, ""),
    ] {
        match events(text) {
            Err(Error::Malformed { line: found, message, .. }) => {
                assert_eq!(found, line, "{text:?}: {message}");
                assert!(message.contains(part), "{text:?}: {message}");
            }
            other => panic!("{text:?} gave {other:?}"),
        }
    }
}

#[test]
fn hostile_documents_meet_a_limit() {
    let laughs = "<!DOCTYPE a [<!ENTITY l 'lol'><!ENTITY m '&l;&l;&l;'><!ENTITY n '&m;&m;&m;'>]><a>&n;</a>";
    let refused = events(laughs).unwrap_err();
    assert!(matches!(refused, Error::OwnEntity { line: 1, .. }), "no entity is ever expanded: {refused}");
    assert!(refused.to_string().contains("an entity of its own, &n;"));

    let deep = "<a>".repeat(MAX_DEPTH + 1);
    assert!(matches!(events(&deep), Err(Error::Limit { what: "element depth", .. })));

    let names: String = (0..=MAX_NAMESPACES).map(|number| format!(" xmlns:n{number}='u'")).collect();
    assert!(matches!(events(&format!("<a{names}/>")), Err(Error::Limit { .. })));

    let names: String = (0..=MAX_ATTRIBUTES).map(|number| format!(" n{number}=''")).collect();
    let text = format!("<a{names}/>");
    let mut reader = XmlReader::new("t.xml", &text);
    let Some(Event::Start(element)) = reader.read().unwrap() else { panic!() };
    assert_eq!(element.attributes().len(), MAX_ATTRIBUTES);
    assert!(matches!(reader.read(), Err(Error::Limit { what: "number of attributes", .. })));
}

#[test]
fn attributes() {
    let text =
        "\n<a x='1&lt;2' xlink:href=\"u\n v\" xmlns:xlink='http://www.w3.org/1999/xlink' y:x='3' x2=''/>";
    let mut reader = XmlReader::new("t.xml", text);
    let Some(Event::Start(mut element)) = reader.read().unwrap() else { panic!() };
    assert_eq!(element.line(), 2);
    assert_eq!(element.attribute("x"), Some("1<2"));
    assert_eq!(element.attribute("x2"), Some(""));
    assert_eq!(element.attribute("y"), None);
    assert_eq!(element.attribute_ns(ns::XLINK, "href"), Some("u  v"));
    assert_eq!(element.attribute_ns(ns::XLINK, "x"), None);
    let names: Vec<_> = element.attributes().iter().map(|attribute| attribute.raw_name).collect();
    assert_eq!(names, ["x", "xlink:href", "y:x", "x2"]);
    assert_eq!(element.attribute_name(1), Some(QName::new(ns::XLINK, "href")));
    assert_eq!(element.attribute_name(0), Some(QName::new("", "x")));
    assert_eq!(element.attribute_name(2), None);
    assert_eq!(element.attribute_name(9), None);
}

#[test]
fn an_attribute_that_is_malformed_fails_the_next_read() {
    let mut reader = XmlReader::new("t.xml", "<a>\n<b c='&x;' d='1'/></a>");
    reader.read().unwrap();
    reader.read().unwrap();
    let Some(Event::Start(element)) = reader.read().unwrap() else { panic!() };
    assert_eq!(element.attribute("d"), None);
    assert!(matches!(reader.read(), Err(Error::Malformed { line: 2, .. })));
}

#[test]
fn names_in_text() {
    let text = "<a xmlns='d' xmlns:p='u'><b xmlns:q='v'>q:x</b></a>";
    let mut reader = XmlReader::new("t.xml", text);
    let (default, none) = (Unprefixed::DefaultNamespace, Unprefixed::NoNamespace);
    reader.read().unwrap();
    for (name, unprefixed, expected) in [
        ("x", default, Some(("d", "x"))),
        (" \n x ", none, Some(("", "x"))),
        ("p:x", none, Some(("u", "x"))),
        ("xml:lang", none, Some((ns::XML, "lang"))),
        ("q:x", default, None),
        ("", default, None),
        ("p:", default, None),
        ("p:x:y", default, None),
        ("x y", default, None),
    ] {
        let expected = expected.map(|(namespace, local)| QName::new(namespace, local));
        assert_eq!(reader.resolve(name, unprefixed), expected, "{name:?}");
    }
    let mut content = String::new();
    reader.read().unwrap();
    assert_eq!(reader.read_text(&mut content).unwrap(), 0);
    assert_eq!(
        reader.resolve(&content, default),
        Some(QName::new("v", "x")),
        "still in scope at the end of <b>"
    );
    reader.read().unwrap();
    assert_eq!(reader.resolve(&content, default), None);
}

#[test]
fn language_and_base_are_inherited() {
    let text = "<a xml:lang='en'><b xml:base='http://h/x/y' xml:lang=''><c xml:base='../z/'/></b><d/></a>";
    let mut reader = XmlReader::new("http://host/folder/file.xml", text);
    let mut found = Vec::new();
    while let Some(event) = reader.read().unwrap() {
        if let Event::Start(element) = event {
            found.push(format!(
                "{} {:?} {}",
                element.local(),
                element.language(),
                element.absolute("r.xsd#i")
            ));
        }
    }
    let expected = [
        "a Some(\"en\") http://host/folder/r.xsd#i",
        "b None http://h/x/r.xsd#i",
        "c None http://h/z/r.xsd#i",
        "d Some(\"en\") http://host/folder/r.xsd#i",
    ];
    assert_eq!(found, expected);
}

#[test]
fn references() {
    for (base, reference, expected) in [
        ("a.htm", "a.xsd", "a.xsd"),
        ("x/a.htm", "a.xsd", "x/a.xsd"),
        ("x/a.htm", "../b/a.xsd#i", "b/a.xsd#i"),
        ("a.htm", " http://xbrl.org/2003/x.xsd ", "http://xbrl.org/2003/x.xsd"),
        ("http://h/a/b.xml", "c.xsd", "http://h/a/c.xsd"),
        ("file:///a/b.xml", "../c.xsd", "file:///c.xsd"),
        ("http://h/a/b.xml", "http://[", "http://["),
    ] {
        assert_eq!(&*absolute(base, reference), expected, "{reference} from {base}");
    }
}

#[test]
fn every_line_end_is_one_before_references_and_beside_anything() {
    for (text, expected) in [
        ("<a>X\n&#160;&amp;\n</a>", "+{}a \"X\\n\\u{a0}&\\n\" -a"),
        ("<a>\n\n&#13;&#10;</a>", "+{}a \"\\n\\n\\r\\n\" -a"),
        ("<a b='1\n2'>\n<![CDATA[x\n&]]>\n<!--\n-->y\n</a>\n", "+{}a \"\\n\" \"x\\n&\" \"\\n\" \"y\\n\" -a"),
    ] {
        for line_end in ["\n", "\r\n", "\r"] {
            assert_eq!(events(&text.replace('\n', line_end)).unwrap(), expected, "{text} with {line_end:?}");
        }
    }
    for line_end in ["\n", "\r\n", "\r"] {
        let text = "<a>\n<b>\n&unknown;</b></a>".replace('\n', line_end);
        assert!(matches!(events(&text), Err(Error::Malformed { line: 3, .. })), "{line_end:?}");
    }
}

#[test]
fn an_error_shows_a_line_of_the_document_and_not_the_rest() {
    let long = format!("<a>& {}\n</a>", "never ends ".repeat(1_000));
    let message = events(&long).unwrap_err().to_string();
    assert!(message.contains("unknown entity &") && message.len() < 500, "{message}");
    assert!(!message.contains('\n'));
    let message = events(&format!("<a></{}>", "b\n".repeat(1_000))).unwrap_err().to_string();
    assert!(message.len() < 500 && !message.contains('\n'), "{message}");
}

#[test]
fn encodings() {
    let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe9</a>".as_slice();
    let mislabelled = "<?xml version='1.0' encoding='us-ascii'?><a>é</a>".as_bytes();
    let late = b"\n\n<?xml version='1.0'\n encoding = 'us-ascii' ?><a>\xe9</a>".as_slice();
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend("<a>é</a>".encode_utf16().flat_map(u16::to_le_bytes));
    let unmarked: Vec<u8> = "<a>é</a>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = "\u{feff}<a>é</a>".as_bytes();
    // Programs that join or convert files leave more marks, and containers some of their own text.
    let thrice = "\u{feff}\u{feff}\u{feff}\u{6e63}<a>é</a>";
    let thrice_utf16: Vec<u8> = thrice.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marks = [marked, thrice.as_bytes(), &thrice_utf16];
    for bytes in [latin, mislabelled, late, &utf16, &utf16[2..], &unmarked].into_iter().chain(marks) {
        let text = decode("t.xml", bytes).unwrap();
        assert_eq!(events(&text).unwrap(), "+{}a \"é\" -a");
    }
    for bytes in [b"<a>\n\xe9</a>".as_slice(), b"<?xml version='1.0' encoding='utf-8'?>\n<a>\xe9</a>"] {
        assert!(matches!(decode("t.xml", bytes), Err(Error::Malformed { line: 2, .. })));
    }
}

#[test]
fn skipping_and_gathering() {
    let mut reader = XmlReader::new("t.xml", "<a><b>x<c>y</c>z<b/></b><d/></a>");
    reader.read().unwrap();
    reader.read().unwrap();
    let mut out = String::new();
    assert_eq!(reader.read_text(&mut out).unwrap(), 2);
    assert_eq!(out, "xyz");
    assert!(matches!(reader.read().unwrap(), Some(Event::Start(element)) if element.local() == "d"));
    reader.skip().unwrap();
    assert!(matches!(reader.read().unwrap(), Some(Event::End("a"))));
    assert!(reader.read().unwrap().is_none());
}
