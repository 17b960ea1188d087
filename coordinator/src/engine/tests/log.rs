//! What an operator reads of a small story: each thing that happens is one line, with its ids.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use edgraph_shared::failure::Failure;
use edgraph_shared::model::{FailedLease, WorkerMessage};

use super::kit::{PATIENCE, Running, TestWorker};
use crate::tracker::MemoryTracker;

/// Lines of the log as they are written.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn lines(&self) -> Vec<String> {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).lines().map(|line| line.trim().to_owned()).collect()
    }

    async fn until(&self, part: &str) {
        let is_there = async {
            while !self.lines().iter().any(|line| line.contains(part)) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, is_there).await;
        assert!(waited.is_ok(), "no `{part}` in {:#?}", self.lines());
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The line with what is random in it left out.
fn known(line: &str) -> String {
    let is_random = |word: &&str| word.starts_with("incarnation=") || word.starts_with("leader=");
    let named = |word| if str::starts_with(word, "worker=w-") { "worker=w" } else { word };
    line.split(' ').filter(|word| !is_random(word)).map(named).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn each_thing_that_happens_is_one_line_with_its_ids() {
    let log = Captured::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .with_target(false)
        .without_time();
    let _captured = tracing::subscriber::set_default(subscriber.finish());

    let running = Running::start(Arc::new(MemoryTracker::default()), Duration::from_millis(300)).await;
    let mut worker = TestWorker::connect(&running.engine, 2).await;
    let id = running.run(2).await;
    let mut granted = Vec::new();
    while granted.len() < 2 {
        granted.extend(worker.granted().await);
    }
    let failure = Failure::permanent("the filing is empty");
    let lease = granted.remove(0).lease;
    worker.say(WorkerMessage::Fail(vec![FailedLease { lease, failure }])).await;
    log.until("item dead").await;
    // Nothing is said about the other lease any more.
    log.until("lease lost").await;
    drop(worker);
    log.until("worker left").await;
    running.engine.cancel(&id).await.unwrap();
    running.stop().await;

    let lines: Vec<String> = log.lines().iter().map(|line| known(line)).collect();
    assert_eq!(
        lines,
        [
            "INFO lead won epoch=1 pipelines=0 before=Nobody",
            "INFO worker joined worker=w version=\"\" held=0",
            "INFO pipeline started pipeline=p kind=\"test\" roots=2",
            "INFO item dead pipeline=p item=work/0 reason=\"the filing is empty\"",
            "INFO lease lost pipeline=p item=work/1 worker=w token=1",
            "INFO worker left worker=w held=0",
            "INFO pipeline ended pipeline=p state=\"cancelled\" reason=\"cancelled by a client\" succeeded=0 dead=1",
        ]
    );
}
