//! The names of a table's files: where they lie, and whose rows are in them. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::schema::Table;
use edgraph_shared::storage::{ObjectKey, layout};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::Deserialize;

use super::action::Add;
use super::part::Share;
use crate::error::Error;

/// The tag of a part, a file with the rows of many filings one after the other: their stems and how many rows, as
/// `stem:rows,stem:rows`. A filing's own file is named by its stem and needs none.
pub(super) const FILINGS_TAG: &str = "edgraph.filings";
/// The tag with the hash of a part's bytes. That of a filing's own file is in its manifest.
pub(super) const SHA256_TAG: &str = "edgraph.sha256";

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

pub(super) fn within(table: &Table, path: &str) -> Result<ObjectKey, Error> {
    let problem = "it names a file outside of the table's folder";
    key_of(table, path).ok_or_else(|| Error::invalid(format!("{}, {path}", table.folder()), problem))
}

/// The rows of a filing in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portion<'a> {
    /// The filing.
    pub accession: AccessionNumber,
    /// What tells its version from others.
    pub stem: Cow<'a, str>,
    /// How many; `None` where the log does not say.
    pub rows: Option<u64>,
}

/// Whose rows are in a file, in their order. `None` where nobody can tell.
pub(super) fn portions_of(add: &Add) -> Option<Vec<Portion<'_>>> {
    if let Some(filings) = tag(add, FILINGS_TAG) {
        let portion = |share: &'_ str| {
            let (stem, rows) = share.split_once(':')?;
            Some((stem.len(), accession_of(stem)?, rows.parse().ok()?))
        };
        let portions = filings.split(',').map(|share| {
            let (length, accession, rows) = portion(share)?;
            Some(Portion { accession, stem: Cow::Borrowed(&share[..length]), rows: Some(rows) })
        });
        return portions.collect();
    }
    let name = add.path.rsplit('/').next()?.strip_suffix(EXTENSION)?;
    let stem = percent_decode_str(name).decode_utf8().ok()?;
    Some(vec![Portion { accession: accession_of(&stem)?, stem, rows: rows_of(add) }])
}

/// As [`portions_of`].
///
/// # Errors
/// [`Error::Invalid`] where nobody can tell.
pub(super) fn portions_in<'a>(table: &Table, add: &'a Add) -> Result<Vec<Portion<'a>>, Error> {
    portions_of(add).ok_or_else(|| {
        let problem = "nobody can tell whose rows are in it, since another program wrote it: restore the table to a \
                       version without it, or remove the table's _delta_log";
        Error::invalid(format!("{}, {}", table.folder(), add.path), problem)
    })
}

/// Whether a file has the rows of many filings.
pub(super) fn is_part(add: &Add) -> bool {
    tag(add, FILINGS_TAG).is_some()
}

/// The tags of a part with these rows and this hash.
pub(super) fn tags_of(shares: &[Share], sha256: String) -> BTreeMap<String, Option<String>> {
    let filings: Vec<String> = shares.iter().map(|Share { stem, rows }| format!("{stem}:{rows}")).collect();
    let tags = [(FILINGS_TAG, filings.join(",")), (SHA256_TAG, sha256)];
    tags.into_iter().map(|(name, value)| (name.to_owned(), Some(value))).collect()
}

/// A tag of a file.
pub(super) fn tag<'a>(add: &'a Add, name: &str) -> Option<&'a str> {
    add.tags.as_ref()?.get(name)?.as_deref()
}

/// The rows of a file, as the log says.
fn rows_of(add: &Add) -> Option<u64> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Stats {
        num_records: u64,
    }
    serde_json::from_str::<Stats>(add.stats.as_deref()?).ok().map(|stats| stats.num_records)
}

/// The accession that a stem begins with.
fn accession_of(stem: &str) -> Option<AccessionNumber> {
    layout::of_file_stem(stem).map(|(accession, _)| accession)
}

#[cfg(test)]
mod tests {
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
        let told =
            |portion: Portion<'_>| format!("{} {} {:?}", portion.accession, portion.stem, portion.rows);
        Some(portions_of(add)?.into_iter().map(told).collect())
    }

    #[test]
    fn a_path_leads_back_to_its_object() {
        let table = schema::table("Fact").unwrap();
        let accession = "0000000001-24-000001".parse().unwrap();
        let key = layout::table_file(&table.folder(), "2024-02-01", &accession, &"ab".repeat(32));
        let path = path_of(table, &key).unwrap();
        assert_eq!(path, "year=2024/month=2/0000000001-24-000001-abababababab.parquet");
        assert_eq!(key_of(table, &path), Some(key.clone()));
        assert_eq!(
            told(&add(&path)).unwrap(),
            ["0000000001-24-000001 0000000001-24-000001-abababababab None"]
        );
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
        let shares = [one, other].map(|stem| Share { stem: stem.to_owned(), rows: 7 });
        many.tags = Some(tags_of(&shares, String::new()));
        let expected =
            [format!("0000000001-24-000001 {one} Some(7)"), format!("0000000002-24-000001 {other} Some(7)")];
        assert_eq!(told(&many).unwrap(), expected);
        let mut own = add(&format!("year=2024/month=2/{one}.parquet"));
        own.stats = Some(r#"{"numRecords":3}"#.to_owned());
        assert_eq!(told(&own).unwrap(), [format!("0000000001-24-000001 {one} Some(3)")]);
        many.tags = Some([(FILINGS_TAG.to_owned(), Some(format!("{one}:1,what:2")))].into());
        assert_eq!(told(&many), None);
    }
}
