//! Leases granted and completed per second through real processes: Redis, a coordinator, four workers of 64 slots.
//!
//! `cargo bench --workspace --bench lease_throughput -- [--items N] [--fsync everysec|always]`, after
//! `cargo build --release --workspace`; `tests/benches/peers.sh` runs it beside BullMQ and Celery. Handlers do nothing;
//! payloads and results have 300 bytes; status and events are on. For each of Redis' fsync policies, or for the one that
//! is given, it prints items a second (over the middle of the run, where neither start nor end distorts it), commits,
//! changes per commit, and the coordinator's memory with all items in it. Numbers of one machine: compare ratios.

use std::num::NonZeroU32;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use async_trait::async_trait;
use edgraph_client::{Client, is_finished, json, v1};
use edgraph_shared::failure::Failure;
use edgraph_shared::model::WorkItem;
use edgraph_tests::fleet::process::Process;
use edgraph_tests::fleet::{Fleet, Settings};
use edgraph_tests::redis::Fsync;
use edgraph_worker::handler::{Handler, Job};
use edgraph_worker::runtime::{Worker, WorkerConfig};
use rustix::process::Signal;
use tokio_util::sync::CancellationToken;

const WORKERS: u32 = 4;
const SLOTS: u32 = 64;
/// Bytes of every payload and every result.
const BYTES: usize = 300;
const PIPELINE: &str = "bench";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let value = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    if let Some(address) = value("--worker") {
        return work(address, value("--name").context("--name")?).await;
    }
    let items: u32 = value("--items").map_or(Ok(100_000), |items| items.parse())?;
    println!("{items} items, {WORKERS} workers of {SLOTS} slots, {BYTES} B payloads and results");
    println!("appendfsync   items/s   added/s   commits   changes/commit   coordinator MiB");
    let only = value("--fsync");
    let policies = [("everysec", Fsync::EverySecond), ("always", Fsync::Always)];
    for (name, fsync) in policies.into_iter().filter(|(name, _)| only.is_none_or(|only| only == name)) {
        let measured = measure(items, fsync).await.with_context(|| format!("appendfsync {name}"))?;
        let Measured { items_per_second, added_per_second, commits, changes, memory } = measured;
        let per_commit = changes as f64 / commits.max(1) as f64;
        println!(
            "{name:<11} {items_per_second:>9.0} {added_per_second:>9.0} {commits:>9} {per_commit:>16.1} {memory:>17.1}"
        );
    }
    Ok(())
}

struct Measured {
    items_per_second: f64,
    added_per_second: f64,
    commits: u64,
    changes: u64,
    memory: f64,
}

async fn measure(items: u32, fsync: Fsync) -> anyhow::Result<Measured> {
    let mut fleet = Fleet::with_coordinator(Settings { fsync, ..Settings::default() }).await?;
    let address = fleet.endpoints().remove(0);
    let client = Client::connect(&address).await?;
    client.start(request(items)).await?;
    // One worker discovers; the others come when everything is there, so that adding does not count as leasing.
    let started = Instant::now();
    let mut discoverer = spawn(&address, "discover-0")?;
    client.wait_until(PIPELINE, |pipeline| pipeline.discovery_complete).await?;
    let added = started.elapsed();
    discoverer.kill();

    let mut workers = (0..WORKERS)
        .map(|number| spawn(&address, &format!("work-{number}")))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let items_per_second = middle_rate(&client, u64::from(items)).await?;
    let memory = fleet.coordinators[0].process().memory_mib("VmRSS:")?;
    for worker in &mut workers {
        worker.kill();
    }

    let coordinator = fleet.coordinators[0].process();
    coordinator.signal(Signal::TERM);
    let said = coordinator.line("commits=", Duration::from_secs(20)).await?;
    Ok(Measured {
        items_per_second,
        added_per_second: f64::from(items) / added.as_secs_f64(),
        commits: number_after(&said, "commits=")?,
        changes: number_after(&said, "changes=")?,
        memory,
    })
}

/// Completed items a second between 10 % and 90 % of all.
async fn middle_rate(client: &Client, items: u64) -> anyhow::Result<f64> {
    let (low, high) = (items / 10, items * 9 / 10);
    let (mut first, mut last) = (None, None);
    let mut watch = client.watch(PIPELINE);
    while let Some(pipeline) = watch.next().await? {
        let point = (pipeline.completed_tasks, Instant::now());
        if point.0 >= low && first.is_none() {
            first = Some(point);
        }
        if point.0 >= low && (point.0 <= high || last.is_none()) {
            last = Some(point);
        }
        if is_finished(&pipeline) {
            break;
        }
    }
    match (first, last) {
        (Some((from, began)), Some((to, ended))) if to > from => {
            Ok((to - from) as f64 / (ended - began).as_secs_f64())
        }
        _ => bail!("too few items to measure; give more with --items"),
    }
}

fn request(items: u32) -> v1::StartPipelineRequest {
    let root = v1::NewItem {
        kind: "discover".to_owned(),
        key: "discover/all".to_owned(),
        payload: Some(json::to_value(items.into())),
        priority: 0,
    };
    v1::StartPipelineRequest {
        pipeline_id: PIPELINE.to_owned(),
        kind: "bench".to_owned(),
        spec: Some(v1::PipelineSpec {
            roots: vec![root],
            counted_kind: "work".to_owned(),
            ..v1::PipelineSpec::default()
        }),
        ..v1::StartPipelineRequest::default()
    }
}

fn spawn(address: &str, name: &str) -> anyhow::Result<Process> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--worker", address, "--name", name]);
    Process::start(name, &mut command)
}

/// A worker process; what its name begins with is the kind it takes.
async fn work(address: &str, name: &str) -> anyhow::Result<()> {
    let (kind, slots) = if name.starts_with("discover") { ("discover", 1) } else { ("work", SLOTS) };
    let config = WorkerConfig {
        coordinators: address.to_owned().into(),
        worker: name.parse()?,
        slots: NonZeroU32::new(slots).context("slots")?,
        drain: Duration::ZERO,
        cancel_grace: Duration::ZERO,
        home: Default::default(),
        desk: Default::default(),
    };
    let result = format!("{{\"filler\":\"{}\"}}", "r".repeat(BYTES - 13));
    let handlers: Vec<Arc<dyn Handler>> = vec![Arc::new(Nothing { kind, result })];
    Ok(Worker::run(config, handlers, CancellationToken::new()).await?)
}

/// Adds the children that a discovery asks for, and does nothing else.
struct Nothing {
    kind: &'static str,
    result: String,
}

#[async_trait]
impl Handler for Nothing {
    fn kind(&self) -> &'static str {
        self.kind
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        if self.kind == "discover" {
            let items: u32 = job.payload.parse().map_err(|_| Failure::permanent("not a number"))?;
            let payload = format!("{{\"filler\":\"{}\"}}", "p".repeat(BYTES - 13));
            let child =
                |n: u32| WorkItem::new("work", format!("work/{n:08}").parse().expect("a key"), &payload);
            job.children.add((0..items).map(child).collect()).await?;
        }
        Ok(self.result.clone())
    }
}

fn number_after(text: &str, name: &str) -> anyhow::Result<u64> {
    let rest = text.split_once(name).with_context(|| format!("no {name} in {text}"))?.1.trim_start();
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    Ok(digits.parse()?)
}
