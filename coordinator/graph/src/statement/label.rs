//! What lines are called: the label of the role that the arc prefers, as the filing has it. Pure.

use std::collections::HashMap;

/// The role of a concept's plain label.
const STANDARD: &str = "http://www.xbrl.org/2003/role/label";

/// A label of a concept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) concept: String,
    pub(crate) role: String,
    pub(crate) language: Option<String>,
    pub(crate) text: String,
}

/// The English labels of a filing, by concept and role; those that say no language count as English.
#[derive(Debug, Default)]
pub(crate) struct Labels(HashMap<(String, String), String>);

impl Labels {
    pub(crate) fn new(mut labels: Vec<Label>) -> Self {
        let is_english = |label: &Label| {
            label.language.as_deref().is_none_or(|language| language.to_lowercase().starts_with("en"))
        };
        labels.retain(is_english);
        // Of several in one role the first by text, whatever the order of the rows.
        labels.sort_by(|a, b| b.text.cmp(&a.text));
        Self(labels.into_iter().map(|label| ((label.concept, label.role), label.text)).collect())
    }

    /// The label of the preferred role, else the plain one, else the concept's name.
    pub(crate) fn of(&self, concept: &str, preferred: Option<&str>) -> String {
        let in_role = |role: &str| self.0.get(&(concept.to_owned(), role.to_owned()));
        let found = preferred.and_then(in_role).or_else(|| in_role(STANDARD));
        found.map_or_else(|| concept.to_owned(), |text| text.trim().to_owned())
    }
}

/// A label as people read it: what the taxonomy appends in brackets, such as `[Abstract]`, says nothing of a line.
pub(crate) fn plain(label: &str) -> &str {
    let tags = ["[Abstract]", "[Member]", "[Domain]", "[Line Items]", "[Roll Forward]", "[Table]", "[Axis]"];
    let tag = tags.into_iter().find_map(|tag| label.strip_suffix(tag));
    tag.map_or(label, str::trim_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_called_by_its_preferred_role_in_english() {
        let label = |role: &str, language: Option<&str>, text: &str| Label {
            concept: "us-gaap:Assets".into(),
            role: role.into(),
            language: language.map(str::to_owned),
            text: text.into(),
        };
        let labels = Labels::new(vec![
            label(STANDARD, Some("en-US"), "Assets"),
            label("total", Some("de"), "Summe der Aktiva"),
            label("total", Some("en-US"), " Total assets "),
            label("terse", None, "All"),
        ]);
        for (role, expected) in [
            (Some("total"), "Total assets"),
            (Some("terse"), "All"),
            (Some("verbose"), "Assets"),
            (None, "Assets"),
        ] {
            assert_eq!(labels.of("us-gaap:Assets", role), expected);
        }
        assert_eq!(labels.of("us-gaap:Cash", None), "us-gaap:Cash");
        assert_eq!(plain("Equity Component [Domain]"), "Equity Component");
        assert_eq!(plain("Cash [restricted]"), "Cash [restricted]");
    }
}
