//! Markup inside a context as text that is equal where its meaning is: names expanded, attributes sorted, white space
//! collapsed, so that neither prefixes nor layout tell two contexts apart (XBRL 2.1 section 4.10).

use crate::Error;
use crate::name::ns;
use crate::reader::{Event, MAX_CANONICAL_BYTES, XmlElement, XmlReader};

/// What an element holds.
pub(crate) struct Content {
    /// The element as canonical text.
    pub(crate) markup: String,
    /// The text in it, white space collapsed.
    pub(crate) text: String,
    /// Whether the text is all that it says: no elements, and no attributes but `xsi:nil`.
    pub(crate) is_plain: bool,
}

/// Reads the element that was started last to its end.
pub(crate) fn read(reader: &mut XmlReader<'_>) -> Result<Content, Error> {
    let depth = reader.depth();
    let mut content = Content { markup: String::new(), text: String::new(), is_plain: true };
    let mut text = String::new();
    let has_attributes = open(&mut reader.element(), &mut content.markup);
    content.is_plain &= !has_attributes;
    while let Some(event) = reader.read()? {
        match event {
            Event::Text(more) => text.push_str(more),
            Event::Start(mut element) => {
                content.flush(&mut text);
                open(&mut element, &mut content.markup);
                content.is_plain = false;
            }
            Event::End(_) => {
                content.flush(&mut text);
                content.markup.push_str("</>");
                if reader.depth() == depth {
                    break;
                }
            }
        }
        if content.markup.len() > MAX_CANONICAL_BYTES {
            return Err(reader.limit("content of contexts in bytes", MAX_CANONICAL_BYTES));
        }
    }
    Ok(content)
}

/// Writes a start tag; whether it has attributes that say anything.
fn open(element: &mut XmlElement<'_, '_>, markup: &mut String) -> bool {
    markup.push_str(&format!("<{}", element.name()));
    let count = element.attributes().len();
    let mut attributes: Vec<(String, String)> = (0..count)
        .filter_map(|index| {
            let name = element.attribute_name(index)?;
            let value = collapse(&element.attributes()[index].value);
            (!name.is(ns::XSI, "nil")).then(|| (name.to_string(), value))
        })
        .collect();
    attributes.sort();
    for (name, value) in &attributes {
        markup.push_str(&format!(" {name}={value:?}"));
    }
    markup.push('>');
    !attributes.is_empty()
}

impl Content {
    fn flush(&mut self, text: &mut String) {
        let collapsed = collapse(text);
        text.clear();
        if !collapsed.is_empty() {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(&collapsed);
            self.markup.push_str(&collapsed.replace('&', "&amp;").replace('<', "&lt;"));
        }
    }
}

/// White space collapsed as XML Schema does it.
pub(crate) fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
