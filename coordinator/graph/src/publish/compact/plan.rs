//! Which files of a month become parts, and in which order. Pure.

use std::collections::BTreeSet;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::kinds::compact::Month;

use super::super::action::Add;
use super::super::file_name::{Portion, is_part, portions_of};
use super::super::part::Share;
use super::super::snapshot::Snapshot;

/// A file that becomes part of a larger one.
#[derive(Debug)]
pub(super) struct Input<'a> {
    pub add: &'a Add,
    portions: Vec<Portion<'a>>,
}

impl Input<'_> {
    /// The filing whose own file it is; a part may have a single filing left.
    pub(super) fn of_one(&self) -> Option<&Portion<'_>> {
        self.portions.first().filter(|_| !is_part(self.add))
    }
}

/// Rows of an input that stand there one after the other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The place of the input.
    pub input: usize,
    /// The first row.
    pub first: u64,
    /// Whose they are.
    pub shares: Vec<Share>,
}

/// The months of a table before this one that have files to be made into parts.
pub(super) fn months(snapshot: &Snapshot, before: Month, target: u64) -> Vec<Month> {
    let all: BTreeSet<Month> = snapshot.adds.values().filter_map(month_of).collect();
    let is_due = |month: &Month| *month < before && !inputs(snapshot, *month, target).is_empty();
    all.into_iter().filter(is_due).collect()
}

/// The files of a month to be made into parts; none where there is nothing to win. What is half as large as wanted, or
/// has been made by somebody who does not say whose rows are in it, stays.
pub(super) fn inputs(snapshot: &Snapshot, month: Month, target: u64) -> Vec<Input<'_>> {
    let small = snapshot.adds.values().filter(|add| add.size < target / 2 && month_of(add) == Some(month));
    let input = |add| {
        let portions = portions_of(add)?;
        portions.iter().all(|portion| portion.rows.is_some()).then_some(Input { add, portions })
    };
    let inputs: Vec<Input<'_>> = small.filter_map(input).collect();
    if inputs.len() > 1 { inputs } else { Vec::new() }
}

/// The rows of all inputs, filing by filing in the order of accession numbers.
pub(super) fn runs(inputs: &[Input<'_>]) -> Vec<Run> {
    let mut all: Vec<(AccessionNumber, usize, u64, Share)> = Vec::new();
    for (number, input) in inputs.iter().enumerate() {
        let mut first = 0;
        for portion in &input.portions {
            let rows = portion.rows.unwrap_or_default();
            all.push((portion.accession, number, first, Share { stem: portion.stem.to_string(), rows }));
            first += rows;
        }
    }
    all.sort_by(|(a, number_a, first_a, _), (b, number_b, first_b, _)| {
        (a, number_a, first_a).cmp(&(b, number_b, first_b))
    });
    let mut runs: Vec<Run> = Vec::new();
    for (_, input, first, share) in all {
        match runs.last_mut() {
            Some(last) if last.input == input && last.first + rows_of(&last.shares) == first => {
                last.shares.push(share);
            }
            _ => runs.push(Run { input, first, shares: vec![share] }),
        }
    }
    runs
}

fn rows_of(shares: &[Share]) -> u64 {
    shares.iter().map(|share| share.rows).sum()
}

fn month_of(add: &Add) -> Option<Month> {
    let value = |name: &str| add.partition_values.get(name)?.as_deref()?.parse::<u16>().ok();
    Month::new(value("year")?, u8::try_from(value("month")?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::super::super::action;
    use super::*;

    const A: &str = "0000000001-24-000001-aaaaaaaaaaaa";
    const B: &str = "0000000001-24-000002-bbbbbbbbbbbb";
    const C: &str = "0000000001-24-000003-cccccccccccc";

    /// A file: its name, its size, and, if it is a part, whose rows are in it.
    type File<'a> = (&'a str, u64, &'a [(&'a str, u64)]);

    fn snapshot(files: &[File<'_>]) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (name, size, shares) in files {
            let tags: Vec<String> = shares.iter().map(|(stem, rows)| format!("{stem}:{rows}")).collect();
            let line = serde_json::json!({"add": {
                "path": format!("year=2024/month=2/{name}.parquet"), "size": size, "modificationTime": 0,
                "partitionValues": {"year": "2024", "month": "2"}, "dataChange": true,
                "stats": r#"{"numRecords":5}"#,
                "tags": if shares.is_empty() { serde_json::Value::Null } else { serde_json::json!({"edgraph.filings": tags.join(",")}) },
            }});
            snapshot.take(action::decode(line.to_string().as_bytes()).unwrap());
        }
        snapshot
    }

    fn february() -> Month {
        "2024-02".parse().unwrap()
    }

    #[test]
    fn small_files_are_taken_and_one_alone_is_not() {
        let names = |snapshot: &Snapshot| -> Vec<String> {
            inputs(snapshot, february(), 100).iter().map(|input| input.add.path.clone()).collect()
        };
        let of = |name: &str| format!("year=2024/month=2/{name}.parquet");
        assert_eq!(names(&snapshot(&[(B, 10, &[]), (A, 10, &[])])), [of(A), of(B)]);
        assert!(names(&snapshot(&[(A, 10, &[])])).is_empty());
        let with_large = snapshot(&[(A, 10, &[]), ("part-x", 90, &[(B, 1), (C, 2)])]);
        assert!(names(&with_large).is_empty());
        let of_others = snapshot(&[(A, 10, &[]), (B, 10, &[]), ("theirs", 10, &[])]);
        assert_eq!(names(&of_others), [of(A), of(B)]);
    }

    #[test]
    fn months_before_the_given_one_are_due() {
        let snapshot = snapshot(&[(A, 10, &[]), (B, 10, &[])]);
        let due = |before: &str| months(&snapshot, before.parse().unwrap(), 100);
        assert_eq!(due("2024-03"), [february()]);
        assert!(due("2024-02").is_empty());
    }

    #[test]
    fn rows_come_filing_by_filing_whatever_file_they_are_in() {
        let snapshot = snapshot(&[(B, 10, &[]), ("part-x", 10, &[(A, 1), (C, 2)])]);
        let inputs = inputs(&snapshot, february(), 100);
        let told: Vec<(bool, u64, Vec<String>)> = runs(&inputs)
            .into_iter()
            .map(|run| {
                let shares = run.shares.iter().map(|share| format!("{}:{}", share.stem, share.rows));
                (inputs[run.input].of_one().is_none(), run.first, shares.collect())
            })
            .collect();
        let expected = [
            (true, 0, vec![format!("{A}:1")]),
            (false, 0, vec![format!("{B}:5")]),
            (true, 1, vec![format!("{C}:2")]),
        ];
        assert_eq!(told, expected);
    }
}
