//! A fleet of real processes on one machine: Redis, coordinators, workers, an ingester.
//!
//! A test says what runs and what is done to it; this module knows command lines, ports and folders. Every process is
//! a child of the test and ends with the fleet. What is killed is noted, so that a history can be judged by it.
//!
//! What it fakes is the several machines and the operator who starts and stops programs there; the programs are those
//! that users run. It must not reach into a program: it acts by command lines, environment and signals, and starts
//! nothing again by itself.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use tempfile::TempDir;

use crate::history::{History, Reader};
pub use crate::process;
use crate::process::{Death, Process};
use crate::proxy::TcpProxy;
use crate::redis::{Fsync, Mode, RedisServer, free_address};

/// A program on a busy machine is up in well under this.
const UP_WITHIN: Duration = Duration::from_secs(60);

/// Where coordinators reach Redis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RedisPath {
    /// Directly.
    #[default]
    Direct,
    /// Through a proxy that the test can break.
    Proxied,
}

/// What a fleet is made of.
#[derive(Debug, Clone)]
pub struct Settings {
    /// As `--lease-ttl`.
    pub lease_ttl: Duration,
    /// As `--lock-ttl`.
    pub lock_ttl: Duration,
    /// Of Redis.
    pub fsync: Fsync,
    /// Of Redis.
    pub redis: Mode,
    /// Between the coordinators and Redis.
    pub path: RedisPath,
    /// What coordinators log, as `EDGRAPH_LOG`.
    pub coordinator_log: String,
    /// As `--store`; a folder of the fleet's own when absent.
    pub store: Option<String>,
    /// More arguments of every coordinator.
    pub coordinator_args: Vec<String>,
    /// The folder of the programs; where this build's are when absent.
    pub programs: Option<PathBuf>,
    /// Environment of every process, for example the keys of the store.
    pub environment: Vec<(String, String)>,
    /// Whether other fleets that say so too may run meanwhile: for those that mostly wait, with long leases.
    pub shares_machine: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lease_ttl: Duration::from_secs(15),
            lock_ttl: Duration::from_secs(5),
            fsync: Fsync::default(),
            redis: Mode::default(),
            path: RedisPath::default(),
            coordinator_log: "info".to_owned(),
            store: None,
            coordinator_args: Vec::new(),
            programs: None,
            environment: Vec::new(),
            shares_machine: false,
        }
    }
}

/// One coordinator: its process, if it runs, and the address it keeps over restarts.
#[derive(Debug)]
pub struct Coordinator {
    /// Where it listens.
    pub address: SocketAddr,
    process: Option<Process>,
}

impl Coordinator {
    /// For `--coordinator`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its process.
    ///
    /// # Panics
    /// When it does not run.
    pub fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("the coordinator runs")
    }

    /// Whether it was started and has not ended.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.status().is_none())
    }

    /// The id that it leads under, by its log; none when it does not lead, or has ended.
    pub fn leads_as(&mut self) -> Option<String> {
        if !self.is_running() {
            return None;
        }
        let won = self.process().last("lead won")?;
        let (_, rest) = won.split_once("leader=")?;
        let id = rest.split_whitespace().next()?.to_owned();
        (self.process().count(&["lead ended", &id]) == 0).then_some(id)
    }
}

/// A fleet; everything that runs is killed when it is dropped.
#[derive(Debug)]
pub struct Fleet {
    settings: Settings,
    /// The coordinators, in order of their first start.
    pub coordinators: Vec<Coordinator>,
    workers: BTreeMap<String, Process>,
    /// Between the coordinators and Redis, where the settings ask for it.
    pub proxy: Option<TcpProxy>,
    /// The Redis of all.
    pub redis: RedisServer,
    deaths: Vec<Death>,
    directory: TempDir,
    _turn: File,
}

impl Fleet {
    /// Starts Redis, once no other fleet runs; everything else is to be started.
    ///
    /// # Errors
    /// When Redis does not come up.
    pub async fn new(settings: Settings) -> anyhow::Result<Self> {
        let turn = turn(settings.shares_machine).await?;
        let redis = RedisServer::start_with(settings.fsync, settings.redis).await?;
        let proxy = match settings.path {
            RedisPath::Direct => None,
            RedisPath::Proxied => Some(TcpProxy::start(redis.address()).await?),
        };
        let directory = tempfile::tempdir()?;
        for folder in ["history", "store"] {
            std::fs::create_dir(directory.path().join(folder))?;
        }
        let (coordinators, workers, deaths) = (Vec::new(), BTreeMap::new(), Vec::new());
        Ok(Self { settings, coordinators, workers, proxy, redis, deaths, directory, _turn: turn })
    }

    /// Starts Redis and one coordinator.
    ///
    /// # Errors
    /// When one of them does not come up.
    pub async fn with_coordinator(settings: Settings) -> anyhow::Result<Self> {
        let mut fleet = Self::new(settings).await?;
        fleet.add_coordinator().await?;
        // It watches an empty Redis for a while first; another one that is added must not overtake it.
        fleet.coordinators[0].process().line("lead won", UP_WITHIN).await?;
        Ok(fleet)
    }

    /// A folder of the fleet's own.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// As `--store`.
    pub fn store(&self) -> String {
        let own = || self.directory.path().join("store").display().to_string();
        self.settings.store.clone().unwrap_or_else(own)
    }

    /// Of what is started from now on.
    pub fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// The addresses of all coordinators.
    pub fn endpoints(&self) -> Vec<String> {
        self.coordinators.iter().map(Coordinator::url).collect()
    }

    /// Starts one more coordinator; the first leads, and those after it are standbys. Waits until it listens.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn add_coordinator(&mut self) -> anyhow::Result<usize> {
        let address = free_address()?;
        self.coordinators.push(Coordinator { address, process: None });
        let number = self.coordinators.len() - 1;
        self.restart_coordinator(number).await?;
        Ok(number)
    }

    /// Starts a coordinator that was killed, at the same address. Waits until it listens.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn restart_coordinator(&mut self, number: usize) -> anyhow::Result<()> {
        self.begin_coordinator(number)?;
        self.coordinators[number].process().line("listening on ", UP_WITHIN).await?;
        Ok(())
    }

    /// The same without waiting.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn begin_coordinator(&mut self, number: usize) -> anyhow::Result<()> {
        let redis = match &self.proxy {
            Some(proxy) => format!("redis://{}", proxy.address()),
            None => self.redis.url(),
        };
        let address = self.coordinators[number].address.to_string();
        let mut command = self.command("edgraph", &self.settings.coordinator_log)?;
        command.args(["serve", "--redis", &redis, "--store", &self.store(), "--listen", &address]);
        command.args(["--lease-ttl", &millis(self.settings.lease_ttl)]);
        command.args(["--lock-ttl", &millis(self.settings.lock_ttl)]).args(&self.settings.coordinator_args);
        let process = Process::start(&format!("coordinator {number}"), &mut command)?;
        self.coordinators[number].process = Some(process);
        Ok(())
    }

    /// SIGKILL to a coordinator.
    pub fn kill_coordinator(&mut self, number: usize) {
        let death = self.coordinators[number].process().kill();
        self.deaths.push(death);
    }

    /// Starts a worker with scripted handlers.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn add_scripted_worker(&mut self, name: &str, slots: u32) -> anyhow::Result<()> {
        self.add_scripted_worker_with(name, slots, &[])
    }

    /// The same with more arguments.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn add_scripted_worker_with(&mut self, name: &str, slots: u32, more: &[&str]) -> anyhow::Result<()> {
        self.add_scripted_process((name, name), slots, more)
    }

    /// Starts one under the name of another.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn add_namesake(&mut self, name: &str, of: &str, slots: u32) -> anyhow::Result<()> {
        self.add_scripted_process((name, of), slots, &[])
    }

    fn add_scripted_process(
        &mut self,
        (name, worker_id): (&str, &str),
        slots: u32,
        more: &[&str],
    ) -> anyhow::Result<()> {
        let history = self.directory.path().join(format!("history/{name}.jsonl"));
        let mut command = self.command("scripted-worker", "info")?;
        command.args(["--coordinator", &self.endpoints().join(","), "--worker-id", worker_id]);
        command.args(["--slots", &slots.to_string()]).arg("--history").arg(history).args(more);
        self.add_process(name, &mut command)
    }

    /// Starts a worker that processes filings; `more` says where EDGAR is.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn add_worker(&mut self, name: &str, slots: u32, more: &[&str]) -> anyhow::Result<()> {
        let mut command = self.command("edgraph-worker", "info,edgraph_worker=debug")?;
        command.args(["--coordinator", &self.endpoints().join(","), "--store", &self.store()]);
        command.args(["--worker-id", name, "--slots", &slots.to_string(), "--drain", "0s"]).args(more);
        self.add_process(name, &mut command)
    }

    /// Starts an ingester for the graph in a folder.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn add_ingester(&mut self, name: &str, graph: &Path, more: &[&str]) -> anyhow::Result<()> {
        let log = "info,edgraph=debug";
        let mut command = self.command("edgraph", log)?;
        command.args(["ingester", "--coordinator", &self.endpoints().join(","), "--store", &self.store()]);
        command.arg("--graph").arg(graph).args(["--worker-id", name]).args(more);
        self.add_process(name, &mut command)
    }

    fn add_process(&mut self, name: &str, command: &mut Command) -> anyhow::Result<()> {
        let process = Process::start(name, command)?;
        self.workers.insert(name.to_owned(), process);
        Ok(())
    }

    /// A worker or ingester that was started, by its name.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn worker(&mut self, name: &str) -> &mut Process {
        self.workers.get_mut(name).expect("a worker of that name was started")
    }

    /// Ends a worker or ingester as a deployment does, and waits for its end.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn stop_worker(&mut self, name: &str) -> anyhow::Result<()> {
        let process = self.worker(name);
        process.signal(process::Signal::TERM);
        process.exited(UP_WITHIN).await.map(drop).context("the worker does not end")
    }

    /// The same with a coordinator.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn stop_coordinator(&mut self, number: usize) -> anyhow::Result<()> {
        let process = self.coordinators[number].process();
        process.signal(process::Signal::TERM);
        process.exited(UP_WITHIN).await.map(drop).context("the coordinator does not end")
    }

    /// SIGKILL to a worker or ingester.
    pub fn kill_worker(&mut self, name: &str) -> Death {
        let death = self.worker(name).kill();
        self.deaths.push(death);
        death
    }

    /// What ran for a pipeline, as the scripted workers wrote it.
    ///
    /// # Errors
    /// When the files cannot be read, or say what cannot be.
    pub fn history(&self, pipeline: &str) -> anyhow::Result<History> {
        History::of(pipeline, &self.directory.path().join("history"), &self.deaths)
    }

    /// Reads the same of all pipelines, as it is written.
    pub fn history_reader(&self) -> Reader {
        Reader::of(&self.directory.path().join("history"))
    }

    fn command(&self, program: &str, log: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(program_path(self.settings.programs.as_deref(), program)?);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("EDGRAPH_") {
                command.env_remove(name);
            }
        }
        let environment = self.settings.environment.iter().map(|(name, value)| (name, value));
        // The machine of a test may be a spot machine; that is not the test's fault.
        command.env("EDGRAPH_SPOT", "off");
        // Nor is the time of day: a test of what is done at night says so.
        command.env("EDGRAPH_GC_AT", "off");
        command.env("EDGRAPH_LOG", log).env("RUST_BACKTRACE", "1").envs(environment);
        Ok(command)
    }
}

/// Waits until no other fleet runs on this machine, or none that wants it for itself, and holds the place until the
/// file is closed: leases of a second are lost where several fleets fight for two cores, and test runners start tests
/// in processes of their own.
async fn turn(shares_machine: bool) -> anyhow::Result<File> {
    let tests = std::env::current_exe()?;
    let file = File::create(tests.with_file_name("fleet.lock"))?;
    let lock = if shares_machine { File::lock_shared } else { File::lock };
    tokio::task::spawn_blocking(move || lock(&file).map(|()| file))
        .await?
        .context("cannot wait for other fleets")
}

/// A program of the workspace, in a folder or beside the test binary.
fn program_path(folder: Option<&Path>, name: &str) -> anyhow::Result<PathBuf> {
    let tests = std::env::current_exe()?;
    let own = tests.parent().and_then(Path::parent).context("tests lie in target/<profile>/deps")?;
    let folder = folder.unwrap_or(own);
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    anyhow::ensure!(path.is_file(), "{} is missing: run `cargo build --workspace` first", path.display());
    Ok(path)
}

fn millis(duration: Duration) -> String {
    format!("{}ms", duration.as_millis())
}
