//! Text between two tags in one piece, with its references resolved.
//!
//! All text inside the root is taken here, whatever is in it, so that the library's reader only ever meets markup there:
//! it keeps a state of its own inside references, and must never be moved while it is in it.

use memchr::{memchr, memchr2};

/// How many bytes of a text are looked at one by one before the rest is searched.
const NEAR: usize = 16;

/// The references that escaped markup is full of; they are resolved without looking for their semicolon.
const COMMON: [(&str, char); 4] = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];

/// Text of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken<'a> {
    /// As it stands there.
    Verbatim(&'a str),
    /// With references resolved, in the buffer.
    Resolved,
}

/// An ampersand that starts no known reference, by its place in the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadReference {
    pub(super) at: usize,
}

/// Says what a reference stands for, which is given from its ampersand to its semicolon; `None` when it is no
/// reference.
pub(super) type Resolve = fn(&str) -> Option<String>;

/// The text that `rest` starts with, up to the next tag or the end of the document, and its length as written.
pub(super) fn take<'a>(
    rest: &'a str,
    buffer: &mut String,
    known: Resolve,
) -> Result<(Taken<'a>, usize), BadReference> {
    let bytes = rest.as_bytes();
    let first = end_of_plain(bytes);
    if bytes.get(first) != Some(&b'&') {
        return Ok((Taken::Verbatim(&rest[..first]), first));
    }
    let length = memchr(b'<', &bytes[first..]).map_or(rest.len(), |after| first + after);
    buffer.clear();
    resolve(&rest[..length], buffer, known)?;
    Ok((Taken::Resolved, length))
}

/// Where the first tag or reference is, or the end. Between two tags there are mostly a line end and some blanks; a
/// search that takes many bytes at a time would cost more to set up than they cost one by one.
fn end_of_plain(bytes: &[u8]) -> usize {
    let near = bytes.iter().take(NEAR).position(|byte| matches!(byte, b'<' | b'&'));
    let far = || Some(NEAR + memchr2(b'<', b'&', bytes.get(NEAR..)?)?);
    near.or_else(far).unwrap_or(bytes.len())
}

/// Appends a text with its references resolved.
fn resolve(raw: &str, out: &mut String, known: Resolve) -> Result<(), BadReference> {
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
            let bad = || BadReference { at: raw.len() - reference.len() };
            let end = memchr(b';', reference.as_bytes()).ok_or_else(bad)? + 1;
            out.push_str(&known(&reference[..end]).ok_or_else(bad)?);
            &reference[end..]
        };
    }
    out.push_str(rest);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(written: &str) -> Option<String> {
        (written == "&#65;").then(|| "A".to_owned())
    }

    #[test]
    fn every_text_is_taken_to_its_end_or_names_what_is_no_reference() {
        let long = "x".repeat(3 * NEAR);
        for (rest, taken, length) in [
            ("", "", 0),
            ("<b>", "", 0),
            ("plain<b>", "plain", 5),
            ("plain to the end", "plain to the end", 16),
            ("a&#65;&lt;b<c>&", "aA<b", 11),
            ("a&#65;", "aA", 6),
            (&format!("{long}&amp;<b>"), &format!("{long}&"), 3 * NEAR + 5),
            (&format!("{long}<b>"), &long, 3 * NEAR),
        ] {
            let mut buffer = String::new();
            let (text, written) = take(rest, &mut buffer, known).unwrap();
            let text = if let Taken::Verbatim(text) = text { text } else { &buffer };
            assert_eq!((text, written), (taken, length), "{rest}");
        }
        for (rest, at) in [("a&b;", 1), ("&#65;x&", 6), ("&amp &#65;", 0), ("x&#66;<b>", 1)] {
            assert_eq!(take(rest, &mut String::new(), known), Err(BadReference { at }), "{rest}");
        }
    }
}
