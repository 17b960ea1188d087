//! Finding the month that a date names.

use super::tail::Tail;

/// How months are named.
#[derive(Clone, Copy)]
pub(in crate::inline) enum Months {
    /// By number only.
    None,
    /// By Roman numeral, in capitals or in small letters.
    Roman,
    /// By name.
    Named(&'static Names),
}

/// The names of a language, and how freely they are written.
pub(in crate::inline) struct Names {
    stems: &'static [&'static str; 12],
    case: Case,
    edges: Edges,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    /// As listed.
    Exact,
    /// `March` and `MARCH`.
    Titled,
    /// `March`, `MARCH` and `march`.
    Any,
}

/// Which sides of a name may not touch an ASCII letter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edges {
    Neither,
    Start,
    End,
}

/// Where in a gap between numbers a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At the start, with something after it.
    Start,
    /// Something before it and after it.
    Middle,
    /// Something before it, and no more after it than this.
    End(Tail),
}

impl Place {
    fn allows(self, before: &str, after: &str) -> bool {
        match self {
            Place::Start => before.is_empty() && !after.is_empty(),
            Place::Middle => !before.is_empty() && !after.is_empty(),
            Place::End(tail) => !before.is_empty() && tail.allows(after),
        }
    }
}

impl Months {
    /// The month named in a gap, from 1; `None` when there is none, or more than one.
    pub(super) fn find(self, gap: &str, place: Place) -> Option<u32> {
        match self {
            Months::None => None,
            Months::Roman => only_one(roman(gap, place)),
            Months::Named(names) => only_one(names.within(gap, place)),
        }
    }

    /// The month whose name is `text`, from 1.
    pub(super) fn named(self, text: &str) -> Option<u32> {
        let Months::Named(names) = self else { return None };
        names.spellings().into_iter().find(|(name, _)| name == text).map(|(_, month)| month)
    }
}

fn only_one(months: Vec<u32>) -> Option<u32> {
    let first = *months.first()?;
    months.iter().all(|month| *month == first).then_some(first)
}

impl Names {
    pub(super) const fn exact(stems: &'static [&'static str; 12]) -> Self {
        Names { stems, case: Case::Exact, edges: Edges::Neither }
    }

    pub(super) const fn titled(stems: &'static [&'static str; 12]) -> Self {
        Names { stems, case: Case::Titled, edges: Edges::Neither }
    }

    pub(super) const fn stems(stems: &'static [&'static str; 12]) -> Self {
        Names { stems, case: Case::Any, edges: Edges::Neither }
    }

    /// Stems that begin a word: elsewhere they may be parts of other words of the language.
    pub(super) const fn words(stems: &'static [&'static str; 12]) -> Self {
        Names { stems, case: Case::Any, edges: Edges::Start }
    }

    /// Names that end where they end: one may begin another.
    pub(super) const fn whole(stems: &'static [&'static str; 12]) -> Self {
        Names { stems, case: Case::Any, edges: Edges::End }
    }

    /// Every name as it may be written, with its month.
    fn spellings(&self) -> Vec<(String, u32)> {
        let mut out = Vec::new();
        for (stems, month) in self.stems.iter().zip(1..) {
            for stem in stems.split(' ') {
                let capitals = stem.to_uppercase();
                if self.case != Case::Titled {
                    out.push((stem.to_owned(), month));
                }
                if self.case != Case::Exact {
                    let mut characters = stem.chars();
                    let first = characters.next().map(char::to_uppercase);
                    out.push((first.into_iter().flatten().chain(characters).collect(), month));
                    out.push((capitals, month));
                }
            }
        }
        out
    }

    fn within(&self, gap: &str, place: Place) -> Vec<u32> {
        let spellings = self.spellings();
        let mut found = Vec::new();
        for (at, _) in gap.char_indices() {
            let (before, rest) = gap.split_at(at);
            if self.edges == Edges::Start && before.ends_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            for (name, month) in &spellings {
                let Some(after) = rest.strip_prefix(name.as_str()) else { continue };
                let is_cut = self.edges == Edges::End && after.starts_with(|c: char| c.is_ascii_alphabetic());
                if !is_cut && place.allows(before, after) {
                    found.push(*month);
                }
            }
            if place == Place::Start {
                break;
            }
        }
        found
    }
}

const NUMERALS: [&str; 12] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];

/// The numerals in a gap: all letters together that may be of one.
fn roman(gap: &str, place: Place) -> Vec<u32> {
    let is_numeral = |c: char| matches!(c, 'i' | 'v' | 'x' | 'I' | 'V' | 'X');
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = gap[at..].find(is_numeral).map(|start| at + start) {
        let end = gap[start..].find(|c| !is_numeral(c)).map_or(gap.len(), |length| start + length);
        let numeral = &gap[start..end];
        let is_known = |known: &&str| *known == numeral || known.to_ascii_uppercase() == numeral;
        let month = NUMERALS.iter().zip(1..).find(|(known, _)| is_known(known)).map(|(_, month)| month);
        if place.allows(&gap[..start], &gap[end..]) {
            found.extend(month);
        }
        at = end;
    }
    found
}
