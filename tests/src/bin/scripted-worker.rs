//! A worker whose items say what it does: a real process with a real runtime, and handlers that follow a script.
//!
//! `scripted-worker --coordinator URL[,URL] --worker-id NAME --slots N --history FILE [--drain MS] [--cancel-grace MS]
//! [--metadata-url URL --metadata-every MS] [--asks URL]`.
//! With `--asks` it asks for that document, besides, as often as it is lent request tokens.
//! The kinds are `discover`, `work`, `finish` and `finish_again`; the payload of an item is its [`Script`].

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::num::NonZeroU32;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use async_trait::async_trait;
use edgraph_shared::failure::Failure;
use edgraph_shared::model::{HostFamily, WorkItem};
use edgraph_shared::shutdown;
use edgraph_shared::telemetry::{self, LogFormat};
use edgraph_tests::history::{Event, Moment, Writer};
use edgraph_tests::process::now;
use edgraph_worker::app;
use edgraph_worker::download::{Agent, Content, Desk, Downloader, Hosts, Timeouts, Turnstile};
use edgraph_worker::handler::{Handler, Job};
use edgraph_worker::runtime::{Stops, WorkRuntime, Worker, WorkerConfig};
use edgraph_worker::spot::{self, Notices, SpotConfig};
use serde::Deserialize;
use serde_json::{Value, json};

/// Requests that wait for a token at one time.
const ASKING: usize = 3;
/// Of what is asked for; all of it are small documents.
const MAX_ANSWER: u64 = 1 << 20;

/// What an item does; fields that are absent do nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Script {
    /// Sleeps.
    sleep_ms: u64,
    /// Computes on every core.
    cpu_ms: u64,
    /// Adds so many children `work/{n}`, or what `prefix` says instead of `work/`.
    children: u32,
    prefix: Option<String>,
    /// Their payload.
    child: Value,
    /// Fails, in this class.
    fail: Option<Class>,
    /// Only so many attempts; all when absent.
    fail_times: Option<u32>,
    /// Fails only while this file is absent.
    until_file: Option<std::path::PathBuf>,
    /// Never returns.
    hang: Option<Hang>,
    /// Goes on to its end though it is told to stop.
    stubborn: bool,
    /// Pads the result.
    result_bytes: usize,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Class {
    Transient,
    Permanent,
    Unavailable,
    Throttled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Hang {
    /// In an await: it can be stopped there.
    Async,
    /// On its thread: it cannot.
    Blocking,
}

struct Scripted {
    kind: &'static str,
    worker: String,
    history: Arc<Writer>,
}

impl Scripted {
    fn note(&self, job: &Job, event: Moment) {
        let event = Event {
            pipeline: job.pipeline.to_string(),
            item: job.key.to_string(),
            token: job.token.0,
            attempt: job.attempt,
            worker: self.worker.clone(),
            pid: std::process::id(),
            event,
            at: now(),
        };
        self.history.write(&event).expect("the history can be written");
    }
}

#[async_trait]
impl Handler for Scripted {
    fn kind(&self) -> &'static str {
        self.kind
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        self.note(&job, Moment::Start);
        let script = script(&job.payload)?;
        let acting = act(&script, &job);
        let outcome = if script.stubborn {
            acting.await
        } else {
            tokio::select! {
                outcome = acting => outcome,
                () = job.cancel.cancelled() => {
                    self.note(&job, Moment::Stopped);
                    return Err(Failure::preempted("told to stop"));
                }
            }
        };
        self.note(&job, if outcome.is_ok() { Moment::Done } else { Moment::Failed });
        outcome
    }
}

fn script(payload: &str) -> Result<Script, Failure> {
    let wrong = |error| Failure::permanent(format!("the script cannot be read: {error}"));
    let mut payload: Value = serde_json::from_str(payload).map_err(wrong)?;
    // The payload of a finish item is the coordinator's; its script is what it carries of the client's.
    if let Some(params) = payload.get_mut("params") {
        payload = params.take();
    }
    if payload.is_null() { Ok(Script::default()) } else { serde_json::from_value(payload).map_err(wrong) }
}

async fn act(script: &Script, job: &Job) -> Result<String, Failure> {
    match script.hang {
        Some(Hang::Async) => std::future::pending().await,
        Some(Hang::Blocking) => block(),
        None => {}
    }
    if script.cpu_ms > 0 {
        compute(Duration::from_millis(script.cpu_ms)).await;
    }
    if script.sleep_ms > 0 {
        tokio::time::sleep(Duration::from_millis(script.sleep_ms)).await;
    }
    if script.children > 0 {
        job.children.add(children(script)).await?;
    }
    if let Some(class) = script.fail
        && script.fail_times.is_none_or(|times| job.attempt <= times)
        && script.until_file.as_ref().is_none_or(|file| !file.exists())
    {
        return Err(failure(class, job.attempt));
    }
    let result = json!({
        "token": job.token.0,
        "pid": std::process::id(),
        "parents": job.parents.len(),
        "padding": "x".repeat(script.result_bytes),
    });
    Ok(result.to_string())
}

fn block() {
    loop {
        std::thread::sleep(Duration::from_secs(3_600));
    }
}

/// Keeps every core busy.
async fn compute(time: Duration) {
    let until = Instant::now() + time;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let spin = || tokio::task::spawn_blocking(move || while Instant::now() < until {});
    for core in futures::future::join_all((0..cores).map(|_| spin())).await {
        core.expect("spinning does not panic");
    }
}

fn children(script: &Script) -> Vec<WorkItem> {
    let prefix = script.prefix.as_deref().unwrap_or("work/");
    let payload = if script.child.is_null() { "{}".to_owned() } else { script.child.to_string() };
    let child = |number| {
        let key = format!("{prefix}{number}").parse().expect("prefixes are short");
        WorkItem::new("work", key, payload.clone())
    };
    (1..=script.children).map(child).collect()
}

fn failure(class: Class, attempt: u32) -> Failure {
    let message = format!("scripted failure of attempt {attempt}");
    match class {
        Class::Transient => Failure::transient(message),
        Class::Permanent => Failure::permanent(message),
        Class::Unavailable => Failure::unavailable("scripted.dependency", message),
        Class::Throttled => Failure::throttled(Duration::from_millis(100), message),
    }
}

/// Asks for one document again and again. It ends when something else than the document comes.
async fn ask(url: String, desk: Desk) -> anyhow::Result<()> {
    let url = url.parse()?;
    let agent = Agent::parse("Edgraph Tests tests@example.com").expect("it is a header");
    let turnstile = Turnstile::lent(desk, HostFamily::Mirror);
    let downloader = Downloader::new(agent, Hosts::of([&url]), turnstile, Timeouts::default());
    let asking = || async {
        loop {
            downloader.get(&url, Content::Json, MAX_ANSWER).await?;
        }
    };
    futures::future::try_join_all((0..ASKING).map(|_| asking())).await.map(|_: Vec<Infallible>| ())
}

fn arguments() -> anyhow::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let Some(name) = name.strip_prefix("--") else { bail!("`{name}` is no option") };
        let value = arguments.next().with_context(|| format!("--{name} has no value"))?;
        found.insert(name.to_owned(), value);
    }
    Ok(found)
}

/// As the real worker: what waits here runs elsewhere.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = arguments()?;
    let text = |name: &str| arguments.get(name).cloned().with_context(|| format!("--{name} is missing"));
    let millis = |name: &str, default: u64| -> anyhow::Result<Duration> {
        Ok(Duration::from_millis(arguments.get(name).map_or(Ok(default), |text| text.parse())?))
    };
    let slots: NonZeroU32 = text("slots")?.parse()?;
    let config = WorkerConfig {
        coordinators: text("coordinator")?.into(),
        worker: text("worker-id")?.parse()?,
        slots,
        drain: millis("drain", 0)?,
        cancel_grace: millis("cancel-grace", 1_000)?,
        home: Default::default(),
        desk: Default::default(),
    };
    telemetry::init("info,edgraph_worker=debug", LogFormat::Plain)?;
    let history = Arc::new(Writer::open(Path::new(&text("history")?))?);
    let handler = |kind| -> Arc<dyn Handler> {
        Arc::new(Scripted { kind, worker: config.worker.to_string(), history: Arc::clone(&history) })
    };
    let handlers = vec![handler("discover"), handler("work"), handler("finish"), handler("finish_again")];
    let work = WorkRuntime::start()?;
    if let Some(url) = arguments.get("asks") {
        let asking = ask(url.clone(), config.desk.clone());
        work.handle().spawn(async move {
            if let Err(error) = asking.await {
                eprintln!("error: {error:#}");
            }
        });
    }
    let notices = match arguments.get("metadata-url") {
        Some(url) => {
            let every = millis("metadata-every", 5_000)?;
            spot::watch(SpotConfig { every, ..SpotConfig::new(spot::Mode::Ec2, url.parse()?) })
        }
        None => Notices::none(),
    };
    let stops = Stops { shutdown: shutdown::on_signal()?, notices };
    let ended = Worker::run_on(work.handle(), config, handlers, stops).await;
    Ok(match ended.map_err(app::Error::from) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    })
}
