//! What a run came to, for people.

use std::path::Path;

use crate::embedded::{Plan, RunResult};

/// Failures shown in full; the rest are counted.
const SHOWN_FAILURES: usize = 10;

/// Queries to begin with, by name.
const FIRST_QUERIES: [&str; 3] = ["total_assets", "entity_overview", "report_structure"];

pub(super) fn print(outcome: &RunResult, out: &Path, graph: &Path) {
    println!("{} in {:.1} s", sentence(&outcome.state), outcome.seconds);
    if !outcome.reason.is_empty() {
        println!("  {}", outcome.reason);
    }
    let RunResult { companies, processed, skipped, degraded, .. } = outcome;
    println!("  companies  {companies}{}", as_of(outcome.list_as_of.as_deref()));
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
    print_news(outcome.without_news, outcome.indexed_to.as_deref());
    for (reason, count) in &outcome.left_out {
        println!("  left out   {count} filings: {reason}");
    }
    for name in &outcome.unknown {
        println!("  unknown    {name}");
    }
    print_damaged(outcome.damaged_rows, &outcome.damaged);
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

/// What a dry run found.
pub(super) fn print_plan(plan: &Plan) {
    let Plan { companies, filings, requests, writes, .. } = plan;
    println!("A dry run: nothing was written, no filing was downloaded");
    println!("  companies  {companies}{}", as_of(plan.list_as_of.as_deref()));
    println!(
        "  filings    {}: {} current already, {} to process from the raw cache, {} to download",
        filings.total, filings.current, filings.from_raw, filings.download
    );
    if filings.degraded > 0 {
        println!(
            "             {} of the current ones lack schemas, which --refresh degraded asks for again",
            filings.degraded
        );
    }
    let sum = requests.discovery + requests.filings;
    println!(
        "  requests   {sum}: {} for lists of companies and filings, which the dry run made too, and {} for filings",
        requests.discovery, requests.filings
    );
    println!("             standard schemas that are not in the store yet come on top, once each");
    match (plan.rate, plan.minutes) {
        (Some(rate), Some(minutes)) => {
            println!("  time       {minutes:.1} minutes at {rate} requests a second")
        }
        _ => println!("  time       no limit on requests to wait for"),
    }
    println!("  writes     {} objects, {}", writes.objects, bytes(writes.bytes));
    println!("             archives: {}", basis(writes.measured_archives));
    println!("             outputs: {}", basis(writes.measured_outputs));
    print_news(plan.without_news, plan.indexed_to.as_deref());
    for (reason, count) in &plan.left_out {
        println!("  left out   {count} filings: {reason}");
    }
    for name in &plan.unknown {
        println!("  unknown    {name}");
    }
    print_damaged(plan.damaged_rows, &plan.damaged);
    for failed in &plan.failed {
        println!("  failed     {}: {}", failed.item, failed.reason);
    }
}

/// How old the built-in list of companies is, where that is what was looked at.
fn as_of(date: Option<&str>) -> String {
    date.map(|date| format!(" of the S&P 500 as of {date}")).unwrap_or_default()
}

/// What the index of filings said, where it was asked.
/// Rows of the SEC's list that cost themselves: the first are named.
fn print_damaged(rows: u64, first: &[String]) {
    for damage in first {
        println!("  left out   {damage}");
    }
    let more = rows.saturating_sub(first.len() as u64);
    if more > 0 {
        println!("  left out   {more} more such entries of the list, named in the log");
    }
}

fn print_news(without_news: u64, indexed_to: Option<&str>) {
    if without_news > 0 {
        println!("  left out   {without_news} companies: nothing filed since --new-since");
    }
    if let Some(day) = indexed_to {
        println!("  index      reaches to {day}: give this day as --new-since next time");
    }
}

/// What a mean size was taken of.
fn basis(measured: u64) -> String {
    match measured {
        0 => "of a typical size, since the store has none to measure".to_owned(),
        _ => format!("of the mean size of {measured} in the store"),
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
