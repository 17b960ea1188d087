//! Bytes to text: byte order mark, declared encoding, line ends, and the limit on a document.

use std::borrow::Cow;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr;

use super::limits::MAX_DOCUMENT_BYTES;
use crate::Error;

/// How far into a document an XML declaration can reach: some filings put blank lines before it.
const DECLARATION_BYTES: usize = 1_024;

/// The byte order mark as a character.
const MARK: char = '\u{feff}';

/// The text of a document, with every line end a line feed (XML 1.0 section 2.11), so that nothing behind this meets
/// another one. UTF-8 with such line ends is borrowed; anything else is converted.
///
/// The declared encoding is the *fallback*: bytes that are valid UTF-8 are UTF-8, since filings declare `us-ascii` or
/// `ISO-8859-1` out of habit and no real text in those looks like multi-byte UTF-8.
pub(crate) fn decode<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, Error> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let what = "document size in bytes";
        return Err(Error::Limit { file: Arc::from(file), line: 0, what, limit: MAX_DOCUMENT_BYTES });
    }
    text_of(file, bytes).map(without_marks).map(with_line_feeds)
}

/// The text that a document of these bytes begins with, as far as its last whole tag within `length` bytes; empty when
/// it is no text.
pub(crate) fn decode_head(bytes: &[u8], length: usize) -> Cow<'_, str> {
    let head = &bytes[..bytes.len().min(length)];
    // Bytes of another encoding, and what the cut leaves of a character, become replacements: names of elements and
    // namespaces are ASCII in all encodings but these.
    let encoding = marked(head).map_or(UTF_8, |(encoding, _)| encoding);
    let text = without_marks(encoding.decode_with_bom_removal(head).0);
    let end = text.rfind('>').map_or(0, |at| at + 1);
    with_line_feeds(match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
        Cow::Owned(text) => Cow::Owned(text[..end].to_owned()),
    })
}

/// The encoding that the first bytes tell, and how many of them are a byte order mark. UTF-16 may come without one (XML
/// 1.0 appendix F).
fn marked(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    let unmarked = match bytes {
        [b'<', 0, _, 0, ..] => Some((UTF_16LE, 0)),
        [0, b'<', 0, _, ..] => Some((UTF_16BE, 0)),
        _ => None,
    };
    Encoding::for_bom(bytes).or(unmarked)
}

fn text_of<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, Error> {
    let (bytes, marked) = match marked(bytes) {
        Some((encoding, length)) => (&bytes[length..], Some(encoding)),
        None => (bytes, None),
    };
    let error = match marked.filter(|encoding| *encoding != UTF_8) {
        Some(encoding) => return convert(file, bytes, encoding),
        None => match std::str::from_utf8(bytes) {
            Ok(text) => return Ok(Cow::Borrowed(text)),
            Err(error) => error,
        },
    };
    match declared(bytes).filter(|encoding| *encoding != UTF_8 && marked.is_none()) {
        Some(encoding) => convert(file, bytes, encoding),
        None => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            Err(Error::Malformed {
                file: Arc::from(file),
                line: u32::try_from(line).unwrap_or(u32::MAX),
                message: "not valid UTF-8, and no other encoding is declared".to_owned(),
            })
        }
    }
}

/// The text without byte order marks, of which programs that join or convert files leave a second one. The library skips
/// one, too, and would count from behind it.
fn without_marks(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        text if !text.starts_with(MARK) => text,
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start_matches(MARK)),
        Cow::Owned(text) => Cow::Owned(text.trim_start_matches(MARK).to_owned()),
    }
}

/// The text with carriage returns, and those with a line feed behind them, as line feeds.
fn with_line_feeds(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr(b'\r', text.as_bytes()).is_none() {
        return text;
    }
    let mut lines = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(end) = memchr(b'\r', rest.as_bytes()) {
        lines.push_str(&rest[..end]);
        lines.push('\n');
        rest = &rest[end + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    lines.push_str(rest);
    Cow::Owned(lines)
}

fn convert<'a>(file: &str, bytes: &'a [u8], encoding: &'static Encoding) -> Result<Cow<'a, str>, Error> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| Error::Malformed {
        file: Arc::from(file),
        line: 1,
        message: format!("not valid {}, the declared encoding", encoding.name()),
    })
}

/// The encoding of the XML declaration, if there is one that is known.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(DECLARATION_BYTES)].trim_ascii_start();
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(&declaration[..end]).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let label = rest[1..].split(quote).next()?;
    Encoding::for_label(label.as_bytes())
}
