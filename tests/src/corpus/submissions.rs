//! Rows of a submissions file: columns side by side, in the newest page or in an older one.
//!
//! An older page has its columns at the top level; the newest has them under `filings.recent`.

use std::path::Path;

use anyhow::Context;
use serde_json::{Map, Value, json};

/// One filing's cells by column name.
pub(super) type Row = Map<String, Value>;

/// Reads a JSON file.
pub(super) fn read(path: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", path.display()))
}

/// Writes a JSON file in one line per level, readable in a failed test's directory.
pub(super) fn write(path: &Path, value: &Value) -> anyhow::Result<()> {
    let text = serde_json::to_vec_pretty(value)?;
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The columns of a submissions file or of an older page.
pub(super) fn columns(page: &mut Value) -> anyhow::Result<&mut Map<String, Value>> {
    let columns = match page.get("filings") {
        Some(_) => page.pointer_mut("/filings/recent"),
        None => Some(page),
    };
    columns.and_then(Value::as_object_mut).context("a submissions page has no columns")
}

/// How many filings the columns hold.
pub(super) fn rows(columns: &Map<String, Value>) -> usize {
    columns.get("accessionNumber").and_then(Value::as_array).map_or(0, Vec::len)
}

/// Where a filing stands.
pub(super) fn position(columns: &Map<String, Value>, accession: &str) -> Option<usize> {
    columns.get("accessionNumber")?.as_array()?.iter().position(|cell| cell == accession)
}

/// The cells of one filing.
pub(super) fn row(columns: &Map<String, Value>, at: usize) -> Row {
    let cell = |(name, cells): (&String, &Value)| Some((name.clone(), cells.get(at)?.clone()));
    columns.iter().filter_map(cell).collect()
}

/// Takes one filing out.
pub(super) fn remove(columns: &mut Map<String, Value>, at: usize) {
    for cells in columns.values_mut().filter_map(Value::as_array_mut) {
        if at < cells.len() {
            cells.remove(at);
        }
    }
}

/// Puts a filing where its filing date belongs: newest first, before those of the same day.
pub(super) fn insert(columns: &mut Map<String, Value>, row: &Row) {
    let date = row.get("filingDate").and_then(Value::as_str).unwrap_or_default();
    let dates = columns.get("filingDate").and_then(Value::as_array);
    let newer = dates.map(|dates| dates.iter().take_while(|other| other.as_str() > Some(date)).count());
    let at = newer.unwrap_or_default();
    for (name, cells) in columns.iter_mut() {
        if let Some(cells) = cells.as_array_mut() {
            cells.insert(at.min(cells.len()), row.get(name).cloned().unwrap_or_else(|| json!("")));
        }
    }
}

/// Splits the columns after the first `keep` rows; gives the older ones.
pub(super) fn split(columns: &mut Map<String, Value>, keep: usize) -> Map<String, Value> {
    let mut older = Map::new();
    for (name, cells) in columns.iter_mut() {
        if let Some(cells) = cells.as_array_mut() {
            older.insert(name.clone(), Value::Array(cells.split_off(keep.min(cells.len()))));
        }
    }
    older
}
