//! A child process of a test: its log as it comes, signals, and no orphans.
//!
//! Every line of its output is read at once by a thread, so that a signal can be tied to a line: stopped here,
//! killed there. A test that fails prints the end of the log of every process it had.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use rustix::process::{Pid, kill_process};

pub use rustix::process::Signal;

use crate::eventually::{eventually, eventually_true};

/// Lines of the log that a failed test prints for each process.
const SHOWN_LINES: usize = 60;

/// The end of a process by a signal of the test's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Death {
    /// Of the process.
    pub pid: u32,
    /// When the signal was sent, in nanoseconds since the Unix epoch: nothing of the process happened later.
    pub at: u64,
}

/// Nanoseconds since the Unix epoch. All processes of a test run on one machine and share this clock.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970");
    u64::try_from(since.as_nanos()).expect("fits until the year 2554")
}

/// A signal to be sent when a line appears.
#[derive(Debug)]
struct Trigger {
    part: String,
    skip: usize,
    signal: Signal,
}

#[derive(Debug, Default)]
struct Output {
    lines: Vec<String>,
    triggers: Vec<Trigger>,
    /// When signals tied to lines were sent.
    fired: Vec<u64>,
    /// None once the process is reaped: its number may be somebody else's then.
    alive: Option<Pid>,
}

/// A running child process; killed when dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    pid: Pid,
    child: Child,
    output: Arc<Mutex<Output>>,
    readers: Vec<JoinHandle<()>>,
    status: Option<ExitStatus>,
}

impl Process {
    /// Starts a program; `name` is for messages.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(name: &str, command: &mut Command) -> anyhow::Result<Self> {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {name}: {command:?}"))?;
        let pid = Pid::from_child(&child);
        let output = Arc::new(Mutex::new(Output { alive: Some(pid), ..Output::default() }));
        let readers = vec![
            read(child.stdout.take().expect("piped"), Arc::clone(&output)),
            read(child.stderr.take().expect("piped"), Arc::clone(&output)),
        ];
        Ok(Self { name: name.to_owned(), pid, child, output, readers, status: None })
    }

    /// Its number.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// What the system says of its memory, such as `VmRSS:` or `VmHWM:`; in MiB.
    ///
    /// # Errors
    /// When it has ended, or the system says nothing of the kind.
    pub fn memory_mib(&self, name: &str) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let rest = status.split_once(name).with_context(|| format!("no {name} in {status}"))?.1;
        let kib: f64 = rest.split_whitespace().next().context("a number")?.parse()?;
        Ok(kib / 1024.0)
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// When the process has ended: the fault would not have happened.
    pub fn signal(&self, signal: Signal) {
        assert!(self.output().alive.is_some(), "{} has ended", self.name);
        kill_process(self.pid, signal).expect("the child is ours");
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(&mut self) -> Death {
        self.signal(Signal::KILL);
        let death = Death { pid: self.pid(), at: now() };
        let status = self.child.wait().expect("the child is ours");
        self.reaped(status);
        death
    }

    /// SIGSTOP, and waits until it stands still.
    pub async fn freeze(&self) {
        self.signal(Signal::STOP);
        self.frozen(Duration::from_secs(5)).await;
    }

    /// Waits until it stands still.
    pub async fn frozen(&self, within: Duration) {
        eventually_true(&format!("{} to stand still", self.name), within, || self.is_frozen()).await;
    }

    /// Whether it stands still.
    pub fn is_frozen(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap_or_default();
        // The name in parentheses may hold anything; the state is the first letter after it.
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Sends a signal when a line with `part` appears for the nth time (from 0) from now on, as soon as it is read.
    pub fn at_line(&self, part: &str, nth: usize, signal: Signal) {
        self.output().triggers.push(Trigger { part: part.to_owned(), skip: nth, signal });
    }

    /// When the signals tied to lines were sent, in nanoseconds since the Unix epoch.
    pub fn fired(&self) -> Vec<u64> {
        self.output().fired.clone()
    }

    /// Its exit status, once it has ended.
    pub fn status(&mut self) -> Option<ExitStatus> {
        if self.status.is_none()
            && let Some(status) = self.child.try_wait().expect("the child is ours")
        {
            self.reaped(status);
        }
        self.status
    }

    /// Waits for its end by itself and gives its exit code; none when a signal ended it.
    pub async fn exited(&mut self, within: Duration) -> Option<i32> {
        let what = format!("{} to end", self.name);
        eventually(&what, within, || std::future::ready(self.status())).await.code()
    }

    /// The lines it has written so far, of both streams.
    pub fn lines(&self) -> Vec<String> {
        self.output().lines.clone()
    }

    /// How many of its lines hold all of `parts`.
    pub fn count(&self, parts: &[&str]) -> usize {
        let holds = |line: &&String| parts.iter().all(|part| line.contains(part));
        self.output().lines.iter().filter(holds).count()
    }

    /// The newest of its lines that hold `part`.
    pub fn last(&self, part: &str) -> Option<String> {
        self.output().lines.iter().rfind(|line| line.contains(part)).cloned()
    }

    /// Waits for a line with `part` and gives the first one.
    pub async fn line(&mut self, part: &str, within: Duration) -> anyhow::Result<String> {
        let what = format!("{} to write `{part}`", self.name);
        eventually(&what, within, || {
            // An end before a line: what was written at the very end counts too, since `reaped` joins the readers.
            let ended = self.status();
            let found = self.output().lines.iter().find(|line| line.contains(part)).cloned();
            std::future::ready(match (found, ended) {
                (Some(line), _) => Some(Ok(line)),
                (None, Some(status)) => Some(Err(anyhow::anyhow!("{what}: it ended with {status}"))),
                (None, None) => None,
            })
        })
        .await
    }

    fn reaped(&mut self, status: ExitStatus) {
        self.output().alive = None;
        self.status = Some(status);
        for reader in self.readers.drain(..) {
            // A panic of a reader costs lines of a log.
            let _ = reader.join();
        }
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().expect("no thread panics while it holds the output")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.status().is_none() {
            // Both fail only when there is nothing left to end.
            let _ = self.child.kill();
            if let Ok(status) = self.child.wait() {
                self.reaped(status);
            }
        }
        if std::thread::panicking() {
            let output = self.output();
            let from = output.lines.len().saturating_sub(SHOWN_LINES);
            eprintln!("--- {} ({}), the last of {} lines", self.name, self.pid(), output.lines.len());
            output.lines[from..].iter().for_each(|line| eprintln!("{line}"));
        }
    }
}

fn read(stream: impl Read + Send + 'static, output: Arc<Mutex<Output>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            let mut output = output.lock().expect("no thread panics while it holds the output");
            output.take(line);
        }
    })
}

impl Output {
    fn take(&mut self, line: String) {
        let mut due = Vec::new();
        self.triggers.retain_mut(|trigger| {
            if !line.contains(&trigger.part) {
                return true;
            }
            if trigger.skip > 0 {
                trigger.skip -= 1;
                return true;
            }
            due.push(trigger.signal);
            false
        });
        for signal in due {
            if let Some(pid) = self.alive
                && kill_process(pid, signal).is_ok()
            {
                self.fired.push(now());
            }
        }
        self.lines.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn shell(script: &str) -> Process {
        Process::start("a shell", Command::new("sh").args(["-c", script])).unwrap()
    }

    #[tokio::test]
    async fn a_process_is_stopped_at_a_line_goes_on_and_ends() {
        let mut process = shell("read -r line < /dev/null; for n in 1 2 3; do echo tick $n; sleep 0.2; done");
        process.at_line("tick", 1, Signal::STOP);
        process.frozen(PATIENCE).await;
        assert_eq!((process.fired().len(), process.count(&["tick 3"])), (1, 0));
        process.thaw();
        assert_eq!(process.exited(PATIENCE).await, Some(0));
        assert_eq!(process.count(&["tick"]), 3);
    }

    #[tokio::test]
    #[should_panic(expected = "a shell has ended")]
    async fn a_killed_process_has_no_exit_code_and_takes_no_signal() {
        let mut process = shell("echo up; exec sleep 60");
        assert_eq!(process.line("up", PATIENCE).await.unwrap(), "up");
        process.kill();
        assert_eq!(process.exited(PATIENCE).await, None);
        process.signal(Signal::TERM);
    }

    #[tokio::test]
    async fn a_line_that_cannot_come_any_more_is_an_error() {
        let error = shell("echo something else").line("up", PATIENCE).await.unwrap_err();
        assert!(error.to_string().contains("it ended with"), "{error}");
    }
}
