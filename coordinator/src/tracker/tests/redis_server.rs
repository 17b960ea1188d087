//! A real redis-server as a child process: killed, frozen, restarted, set back in time.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::eventually;
use super::faults::Faults;
use crate::tracker::redis::RedisTracker;

/// How a server keeps what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Not at all.
    None,
    /// In an append-only file, with this `appendfsync`.
    Append(&'static str),
}

/// See the module's documentation. Ends with its value.
pub(crate) struct RedisServer {
    child: Child,
    folder: TempDir,
    options: Vec<String>,
    url: String,
}

impl RedisServer {
    /// A server on a socket in a folder of its own.
    pub(crate) async fn start(durability: Durability) -> Self {
        Self::start_with(durability, &[]).await
    }

    pub(crate) async fn start_with(durability: Durability, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for redis");
        let socket = folder.path().join("redis.sock");
        let (append, fsync) = match durability {
            Durability::None => ("no", "no"),
            Durability::Append(fsync) => ("yes", fsync),
        };
        let mut options =
            vec!["--save", "", "--appendonly", append, "--appendfsync", fsync, "--bind", "127.0.0.1"];
        let socket_text = socket.to_str().expect("a readable path").to_owned();
        options.extend(["--unixsocket", &socket_text]);
        if !more.contains(&"--port") {
            options.extend(["--port", "0"]);
        }
        options.extend(more);
        let options: Vec<String> = options.into_iter().map(str::to_owned).collect();
        let child = spawn(folder.path(), &options);
        let server = Self { child, folder, options, url: format!("unix://{socket_text}") };
        server.until_ready().await;
        server
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A tracker on it.
    pub(crate) fn tracker(&self) -> RedisTracker {
        RedisTracker::connect(&self.url).expect("a good url")
    }

    /// One command, on a connection of its own.
    pub(crate) async fn ask<T: redis::FromRedisValue>(&self, command: &[&str]) -> redis::RedisResult<T> {
        let client = redis::Client::open(self.url.as_str())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        let (name, arguments) = command.split_first().expect("a command has a name");
        redis::cmd(name).arg(arguments).query_async(&mut connection).await
    }

    async fn until_ready(&self) {
        eventually("redis to answer", || async {
            // Loading, it answers with an error.
            self.ask::<String>(&["PING"]).await.ok().filter(|pong| pong == "PONG")
        })
        .await;
    }

    /// As if the lock's time were over.
    pub(crate) async fn expire_lock(&self) {
        let deleted: i64 = self.ask(&["DEL", "edgraph:{lead}:lock"]).await.expect("redis answers");
        assert_eq!(deleted, 1, "there was a lock to expire");
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("redis was running");
        self.child.wait().expect("redis has ended");
    }

    /// After [`Self::kill`], on what the files hold.
    pub(crate) async fn restart(&mut self) {
        self.child = spawn(self.folder.path(), &self.options);
        self.until_ready().await;
    }

    /// Connections are accepted and nothing is answered.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(status.expect("kill is installed").success(), "redis was running");
    }

    /// A copy of what the files hold now.
    pub(crate) fn backup(&self) -> Backup {
        let copy = tempfile::tempdir().expect("a folder for a copy");
        copy_folder(self.folder.path(), copy.path());
        Backup(copy)
    }

    /// Back in time: killed, and started on an older copy of its files.
    pub(crate) async fn restore(&mut self, backup: &Backup) {
        self.kill();
        for entry in fs::read_dir(self.folder.path()).expect("the folder is there") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("removable");
        }
        copy_folder(backup.0.path(), self.folder.path());
        self.restart().await;
    }
}

/// See [`RedisServer::backup`].
pub(crate) struct Backup(TempDir);

impl Drop for RedisServer {
    fn drop(&mut self) {
        // Fails only when it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(folder: &Path, options: &[String]) -> Child {
    let spawned = Command::new("redis-server")
        .args(options)
        .arg("--dir")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match spawned {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("these tests need redis-server 6.2 or later on the PATH; tests/run.sh installs it")
        }
        Err(error) => panic!("redis-server does not start: {error}"),
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the folder is there") {
        let path: PathBuf = entry.expect("a readable folder").path();
        let target = to.join(path.file_name().expect("entries have names"));
        if path.is_dir() {
            fs::create_dir_all(&target).expect("a folder can be made");
            copy_folder(&path, &target);
        } else if path.extension().is_none_or(|extension| extension != "sock") {
            fs::copy(&path, &target).expect("a file can be copied");
        }
    }
}

impl RedisTracker {
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }
}
