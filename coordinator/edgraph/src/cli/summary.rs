//! What a run came to, for people.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use edgraph_graph::database::folder::database_in;
use edgraph_shared::kinds::sec_xbrl::CompaniesFound;

use super::describe;
use crate::embedded::{Plan, RunResult};

/// Failures shown in full; the rest are counted.
const SHOWN_FAILURES: usize = 10;
/// The same of reports that are not loaded.
const SHOWN_REPORTS: usize = 20;

/// Queries to begin with, by name.
const FIRST_QUERIES: [&str; 3] = ["total_assets", "entity_overview", "report_structure"];

pub(super) fn write(
    out: &mut dyn Write,
    outcome: &RunResult,
    folder: &Path,
    graph: Option<&Path>,
) -> io::Result<()> {
    writeln!(out, "{} in {:.1} s", sentence(&outcome.state), outcome.seconds)?;
    if !outcome.reason.is_empty() {
        writeln!(out, "  {}", outcome.reason)?;
    }
    let RunResult { found, processed, skipped, degraded, .. } = outcome;
    write_companies(out, found)?;
    writeln!(
        out,
        "  filings    {processed} processed, {skipped} current already, {} failed",
        outcome.failed.len()
    )?;
    if *degraded > 0 {
        writeln!(
            out,
            "             {degraded} without some schemas: facts are whole, what only a schema says is NULL"
        )?;
    }
    if *processed > 0 {
        writeln!(out, "  facts      {} rows from {} tagged items", outcome.facts, outcome.occurrences)?;
        writeln!(out, "  rows       {} in {}", outcome.rows, bytes(outcome.bytes))?;
    }
    if let Some(published) = &outcome.published {
        writeln!(
            out,
            "  tables     {} filings added, {} replaced, {} unchanged; {} files of older versions removed",
            published.added, published.replaced, published.unchanged, outcome.removed
        )?;
    }
    if let Some(ingested) = &outcome.ingested {
        writeln!(
            out,
            "  graph      {} filings added, {} replaced, {} unchanged; {} nodes and {} relationships written",
            ingested.added, ingested.replaced, ingested.unchanged, ingested.nodes, ingested.relationships
        )?;
        if let Some(copied) = &ingested.copied {
            writeln!(out, "             on a copy of the one before: {copied}")?;
        }
        for (accession, reason) in &ingested.rejected {
            writeln!(out, "  rejected   {accession}: {reason}")?;
        }
    }
    write_left_out(out, found, &outcome.left_out)?;
    write_other_reports(out, &outcome.other_reports)?;
    for failed in outcome.failed.iter().take(SHOWN_FAILURES) {
        writeln!(out, "  failed     {}: {}", failed.item, describe::brief(&failed.reason))?;
    }
    if outcome.failed.len() > SHOWN_FAILURES {
        writeln!(
            out,
            "             and {} more; --format json lists all",
            outcome.failed.len() - SHOWN_FAILURES
        )?;
    }
    if !outcome.failed.is_empty() {
        writeln!(out, "  Running the same command again retries what failed; what is current is skipped.")?;
    }
    let store = folder.join("store");
    let Some(graph) = graph else {
        return writeln!(out, "Tables are in {}; no graph was made.", store.display());
    };
    if database_in(graph).is_err() {
        return writeln!(out, "No graph was made. What is done already is in {}.", store.display());
    }
    writeln!(out, "Files are in {}, the graph in {}. Try:", store.display(), graph.display())?;
    for name in FIRST_QUERIES {
        writeln!(out, "  edgraph query --graph {} --example {name}", quoted(graph))?;
    }
    Ok(())
}

/// Reports of filings that are not loaded: which, the manifests say too.
fn write_other_reports(out: &mut dyn Write, others: &[String]) -> io::Result<()> {
    for report in others.iter().take(SHOWN_REPORTS) {
        writeln!(out, "  not loaded {report}")?;
    }
    if let Some(more) = others.len().checked_sub(SHOWN_REPORTS).filter(|more| *more > 0) {
        writeln!(out, "             and {more} more, named by --format json and in the manifests")?;
    }
    Ok(())
}

/// What a dry run found.
pub(super) fn write_plan(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    let Plan { found, filings, requests, writes, .. } = plan;
    writeln!(out, "A dry run: nothing was written, no filing was downloaded")?;
    write_companies(out, found)?;
    writeln!(
        out,
        "  filings    {}: {} current already, {} to process from the raw cache, {} to download",
        filings.total, filings.current, filings.from_raw, filings.download
    )?;
    if filings.degraded > 0 {
        writeln!(
            out,
            "             {} of the current ones lack schemas, which --refresh degraded asks for again",
            filings.degraded
        )?;
    }
    let sum = requests.discovery + requests.filings;
    writeln!(
        out,
        "  requests   {sum}: {} for lists of companies and filings, which the dry run made too, and {} for filings",
        requests.discovery, requests.filings
    )?;
    writeln!(out, "             standard schemas that are not in the store yet come on top, once each")?;
    match (plan.rate, plan.minutes) {
        (Some(rate), Some(minutes)) => {
            writeln!(out, "  time       {minutes:.1} minutes at {rate} requests a second")?;
        }
        _ => writeln!(out, "  time       no limit on requests to wait for")?,
    }
    writeln!(out, "  writes     {} objects, {}", writes.objects, bytes(writes.bytes))?;
    writeln!(out, "             archives: {}", basis(writes.measured_archives))?;
    writeln!(out, "             outputs: {}", basis(writes.measured_outputs))?;
    write_left_out(out, found, &plan.left_out)?;
    for failed in &plan.failed {
        writeln!(out, "  failed     {}: {}", failed.item, describe::brief(&failed.reason))?;
    }
    Ok(())
}

/// How many companies, and how old the built-in list of them is, where that is what was looked at.
fn write_companies(out: &mut dyn Write, found: &CompaniesFound) -> io::Result<()> {
    let as_of = found.list_as_of.as_ref().map(|date| format!(" of the S&P 500 as of {date}"));
    writeln!(out, "  companies  {}{}", found.companies, as_of.unwrap_or_default())
}

/// What the index of filings said, where it was asked, and what is not there, by reason.
fn write_left_out(
    out: &mut dyn Write,
    found: &CompaniesFound,
    filings: &BTreeMap<String, u64>,
) -> io::Result<()> {
    if found.without_news > 0 {
        writeln!(out, "  left out   {} companies: nothing filed since --new-since", found.without_news)?;
    }
    if let Some(day) = &found.indexed_to {
        writeln!(out, "  index      reaches to {day}: give this day as --new-since next time")?;
    }
    for (reason, count) in filings {
        writeln!(out, "  left out   {count} filings: {reason}")?;
    }
    for name in &found.unknown {
        writeln!(out, "  unknown    {name}")?;
    }
    write!(out, "{}", describe::damage(&found.damage))
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
