//! The content of a resource: a label's text, with XHTML flattened, or a reference's parts.

use super::Resource;
use crate::Error;
use crate::name::ns;
use crate::reader::Event;
use crate::taxonomy::parsing::Parsing;

/// XHTML elements that do not break the line; everything else inside a label does.
const INLINE: [&str; 17] = [
    "a", "abbr", "b", "big", "cite", "code", "em", "font", "i", "q", "small", "span", "strong", "sub", "sup",
    "tt", "u",
];

/// Reads to the end of the resource that was started last.
pub(crate) fn read_content(parsing: &mut Parsing<'_>, resource: &mut Resource) -> Result<(), Error> {
    let mut text = String::new();
    let mut lines = Vec::new();
    let mut has_elements = false;
    // For every open element inside, whether it is inline; the outermost one may be a part.
    let mut open: Vec<bool> = Vec::new();
    let mut part = None;
    loop {
        match parsing.reader.read()? {
            Some(Event::Start(element)) => {
                let is_xhtml = element.namespace() == ns::XHTML;
                let is_inline = is_xhtml && INLINE.contains(&element.local());
                if !is_inline {
                    end_line(&mut lines, &mut text);
                }
                if open.is_empty() && !is_xhtml {
                    part = Some(element.name().clone());
                }
                open.push(is_inline);
                has_elements = true;
            }
            Some(Event::Text(chunk)) => text.push_str(chunk),
            Some(Event::End(_)) => {
                let Some(is_inline) = open.pop() else { break };
                if open.is_empty()
                    && let Some(name) = part.take()
                {
                    resource.parts.push((name, text.trim().into()));
                }
                if !is_inline {
                    end_line(&mut lines, &mut text);
                }
            }
            None => break,
        }
    }
    resource.text = if has_elements {
        end_line(&mut lines, &mut text);
        lines.join("\n").into()
    } else {
        text.trim().into()
    };
    Ok(())
}

/// Closes the line, its white space collapsed as a browser would, unless it is empty.
fn end_line(lines: &mut Vec<String>, text: &mut String) {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !line.is_empty() {
        lines.push(line);
    }
    text.clear();
}
