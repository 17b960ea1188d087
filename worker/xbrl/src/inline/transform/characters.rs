//! Which characters a rule reads as digits, and which as hyphens.

/// The digits of a rule. Whatever else is a digit in Unicode makes a text that no rule accepts: it would be passed
/// over like punctuation, and another number come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inline) enum Digits {
    /// `0` to `9`.
    Ascii,
    /// Also `０` to `９`.
    FullWidth,
    /// Also `०` to `९`.
    Devanagari,
}

impl Digits {
    /// The value of a digit, as ASCII.
    pub(super) fn value(self, character: char) -> Option<char> {
        let zero = match (self, character) {
            (_, '0'..='9') => return Some(character),
            (Digits::FullWidth, '０'..='９') => '０',
            (Digits::Devanagari, '०'..='९') => '०',
            _ => return None,
        };
        char::from_digit(u32::from(character) - u32::from(zero), 10)
    }

    /// Runs of digits, and what stands before, between and after them: one gap more than runs. `None` when a gap
    /// holds a digit that is none of these.
    pub(super) fn split(self, text: &str) -> Option<(Vec<&str>, Vec<&str>)> {
        let (mut runs, mut gaps) = (Vec::new(), Vec::new());
        let mut rest = text;
        loop {
            let start = rest.find(|c| self.value(c).is_some()).unwrap_or(rest.len());
            let (gap, run) = rest.split_at(start);
            if gap.chars().any(char::is_numeric) {
                return None;
            }
            gaps.push(gap);
            if run.is_empty() {
                return Some((runs, gaps));
            }
            let end = run.find(|c| self.value(c).is_none()).unwrap_or(run.len());
            runs.push(&run[..end]);
            rest = &run[end..];
        }
    }

    /// A number of at least one digit and at most `length`, with nothing around it.
    pub(super) fn number(self, text: &str, length: usize) -> Option<u32> {
        let digits: String = text.chars().map(|c| self.value(c)).collect::<Option<_>>()?;
        if digits.len() > length { None } else { digits.parse().ok() }
    }
}

/// Whether `character` is a hyphen or dash as the registries list them.
pub(super) fn is_hyphen(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{58a}' | '\u{5be}' | '\u{2010}'..='\u{2015}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}
