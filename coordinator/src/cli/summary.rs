//! What a run came to, for people.

use std::path::Path;

use crate::embedded::Outcome;

/// Failures shown in full; the rest are counted.
const SHOWN_FAILURES: usize = 10;

/// Queries to begin with, by name.
const FIRST_QUERIES: [&str; 3] = ["total_assets", "entity_overview", "report_structure"];

pub(super) fn print(outcome: &Outcome, out: &Path, graph: &Path) {
    println!("{} in {:.1} s", sentence(&outcome.state), outcome.seconds);
    if !outcome.reason.is_empty() {
        println!("  {}", outcome.reason);
    }
    let Outcome { companies, processed, skipped, degraded, .. } = outcome;
    println!("  companies  {companies}");
    println!(
        "  filings    {processed} processed, {skipped} current already, {} failed",
        outcome.failed.len()
    );
    if *degraded > 0 {
        println!(
            "             {degraded} without some schemas: facts are whole, what only a schema says is NULL"
        );
    }
    if *processed > 0 {
        println!("  facts      {} rows from {} tagged items", outcome.facts, outcome.occurrences);
        println!("  rows       {} in {}", outcome.rows, bytes(outcome.bytes));
    }
    if let Some(ingested) = &outcome.ingested {
        println!(
            "  graph      {} filings added, {} replaced, {} unchanged; {} nodes and {} relationships written",
            ingested.added, ingested.replaced, ingested.unchanged, ingested.nodes, ingested.relationships
        );
        for (accession, reason) in &ingested.rejected {
            println!("  rejected   {accession}: {reason}");
        }
    }
    for (reason, count) in &outcome.left_out {
        println!("  left out   {count} filings: {reason}");
    }
    for name in &outcome.unknown {
        println!("  unknown    {name}");
    }
    for failed in outcome.failed.iter().take(SHOWN_FAILURES) {
        println!("  failed     {}: {}", failed.item, failed.reason);
    }
    if outcome.failed.len() > SHOWN_FAILURES {
        println!("             and {} more; --format json lists all", outcome.failed.len() - SHOWN_FAILURES);
    }
    if !outcome.failed.is_empty() {
        println!("  Running the same command again retries what failed; what is current is skipped.");
    }
    println!("Files are in {}, the graph in {}. Try:", out.join("store").display(), graph.display());
    for name in FIRST_QUERIES {
        println!("  edgraph query --graph {} --example {name}", quoted(graph));
    }
}

/// The state with a capital letter, to begin the summary with.
fn sentence(state: &str) -> String {
    let mut letters = state.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn bytes(count: u64) -> String {
    format!("{}", indicatif::HumanBytes(count))
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || "/._-~".contains(c));
    if is_plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
