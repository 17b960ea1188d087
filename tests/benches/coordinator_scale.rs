//! What a coordinator costs by size, as a real process with a real Redis: idle workers, a million items, a takeover.
//!
//! `cargo bench -p edgraph-tests --bench coordinator_scale -- [--items N] [--idle N]`, after
//! `cargo build --release --workspace`. Workers are bare streams of this process, so that no worker's own cost is in
//! the numbers. Numbers of one machine, which all of them share: compare ratios.

#[path = "coordinator_scale/stream.rs"]
mod stream;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use edgraph_client::{Client, is_finished, json, v1};
use edgraph_tests::eventually::eventually;
use edgraph_tests::fleet::{Fleet, Settings};
use rustix::process::Signal;
use stream::Stream;
use tokio::task::JoinSet;

/// Bytes of every payload.
const PAYLOAD: usize = 300;
const WORKERS: u32 = 4;
const SLOTS: u32 = 64;
/// How long answers are timed, and idle workers watched.
const WATCHED: Duration = Duration::from_secs(10);
/// Between two questions: what people and pages ask, not a load.
const ASK_EVERY: Duration = Duration::from_millis(20);
/// Streams that share a connection.
const STREAMS_PER_CONNECTION: u32 = 100;
const PIPELINE: &str = "bench";
/// Of `/proc/{pid}/stat`, on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
/// Whatever takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: u32| {
        let given = args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
        given.map_or(Ok(default), |number| number.parse()).with_context(|| format!("{name} takes a number"))
    };
    let (items, idle) = (number("--items", 1_000_000)?, number("--idle", 10_000)?);
    let mut fleet = Fleet::with_coordinator(Settings::default()).await?;
    idle_workers(&mut fleet, idle).await?;
    many_items(&mut fleet, items).await
}

/// Workers without work, beside an item that none of them takes.
async fn idle_workers(fleet: &mut Fleet, idle: u32) -> anyhow::Result<()> {
    let address = fleet.endpoints().remove(0);
    let client = Client::connect(&address).await?;
    client.start(request("waits", "for_nobody", serde_json::Value::Null)).await?;
    let mut streams = JoinSet::new();
    for first in (0..idle).step_by(STREAMS_PER_CONNECTION as usize) {
        let channel = stream::connect(&address).await?;
        for worker in first..idle.min(first + STREAMS_PER_CONNECTION) {
            let stream = Stream::open(&channel, &format!("idle-{worker}"), "work", 4).await?;
            streams.spawn(stream.work());
        }
    }
    let pid = fleet.coordinators[0].process().pid();
    // The burst of their arrival is over.
    get_times(&client, "waits", 3 * ASK_EVERY).await?;
    let (cpu, began) = (cpu_seconds(pid)?, Instant::now());
    let times = get_times(&client, "waits", WATCHED).await?;
    let cores = (cpu_seconds(pid)? - cpu) / began.elapsed().as_secs_f64();
    println!("{idle} idle workers, one item that none takes: {cores:.2} cores, GetPipeline {times}");
    streams.shutdown().await;
    client.cancel("waits").await?;
    Ok(())
}

/// A large pipeline: added, under load, taken over, cancelled.
async fn many_items(fleet: &mut Fleet, items: u32) -> anyhow::Result<()> {
    let address = fleet.endpoints().remove(0);
    let client = Client::connect(&address).await?;
    client.start(request(PIPELINE, "discover", items.into())).await?;
    let began = Instant::now();
    let channel = stream::connect(&address).await?;
    Stream::open(&channel, "discoverer", "discover", 1).await?.discover(items, PAYLOAD).await?;
    let added = f64::from(items) / began.elapsed().as_secs_f64();
    let memory = fleet.coordinators[0].process().memory_mib("VmRSS:")?;
    let expected = client.get(PIPELINE).await?.expected_tasks;
    ensure!(expected == u64::from(items), "{expected} items are there");
    println!("{items} items of {PAYLOAD} B: added {added:.0} a second, coordinator {memory:.0} MiB");

    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        let channel = stream::connect(&address).await?;
        workers.spawn(Stream::open(&channel, &format!("work-{worker}"), "work", SLOTS).await?.work());
    }
    let (before, began) = (client.get(PIPELINE).await?.completed_tasks, Instant::now());
    let times = get_times(&client, PIPELINE, WATCHED).await?;
    let done = client.get(PIPELINE).await?.completed_tasks - before;
    let rate = done as f64 / began.elapsed().as_secs_f64();
    println!("{WORKERS} workers of {SLOTS} slots: {rate:.0} items a second, GetPipeline {times}");
    workers.shutdown().await;

    // It gives the lead back: what is timed is the reading, and not the wait for a lock.
    fleet.coordinators[0].process().signal(Signal::TERM);
    fleet.coordinators[0].process().exited(PATIENCE).await;
    let began = Instant::now();
    fleet.restart_coordinator(0).await?;
    eventually("the next leader to answer", PATIENCE, async || client.get(PIPELINE).await.ok()).await;
    let taken = began.elapsed().as_secs_f64();
    let coordinator = fleet.coordinators[0].process();
    let (resident, peak) = (coordinator.memory_mib("VmRSS:")?, coordinator.memory_mib("VmHWM:")?);
    println!("takeover by a new process: {taken:.1} s, then {resident:.0} MiB, at most {peak:.0} MiB");

    let began = Instant::now();
    client.cancel(PIPELINE).await?;
    let cancelling = tokio::spawn({
        let client = client.clone();
        async move { client.wait_until(PIPELINE, is_finished).await }
    });
    let times = get_times(&client, PIPELINE, Duration::from_secs(3)).await?;
    cancelling.await??;
    println!("cancelled in {:.1} s, GetPipeline meanwhile {times}", began.elapsed().as_secs_f64());
    Ok(())
}

fn request(id: &str, kind: &str, payload: serde_json::Value) -> v1::StartPipelineRequest {
    let payload = Some(json::to_value(payload));
    let root = v1::NewItem { kind: kind.to_owned(), key: format!("{kind}/all"), payload, priority: 0 };
    v1::StartPipelineRequest {
        pipeline_id: id.to_owned(),
        kind: "bench".to_owned(),
        spec: Some(v1::PipelineSpec {
            roots: vec![root],
            counted_kind: "work".to_owned(),
            ..v1::PipelineSpec::default()
        }),
        ..v1::StartPipelineRequest::default()
    }
}

/// How long one question takes, asked again and again.
async fn get_times(client: &Client, pipeline: &str, watched: Duration) -> anyhow::Result<String> {
    let (until, mut times) = (Instant::now() + watched, Vec::new());
    let mut due = tokio::time::interval(ASK_EVERY);
    while Instant::now() < until {
        due.tick().await;
        let began = Instant::now();
        client.get(pipeline).await?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    Ok(format!("p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms", at(0.5), at(0.99), at(1.0)))
}

/// Seconds of processor time that a process has taken.
fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The program's name, in brackets, may contain anything.
    let fields: Vec<&str> = stat.rsplit_once(')').context("a name")?.1.split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok(ticks / TICKS_PER_SECOND)
}
