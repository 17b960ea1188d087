//! Publication, compaction and gc killed at random moments: the next run mends whatever they left.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use super::closed::{EVER, Filings, files, tables_in};
use crate::chance::Chance;
use crate::program::{checksum, command, edgraph, repetitions};

/// What is killed.
#[derive(Clone, Copy, Debug)]
enum Victim {
    /// The end of a run: publication, ingestion, and the removal of what is superseded.
    Publish,
    Compact,
    Gc,
}

/// The longest a victim is left alone, of the time that a whole run takes.
const LONGEST: u32 = 3;

struct Scene<'a> {
    filings: Filings,
    out: &'a Path,
    chance: Chance,
    whole: Duration,
}

impl Scene<'_> {
    fn run(&self, folder: &Path, tag: usize) -> Command {
        self.filings.run(folder).with(["--processor-tag", &format!("tag-{tag}")]).command()
    }

    fn store(&self) -> String {
        self.out.join("store").display().to_string()
    }

    fn command(&self, victim: Victim, tag: usize) -> Command {
        match victim {
            Victim::Publish => self.run(self.out, tag),
            Victim::Compact => command(["compact", "--before", EVER, "--store", &self.store()]),
            Victim::Gc => command(["gc", "--grace", "0s", "--store", &self.store()]),
        }
    }

    /// Starts a victim and kills it; whether it was still at work.
    fn kill(&mut self, victim: Victim, tag: usize) -> bool {
        let mut command = self.command(victim, tag);
        let begun = SystemTime::now();
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        if matches!(victim, Victim::Publish) {
            self.until_the_gate(&mut process, begun);
        }
        let longest = u64::try_from((self.whole / LONGEST).as_micros()).unwrap();
        let after = Duration::from_micros(self.chance.below(longest));
        std::thread::sleep(after);
        let was_at_work = process.try_wait().unwrap().is_none();
        process.kill().unwrap();
        process.wait().unwrap();
        println!("{tag}: {victim:?} killed after {after:?}");
        was_at_work
    }

    /// Waits until the list is written of what is to be published.
    fn until_the_gate(&self, process: &mut Child, begun: SystemTime) {
        let list = self.out.join("store/pipelines/run/accepted-1.jsonl");
        let is_new =
            || std::fs::metadata(&list).and_then(|list| list.modified()).is_ok_and(|time| time >= begun);
        while !is_new() {
            assert_eq!(process.try_wait().unwrap(), None, "it ended before anything was accepted");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn ok(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_killed_at_any_moment_the_next_run_leaves_every_fact_once() {
    let (out, twin) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (out, twin) = (out.path(), twin.path());
    let chance = Chance::from_environment();
    let mut scene = Scene { filings: Filings::new(), out, chance, whole: Duration::ZERO };
    let begun = Instant::now();
    ok(scene.run(out, 0));
    scene.whole = begun.elapsed();
    let (mut tag, mut at_work) = (0, 0);
    for victim in [Victim::Publish, Victim::Compact, Victim::Gc] {
        for _ in 0..repetitions(30) {
            // What it meets differs: small files or parts, and for gc what a run left that came to nothing.
            if scene.chance.one_in(2) {
                ok(scene.command(Victim::Compact, tag));
            }
            tag += usize::from(!matches!(victim, Victim::Compact));
            if matches!(victim, Victim::Gc) {
                scene.kill(Victim::Publish, tag);
            }
            at_work += usize::from(scene.kill(victim, tag));
            ok(scene.run(out, tag));
            let graph = out.join("graph").display().to_string();
            edgraph(["verify", "--store", &scene.store(), "--graph", &graph, "--hashes", "--grace", "0s"])
                .ok();
        }
    }
    assert!(at_work >= repetitions(30), "{at_work} were killed at work");
    ok(scene.run(twin, tag));
    assert_eq!(tables_in(out).await, tables_in(twin).await);
    assert_eq!((files(out), checksum(out)), (files(twin), checksum(twin)));
}
