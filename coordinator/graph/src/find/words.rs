//! The words that are looked for, and how well texts fit them. Pure.

/// How well something fits, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// One of its names is what was written.
    Exact,
    /// Every word is one of its words, or the singular of one.
    Words,
    /// Every word begins one of its words.
    Starts,
    /// Every word is a part of one of its texts.
    Parts,
}

/// What was written, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    whole: String,
    words: Vec<String>,
}

impl Wanted {
    /// The words between blanks; none where there is nothing else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let words: Vec<String> = text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        (!words.is_empty()).then(|| Self { whole: words.join(" "), words })
    }

    /// The words, in lower case.
    pub(super) fn words(&self) -> &[String] {
        &self.words
    }

    /// How well one thing fits: each word must be in one of its names or of its other texts.
    pub(super) fn fit(&self, names: &[&str], others: &[&str]) -> Option<Fit> {
        if names.iter().any(|name| name.to_lowercase() == self.whole) {
            return Some(Fit::Exact);
        }
        let texts = || names.iter().chain(others);
        let lower: Vec<String> = texts().map(|text| text.to_lowercase()).collect();
        let pieces: Vec<String> = texts().flat_map(|text| pieces(text)).collect();
        let is_word = |piece: &String, word: &String| piece == word || piece.strip_suffix('s') == Some(word);
        let of_word = |word: &String| {
            if pieces.iter().any(|piece| is_word(piece, word)) {
                Some(Fit::Words)
            } else if pieces.iter().any(|piece| piece.starts_with(word)) {
                Some(Fit::Starts)
            } else {
                lower.iter().any(|text| text.contains(word)).then_some(Fit::Parts)
            }
        };
        let fits: Option<Vec<Fit>> = self.words.iter().map(of_word).collect();
        fits?.into_iter().max()
    }
}

/// The words of a text in lower case, those that a name in CamelCase is made of, and the name itself.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    for word in text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let parts = camel(word);
        if parts.len() > 1 {
            pieces.extend(parts.iter().map(|part| part.to_lowercase()));
        }
        pieces.push(word.to_lowercase());
    }
    pieces
}

/// The words of a name in CamelCase: `EPSDiluted` is `EPS` and `Diluted`.
fn camel(name: &str) -> Vec<&str> {
    let characters: Vec<(usize, char)> = name.char_indices().collect();
    let mut parts = Vec::new();
    let mut start = 0;
    for (place, (at, character)) in characters.iter().enumerate().skip(1) {
        let before = characters[place - 1].1;
        let next_is_lower = characters.get(place + 1).is_some_and(|(_, next)| next.is_lowercase());
        if character.is_uppercase() && (!before.is_uppercase() || next_is_lower) {
            parts.push(&name[start..*at]);
            start = *at;
        }
    }
    parts.push(&name[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        for (text, expected) in [
            ("us-gaap:EPSDiluted", "us gaap eps diluted epsdiluted"),
            ("Debt2024Note", "debt2024 note debt2024note"),
            ("Research & development", "research development"),
            ("AAPL", "aapl"),
            ("", ""),
        ] {
            assert_eq!(pieces(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn all_words_must_fit_and_the_worst_counts() {
        let names = ["us-gaap:OperatingIncomeLoss", "OperatingIncomeLoss"];
        let others = ["Income from operations"];
        for (text, expected) in [
            ("operatingincomeloss", Some(Fit::Exact)),
            ("US-GAAP:OperatingIncomeLoss", Some(Fit::Exact)),
            ("Income  from OPERATIONS", Some(Fit::Words)),
            ("incomes", None),
            ("operation income", Some(Fit::Words)),
            ("loss income", Some(Fit::Words)),
            ("operat income", Some(Fit::Starts)),
            ("operatingincome", Some(Fit::Starts)),
            ("come operations", Some(Fit::Parts)),
            ("income taxes", None),
        ] {
            assert_eq!(Wanted::parse(text).unwrap().fit(&names, &others), expected, "{text}");
        }
        assert_eq!(Wanted::parse(" \t"), None);
    }
}
