//! Text between two tags in one piece, with its references resolved.
//!
//! A text with something odd in it (line ends to be normalised, an ampersand that starts no known reference) is left to
//! the library, which can also say what is wrong.

use memchr::{memchr, memchr3};

/// How many bytes of a text are looked at one by one before the rest is searched.
const NEAR: usize = 16;

/// The references that escaped markup is full of; they are resolved without looking for their semicolon.
const COMMON: [(&str, char); 4] = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];

/// Text of a document.
pub(super) enum Taken<'a> {
    /// As it stands there.
    Verbatim(&'a str),
    /// With references resolved, in the buffer.
    Resolved,
}

/// Says what a reference stands for, which is given from its ampersand to its semicolon; `None` when it is no
/// reference.
pub(super) type Resolve = fn(&str) -> Option<String>;

/// The text that `rest` starts with, up to the next tag, and its length as written; `None` when there is no text or an
/// odd one.
pub(super) fn take<'a>(rest: &'a str, buffer: &mut String, known: Resolve) -> Option<(Taken<'a>, usize)> {
    let bytes = rest.as_bytes();
    let first = end_of_plain(bytes)?;
    if bytes[first] == b'<' {
        return (first > 0).then(|| (Taken::Verbatim(&rest[..first]), first));
    }
    let length = memchr(b'<', bytes)?;
    let raw = &rest[..length];
    if memchr(b'\r', raw.as_bytes()).is_some() {
        return None;
    }
    buffer.clear();
    resolve(raw, buffer, known)?;
    Some((Taken::Resolved, length))
}

/// Where the first tag, reference or carriage return is. Between two tags there are mostly a line end and some blanks;
/// a search that takes many bytes at a time would cost more to set up than they cost one by one.
fn end_of_plain(bytes: &[u8]) -> Option<usize> {
    let near = bytes.iter().take(NEAR).position(|byte| matches!(byte, b'<' | b'&' | b'\r'));
    near.or_else(|| Some(NEAR + memchr3(b'<', b'&', b'\r', bytes.get(NEAR..)?)?))
}

/// Appends a text with its references resolved; `None` when one of them is no reference.
fn resolve(raw: &str, out: &mut String, known: Resolve) -> Option<()> {
    out.reserve(raw.len());
    let mut rest = raw;
    while let Some(start) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..start]);
        let reference = &rest[start..];
        let common = COMMON.iter().find(|(written, _)| reference.starts_with(written));
        rest = if let Some((written, character)) = common {
            out.push(*character);
            &reference[written.len()..]
        } else {
            let end = memchr(b';', reference.as_bytes())? + 1;
            out.push_str(&known(&reference[..end])?);
            &reference[end..]
        };
    }
    out.push_str(rest);
    Some(())
}
