//! Where a tag ends that is written as nearly all are: its name, then what it says, then its bracket.
//!
//! Elements are most of what a document has, and this finds them with less work than the library, which also looks at
//! their bytes for valid UTF-8 and keeps a list of its own of what is open. Any other tag is left to it, which can also
//! say what is wrong with it.

use memchr::{memchr, memchr3};

/// A start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StartTag {
    /// Bytes of the element's name.
    pub(super) name_len: usize,
    /// Bytes of the tag, brackets included.
    pub(super) length: usize,
    /// Whether it ends its element too: `<a/>`.
    pub(super) is_end: bool,
}

/// The start tag that `rest` begins with.
pub(super) fn start(rest: &str) -> Option<StartTag> {
    let bytes = rest.as_bytes();
    let name = bytes.strip_prefix(b"<")?;
    let name_len = name.iter().position(|byte| is_behind_name(*byte)).filter(|length| *length > 0)?;
    let mut end = 1 + name_len;
    match bytes[end] {
        b'>' => return Some(StartTag { name_len, length: end + 1, is_end: false }),
        b'/' if bytes.get(end + 1) == Some(&b'>') => {
            return Some(StartTag { name_len, length: end + 2, is_end: true });
        }
        b' ' | b'\t' | b'\n' | b'\r' => {}
        _ => return None,
    }
    // A bracket between quotes is part of a value.
    loop {
        end += memchr3(b'>', b'"', b'\'', &bytes[end..])?;
        match bytes[end] {
            b'>' => break,
            quote => end += memchr(quote, &bytes[end + 1..])? + 2,
        }
    }
    Some(StartTag { name_len, length: end + 1, is_end: bytes[end - 1] == b'/' })
}

/// The length of the end tag that `rest` begins with, if it is that of an element of this name.
pub(super) fn end(rest: &str, raw_name: &str) -> Option<usize> {
    let behind = rest.strip_prefix("</")?.strip_prefix(raw_name)?;
    behind.starts_with('>').then(|| rest.len() - behind.len() + 1)
}

/// Whether a byte is behind the name of an element, or makes its tag one for the library: as the first byte of a
/// comment or of an end tag does.
fn is_behind_name(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'>' | b'/' | b'"' | b'\'' | b'<' | b'!' | b'?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_start_tags_end_at_their_bracket() {
        let tag = |name_len, length, is_end| Some(StartTag { name_len, length, is_end });
        for (rest, expected) in [
            ("<a>b", tag(1, 3, false)),
            ("<a/>b", tag(1, 4, true)),
            ("<ix:a b=\"1\">", tag(4, 12, false)),
            ("<a b=\"/>\" c='\">'/>", tag(1, 18, true)),
            ("<a\nb=\"1\"\t>", tag(1, 10, false)),
            ("<é >", tag(2, 5, false)),
        ] {
            assert_eq!(start(rest), expected, "{rest}");
        }
    }

    #[test]
    fn anything_else_is_left_to_the_library() {
        for rest in [
            "",
            "a",
            "<",
            "<a",
            "<>",
            "< a>",
            "<!-- a -->",
            "<?a?>",
            "</a>",
            "<a/b>",
            "<a\"b>\">",
            "<a b=\">",
        ] {
            assert_eq!(start(rest), None, "{rest}");
        }
    }

    #[test]
    fn an_end_tag_is_that_of_the_open_element() {
        assert_eq!(end("</a:b>c", "a:b"), Some(6));
        for rest in ["</a:bc>", "</a:b >", "</a>", "<a:b>", "</a:b"] {
            assert_eq!(end(rest, "a:b"), None, "{rest}");
        }
    }
}
