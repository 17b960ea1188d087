//! What concepts are called: their standard labels as filed.

use std::sync::Arc;

use edgraph_xbrl::QName;
use edgraph_xbrl::taxonomy::Dts;
use foldhash::{HashMap, HashMapExt};

use super::elements::Names;

/// The role of a concept's plain label.
const STANDARD_LABEL: &str = "http://www.xbrl.org/2003/role/label";

/// The standard label of each concept in the filing's own linkbases, English before other languages.
pub(super) struct StandardLabels<'a>(HashMap<&'a QName, &'a Arc<str>>);

impl<'a> StandardLabels<'a> {
    pub(super) fn of(dts: &'a Dts) -> Self {
        let mut labels: HashMap<&QName, (bool, &Arc<str>)> = HashMap::new();
        for label in dts.labels().filter(|label| label.is_own && &**label.role == STANDARD_LABEL) {
            let is_english = label.language.is_none_or(|language| language.starts_with("en"));
            let best = labels.entry(label.concept).or_insert((is_english, label.text));
            if is_english && !best.0 {
                *best = (true, label.text);
            }
        }
        Self(labels.into_iter().map(|(concept, (_, text))| (concept, text)).collect())
    }

    pub(super) fn get(&self, concept: &QName) -> Option<&'a Arc<str>> {
        self.0.get(concept).copied()
    }

    /// A concept's label, or its name where it has none.
    pub(super) fn or_name(&self, concept: &QName, names: Names<'_>) -> String {
        self.get(concept).map_or_else(|| names.prefixed(concept), |label| label.to_string())
    }
}
