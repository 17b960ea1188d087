//! Hosts that misbehave by script: every fault ends in success after a retry, or in a dead letter that names address
//! and cause; nothing half-written is ever visible; and no filing leads a worker to an address of its own choice.
//!
//! `requests` is the whole table, fault by kind of request, in this process; `runs` is the program over a mirror in
//! which every filing meets another fault; `hosts` is about where nothing is asked.

mod requests;
mod runs;
mod hosts;

use std::time::Duration;

use edgraph_tests::edgar::Fault;

/// Who asks.
const AGENT: &str = "edgraph tests tests@example.com";

/// A status that comes with a wish to wait, so that a test need not wait longer.
fn status(code: u16) -> Fault {
    let asks_to_wait = matches!(code, 403 | 429 | 503);
    Fault::Status { code, retry_after: asks_to_wait.then_some(Duration::from_secs(1)) }
}
