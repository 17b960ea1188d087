//! One value, and which fact it is of.

use std::cmp::Reverse;

use edgraph_shared::schema::{Row, Table, Value};
use serde::Serialize;
use serde_json::Map;

use crate::prose;

/// What footnotes are called.
const FOOTNOTE: &str = "link:footnote";

/// What a filing says in one fact, or in one footnote.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Text {
    /// The identifier of the Fact or Footnote.
    pub fact_id: String,
    /// The concept, `{prefix}:{name}`; link:footnote for a footnote.
    pub concept: String,
    /// The first day of a duration.
    pub period_start: Option<String>,
    /// The last day of a duration.
    pub period_end: Option<String>,
    /// The day at whose end an instant is.
    pub period_instant: Option<String>,
    /// From axis to member or typed value, by their names.
    pub dimensions: Map<String, serde_json::Value>,
    /// The same by their labels as filed.
    pub dimension_labels: Map<String, serde_json::Value>,
    /// The unit of a number.
    pub unit: Option<String>,
    /// The value as filed, with its markup; nothing if the fact is nil.
    pub value: Option<String>,
    /// Whether it is too long for the graph.
    #[serde(skip)]
    pub(super) is_long: bool,
}

/// How rows of a table are read.
pub(super) type Read = fn(&Table, &Row) -> Text;

impl Text {
    /// The value as plain text.
    pub fn plain(&self) -> String {
        prose::plain(self.value.as_deref().unwrap_or_default()).into_owned()
    }

    /// Which of several facts this one is: its period and dimensions.
    pub fn which(&self) -> String {
        let period = match (&self.period_start, &self.period_end, &self.period_instant) {
            (Some(start), Some(end), _) => Some(format!("{start} to {end}")),
            (_, _, instant) => instant.clone(),
        };
        let dimensions = self.dimension_labels.iter().map(|(axis, member)| {
            let member = member.as_str().map_or_else(|| member.to_string(), str::to_owned);
            format!("{axis}: {member}")
        });
        let concept = [self.concept.clone()].into_iter().chain(period).chain(dimensions);
        concept.collect::<Vec<_>>().join(", ")
    }

    /// Whether it is told in words: a note, a policy, or anything with markup.
    pub(super) fn is_text(&self) -> bool {
        let has_markup = || self.value.as_deref().is_some_and(|value| value.contains("</"));
        self.is_long || self.concept.ends_with("TextBlock") || self.concept == FOOTNOTE || has_markup()
    }

    /// What comes first is of the whole company, and of these what is newest.
    pub(super) fn rank(&self) -> impl Ord {
        let last = self.period_end.clone().or_else(|| self.period_instant.clone());
        (!self.dimensions.is_empty(), self.concept.clone(), Reverse((last, self.period_start.clone())))
    }
}

/// A row of `flat/facts`.
pub(super) fn of_fact(table: &Table, row: &Row) -> Text {
    let said = |column| said(table, row, column);
    let object = |column| said(column).and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    Text {
        fact_id: said("fact_id").unwrap_or_default(),
        concept: said("concept").unwrap_or_default(),
        period_start: said("period_start"),
        period_end: said("period_end"),
        period_instant: said("period_instant"),
        dimensions: object("dimensions"),
        dimension_labels: object("dimension_labels"),
        unit: said("unit"),
        value: said("value"),
        is_long: false,
    }
}

/// A row of the footnotes.
pub(super) fn of_footnote(table: &Table, row: &Row) -> Text {
    let said = |column| said(table, row, column);
    Text {
        fact_id: said("identifier").unwrap_or_default(),
        concept: FOOTNOTE.to_owned(),
        period_start: None,
        period_end: None,
        period_instant: None,
        dimensions: Map::new(),
        dimension_labels: Map::new(),
        unit: None,
        value: said("markup").or_else(|| said("text")),
        is_long: false,
    }
}

fn said(table: &Table, row: &Row, column: &str) -> Option<String> {
    match row.get(table.column_index(column)?)? {
        Value::String(text) => Some(text.to_string()),
        _ => None,
    }
}
