//! The same input gives the same bytes, whoever works, in whatever order, wherever and whenever.

use edgraph_tests::corpus::{self, Mirror};

use crate::program::{Run, checksum, parquet_files};

fn reversed(mirror: &Mirror) {
    let path = mirror.path().join("files/company_tickers.json");
    let listed: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let reversed: serde_json::Map<String, serde_json::Value> = listed
        .into_iter()
        .rev()
        .enumerate()
        .map(|(index, (_, company))| (index.to_string(), company))
        .collect();
    std::fs::write(path, serde_json::to_vec(&reversed).unwrap()).unwrap();
}

#[test]
fn one_worker_and_eight_another_order_another_folder_and_small_batches_make_the_same_files_and_graph() {
    let (one, eight) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    Run::samples(one.path()).with(["--workers", "1"]).ok();

    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    reversed(&mirror);
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    let out = eight.path().join("elsewhere");
    Run::over(mirror.path(), &out)
        .with(["--amendments", "--taxonomies", &taxonomies, "--workers", "8", "--batch-rows", "1"])
        .ok();

    let (first, second) = (parquet_files(one.path()), parquet_files(&out));
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&first), names(&second));
    for ((name, one), (_, eight)) in first.iter().zip(&second) {
        assert!(one == eight, "{name} differs");
    }
    assert_eq!(checksum(one.path()), checksum(&out));
}
