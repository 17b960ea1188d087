//! Bytes to text: byte order mark, declared encoding, and the limit on a document.

use std::borrow::Cow;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};

use super::limits::MAX_DOCUMENT_BYTES;
use crate::Error;

/// How far into a document an XML declaration can reach: some filings put blank lines before it.
const DECLARATION_BYTES: usize = 1_024;

/// The text of a document. UTF-8 is borrowed; anything else is converted.
///
/// The declared encoding is the *fallback*: bytes that are valid UTF-8 are UTF-8, since filings declare `us-ascii` or
/// `ISO-8859-1` out of habit and no real text in those looks like multi-byte UTF-8.
pub(crate) fn decode<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, Error> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let what = "document size in bytes";
        return Err(Error::Limit { file: Arc::from(file), line: 0, what, limit: MAX_DOCUMENT_BYTES });
    }
    let (bytes, marked) = match Encoding::for_bom(bytes) {
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
