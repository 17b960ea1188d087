//! What the fuzz targets of EDGAR's archives and lists ask of their inputs (`tests/fuzz`), asked of their seeds and of
//! everything they ever found. The parser's are in `worker/xbrl/tests/replay.rs`.

#[path = "../fuzz/src/kept.rs"]
#[expect(unreachable_pub, reason = "a library has the same file")]
mod kept;
#[path = "../fuzz/src/lists.rs"]
#[expect(unreachable_pub, reason = "a library has the same file")]
mod lists;

use edgraph_tests::corpus::workspace;

#[track_caller]
fn replay(target: &str, check: fn(&[u8])) {
    kept::replay(&workspace().join("tests/fuzz"), target, check);
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
