//! Rows of EDGAR's lists that cannot be read: each costs itself alone, all are counted, and the first are named.

use serde::{Deserialize, Serialize};

/// Rows named of one list or of one run's; more are only counted, since a list may be nothing but odd rows.
pub const MAX_NAMED_ROWS: usize = 1_000;

/// Rows that cannot be read. In JSON its two fields stand among those of what it is part of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// How many.
    #[serde(default, rename = "damaged_rows")]
    pub rows: u64,
    /// The first of them, each as a sentence that names the file, the field, and what stands there.
    #[serde(default, rename = "damaged")]
    pub named: Vec<String>,
}

impl Damage {
    /// Whether every row can be read.
    pub fn is_none(&self) -> bool {
        self.rows == 0
    }

    /// Adds a row; `sentence` is asked for as long as rows are named.
    pub fn add(&mut self, sentence: impl FnOnce() -> String) {
        self.rows += 1;
        if self.named.len() < MAX_NAMED_ROWS {
            self.named.push(sentence());
        }
    }

    /// Adds the rows of another list.
    pub fn extend(&mut self, other: Self) {
        self.rows += other.rows;
        let free = MAX_NAMED_ROWS.saturating_sub(self.named.len());
        self.named.extend(other.named.into_iter().take(free));
    }

    /// Takes away the sentences that go beyond so many bytes of JSON, and returns them; all rows stay counted.
    pub fn shorten(&mut self, max_bytes: usize) -> Vec<String> {
        let mut bytes = 0;
        let kept = self.named.iter().take_while(|sentence| {
            // In quotes, with a comma; a character may take six bytes.
            bytes += serde_json::to_string(sentence).expect("strings always serialise").len() + 1;
            bytes <= max_bytes
        });
        let kept = kept.count();
        self.named.split_off(kept)
    }

    /// How many rows are counted and not named.
    pub fn unnamed(&self) -> u64 {
        self.rows.saturating_sub(self.named.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rows_are_counted_and_the_first_named() {
        let mut damage = Damage::default();
        for row in 0..MAX_NAMED_ROWS as u64 + 5 {
            damage.add(|| format!("row {row}"));
        }
        assert_eq!((damage.rows, damage.named.len(), damage.unnamed()), (1_005, 1_000, 5));
        let mut both = Damage { rows: 2, named: vec!["a".into(), "b".into()] };
        both.extend(damage);
        assert_eq!((both.rows, both.named.len(), both.named[2].as_str()), (1_007, 1_000, "row 0"));

        let sentences = ["first", "second \"\u{1}\"", "third"].map(str::to_owned);
        let damage = Damage { rows: 3, named: sentences.to_vec() };
        for (max_bytes, kept) in [(0, 0), (7, 0), (8, 1), (8 + 19, 1), (8 + 20, 2), (1_000, 3)] {
            let mut short = damage.clone();
            let rest = short.shorten(max_bytes);
            assert_eq!((short.named.as_slice(), rest.as_slice()), (&sentences[..kept], &sentences[kept..]));
            assert_eq!((short.rows, short.unnamed()), (3, 3 - kept as u64));
        }
    }

    #[test]
    fn its_fields_stand_among_those_of_what_it_is_part_of() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Found {
            filings: u64,
            #[serde(flatten)]
            damage: Damage,
        }
        let damage = Damage { rows: 2, named: vec!["a".into()] };
        let text = serde_json::to_string(&Found { filings: 7, damage: damage.clone() }).unwrap();
        assert_eq!(text, r#"{"filings":7,"damaged_rows":2,"damaged":["a"]}"#);
        assert_eq!(serde_json::from_str::<Found>(&text).unwrap().damage, damage);
        // A result that was written before rows were counted.
        assert_eq!(serde_json::from_str::<Found>(r#"{"filings":7}"#).unwrap().damage, Damage::default());
    }
}
