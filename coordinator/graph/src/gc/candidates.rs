//! Which files of a table may go, by their names, ages and what the table's versions name. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::storage::{ObjectKey, ObjectMeta, layout};

/// Files that no version of their table names, by filing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Candidates {
    pub filings: BTreeMap<AccessionNumber, Vec<ObjectMeta>>,
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
            let Some(accession) = accession(folder, &object.key) else { continue };
            if retained.contains(&object.key) {
                continue;
            }
            // One whose age nobody knows stays.
            match object.modified {
                Some(modified) if modified <= since => {
                    candidates.filings.entry(accession).or_default().push(object);
                }
                _ => candidates.young += 1,
            }
        }
        candidates
    }

    pub(super) fn append(&mut self, other: Self) {
        self.young += other.young;
        for (accession, mut files) in other.filings {
            self.filings.entry(accession).or_default().append(&mut files);
        }
    }

    /// These files of a filing stay.
    pub(super) fn keep(&mut self, accession: &AccessionNumber, files: &BTreeSet<String>) {
        if let Some(found) = self.filings.get_mut(accession) {
            found.retain(|object| !files.contains(object.key.as_str()));
        }
    }
}

/// The filing that a file of a table is of; `None` for what is no such file: a part of the log, or another program's.
fn accession(folder: &ObjectKey, key: &ObjectKey) -> Option<AccessionNumber> {
    let path = key.as_str().strip_prefix(folder.as_str())?.strip_prefix('/')?;
    let [year, month, name] = path.split('/').collect::<Vec<_>>().try_into().ok()?;
    let stem = name.strip_suffix(".parquet")?;
    let is_partition = year.starts_with("year=") && month.starts_with("month=");
    let (accession, digits) = layout::of_file_stem(stem)?;
    (is_partition && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(accession)
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
        (candidates.filings.len(), candidates.young)
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
    }

    #[test]
    fn what_is_not_a_filing_s_file_is_left_alone() {
        for name in [
            "_delta_log/00000000000000000000.json",
            "_delta_log/year=2024/0000000042-24-000001-0123456789ab.parquet",
            "year=2024/month=2/0000000042-24-000001.parquet",
            "year=2024/month=2/0000000042-24-000001-notes.parquet",
            "year=2024/month=2/part-00000.parquet",
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
        candidates.keep(&accession, &BTreeSet::from([format!("{FOLDER}/other")]));
        assert_eq!(candidates.filings[&accession].len(), 1);
        candidates.keep(&accession, &BTreeSet::from([format!("{FOLDER}/{name}")]));
        assert_eq!(candidates.filings[&accession].len(), 0);
    }
}
