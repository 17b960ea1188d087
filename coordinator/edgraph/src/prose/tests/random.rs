//! Whatever the markup, no word is lost and nothing panics.

use proptest::prelude::*;

use super::super::plain;

const TAGS: &[&str] = &[
    "div", "p", "span", "b", "font", "table", "thead", "tbody", "tr", "td", "td", "th", "caption",
    "colgroup", "ul", "ol", "li", "sup", "br", "hr", "h1", "center", "pre", "a", "svg",
];
const ATTRIBUTES: &[&str] = &[
    "",
    " colspan='3'",
    " colspan='0' rowspan='0'",
    " rowspan='2' align='right'",
    " colspan='99999' rowspan='99999'",
    " style='padding-left:99999pt;text-indent:-3em;border-bottom:1px solid'",
    " style='text-align:center;display:inline-block;margin:9pt",
    " style='white-space:pre' type='i' start='-4' value='3'",
];

/// One piece of markup; a number stands for a word that nothing else has.
fn piece() -> impl Strategy<Value = String> {
    let tag = (0..TAGS.len(), 0..ATTRIBUTES.len(), any::<bool>());
    prop_oneof![
        4 => tag.prop_map(|(tag, attributes, is_closed)| {
            let (tag, attributes) = (TAGS[tag], ATTRIBUTES[attributes]);
            let quote = if attributes.matches('\'').count() % 2 == 1 { "'" } else { "" };
            format!("<{tag}{attributes}{quote}{}>", if is_closed { "/" } else { "" })
        }),
        3 => (0..TAGS.len()).prop_map(|tag| format!("</{}>", TAGS[tag])),
        4 => Just("@".to_owned()),
        1 => prop::sample::select(vec!["$", "(12", "1,234", ")", "%", "—", "&#160;", "•", "<", "&", "長い "]).prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn no_word_is_lost(pieces in prop::collection::vec(piece(), 0..200)) {
        let mut words = Vec::new();
        let mut markup = String::from("<p>");
        for piece in pieces {
            if piece == "@" {
                words.push(format!("w{}w", words.len()));
                markup.extend([" ", &*words[words.len() - 1], " "]);
            } else {
                markup.push_str(&piece);
            }
        }
        let text = plain(&markup);
        let mut found: Vec<&str> = text.split_whitespace().filter_map(|word| {
            let start = word.find('w')?;
            Some(&word[start..word.rfind('w')? + 1])
        }).collect();
        found.sort_unstable();
        words.sort_unstable();
        prop_assert_eq!(found, words, "{}\n{}", markup, text);
    }

    #[test]
    fn nothing_panics(markup in "(<[a-z/!]{0,6}|[ -~]|\\PC|<t[dr]>|</?table>){0,80}") {
        let text = plain(&markup);
        prop_assert!(!text.lines().any(|line| line.starts_with('\n')));
    }
}
