//! Several processes on one store, killed ones among them.
//!
//! The other processes are this test binary again: [`child`] does what its environment says.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use edgraph_shared::storage::{Error, Expect, LocalStore, ObjectKey, SharedStore, Store, open};
use edgraph_tests::eventually::eventually;

use super::Place;

const STORE: &str = "EDGRAPH_TEST_STORE";
const TASK: &str = "EDGRAPH_TEST_TASK";
const INCREMENTS: usize = 10;
/// For a process to start on a busy machine.
const START: Duration = Duration::from_secs(60);

fn key(text: &str) -> ObjectKey {
    text.parse().unwrap()
}

/// Adds one so many times, looking again whenever somebody else was faster.
pub(super) async fn increment(store: &SharedStore, counter: &ObjectKey, times: usize) {
    for _ in 0..times {
        loop {
            let (bytes, version) = store.get_versioned(counter).await.unwrap();
            let number: usize = std::str::from_utf8(&bytes).unwrap().parse().unwrap();
            let next = Bytes::from((number + 1).to_string());
            match store.put_if(counter, next, Expect::Version(version)).await {
                Ok(()) => break,
                Err(Error::Conflict { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// A process of its own that opens the store and does `task`.
pub(super) fn process(store: &str, task: &str, env: impl IntoIterator<Item = (String, String)>) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "store::processes::child", "--ignored", "--nocapture"]);
    command.env(STORE, store).env(TASK, task).envs(env).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What the other processes run.
#[tokio::test]
#[ignore = "run by the other tests of this module"]
async fn child() {
    let store = match open(&std::env::var(STORE).unwrap()).await {
        Ok(store) => store,
        Err(error) => panic!("cannot open: {error}"),
    };
    match std::env::var(TASK).unwrap().as_str() {
        "increment" => increment(&store, &key("counter"), INCREMENTS).await,
        "put" => store.put(&key("from-a-child"), Bytes::from_static(b"x")).await.unwrap(),
        "hold" => {
            store.put(&key("holding"), Bytes::new()).await.unwrap();
            std::future::pending::<()>().await;
        }
        task => panic!("no task {task}"),
    }
    store.close();
}

/// Kills a process that was started here if the test ends before it does.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn no_process_loses_anothers_increment() {
    const PROCESSES: usize = 4;
    for place in [Place::directory(), Place::bucket()] {
        let store = place.open().await;
        store.put(&key("counter"), Bytes::from_static(b"0")).await.unwrap();
        let env = if let Place::Bucket(server) = &place { server.env() } else { Vec::new() };
        let children: Vec<_> = (0..PROCESSES)
            .map(|_| process(&place.address(), "increment", env.clone()).spawn().unwrap())
            .collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
        assert_eq!(store.get(&key("counter")).await.unwrap(), (PROCESSES * INCREMENTS).to_string());
        store.close();
        if let Place::Directory(folder) = &place {
            assert_eq!(temporaries(&folder.path().join("store")), None);
        }
    }
}

/// The folders of processes below `.tmp`; `None` if there is no `.tmp`.
fn temporaries(root: &Path) -> Option<Vec<PathBuf>> {
    let entries = std::fs::read_dir(root.join(".tmp")).ok()?;
    Some(entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect())
}

#[tokio::test]
async fn what_a_killed_process_leaves_is_removed_and_a_living_one_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("store");
    let first = LocalStore::open(&root).unwrap();
    let own = temporaries(&root).unwrap();
    assert_eq!(own.len(), 1);

    let mut holding = Owned(process(root.to_str().unwrap(), "hold", []).spawn().unwrap());
    eventually("a process that holds the store", START, async || first.find(&key("holding")).await.unwrap())
        .await;
    let second = LocalStore::open(&root).unwrap();
    assert_eq!(temporaries(&root).unwrap().len(), 3, "three processes live");

    let theirs: Vec<_> = temporaries(&root).unwrap();
    holding.0.kill().unwrap();
    holding.0.wait().unwrap();
    assert_eq!(temporaries(&root).unwrap().len(), 3, "nobody has looked yet");
    let third = LocalStore::open(&root).unwrap();
    let now = temporaries(&root).unwrap();
    assert_eq!(now.len(), 3, "the dead one's folder went, the third's came");
    assert!(now.contains(&own[0]) && !theirs.iter().all(|path| now.contains(path)), "{now:?}");

    for (number, store) in [&first, &second, &third].into_iter().enumerate() {
        store.put(&key("a"), Bytes::from(number.to_string())).await.unwrap();
        store.close();
        let error = store.put(&key("a"), Bytes::new()).await.unwrap_err();
        assert!(error.to_string().contains("closed already"), "{error}");
    }
    assert_eq!(first.get(&key("a")).await.unwrap(), "2");
    assert_eq!(temporaries(&root), None, "the last one takes .tmp away");
}

#[tokio::test]
async fn a_reader_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let reader = LocalStore::reader(folder.path());
    assert_eq!(reader.find(&key("a")).await.unwrap(), None);
    let error = reader.put(&key("a"), Bytes::new()).await.unwrap_err();
    assert!(error.to_string().contains("reading only"), "{error}");
    drop(reader);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_is_no_address_is_not_opened() {
    for (address, said) in
        [("gs://bucket", "no store speaks gs"), ("", "an empty address"), ("s3://B", "is no bucket name")]
    {
        let error = open(address).await.map(|_| ()).expect_err(address);
        assert!(matches!(error, Error::Misconfigured { .. }) && error.to_string().contains(said), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().join("new").display());
    let store = open(&url).await.unwrap();
    store.put(&key("a"), Bytes::from_static(b"x")).await.unwrap();
    assert_eq!(std::fs::read(folder.path().join("new/a")).unwrap(), b"x");
}
