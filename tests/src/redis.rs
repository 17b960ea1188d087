//! A real Redis: a `redis-server` of the test's own, to be killed, frozen and thrown back in time.
//!
//! Every write is in the append-only file before its reply is sent, so SIGKILL loses nothing that was answered; what
//! a machine that loses power would lose is had by restoring an older copy of the files.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use redis::{AsyncConnectionConfig, Cmd, FromRedisValue};
use tempfile::TempDir;

use crate::eventually::eventually;
use crate::process::{Death, Process};

/// A server on a busy machine is up in well under this.
const UP_WITHIN: Duration = Duration::from_secs(20);
/// A port that was free may be taken before the server binds it.
const PORT_ATTEMPTS: usize = 5;
/// Hash slots of a cluster.
const CLUSTER_SLOTS: u16 = 16_384;

/// When the append-only file is forced to the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fsync {
    /// Once a second, as most servers run.
    #[default]
    EverySecond,
    /// Before every reply.
    Always,
}

/// How the server is set up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// An ordinary server.
    #[default]
    Single,
    /// A cluster of one: refuses scripts whose keys are not in one slot.
    Cluster,
}

/// Copies of the files of a server, as they were at some moment.
#[derive(Debug)]
pub struct Snapshot(TempDir);

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct RedisServer {
    address: SocketAddr,
    directory: TempDir,
    fsync: Fsync,
    mode: Mode,
    process: Process,
}

impl RedisServer {
    /// Starts an ordinary server.
    ///
    /// # Errors
    /// When `redis-server` cannot be started.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(Fsync::default(), Mode::default()).await
    }

    /// Starts a server set up in some way.
    ///
    /// # Errors
    /// As [`RedisServer::start`].
    pub async fn start_with(fsync: Fsync, mode: Mode) -> anyhow::Result<Self> {
        let mut directory = tempfile::tempdir()?;
        for _ in 0..PORT_ATTEMPTS {
            let address = free_address()?;
            let process = spawn(address, directory.path(), fsync, mode)?;
            let mut server = Self { address, directory, fsync, mode, process };
            if server.up().await {
                if mode == Mode::Cluster {
                    server.form_cluster().await?;
                }
                return Ok(server);
            }
            directory = server.directory;
        }
        bail!("redis-server found no port of its own in {PORT_ATTEMPTS} attempts")
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// For `--redis`.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// SIGKILL.
    pub fn kill(&mut self) -> Death {
        self.process.kill()
    }

    /// Starts it again after a [`RedisServer::kill`]: the same port, the same files.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.process = spawn(self.address, self.directory.path(), self.fsync, self.mode)?;
        anyhow::ensure!(self.up().await, "redis-server ended: {:?}", self.process.lines());
        Ok(())
    }

    /// SIGSTOP: connections stay open and nothing is answered.
    pub async fn freeze(&self) {
        self.process.freeze().await;
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        self.process.thaw();
    }

    /// Copies its files as they are now: whatever was answered before is in the copy.
    ///
    /// # Errors
    /// When files cannot be copied.
    pub fn snapshot(&self) -> anyhow::Result<Snapshot> {
        let copy = tempfile::tempdir()?;
        copy_files(self.directory.path(), copy.path())?;
        Ok(Snapshot(copy))
    }

    /// Kills it, unless that has been done, and starts it again with the files of a snapshot.
    ///
    /// # Errors
    /// When files cannot be replaced or it does not come up.
    pub async fn restore(&mut self, snapshot: &Snapshot) -> anyhow::Result<()> {
        self.kill_and_clear()?;
        copy_files(snapshot.0.path(), self.directory.path())?;
        self.restart().await
    }

    /// Kills it, unless that has been done, and starts it again with nothing.
    ///
    /// # Errors
    /// As [`RedisServer::restore`].
    pub async fn empty(&mut self) -> anyhow::Result<()> {
        self.kill_and_clear()?;
        self.restart().await
    }

    fn kill_and_clear(&mut self) -> anyhow::Result<()> {
        if self.process.status().is_none() {
            self.kill();
        }
        for entry in std::fs::read_dir(self.directory.path())? {
            let path = entry?.path();
            if path.is_dir() { std::fs::remove_dir_all(path)? } else { std::fs::remove_file(path)? }
        }
        Ok(())
    }

    /// Deletes everything while it runs.
    ///
    /// # Errors
    /// As [`RedisServer::ask`].
    pub async fn flush(&self) -> anyhow::Result<()> {
        self.ask(redis::cmd("FLUSHALL").arg("SYNC")).await
    }

    /// Deletes one key; says whether it was there.
    ///
    /// # Errors
    /// As [`RedisServer::ask`].
    pub async fn delete(&self, key: &str) -> anyhow::Result<bool> {
        self.ask(redis::cmd("DEL").arg(key)).await
    }

    /// The answer to a command, over a connection of its own.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> anyhow::Result<T> {
        ask(&self.url(), command).await
    }

    /// A hash, as a person would read it; empty when there is none.
    ///
    /// # Errors
    /// As [`RedisServer::ask`].
    pub async fn hgetall(&self, key: &str) -> anyhow::Result<BTreeMap<String, String>> {
        self.ask(redis::cmd("HGETALL").arg(key)).await
    }

    /// All keys that match a pattern, in order.
    ///
    /// # Errors
    /// As [`RedisServer::ask`].
    pub async fn keys(&self, pattern: &str) -> anyhow::Result<Vec<String>> {
        let mut keys: Vec<String> = self.ask(redis::cmd("KEYS").arg(pattern)).await?;
        keys.sort();
        Ok(keys)
    }

    /// Waits until it answers. False when it has ended instead.
    async fn up(&mut self) -> bool {
        let url = self.url();
        eventually("redis-server to answer", UP_WITHIN, || {
            let (url, ended) = (url.clone(), self.process.status().is_some());
            async move {
                // While it loads its files it answers with an error.
                let answers = !ended && ask::<String>(&url, &redis::cmd("PING")).await.is_ok();
                (ended || answers).then_some(answers)
            }
        })
        .await
    }

    async fn form_cluster(&self) -> anyhow::Result<()> {
        let mut slots = redis::cmd("CLUSTER");
        slots.arg("ADDSLOTS").arg((0..CLUSTER_SLOTS).collect::<Vec<_>>());
        self.ask::<()>(&slots).await?;
        let info = redis::cmd("CLUSTER").arg("INFO").to_owned();
        eventually("the cluster of one", UP_WITHIN, async || {
            let info: String = self.ask(&info).await.ok()?;
            info.contains("cluster_state:ok").then_some(())
        })
        .await;
        Ok(())
    }
}

async fn ask<T: FromRedisValue>(url: &str, command: &Cmd) -> anyhow::Result<T> {
    let config = AsyncConnectionConfig::new().set_response_timeout(Some(UP_WITHIN));
    let client = redis::Client::open(url)?;
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    Ok(command.query_async(&mut connection).await?)
}

fn spawn(address: SocketAddr, directory: &Path, fsync: Fsync, mode: Mode) -> anyhow::Result<Process> {
    let mut command = Command::new("redis-server");
    let fsync = match fsync {
        Fsync::EverySecond => "everysec",
        Fsync::Always => "always",
    };
    command.args(["--port", &address.port().to_string(), "--bind", "127.0.0.1", "--save", ""]);
    command.args(["--appendonly", "yes", "--appendfsync", fsync]);
    // No child that rewrites the file: a snapshot copies what no one replaces meanwhile.
    command.args(["--auto-aof-rewrite-percentage", "0"]);
    if mode == Mode::Cluster {
        command.args(["--cluster-enabled", "yes"]);
    }
    command.arg("--dir").arg(directory);
    Process::start("redis-server", &mut command)
}

/// An address on the loopback that nobody listens at. Redis cannot choose a port by itself.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("the loopback interface is down")?;
    Ok(listener.local_addr()?)
}

fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    let mut pending: Vec<PathBuf> = vec![PathBuf::new()];
    while let Some(folder) = pending.pop() {
        std::fs::create_dir_all(to.join(&folder))?;
        for entry in std::fs::read_dir(from.join(&folder))? {
            let name = folder.join(entry?.file_name());
            if from.join(&name).is_dir() {
                pending.push(name);
            } else {
                std::fs::copy(from.join(&name), to.join(&name))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn set(server: &RedisServer, value: &str) {
        server.ask::<()>(redis::cmd("SET").arg("key").arg(value)).await.unwrap();
    }

    async fn get(server: &RedisServer) -> String {
        server.ask(redis::cmd("GET").arg("key")).await.unwrap()
    }

    #[tokio::test]
    async fn a_kill_loses_nothing_and_a_snapshot_brings_the_past_back() {
        let mut server = RedisServer::start().await.unwrap();
        set(&server, "old").await;
        let snapshot = server.snapshot().unwrap();
        set(&server, "new").await;
        server.kill();
        assert!(server.ask::<String>(redis::cmd("GET").arg("key")).await.is_err());
        server.restart().await.unwrap();
        assert_eq!(get(&server).await, "new");
        server.restore(&snapshot).await.unwrap();
        assert_eq!(get(&server).await, "old");
    }

    #[tokio::test]
    async fn what_was_wiped_is_gone_for_good() {
        let mut server = RedisServer::start_with(Fsync::Always, Mode::Single).await.unwrap();
        set(&server, "value").await;
        assert!(server.delete("key").await.unwrap() && !server.delete("key").await.unwrap());
        set(&server, "value").await;
        server.flush().await.unwrap();
        assert_eq!(server.keys("*").await.unwrap(), Vec::<String>::new());
        set(&server, "value").await;
        server.empty().await.unwrap();
        assert_eq!(server.keys("*").await.unwrap(), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_frozen_server_answers_when_it_is_thawed() {
        let server = RedisServer::start_with(Fsync::Always, Mode::Single).await.unwrap();
        set(&server, "value").await;
        server.freeze().await;
        let get = redis::cmd("GET").arg("key").to_owned();
        let mut answer = std::pin::pin!(server.ask::<String>(&get));
        let early = tokio::time::timeout(Duration::from_millis(100), &mut answer).await;
        assert!(early.is_err(), "{early:?}");
        server.thaw();
        assert_eq!(answer.await.unwrap(), "value");
    }

    #[tokio::test]
    async fn a_cluster_of_one_refuses_keys_of_two_slots() {
        let server = RedisServer::start_with(Fsync::EverySecond, Mode::Cluster).await.unwrap();
        let set = |one: &str, two: &str| redis::cmd("MSET").arg(one).arg(1).arg(two).arg(2).to_owned();
        server.ask::<()>(&set("{a}:1", "{a}:2")).await.unwrap();
        assert_eq!(server.keys("{a}:*").await.unwrap(), ["{a}:1", "{a}:2"]);
        let error = server.ask::<()>(&set("{a}:1", "{b}:1")).await.unwrap_err();
        assert!(
            error.to_string().contains("CROSSSLOT") || format!("{error:?}").contains("CrossSlot"),
            "{error:?}"
        );
    }
}
