//! Which files of a table may go, by their names, ages and what the table's versions name. Pure.
//!
//! Files are of one filing, or parts with the rows of many.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::storage::{ObjectKey, ObjectMeta, layout};

/// Files that no version of their table names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Candidates {
    /// Those of one filing each.
    pub filings: BTreeMap<AccessionNumber, Vec<ObjectMeta>>,
    /// Those of many.
    pub parts: Vec<ObjectMeta>,
    /// Those that are too young.
    pub young: u64,
}

impl Candidates {
    /// Of what a table's folder holds: all that `retained` does not name and that was written before `since`.
    pub(super) fn of(
        folder: &ObjectKey,
        listed: Vec<ObjectMeta>,
        retained: &BTreeSet<ObjectKey>,
        since: SystemTime,
    ) -> Self {
        let mut candidates = Self::default();
        for object in listed {
            let Some(owner) = owner(folder, &object.key) else { continue };
            if retained.contains(&object.key) {
                continue;
            }
            // One whose age nobody knows stays.
            match object.modified {
                Some(modified) if modified <= since => match owner {
                    Owner::Filing(accession) => candidates.filings.entry(accession).or_default().push(object),
                    Owner::Part => candidates.parts.push(object),
                },
                _ => candidates.young += 1,
            }
        }
        candidates
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.young += other.young;
        self.parts.append(&mut other.parts);
        for (accession, mut files) in other.filings {
            self.filings.entry(accession).or_default().append(&mut files);
        }
    }

    /// These files of a filing stay, but for those whose rows are in parts. Answers which of them go.
    pub(super) fn keep(
        &mut self,
        accession: &AccessionNumber,
        files: &BTreeMap<String, String>,
        in_parts: &BTreeSet<ObjectKey>,
    ) -> BTreeSet<String> {
        let mut gone = BTreeSet::new();
        if let Some(found) = self.filings.get_mut(accession) {
            found.retain(|object| {
                let Some(table) = files.get(object.key.as_str()) else { return true };
                let goes = in_parts.contains(&object.key);
                gone.extend(goes.then(|| table.clone()));
                goes
            });
        }
        gone
    }
}

/// Whose rows are in a file.
enum Owner {
    Filing(AccessionNumber),
    Part,
}

/// Whose a file of a table is; `None` for what is no such file: a piece of the log, or another program's.
fn owner(folder: &ObjectKey, key: &ObjectKey) -> Option<Owner> {
    let path = key.as_str().strip_prefix(folder.as_str())?.strip_prefix('/')?;
    let [year, month, name] = path.split('/').collect::<Vec<_>>().try_into().ok()?;
    if !year.starts_with("year=") || !month.starts_with("month=") {
        return None;
    }
    if layout::is_part_name(name) {
        return Some(Owner::Part);
    }
    let (accession, digits) = layout::of_file_stem(name.strip_suffix(".parquet")?)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(Owner::Filing(accession))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const FOLDER: &str = "flat/facts";

    fn key(name: &str) -> ObjectKey {
        format!("{FOLDER}/{name}").parse().unwrap()
    }

    fn found(name: &str, age_s: u64, retained: &[&str]) -> (usize, u64) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let object = |modified| ObjectMeta { key: key(name), bytes: 1, modified };
        let listed = vec![object(Some(now - Duration::from_secs(age_s)))];
        let retained = retained.iter().map(|name| key(name)).collect();
        let folder = FOLDER.parse().unwrap();
        let candidates = Candidates::of(&folder, listed, &retained, now - Duration::from_secs(60));
        (candidates.filings.len() + candidates.parts.len(), candidates.young)
    }

    #[test]
    fn what_no_version_names_may_go_once_it_is_old() {
        let name = "year=2024/month=2/0000000042-24-000001-0123456789ab.parquet";
        assert_eq!(found(name, 61, &[]), (1, 0));
        assert_eq!(found(name, 60, &[]), (1, 0));
        assert_eq!(found(name, 59, &[]), (0, 1));
        assert_eq!(found(name, 61, &[name]), (0, 0));
        let other = "year=2024/month=2/0000000042-24-000001-ffffffffffff.parquet";
        assert_eq!(found(name, 61, &[other]), (1, 0));
        let part = "year=2024/month=2/part-0123456789abcdef0123456789abcdef.parquet";
        assert_eq!((found(part, 61, &[]), found(part, 61, &[part])), ((1, 0), (0, 0)));
    }

    #[test]
    fn what_is_not_a_filing_s_file_is_left_alone() {
        for name in [
            "_delta_log/00000000000000000000.json",
            "_delta_log/year=2024/0000000042-24-000001-0123456789ab.parquet",
            "year=2024/month=2/0000000042-24-000001.parquet",
            "year=2024/month=2/0000000042-24-000001-notes.parquet",
            "year=2024/month=2/part-00000-5d2.c000.snappy.parquet",
            "year=2024/month=2/0000000042-24-000001-0123456789ab.parquet.bak",
            "0000000042-24-000001-0123456789ab.parquet",
        ] {
            assert_eq!(found(name, 1_000, &[]), (0, 0), "{name}");
        }
    }

    #[test]
    fn what_a_current_manifest_names_stays() {
        let name = "year=2024/month=2/0000000042-24-000001-0123456789ab.parquet";
        let object = ObjectMeta { key: key(name), bytes: 1, modified: Some(SystemTime::UNIX_EPOCH) };
        let accession = "0000000042-24-000001".parse().unwrap();
        let folder = FOLDER.parse().unwrap();
        let mut candidates = Candidates::of(&folder, vec![object], &BTreeSet::new(), SystemTime::UNIX_EPOCH);
        let mut keep = |name: &str, in_parts: &BTreeSet<ObjectKey>| {
            let files = BTreeMap::from([(format!("{FOLDER}/{name}"), FOLDER.to_owned())]);
            let gone = candidates.keep(&accession, &files, in_parts);
            (candidates.filings[&accession].len(), gone.len())
        };
        assert_eq!(keep("other", &BTreeSet::new()), (1, 0));
        assert_eq!(keep(name, &BTreeSet::from([key(name)])), (1, 1), "its rows are in a part");
        assert_eq!(keep(name, &BTreeSet::new()), (0, 0));
    }
}
