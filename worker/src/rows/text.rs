//! Values too long for the graph: what kind of text they are, and their first words.

use memchr::memchr;

/// Non-numeric values of more bytes than this are kept in the text table.
pub(super) const INLINE_LIMIT_BYTES: usize = 1_024;

/// Characters of plain text that stay in the graph of a value that does not.
const EXCERPT_CHARS: usize = 256;

/// Bytes read for an excerpt: enough for any table header, and text blocks reach a megabyte.
const EXCERPT_SOURCE_BYTES: usize = 64 * 1_024;

/// The content type of a text.
pub(super) fn content_type(text: &str) -> &'static str {
    if is_markup(text) { "text/html" } else { "text/plain" }
}

fn is_markup(text: &str) -> bool {
    let opens_tag = |(at, _): (usize, &str)| {
        text[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || matches!(next, '/' | '!'))
    };
    text.contains('>') && text.match_indices('<').any(opens_tag)
}

/// What stays in the graph of a text that is too long for it.
pub(super) fn excerpt(text: &str) -> String {
    first_words(text, EXCERPT_CHARS)
}

/// The first words of a text up to so many characters, without markup, white space collapsed.
pub fn first_words(text: &str, max_chars: usize) -> String {
    let mut rest = &text[..text.floor_char_boundary(EXCERPT_SOURCE_BYTES.min(text.len()))];
    let mut excerpt = Excerpt::new(max_chars);
    if !is_markup(text) {
        excerpt.add(rest);
        return excerpt.words;
    }
    while !excerpt.is_full() {
        // A tag separates words, as `</td><td>` does on the page.
        let open = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
        excerpt.add(&html_escape::decode_html_entities(&rest[..open]));
        let Some(close) = memchr(b'>', &rest.as_bytes()[open..]) else { break };
        rest = &rest[open + close + 1..];
    }
    excerpt.words
}

/// The first words of a text that is plain, white space collapsed.
pub(super) fn words(text: &str) -> String {
    let mut excerpt = Excerpt::new(EXCERPT_CHARS);
    excerpt.add(text);
    excerpt.words
}

/// The first words of what was added, one blank between two.
struct Excerpt {
    words: String,
    chars: usize,
    max_chars: usize,
}

impl Excerpt {
    fn new(max_chars: usize) -> Self {
        Self { words: String::new(), chars: 0, max_chars }
    }

    fn is_full(&self) -> bool {
        self.chars >= self.max_chars
    }

    fn add(&mut self, text: &str) {
        for word in text.split_whitespace() {
            let blank = if self.words.is_empty() { None } else { Some(' ') };
            for character in blank.into_iter().chain(word.chars()) {
                if self.is_full() {
                    return;
                }
                self.words.push(character);
                self.chars += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_plain_text() {
        let check = |text, expected| assert_eq!(excerpt(text), expected);
        check(
            "<div><p>Cash &amp;&nbsp;equivalents</p><table><tr><td>1</td><td>2</td></tr></table></div>",
            "Cash & equivalents 1 2",
        );
        check("  plain,\n with 1 < 2  ", "plain, with 1 < 2");
        check("<div>cut in a ta<g", "cut in a ta");
        assert_eq!(first_words("<p>one <b>two</b></p>", 5), "one t");
    }

    #[test]
    fn an_excerpt_is_short_and_never_splits_a_character() {
        let long = "é".repeat(300);
        assert_eq!(excerpt(&long).chars().count(), EXCERPT_CHARS);
        assert_eq!(excerpt(&format!("<p>{}</p>", "word ".repeat(50_000))).chars().count(), EXCERPT_CHARS);
    }

    #[test]
    fn markup_is_told_from_text_with_an_angle_bracket() {
        assert_eq!(content_type("<p>x</p>"), "text/html");
        assert_eq!(content_type("a < b and c > d"), "text/plain");
        assert_eq!(content_type("<!-- x -->"), "text/html");
    }
}
