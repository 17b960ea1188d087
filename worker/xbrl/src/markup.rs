//! XHTML written back as text: the value of escaped inline content and of facts with elements in them.
//!
//! EDGAR's extraction is the model: names and attributes as written, no namespace declarations, HTML's void elements
//! as `<br/>`, every other empty element as `<td></td>`.

use crate::Error;
use crate::reader::{Event, MAX_TEXT_BYTES, XmlElement, XmlReader};

/// Elements that HTML never closes.
fn is_void(raw_name: &str) -> bool {
    matches!(
        raw_name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Writes a start tag.
pub(crate) fn start(element: &XmlElement<'_, '_>, out: &mut String) {
    out.push('<');
    match element.verbatim() {
        Some(tag) => out.push_str(tag),
        None => {
            out.push_str(element.raw_name());
            for attribute in element.attributes() {
                out.push(' ');
                out.push_str(attribute.raw_name);
                out.push_str("=\"");
                escape(&attribute.value, Quotes::Escaped, out);
                out.push('"');
            }
        }
    }
    out.push_str(if is_void(element.raw_name()) { "/>" } else { ">" });
}

/// Writes an end tag, unless its start tag closed the element already.
pub(crate) fn end(raw_name: &str, out: &mut String) {
    if !is_void(raw_name) {
        out.push_str("</");
        out.push_str(raw_name);
        out.push('>');
    }
}

/// Writes character data.
pub(crate) fn text(text: &str, out: &mut String) {
    escape(text, Quotes::AsWritten, out);
}

/// Whether a double quote stands for itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    AsWritten,
    Escaped,
}

fn escape(text: &str, quotes: Quotes, out: &mut String) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' if quotes == Quotes::Escaped => "&quot;",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(escaped);
        from = at + 1;
    }
    out.push_str(&text[from..]);
}

/// What an element held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ElementContent {
    /// Text alone; `out` has it as it is.
    Text,
    /// Elements too; `out` has the whole content as markup.
    Markup,
}

/// Reads the content of the element that was started last into `out`, which is empty.
pub(crate) fn read_content(reader: &mut XmlReader<'_>, out: &mut String) -> Result<ElementContent, Error> {
    let depth = reader.depth();
    let mut content = ElementContent::Text;
    while let Some(event) = reader.read()? {
        match event {
            Event::Text(data) if content == ElementContent::Text => out.push_str(data),
            Event::Text(data) => text(data, out),
            Event::Start(element) => {
                if content == ElementContent::Text {
                    let before = std::mem::take(out);
                    text(&before, out);
                    content = ElementContent::Markup;
                }
                start(&element, out);
            }
            Event::End(raw_name) => {
                if reader.depth() == depth {
                    break;
                }
                end(raw_name, out);
            }
        }
        if out.len() > MAX_TEXT_BYTES {
            return Err(reader.limit("text of one element", MAX_TEXT_BYTES));
        }
    }
    Ok(content)
}
