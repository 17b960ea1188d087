//! The names of a table's files: where they lie, and whose rows are in them. Pure.

use std::borrow::Cow;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::schema::Table;
use edgraph_shared::storage::{ObjectKey, layout};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::action::Add;

/// The tag of a file that holds several filings: their stems, joined by [`SEPARATOR`]. One of a single filing is
/// named by its stem and needs none.
pub(super) const FILINGS_TAG: &str = "edgraph.filings";
const SEPARATOR: char = ',';

const EXTENSION: &str = ".parquet";

/// What may not stand in a path of the log as it is: it is a relative URI.
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The path of a file of a table, as its log has it; `None` for one that does not lie in the table's folder.
pub(super) fn path_of(table: &Table, key: &ObjectKey) -> Option<String> {
    let relative = key.as_str().strip_prefix(&table.folder())?.strip_prefix('/')?;
    Some(utf8_percent_encode(relative, RESERVED).to_string())
}

/// The object that a path of a table's log names; `None` for one that leads elsewhere.
pub(super) fn key_of(table: &Table, path: &str) -> Option<ObjectKey> {
    // A path with a scheme is absolute: of a table that was cloned without its files.
    if path.contains("://") {
        return None;
    }
    let relative = percent_decode_str(path).decode_utf8().ok()?;
    format!("{}/{relative}", table.folder()).parse().ok()
}

/// The stems of the filings whose rows are in a file: of what accession, made from which input. `None` where nobody
/// can tell.
pub(super) fn stems_of(add: &Add) -> Option<Vec<(AccessionNumber, Cow<'_, str>)>> {
    let tag = add.tags.as_ref().and_then(|tags| tags.get(FILINGS_TAG)?.as_deref());
    if let Some(stems) = tag {
        return stems.split(SEPARATOR).map(|stem| Some((accession_of(stem)?, Cow::Borrowed(stem)))).collect();
    }
    let name = add.path.rsplit('/').next()?.strip_suffix(EXTENSION)?;
    let stem = percent_decode_str(name).decode_utf8().ok()?;
    Some(vec![(accession_of(&stem)?, stem)])
}

/// The accession that a stem begins with.
fn accession_of(stem: &str) -> Option<AccessionNumber> {
    layout::of_file_stem(stem).map(|(accession, _)| accession)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use edgraph_shared::schema;

    use super::*;

    fn add(path: &str) -> Add {
        Add {
            path: path.to_owned(),
            partition_values: BTreeMap::new(),
            size: 1,
            modification_time: 1,
            data_change: true,
            stats: None,
            tags: None,
        }
    }

    fn told(add: &Add) -> Option<Vec<String>> {
        Some(stems_of(add)?.into_iter().map(|(accession, stem)| format!("{accession} {stem}")).collect())
    }

    #[test]
    fn a_path_leads_back_to_its_object() {
        let table = schema::table("Fact").unwrap();
        let accession = "0000000001-24-000001".parse().unwrap();
        let key = layout::table_file(&table.folder(), "2024-02-01", &accession, &"ab".repeat(32));
        let path = path_of(table, &key).unwrap();
        assert_eq!(path, "year=2024/month=2/0000000001-24-000001-abababababab.parquet");
        assert_eq!(key_of(table, &path), Some(key.clone()));
        assert_eq!(told(&add(&path)).unwrap(), ["0000000001-24-000001 0000000001-24-000001-abababababab"]);
        assert_eq!(path_of(schema::table("FactSet").unwrap(), &key), None, "of another table");

        let odd: ObjectKey = format!("{}/year=2024/100% of {{it}}?.parquet", table.folder()).parse().unwrap();
        let path = path_of(table, &odd).unwrap();
        assert_eq!(path, "year=2024/100%25%20of%20%7Bit%7D%3F.parquet");
        assert_eq!(key_of(table, &path), Some(odd));
        for elsewhere in ["s3://other/a.parquet", "../FactSet/a.parquet", "%2e%2e/a.parquet", "/a.parquet"] {
            assert_eq!(key_of(table, elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn whose_rows_a_file_has_is_said_by_its_name_or_its_tag() {
        let (one, other) = ("0000000001-24-000001-abababababab", "0000000002-24-000001-cdcdcdcdcdcd");
        let mut many = add("year=2024/month=2/part-0.parquet");
        assert_eq!(told(&many), None);
        many.tags = Some([(FILINGS_TAG.to_owned(), Some(format!("{one},{other}")))].into());
        let expected = [format!("0000000001-24-000001 {one}"), format!("0000000002-24-000001 {other}")];
        assert_eq!(told(&many).unwrap(), expected);
        many.tags = Some([(FILINGS_TAG.to_owned(), Some(format!("{one},what")))].into());
        assert_eq!(told(&many), None);
    }
}
