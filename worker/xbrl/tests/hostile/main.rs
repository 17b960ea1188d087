//! Hostile documents: what they cost in time and memory is bounded by their size, or they are refused.
//!
//! Each is tried in a process of its own, whose memory can be measured. `cargo test` makes them small; at their full
//! size, `cargo test -p edgraph-xbrl --test hostile -- --ignored full_size --nocapture` shows what each costs.

mod documents;
mod taxonomies;
mod reading;
mod refusals;

use std::process::Command;
use std::time::{Duration, Instant};

use reading::Read;

/// A kind of hostile document.
struct Case {
    name: &'static str,
    /// Makes one of this many parts.
    make: fn(usize) -> String,
    read: Read,
    /// How many parts in an ordinary run, and when everything is meant.
    parts: [usize; 2],
    /// What comes of it in either, or what it is refused for: a part of that.
    expected: [&'static str; 2],
}

/// Time that a document may take for each of its bytes, with a margin for a machine that does other things, too.
const NANOSECONDS_PER_BYTE: u64 = 400;
const LEAST_TIME: Duration = Duration::from_secs(5);
/// Memory that a document may take for each of its bytes, beside its own.
const MEMORY_PER_BYTE: usize = 10;
const LEAST_MEMORY: usize = 700 << 20;

/// What a process may take at all, in KiB.
const MOST_KIB: usize = 6 << 20;

fn cases() -> Vec<Case> {
    documents::cases().into_iter().chain(taxonomies::cases()).collect()
}

/// Time that this process has had of the processors; where no file tells, time that passed.
fn time_spent(since: Instant) -> Duration {
    let ticks = || {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
    };
    // Linux counts hundredths of a second.
    ticks().map_or_else(|| since.elapsed(), |ticks| Duration::from_millis(10 * ticks))
}

/// What is known of a process's peak memory; `None` where no file tells.
fn peak_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<usize>().ok()? << 10)
}

/// The part of a test that runs in a process of its own: tries one case and says what came of it.
#[test]
#[ignore = "the other tests start it"]
fn one_case() {
    let Ok(asked) = std::env::var("EDGRAPH_HOSTILE_CASE") else { return };
    let (name, size) = asked.split_once('/').expect("a name and a size");
    let size: usize = size.parse().expect("a number");
    let case = cases().into_iter().find(|case| case.name == name).expect("a known case");
    let document = (case.make)(case.parts[size]);
    // Making it took more than it takes: the peak begins anew, where the system can do that.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = peak_memory();
    let (started, made) = (Instant::now(), time_spent(Instant::now()));
    let outcome = case.read.outcome(&document);
    let (took, bytes) = (time_spent(started).saturating_sub(made), document.len());
    let memory = peak_memory().zip(before).map_or(0, |(after, before)| after - before);
    println!("{name}: {bytes} bytes, {took:.1?}, {} MiB more: {outcome}", memory >> 20);
    assert!(outcome.contains(case.expected[size]), "{outcome}, expected {}", case.expected[size]);
    let most = LEAST_TIME + Duration::from_nanos(NANOSECONDS_PER_BYTE * bytes as u64);
    assert!(took < most, "{took:?}, at most {most:?}");
    let most = LEAST_MEMORY + MEMORY_PER_BYTE * bytes;
    assert!(memory < most, "{memory} bytes, at most {most}");
}

fn run(size: usize) {
    let only = std::env::var("EDGRAPH_HOSTILE_ONLY").unwrap_or_default();
    let mut failed = Vec::new();
    for case in cases().into_iter().filter(|case| case.name.contains(&only)) {
        let program = std::env::current_exe().expect("this program");
        // What is not bounded after all must not take the machine with it.
        let child = Command::new("sh")
            .args(["-c", &format!("ulimit -v {MOST_KIB} 2>/dev/null; exec \"$0\" \"$@\"")])
            .arg(program)
            .args(["--exact", "one_case", "--ignored", "--nocapture", "--test-threads=1"])
            .env("EDGRAPH_HOSTILE_CASE", format!("{}/{size}", case.name))
            .output()
            .expect("it starts again");
        let said = String::from_utf8_lossy(&child.stdout);
        println!(
            "{}",
            said.lines().find_map(|line| Some(&line[line.find(case.name)?..])).unwrap_or(case.name)
        );
        if !child.status.success() {
            let why = String::from_utf8_lossy(&child.stderr).into_owned();
            failed.push(format!("{} ({}): {why}", case.name, child.status));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn in_small() {
    run(0);
}

#[test]
#[ignore = "takes minutes, and gigabytes for the documents themselves"]
fn full_size() {
    run(1);
}
