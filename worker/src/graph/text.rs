//! Values too long for the graph: what kind of text they are, and their first words.

/// Non-numeric values of more bytes than this are kept in the text table.
pub(super) const INLINE_LIMIT_BYTES: usize = 1_024;

/// Characters of plain text that stay in the graph of a value that does not.
const EXCERPT_CHARS: usize = 256;

/// Bytes of markup read for an excerpt, for most texts and at most: enough for any table header, and text blocks reach a
/// megabyte.
const EXCERPT_SOURCE_BYTES: [usize; 2] = [4 * 1_024, 64 * 1_024];
/// Characters beyond the excerpt that show that the place where the text was cut has no part in it.
const EXCERPT_MARGIN_CHARS: usize = 64;

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

/// The first words of a text, without markup, white space collapsed.
pub(super) fn excerpt(text: &str) -> String {
    let is_markup = is_markup(text);
    let [most, all] = EXCERPT_SOURCE_BYTES.map(|bytes| text.floor_char_boundary(bytes.min(text.len())));
    let excerpt = first_words(&text[..most], is_markup);
    let is_enough = most == all || excerpt.chars().count() >= EXCERPT_CHARS + EXCERPT_MARGIN_CHARS;
    let excerpt = if is_enough { excerpt } else { first_words(&text[..all], is_markup) };
    excerpt.chars().take(EXCERPT_CHARS).collect()
}

/// Somewhat more of them than an excerpt has.
fn first_words(text: &str, is_markup: bool) -> String {
    let plain = if is_markup { strip_markup(text) } else { text.to_owned() };
    let mut excerpt = String::new();
    for word in plain.split_whitespace() {
        if !excerpt.is_empty() {
            excerpt.push(' ');
        }
        excerpt.push_str(word);
        if excerpt.len() > EXCERPT_CHARS * char::MAX.len_utf8() {
            break;
        }
    }
    excerpt
}

/// Text between tags. A tag separates words, as `</td><td>` does on the page.
fn strip_markup(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() / 2);
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        plain.push_str(&rest[..open]);
        plain.push(' ');
        rest = rest[open..].find('>').map_or("", |close| &rest[open + close + 1..]);
    }
    plain.push_str(rest);
    html_escape::decode_html_entities(&plain).into_owned()
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
