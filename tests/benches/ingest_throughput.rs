//! Ingestion beside a bare COPY of the same rows, and what one more filing costs.
//!
//! `cargo bench --profile dev -p edgraph-tests --bench ingest_throughput -- [--companies N] [--rounds N] [--memory SIZE]
//! [--kept DIR]`. A mirror of real filings is cloned to so many companies (of the sample filings where real ones are not
//! at hand) and processed once into a store, which `--kept` keeps for the next time. Then, in turn: the rows of its graph
//! by COPY alone, one file per table, in one transaction; ingestion of the same filings into a new graph; and one filing
//! more, and one replaced, in a graph that has all others. On a machine that others use, the processor's seconds count.

#[path = "ingest_throughput/arguments.rs"]
mod arguments;
#[path = "ingest_throughput/bare.rs"]
mod bare;
#[path = "ingest_throughput/cost.rs"]
mod cost;
#[path = "ingest_throughput/store.rs"]
mod store;
#[path = "ingest_throughput/again.rs"]
mod again;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, ensure};
use arguments::Arguments;
use bare::Rows;
use cost::Cost;
use edgraph_graph::ingest::{BatchLimits, Ingestion, Memory, run};
use edgraph_shared::kinds::sec_xbrl::{Accepted, Ingested};
use edgraph_shared::storage::LocalStore;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// Some two hundred filings.
const COMPANIES: usize = 100;
const ROUNDS: usize = 3;
/// Replacements of one filing after which the file is measured again.
const REPLACEMENTS: usize = 10;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Arguments::of_process();
    let (companies, rounds) = (args.number("--companies", COMPANIES)?, args.number("--rounds", ROUNDS)?);
    let scratch = tempfile::tempdir()?;
    let kept = args.text("--kept").map_or_else(|| scratch.path().join("kept"), PathBuf::from);
    let accepted = store::filled(&kept, companies).await?;
    let store = LocalStore::open(kept.join("store"))?;
    let memory = args.text("--memory").map_or(Ok(Memory::default()), |size| size.parse());
    let limits = BatchLimits::within(memory.map_err(anyhow::Error::msg).context("--memory")?);
    let bench = Bench { store, scratch: scratch.path().to_owned(), limits, runtime: Handle::current() };
    tokio::task::spawn_blocking(move || bench.all(&accepted, rounds)).await?
}

struct Bench {
    store: LocalStore,
    scratch: PathBuf,
    limits: BatchLimits,
    runtime: Handle,
}

impl Bench {
    fn all(&self, accepted: &[Accepted], rounds: usize) -> anyhow::Result<()> {
        let (all, fewer) = (accepted.len(), &accepted[..accepted.len() - 1]);
        let (_, done) = self.ingest("rows", accepted)?;
        let rows = Rows::of(&self.scratch.join("rows/graph"), &self.scratch.join("bare"))?;
        let written = done.nodes + done.relationships;
        ensure!(rows.count == written, "{} rows in the graph, {written} written", rows.count);
        println!(
            "{all} filings, {written} rows, {:.2} MB of graph each, loaded with {} of memory at most",
            self.megabytes("rows")? / all as f64,
            cost::peak_memory()?
        );
        println!("seconds by the clock, and of the processor in brackets; without the copy of the graph");
        println!("round       bare COPY       ingestion  of bare        one more    one replaced     copy");
        for round in 1..=rounds {
            let (bare, ()) = cost::timed(|| rows.copy_alone(&self.scratch.join("alone")))?;
            let (whole, _) = self.ingest("whole", accepted)?;
            self.ingest("more", fewer)?;
            let (mut more, added) = self.ingest_into("more", accepted)?;
            ensure!(added.added == 1, "{added:?}");
            let (mut again, replaced) = self.replace("more", accepted, round)?;
            let copy = copying(&added);
            more.clock -= copy;
            again.clock -= copying(&replaced);
            let of_bare = 100.0 * bare.processor / whole.processor;
            println!(
                "{round:>5} {bare:>15} {whole:>15} {of_bare:>6.0} % {more:>15} {again:>15} {copy:>6.2} s"
            );
        }
        print!("the file beside that of a fresh graph, after each of {REPLACEMENTS} more replacements:");
        for round in 0..REPLACEMENTS {
            self.replace("more", accepted, rounds + 1 + round)?;
            print!(" {:.2}", self.megabytes("more")? / self.megabytes("rows")?);
        }
        println!();
        Ok(())
    }

    /// Loads into a new graph.
    fn ingest(&self, graph: &str, accepted: &[Accepted]) -> anyhow::Result<(Cost, Ingested)> {
        let _ = std::fs::remove_dir_all(self.scratch.join(graph));
        self.ingest_into(graph, accepted)
    }

    fn ingest_into(&self, graph: &str, accepted: &[Accepted]) -> anyhow::Result<(Cost, Ingested)> {
        let job = Ingestion {
            graph: self.scratch.join(graph),
            scratch: self.scratch.join("scratch"),
            store: Arc::new(self.store.clone()),
            limits: self.limits,
            cancel: CancellationToken::new(),
            progress: Default::default(),
            refusals: Default::default(),
            lease_check: Arc::new(|| Ok(())),
        };
        let (cost, done) = cost::timed(|| Ok(run(&job, accepted, &self.runtime)?))?;
        ensure!(done.rejected.is_empty(), "{done:?}");
        Ok((cost, done))
    }

    /// Loads the same list with other output of one of its filings.
    fn replace(&self, graph: &str, accepted: &[Accepted], round: usize) -> anyhow::Result<(Cost, Ingested)> {
        let mut list = accepted.to_vec();
        let last = list.last_mut().context("no filings")?;
        *last = self.runtime.block_on(again::again(&self.store, last, round))?;
        let (cost, done) = self.ingest_into(graph, &list)?;
        ensure!(done.replaced == 1, "{done:?}");
        Ok((cost, done))
    }

    fn megabytes(&self, graph: &str) -> anyhow::Result<f64> {
        Ok(std::fs::metadata(self.scratch.join(graph).join("graph"))?.len() as f64 / 1e6)
    }
}

/// Seconds that went into the copy of the graph.
fn copying(done: &Ingested) -> f64 {
    done.copied.map_or(0.0, |copied| copied.milliseconds as f64 / 1e3)
}
