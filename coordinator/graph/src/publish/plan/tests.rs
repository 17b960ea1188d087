use edgraph_shared::schema;
use edgraph_shared::storage::layout;
use expect_test::{Expect, expect};

use super::*;
use crate::publish::file_name::{self, tags_of};

const STAMP: Stamp<'static> = Stamp { pipeline: "nightly", round: 3, now_ms: 1_000 };

fn table() -> &'static Table {
    schema::table("Fact").unwrap()
}

fn wanted_in(table: &Table, number: u32, key: &str) -> Wanted {
    let accession: AccessionNumber = format!("0000000001-24-{number:06}").parse().unwrap();
    let key = key.repeat(32);
    let object = layout::table_file(&table.folder(), "2024-02-01", &accession, &key);
    let path = file_name::path_of(table, &object).unwrap();
    let file = Some(DataFile { path, year: 2024, month: 2, rows: u64::from(number), bytes: 100 });
    Wanted {
        accession,
        stem: layout::file_stem(&accession, &key),
        input_key: key,
        file,
        is_fresh: false,
        is_gone: false,
    }
}

fn wanted(number: u32, key: &str) -> Wanted {
    wanted_in(table(), number, key)
}

/// The same filing without rows of the table.
fn empty(number: u32, key: &str) -> Wanted {
    Wanted { file: None, ..wanted(number, key) }
}

fn try_publish(snapshot: &mut Snapshot, filings: &[Wanted]) -> Result<Option<Vec<Line>>, Error> {
    let holdings = Holdings::of(table(), snapshot)?;
    let rewritten = holdings.rewrites(filings).into_iter().map(rewritten).collect();
    let next = next(table(), snapshot, &holdings, filings, &rewritten, &STAMP);
    let Some(Next { lines, .. }) = next else { return Ok(None) };
    snapshot.take(lines.clone());
    snapshot.next += 1;
    Ok(Some(lines))
}

/// A part without some filings, named by those that it still has.
fn rewritten(rewrite: Rewrite<'_>) -> (String, Add) {
    let kept = portions_of(rewrite.part).unwrap().into_iter();
    let kept = kept.filter(|portion| !rewrite.without.contains(&portion.accession));
    let shares: Vec<Share> =
        kept.map(|portion| Share { stem: portion.stem.into_owned(), rows: portion.rows.unwrap() }).collect();
    (rewrite.part.path.clone(), part(&shares))
}

fn part(shares: &[Share]) -> Add {
    let numbers: Vec<&str> = shares.iter().map(|share| &share.stem[19..20]).collect();
    let mut add = added(table(), &wanted(1, "aa"), wanted(1, "aa").file.as_ref().unwrap(), &STAMP);
    add.path = format!("year=2024/month=2/part-{}.parquet", numbers.join("-"));
    add.tags = Some(tags_of(shares, String::new()));
    add.stats = Some(stats_of(table(), shares));
    add
}

fn publish(snapshot: &mut Snapshot, filings: &[Wanted]) -> Option<Vec<Line>> {
    try_publish(snapshot, filings).unwrap()
}

fn check(lines: Option<Vec<Line>>, expect: &Expect) {
    let line = |line: Line| match line {
        Line { add: Some(add), .. } => format!("add {} {}\n", add.path, add.stats.unwrap()),
        Line { remove: Some(remove), .. } => format!("remove {}\n", remove.path),
        Line { txn: Some(txn), .. } => format!("txn {} {}\n", txn.app_id, txn.version),
        Line { meta_data: Some(data), .. } => {
            format!("metaData {} {:?}\n", data.name.unwrap(), data.partition_columns)
        }
        Line { protocol: Some(_), .. } => "protocol\n".to_owned(),
        Line { commit_info: Some(info), .. } => format!("commitInfo {:?}\n", info.operation_metrics),
        other => panic!("{other:?}"),
    };
    expect.assert_eq(&lines.into_iter().flatten().map(line).collect::<String>());
}

#[test]
fn a_table_is_made_once_and_takes_each_version_of_a_filing_once() {
    let mut snapshot = Snapshot::default();
    check(
        publish(&mut snapshot, &[wanted(1, "aa"), wanted(2, "aa"), empty(3, "aa")]),
        &expect![[r#"
            commitInfo {"numAddedFiles": "2", "numRemovedFiles": "0"}
            protocol
            metaData Fact ["year", "month"]
            txn edgraph/nightly 3
            add year=2024/month=2/0000000001-24-000001-aaaaaaaaaaaa.parquet {"maxValues":{"accession":"0000000001-24-000001"},"minValues":{"accession":"0000000001-24-000001"},"nullCount":{"accession":0},"numRecords":1}
            add year=2024/month=2/0000000001-24-000002-aaaaaaaaaaaa.parquet {"maxValues":{"accession":"0000000001-24-000002"},"minValues":{"accession":"0000000001-24-000002"},"nullCount":{"accession":0},"numRecords":2}
        "#]],
    );
    check(publish(&mut snapshot, &[wanted(1, "aa"), wanted(2, "aa"), empty(3, "aa")]), &expect![""]);
    check(publish(&mut snapshot, &[]), &expect![""]);
    check(
        publish(&mut snapshot, &[wanted(1, "bb"), wanted(3, "bb")]),
        &expect![[r#"
            commitInfo {"numAddedFiles": "2", "numRemovedFiles": "1"}
            txn edgraph/nightly 3
            remove year=2024/month=2/0000000001-24-000001-aaaaaaaaaaaa.parquet
            add year=2024/month=2/0000000001-24-000001-bbbbbbbbbbbb.parquet {"maxValues":{"accession":"0000000001-24-000001"},"minValues":{"accession":"0000000001-24-000001"},"nullCount":{"accession":0},"numRecords":1}
            add year=2024/month=2/0000000001-24-000003-bbbbbbbbbbbb.parquet {"maxValues":{"accession":"0000000001-24-000003"},"minValues":{"accession":"0000000001-24-000003"},"nullCount":{"accession":0},"numRecords":3}
        "#]],
    );
    // The version that is accepted now may have no rows of a table, and an old one may come back.
    check(
        publish(&mut snapshot, &[empty(2, "bb"), wanted(1, "aa")]),
        &expect![[r#"
            commitInfo {"numAddedFiles": "1", "numRemovedFiles": "2"}
            txn edgraph/nightly 3
            remove year=2024/month=2/0000000001-24-000001-bbbbbbbbbbbb.parquet
            remove year=2024/month=2/0000000001-24-000002-aaaaaaaaaaaa.parquet
            add year=2024/month=2/0000000001-24-000001-aaaaaaaaaaaa.parquet {"maxValues":{"accession":"0000000001-24-000001"},"minValues":{"accession":"0000000001-24-000001"},"nullCount":{"accession":0},"numRecords":1}
        "#]],
    );
    assert_eq!((snapshot.files(), snapshot.version()), (2, Some(2)));
    assert_eq!(snapshot.adds.values().next().unwrap().partition_values["month"].as_deref(), Some("2"));
}

/// Puts filings into one part, as compaction does.
fn compact(snapshot: &mut Snapshot, filings: &[Wanted]) {
    let shares = filings.iter().map(|filing| Share { stem: filing.stem.clone(), rows: 1 });
    let own: Vec<Add> =
        filings.iter().map(|filing| snapshot.adds[&filing.file.as_ref().unwrap().path].clone()).collect();
    snapshot.take(optimized(&own, vec![part(&shares.collect::<Vec<_>>())], 7));
}

#[test]
fn filings_in_a_part_stay_as_they_are_and_one_of_them_is_replaced_alone() {
    let mut snapshot = Snapshot::default();
    let filings = [wanted(1, "aa"), wanted(2, "aa"), wanted(3, "aa")];
    publish(&mut snapshot, &filings).unwrap();
    compact(&mut snapshot, &filings);
    assert_eq!(snapshot.adds.keys().collect::<Vec<_>>(), ["year=2024/month=2/part-1-2-3.parquet"]);
    assert_eq!(publish(&mut snapshot, &filings), None);
    check(
        publish(&mut snapshot, &[wanted(2, "bb")]),
        &expect![[r#"
            commitInfo {"numAddedFiles": "2", "numRemovedFiles": "1"}
            txn edgraph/nightly 3
            remove year=2024/month=2/part-1-2-3.parquet
            add year=2024/month=2/0000000001-24-000002-bbbbbbbbbbbb.parquet {"maxValues":{"accession":"0000000001-24-000002"},"minValues":{"accession":"0000000001-24-000002"},"nullCount":{"accession":0},"numRecords":2}
            add year=2024/month=2/part-1-3.parquet {"maxValues":{"accession":"0000000001-24-000003"},"minValues":{"accession":"0000000001-24-000001"},"nullCount":{"accession":0},"numRecords":2}
        "#]],
    );
    // A part of which nothing stays goes with all that it had, whether there is a newer version or none.
    check(
        publish(&mut snapshot, &[wanted(1, "bb"), empty(3, "bb")]),
        &expect![[r#"
            commitInfo {"numAddedFiles": "1", "numRemovedFiles": "1"}
            txn edgraph/nightly 3
            remove year=2024/month=2/part-1-3.parquet
            add year=2024/month=2/0000000001-24-000001-bbbbbbbbbbbb.parquet {"maxValues":{"accession":"0000000001-24-000001"},"minValues":{"accession":"0000000001-24-000001"},"nullCount":{"accession":0},"numRecords":1}
        "#]],
    );
}

#[test]
fn what_was_just_made_again_stands_for_the_same_version_in_a_part() {
    let mut snapshot = Snapshot::default();
    let filings = [wanted(1, "aa"), wanted(2, "aa")];
    publish(&mut snapshot, &filings).unwrap();
    compact(&mut snapshot, &filings);
    let again = Wanted { is_fresh: true, ..wanted(2, "aa") };
    publish(&mut snapshot, std::slice::from_ref(&again)).unwrap();
    let paths: Vec<&str> = snapshot.adds.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        ["year=2024/month=2/0000000001-24-000002-aaaaaaaaaaaa.parquet", "year=2024/month=2/part-1.parquet"]
    );
    assert_eq!(publish(&mut snapshot, &[again]), None, "its own file is its own file");
}

#[test]
fn a_file_of_which_nobody_knows_whose_it_is_stops_the_table() {
    let mut snapshot = Snapshot::default();
    publish(&mut snapshot, &[wanted(1, "aa")]).unwrap();
    let mut add = snapshot.adds.values().next().unwrap().clone();
    add.path = "part-00000-5d2.c000.snappy.parquet".to_owned();
    snapshot.adds.insert(add.path.clone(), add);
    let Err(error) = try_publish(&mut snapshot, &[wanted(2, "aa")]) else { panic!("it is refused") };
    assert!(error.to_string().contains("nobody can tell whose rows are in it"), "{error}");
}

#[test]
fn a_table_with_other_columns_is_begun_anew_with_what_is_accepted() {
    let mut snapshot = Snapshot::default();
    publish(&mut snapshot, &[wanted(1, "aa"), wanted(2, "aa"), wanted(3, "aa")]).unwrap();
    let metadata = snapshot.metadata.as_mut().unwrap();
    let (id, ours) = (metadata.id.clone(), metadata.schema_string.clone());
    metadata.schema_string = ours.replacen("\"double\"", "\"float\"", 1);
    // Filing 3 was not processed anew: its file has the old columns.
    check(
        publish(&mut snapshot, &[wanted(1, "bb"), wanted(3, "aa")]),
        &expect![[r#"
            commitInfo {"numAddedFiles": "1", "numRemovedFiles": "3"}
            metaData Fact ["year", "month"]
            txn edgraph/nightly 3
            remove year=2024/month=2/0000000001-24-000001-aaaaaaaaaaaa.parquet
            remove year=2024/month=2/0000000001-24-000002-aaaaaaaaaaaa.parquet
            remove year=2024/month=2/0000000001-24-000003-aaaaaaaaaaaa.parquet
            add year=2024/month=2/0000000001-24-000001-bbbbbbbbbbbb.parquet {"maxValues":{"accession":"0000000001-24-000001"},"minValues":{"accession":"0000000001-24-000001"},"nullCount":{"accession":0},"numRecords":1}
        "#]],
    );
    let metadata = snapshot.metadata.unwrap();
    assert_eq!((metadata.id, metadata.schema_string), (id, ours));
}

#[test]
fn a_table_gets_the_columns_that_are_new() {
    let mut snapshot = Snapshot::default();
    publish(&mut snapshot, &[wanted(1, "aa")]).unwrap();
    let metadata = snapshot.metadata.as_mut().unwrap();
    let ours = metadata.schema_string.clone();
    metadata.schema_string = ours.replacen("The identifier", "What identifies it", 1);
    metadata.schema_string = metadata.schema_string.replacen("UUIDv5", "a UUID", 1);
    assert_ne!(metadata.schema_string, ours);
    check(
        publish(&mut snapshot, &[]),
        &expect![[r#"
            commitInfo {"numAddedFiles": "0", "numRemovedFiles": "0"}
            metaData Fact ["year", "month"]
            txn edgraph/nightly 3
        "#]],
    );
    assert_eq!((snapshot.files(), snapshot.metadata.unwrap().schema_string), (1, ours));
}

#[test]
fn a_table_that_is_partitioned_otherwise_is_not_ours() {
    let mut snapshot = Snapshot::default();
    publish(&mut snapshot, &[]).unwrap();
    snapshot.metadata.as_mut().unwrap().partition_columns.pop();
    let Err(error) = try_publish(&mut snapshot, &[]) else { panic!("it is refused") };
    let expected = "graph/nodes/Fact: it is partitioned by [\"year\"], not by [\"year\", \"month\"]";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_row_that_filings_share_says_nothing_of_its_own_filing() {
    for (name, stats) in [
        ("Element", r#"{"numRecords":7}"#),
        ("Label", r#"{"numRecords":7}"#),
        (
            "text",
            r#"{"maxValues":{"accession":"0000000001-24-000007"},"minValues":{"accession":"0000000001-24-000007"},"nullCount":{"accession":0},"numRecords":7}"#,
        ),
    ] {
        let table = schema::table(name).unwrap();
        let filing = wanted_in(table, 7, "aa");
        assert_eq!(super::stats(table, &filing, filing.file.as_ref().unwrap()), stats, "{name}");
    }
}
