//! What a process says of a panic, by being one: hooks are global.

use std::process::Command;

use super::{LogFormat, init};
use crate::blocking;

/// Set in the process that panics.
const PANIC: &str = "EDGRAPH_TEST_PANIC";

#[test]
fn a_panic_is_one_line_in_the_log_whatever_it_quotes() {
    if std::env::var_os(PANIC).is_some() {
        init("info", LogFormat::Plain).unwrap();
        let document = "<p>first\n".to_owned() + &"<p>next\n".repeat(100_000);
        let outcome = blocking::in_place(|| panic!("cannot read {document}"));
        assert!(outcome.is_err());
        return;
    }
    let this = "telemetry::tests::a_panic_is_one_line_in_the_log_whatever_it_quotes";
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", this, "--nocapture"])
        .env(PANIC, "1")
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{log}");
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("<p>")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(
        lines[0].contains("ERROR") && lines[0].contains("panicked: cannot read <p>first <p>next"),
        "{log}"
    );
    assert!(lines[0].contains("telemetry/tests.rs:") && log.len() < 1_000, "{log}");
}
