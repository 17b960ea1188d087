//! `index.json`: what EDGAR says is in a folder, a filing's or that of a quarter's indexes. Pure.

use edgraph_shared::kinds::sec_xbrl::Damage;
use serde_json::Value;

use super::{fields, text};
use crate::download::content::json_reason;

/// A folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// What is in it, in the list's order.
    pub entries: Vec<Entry>,
    /// Entries that cannot be read.
    pub damage: Damage,
}

/// One file of a folder, or a folder in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its size in bytes, where the list says one.
    pub bytes: Option<u64>,
}

/// A list that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not the JSON expected.
    #[error("not the list of a folder: {0}")]
    Json(String),
    /// Without this field it is no list.
    #[error("not the list of a folder: {field} is {value}, expected {expected}")]
    Field {
        /// The field.
        field: &'static str,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
    /// None of its entries can be read.
    #[error("of {entries} entries none can be read; {first}")]
    NoEntry {
        /// How many there are.
        entries: u64,
        /// What is wrong with the first.
        first: String,
    },
}

/// Reads the list of a folder; `file` is what messages call it. An entry without a name costs itself alone.
///
/// # Errors
/// [`Error`] if it is no such list.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Folder, Error> {
    let list: Value =
        serde_json::from_str(&text::of_json(bytes)).map_err(|error| Error::Json(json_reason(&error)))?;
    let bad = |field, value, expected| Error::Field { field, value: fields::shown(value), expected };
    let directory = list.get("directory");
    let directory = directory
        .filter(|directory| directory.is_object())
        .ok_or_else(|| bad("directory", directory, "an object"))?;
    let items = directory.get("item");
    let items = fields::entries(items).ok_or_else(|| bad("directory.item", items, "a list"))?;
    let mut folder = Folder::default();
    for (at, item) in items.iter().enumerate() {
        match entry(item) {
            Some(entry) => folder.entries.push(entry),
            None => folder.damage.add(|| damaged(file, at, item)),
        }
    }
    match folder.damage.named.first() {
        Some(first) if folder.entries.is_empty() => {
            Err(Error::NoEntry { entries: folder.damage.rows, first: first.clone() })
        }
        _ => Ok(folder),
    }
}

fn entry(item: &Value) -> Option<Entry> {
    // A size is written as text; what is none, such as `1 KB`, says nothing exact.
    let bytes = fields::text(item.get("size")).and_then(|size| size.trim().parse().ok());
    Some(Entry { name: fields::text(item.get("name"))?, bytes })
}

fn damaged(file: &str, at: usize, item: &Value) -> String {
    if item.is_object() {
        let shown = fields::shown(item.get("name"));
        format!("{file}: directory.item[{at}].name is {shown}, expected a file name")
    } else {
        format!("{file}: directory.item[{at}] is {}, expected an object", fields::shown(Some(item)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(items: Value) -> Result<Folder, Error> {
        parse("f/index.json", json!({"directory": {"item": items}}).to_string().as_bytes())
    }

    #[test]
    fn an_odd_entry_costs_itself_alone_and_what_is_not_needed_costs_nothing() {
        let folder = parsed(json!([
            {"name": "a.htm", "size": "7000", "type": "text.gif", "last-modified": "2024-02-01 16:30:00"},
            {"name": "b.xml", "size": null, "type": null, "last-modified": null},
            {"name": "c.xsd", "size": 12, "type": 7, "last-modified": ["x"]},
            {"name": "d.xml", "size": "1 KB"},
            {"name": "e.xml"},
            {"size": "7"},
            {"name": null, "size": "7"},
            {"name": ["f.xml"]},
            null,
            ["g.xml"],
            "h.xml",
        ]))
        .unwrap();
        let read: Vec<_> = folder.entries.iter().map(|entry| (entry.name.as_str(), entry.bytes)).collect();
        let expected =
            [("a.htm", Some(7000)), ("b.xml", None), ("c.xsd", Some(12)), ("d.xml", None), ("e.xml", None)];
        assert_eq!(read, expected);
        assert_eq!(
            folder.damage.named,
            [
                "f/index.json: directory.item[5].name is missing, expected a file name",
                "f/index.json: directory.item[6].name is null, expected a file name",
                "f/index.json: directory.item[7].name is [\"f.xml\"], expected a file name",
                "f/index.json: directory.item[8] is null, expected an object",
                "f/index.json: directory.item[9] is [\"g.xml\"], expected an object",
                "f/index.json: directory.item[10] is \"h.xml\", expected an object",
            ]
        );
    }

    #[test]
    fn a_folder_may_have_one_entry_or_none() {
        let names = |items: Value| -> Vec<String> {
            parsed(items).unwrap().entries.into_iter().map(|entry| entry.name).collect()
        };
        assert_eq!(names(json!({"name": "a.htm"})), ["a.htm"]);
        assert_eq!(names(json!([])), Vec::<String>::new());
        assert_eq!(names(json!(null)), Vec::<String>::new());
        let latin = parse("f", b"{\"directory\": {\"item\": [{\"name\": \"caf\xe9.xml\"}]}}").unwrap();
        assert_eq!(latin.entries[0].name, "caf\u{e9}.xml");
    }

    #[test]
    fn what_is_no_list_is_said() {
        for (text, part) in [
            ("{}", "directory is missing, expected an object"),
            (r#"{"directory": "x"}"#, "directory is \"x\""),
            (r#"{"directory": {"item": "x"}}"#, "directory.item is \"x\", expected a list"),
            (
                r#"{"directory": {"item": [{}, 7]}}"#,
                "of 2 entries none can be read; f: directory.item[0].name",
            ),
            ("{", "not the list of a folder: EOF"),
        ] {
            let error = parse("f", text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part) && !error.contains("column"), "{error}");
        }
    }
}
