//! What the fuzz targets of EDGAR's archives and lists ask of their inputs (`tests/fuzz`), asked of their seeds and of
//! everything they ever found. The parser's are in `worker/xbrl/tests/replay.rs`.

#[path = "../fuzz/src/lists.rs"]
#[expect(unreachable_pub, reason = "a library has the same file")]
mod lists;

use std::fs;

use edgraph_tests::corpus::workspace;

#[track_caller]
fn replay(target: &str, check: fn(&[u8])) {
    let mut tried = 0;
    for kept in ["seeds", "findings"] {
        let folder = workspace().join("tests/fuzz").join(kept).join(target);
        let Ok(entries) = fs::read_dir(folder) else { continue };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            println!("{}", path.display());
            check(&fs::read(&path).unwrap());
            tried += 1;
        }
    }
    assert!(tried > 0, "no inputs of {target}");
}

#[test]
fn archives() {
    replay("zip", lists::archive);
}

#[test]
fn indexes() {
    replay("index", lists::index);
}

#[test]
fn submissions() {
    replay("submissions", lists::submissions);
}

#[test]
fn tickers() {
    replay("tickers", lists::tickers);
}
