//! A deterministic simulation of coordinators, workers, clients and the tracker: one seed, one run.
//!
//! ```text
//! chance ─▶ world ─▶ client ─▶ leader (the real Core) ─▶ commit ─▶ tracker
//!             │                   ▲ network ▼
//!           faults              worker ─▶ work            check: what clients and handlers saw
//! ```
//! No clock, no tasks, no files: an event queue on virtual time. The core's steps are the real ones; around them the
//! leader's loop mirrors `engine/run.rs`, the tracker mirrors the Redis scripts, and the worker mirrors
//! `worker/runtime/src/connection`. By seed, things go wrong in every way of [`faults::Fault`]. The checker believes what was
//! seen from outside. Switching off one of the comparisons or rules of [`Mutation`] must be found out.
//!
//! All seeds of a release (some minutes on one core), one seed with its trace, and the usual few hundred:
//! ```text
//! EDGRAPH_SEEDS=10000 cargo nextest run --workspace -E 'test(simulation)'
//! EDGRAPH_SEED=4711   cargo nextest run --workspace -E 'test(simulation)' --no-capture
//! cargo nextest run --workspace -E 'test(simulation)'
//! ```

mod chance;
mod check;
mod client;
mod own_items;
mod commit;
mod faults;
mod history;
mod leader;
mod names;
mod network;
mod promises;
mod store;
mod takeover;
mod tracker;
mod work;
mod worker;
mod world;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use faults::Fault;
use world::{Trace, World};

/// Seeds of an ordinary test run.
const SEEDS: u64 = 300;
/// Seeds that are named when many find something.
const SHOWN_VIOLATIONS: usize = 20;

/// A rule that is switched off, to see that the checker notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mutation {
    None,
    /// The tracker does not compare epochs.
    NoFence,
    /// The tracker does not compare sequences.
    NoSequence,
    /// The gate fires in one commit, its finish item is created in the next.
    SplitGate,
    /// A leader answers what needs no commit without knowing that it still leads.
    StaleReads,
    /// A standby leads as soon as it sees no lock.
    NoVigil,
    /// The tracker counts epochs from one, so that one which was wiped gives them again.
    EpochsFromOne,
    /// A new leader lends request tokens at once.
    TokensAtOnce,
    /// A process is taken in whoever lives under its name.
    NamesOnTrust,
}

/// What became of one run: how often each fault happened, or the violation.
type Verdict = Result<Vec<u64>, String>;

fn run(seed: u64, mutation: Mutation, trace: Option<Trace>) -> Verdict {
    let run = || {
        let mut world = World::new(seed, mutation, trace);
        world.run()?;
        Ok(world.faults.counts)
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(text.or(panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
    })
}

/// Runs a seed again with its trace, and says what happened.
fn explain(seed: u64, violation: &str) -> String {
    let trace: Trace = Arc::new(Mutex::new(VecDeque::new()));
    let again = run(seed, Mutation::None, Some(Arc::clone(&trace)));
    let lines: Vec<String> = trace.lock().unwrap().iter().cloned().collect();
    format!("seed {seed}: {violation}\n{}\nagain: {:?}", lines.join("\n"), again.err())
}

fn number_from_environment(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

#[test]
fn no_seed_violates_a_promise_and_everything_that_can_go_wrong_does() {
    if let Some(seed) = number_from_environment("EDGRAPH_SEED") {
        let outcome = run(seed, Mutation::None, None).map(drop);
        println!("{}", explain(seed, outcome.as_ref().err().map_or("no violation", String::as_str)));
        return assert_eq!(outcome, Ok(()));
    }
    let seeds = number_from_environment("EDGRAPH_SEEDS").unwrap_or(SEEDS);
    let mut counts = vec![0; Fault::ALL.len()];
    let mut violations = Vec::new();
    for seed in 0..seeds {
        match run(seed, Mutation::None, None) {
            Ok(of_run) => counts.iter_mut().zip(of_run).for_each(|(count, of_run)| *count += of_run),
            Err(violation) => violations.push((seed, violation)),
        }
    }
    for fault in Fault::ALL {
        println!("{:>9} {fault:?}", counts[*fault as usize]);
    }
    if let Some((seed, violation)) = violations.first() {
        let others =
            violations.iter().take(SHOWN_VIOLATIONS).map(|(seed, text)| format!("seed {seed}: {text:.300}"));
        let others: Vec<String> = others.collect();
        let count = violations.len();
        panic!("{}\n{count} of {seeds} seeds:\n{}", explain(*seed, violation), others.join("\n"));
    }
    let missing: Vec<&Fault> = Fault::ALL.iter().filter(|fault| counts[**fault as usize] == 0).collect();
    assert!(missing.is_empty(), "never happened in {seeds} seeds: {missing:?}");
}

#[test]
fn a_rule_that_is_switched_off_is_found_out() {
    let mutations = [
        Mutation::NoFence,
        Mutation::NoSequence,
        Mutation::SplitGate,
        Mutation::StaleReads,
        Mutation::NoVigil,
        Mutation::EpochsFromOne,
        Mutation::TokensAtOnce,
        Mutation::NamesOnTrust,
    ];
    for mutation in mutations {
        let found = (0..SEEDS).find_map(|seed| Some((seed, run(seed, mutation, None).err()?)));
        let (seed, violation) =
            found.unwrap_or_else(|| panic!("nobody noticed {mutation:?} in {SEEDS} seeds"));
        println!("{mutation:?} is found out by seed {seed}: {violation}");
    }
}

#[test]
fn a_seed_is_one_run() {
    for seed in 0..5 {
        let traced = || {
            let trace: Trace = Arc::new(Mutex::new(VecDeque::new()));
            let outcome = run(seed, Mutation::None, Some(Arc::clone(&trace)));
            (outcome, trace.lock().unwrap().clone())
        };
        assert_eq!(traced(), traced());
    }
}
