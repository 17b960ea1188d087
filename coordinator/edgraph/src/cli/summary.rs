//! What a run came to, for people.

use std::collections::BTreeMap;
use std::path::Path;

use edgraph_shared::kinds::sec_xbrl::CompaniesFound;

use super::describe;
use crate::embedded::{Plan, RunResult};

/// Failures shown in full; the rest are counted.
const SHOWN_FAILURES: usize = 10;
/// The same of reports that are not loaded.
const SHOWN_REPORTS: usize = 20;

/// Queries to begin with, by name.
const FIRST_QUERIES: [&str; 3] = ["total_assets", "entity_overview", "report_structure"];

pub(super) fn print(outcome: &RunResult, out: &Path, graph: &Path) {
    println!("{} in {:.1} s", sentence(&outcome.state), outcome.seconds);
    if !outcome.reason.is_empty() {
        println!("  {}", outcome.reason);
    }
    let RunResult { found, processed, skipped, degraded, .. } = outcome;
    print_companies(found);
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
    print_left_out(found, &outcome.left_out);
    print_other_reports(&outcome.other_reports);
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

/// Reports of filings that are not loaded: which, the manifests say too.
fn print_other_reports(others: &[String]) {
    for report in others.iter().take(SHOWN_REPORTS) {
        println!("  not loaded {report}");
    }
    if let Some(more) = others.len().checked_sub(SHOWN_REPORTS).filter(|more| *more > 0) {
        println!("             and {more} more, named by --format json and in the manifests");
    }
}

/// What a dry run found.
pub(super) fn print_plan(plan: &Plan) {
    let Plan { found, filings, requests, writes, .. } = plan;
    println!("A dry run: nothing was written, no filing was downloaded");
    print_companies(found);
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
    print_left_out(found, &plan.left_out);
    for failed in &plan.failed {
        println!("  failed     {}: {}", failed.item, failed.reason);
    }
}

/// How many companies, and how old the built-in list of them is, where that is what was looked at.
fn print_companies(found: &CompaniesFound) {
    let as_of = found.list_as_of.as_ref().map(|date| format!(" of the S&P 500 as of {date}"));
    println!("  companies  {}{}", found.companies, as_of.unwrap_or_default());
}

/// What the index of filings said, where it was asked, and what is not there, by reason.
fn print_left_out(found: &CompaniesFound, filings: &BTreeMap<String, u64>) {
    if found.without_news > 0 {
        println!("  left out   {} companies: nothing filed since --new-since", found.without_news);
    }
    if let Some(day) = &found.indexed_to {
        println!("  index      reaches to {day}: give this day as --new-since next time");
    }
    for (reason, count) in filings {
        println!("  left out   {count} filings: {reason}");
    }
    for name in &found.unknown {
        println!("  unknown    {name}");
    }
    print!("{}", describe::damage(&found.damage));
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
