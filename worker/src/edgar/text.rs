//! EDGAR's lists as text, whatever one row of theirs does to the encoding of the file.
//!
//! A name in an old encoding, or half of a pair of surrogates, is no text for a JSON parser, and would cost every row.

use std::borrow::Cow;

/// What stands for a character that is none.
const REPLACEMENT: &str = "\\ufffd";

/// The text of a list. A byte order mark is left out; bytes that are no UTF-8 are Latin-1, which EDGAR's old names are.
pub(crate) fn of_list(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| char::from(*byte)));
    }
    Cow::Owned(text)
}

/// The same of a list in JSON, with escaped surrogates that are no pair replaced.
pub(super) fn of_json(bytes: &[u8]) -> Cow<'_, str> {
    let text = of_list(bytes);
    if text.contains("\\ud") || text.contains("\\uD") { Cow::Owned(paired(&text)) } else { text }
}

fn paired(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (escape, replaced) = match (surrogate(rest), rest.get(6..).and_then(surrogate)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (12, None),
            (Some(_), _) => (6, Some(REPLACEMENT)),
            // The backslash and what it stands before.
            (None, _) => (1 + rest[1..].chars().next().map_or(0, char::len_utf8), None),
        };
        out.push_str(replaced.unwrap_or(&rest[..escape]));
        rest = &rest[escape..];
    }
    out.push_str(rest);
    out
}

/// The surrogate that a text begins with as an escape.
fn surrogate(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let unit = u16::from_str_radix(digits, 16).ok()?;
    (0xd800..=0xdfff).contains(&unit).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_bytes_are_characters_and_cost_nothing_else() {
        for (bytes, expected) in [
            (&b"plain"[..], "plain"),
            (b"\xef\xbb\xbf{}", "{}"),
            ("Caf\u{e9} \u{20ac}".as_bytes(), "Caf\u{e9} \u{20ac}"),
            (b"Caf\xe9 SA", "Caf\u{e9} SA"),
            (b"\xff\xe2\x82", "\u{ff}\u{e2}\u{82}"),
        ] {
            assert_eq!(of_list(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn halves_of_pairs_are_replaced_and_pairs_stay() {
        for (text, expected) in [
            (r"\ud83d\ude00", r"\ud83d\ude00"),
            (r"\uD83D\uDE00\uD83D", r"\uD83D\uDE00\ufffd"),
            (r"a\ud83db", r"a\ufffdb"),
            (r"\ude00\ud83d", r"\ufffd\ufffd"),
            (r"\\ud83d", r"\\ud83d"),
            (r"\\\ud83d", r"\\\ufffd"),
            (r"\ud8", r"\ud8"),
            (r"\ud83d\", r"\ufffd\"),
            ("\\ud83\u{e9}", "\\ud83\u{e9}"),
            ("\\\u{e9}\\ud83d", "\\\u{e9}\\ufffd"),
        ] {
            assert_eq!(of_json(text.as_bytes()), expected, "{text}");
        }
    }
}
