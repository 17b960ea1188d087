//! What must hold of a history, and what the coordinator says in the end has to agree with it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{bail, ensure};

use super::{Event, Moment, Reader};
use crate::process::Death;

/// One run of a handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The item.
    pub item: String,
    /// The fencing token.
    pub token: u64,
    /// As the coordinator counts.
    pub attempt: u32,
    /// The worker.
    pub worker: String,
    /// Its process.
    pub pid: u32,
    /// When it started, in nanoseconds since the Unix epoch.
    pub start: u64,
    /// How and when it ended; none when its process was killed, hangs, or goes on.
    pub end: Option<(Moment, u64)>,
}

impl Attempt {
    /// Whether the handler returned a result.
    pub fn is_done(&self) -> bool {
        matches!(self.end, Some((Moment::Done, _)))
    }
}

/// How an item ended, as the coordinator says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The item.
    pub item: String,
    /// Its newest token.
    pub token: u64,
    /// The token of the attempt whose result was taken, from the result itself; none when it did not succeed.
    pub accepted: Option<u64>,
}

/// All attempts of one pipeline.
#[derive(Debug, Clone, Default)]
pub struct History {
    attempts: BTreeMap<String, Vec<Attempt>>,
    deaths: Vec<Death>,
}

impl History {
    /// Reads the attempts of a pipeline from the files in a folder. `deaths` are the processes that were killed.
    ///
    /// # Errors
    /// When files cannot be read, or say what cannot be: an end without a start, or one token started twice by one
    /// process.
    pub fn of(pipeline: &str, folder: &Path, deaths: &[Death]) -> anyhow::Result<Self> {
        let events = Reader::of(folder).news()?.into_iter().filter(|event| event.pipeline == pipeline);
        Self::told_by(events, deaths)
    }

    /// The same of the events of one pipeline, in order of time.
    ///
    /// # Errors
    /// When they say what cannot be, as above.
    pub fn told_by(events: impl IntoIterator<Item = Event>, deaths: &[Death]) -> anyhow::Result<Self> {
        let mut history = Self { attempts: BTreeMap::new(), deaths: deaths.to_vec() };
        for event in events {
            history.take(event)?;
        }
        Ok(history)
    }

    fn take(&mut self, event: Event) -> anyhow::Result<()> {
        let attempts = self.attempts.entry(event.item.clone()).or_default();
        let same = |attempt: &&mut Attempt| attempt.token == event.token && attempt.pid == event.pid;
        let open = attempts.iter_mut().filter(same).find(|attempt| attempt.end.is_none());
        match (event.event, open) {
            (Moment::Start, None) => attempts.push(Attempt {
                item: event.item,
                token: event.token,
                attempt: event.attempt,
                worker: event.worker,
                pid: event.pid,
                start: event.at,
                end: None,
            }),
            (Moment::Start, Some(_)) => bail!("one grant was started twice by one process: {event:?}"),
            (end, Some(attempt)) => attempt.end = Some((end, event.at)),
            (_, None) => bail!("an end without a start: {event:?}"),
        }
        Ok(())
    }

    /// Everything that was started, by item, in order of time.
    pub fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.values().flatten()
    }

    /// The attempts at one item, in order of time.
    pub fn of_item(&self, item: &str) -> &[Attempt] {
        self.attempts.get(item).map_or(&[], Vec::as_slice)
    }

    /// Items started more than once.
    pub fn started_again(&self) -> Vec<&str> {
        let again = self.attempts.iter().filter(|(_, attempts)| attempts.len() > 1);
        again.map(|(item, _)| item.as_str()).collect()
    }

    /// Pairs of attempts at one item that ran at the same time.
    pub fn overlaps(&self) -> Vec<(&Attempt, &Attempt)> {
        let mut found = Vec::new();
        for attempts in self.attempts.values() {
            for (at, second) in attempts.iter().enumerate() {
                let before = attempts[..at].iter().filter(|first| self.end_of(first) > second.start);
                found.extend(before.map(|first| (first, second)));
            }
        }
        found
    }

    /// When an attempt certainly ran no more.
    fn end_of(&self, attempt: &Attempt) -> u64 {
        let died = self.deaths.iter().find(|death| death.pid == attempt.pid).map(|death| death.at);
        attempt.end.map(|(_, at)| at).or(died).unwrap_or(u64::MAX)
    }

    /// Checks what must hold of every run in which the store loses nothing: tokens rise; the items that the
    /// coordinator lists are those that were started; the result that counts is one that a handler returned; and
    /// once it counts, nobody starts the item again.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self, settled: &[Settled]) -> anyhow::Result<()> {
        self.check_tokens()?;
        self.check_results(settled)?;
        for item in settled {
            let newest = self.of_item(&item.item).iter().map(|attempt| attempt.token).max().unwrap_or(0);
            ensure!(
                item.accepted.is_none_or(|accepted| newest <= accepted),
                "{} was started with token {newest} though the result of {:?} counts",
                item.item,
                item.accepted
            );
            ensure!(newest <= item.token, "{} was started with token {newest}: {item:?}", item.item);
        }
        Ok(())
    }

    /// Checks that tokens rise with every start of an item.
    ///
    /// # Errors
    /// The item whose tokens do not.
    pub fn check_tokens(&self) -> anyhow::Result<()> {
        for (item, attempts) in &self.attempts {
            let tokens: Vec<u64> = attempts.iter().map(|attempt| attempt.token).collect();
            ensure!(tokens.is_sorted_by(|a, b| a < b), "the tokens of {item} do not rise: {tokens:?}");
        }
        Ok(())
    }

    /// Checks that no item is lost and that every result that counts is one that a handler returned: what must hold
    /// even where the store has lost writes.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check_results(&self, settled: &[Settled]) -> anyhow::Result<()> {
        for item in self.attempts.keys() {
            let times = settled.iter().filter(|settled| settled.item == *item).count();
            ensure!(times == 1, "{item} was started, and is listed {times} times in the end");
        }
        for item in settled {
            let Some(accepted) = item.accepted else { continue };
            let attempts = self.of_item(&item.item);
            let done = attempts.iter().any(|attempt| attempt.token == accepted && attempt.is_done());
            ensure!(done, "{}: nobody returned the result that counts: {attempts:?}", item.item);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Writer;

    fn event(item: &str, token: u64, event: Moment, at: u64) -> Event {
        let (pipeline, worker) = ("p".to_owned(), "w".to_owned());
        let pid = u32::try_from(token).unwrap();
        Event { pipeline, item: item.to_owned(), token, attempt: 1, worker, pid, event, at }
    }

    fn history(events: &[Event], deaths: &[Death]) -> History {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::open(&folder.path().join("w.jsonl")).unwrap();
        events.iter().for_each(|event| writer.write(event).unwrap());
        History::of("p", folder.path(), deaths).unwrap()
    }

    fn settled(token: u64, accepted: u64) -> Settled {
        Settled { item: "a".into(), token, accepted: Some(accepted) }
    }

    #[test]
    fn what_is_written_later_is_read_later_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut reader = Reader::of(folder.path());
        let writers = ["one.jsonl", "two.jsonl"].map(|name| Writer::open(&folder.path().join(name)).unwrap());
        let (start, end) = (event("a", 1, Moment::Start, 1), event("a", 1, Moment::Done, 2));
        for (writer, event) in writers.iter().zip([&end, &start]) {
            writer.write(event).unwrap();
        }
        assert_eq!(reader.news().unwrap(), [start.clone(), end]);
        assert_eq!(reader.news().unwrap(), []);
        writers[1].write(&start).unwrap();
        assert_eq!(reader.news().unwrap(), [start]);
    }

    #[test]
    fn a_run_as_it_should_be_passes() {
        use Moment::{Done, Failed, Start};
        let events = [
            event("a", 1, Start, 1),
            event("a", 1, Failed, 2),
            event("a", 2, Start, 3),
            event("a", 2, Done, 4),
        ];
        let history = history(&events, &[]);
        history.check(&[settled(2, 2)]).unwrap();
        assert_eq!((history.started_again(), history.overlaps().len()), (vec!["a"], 0));
    }

    #[test]
    fn two_at_once_are_seen_unless_the_first_is_dead() {
        use Moment::{Done, Start};
        let events = [event("a", 1, Start, 1), event("a", 2, Start, 3), event("a", 2, Done, 4)];
        assert_eq!(history(&events, &[]).overlaps().len(), 1);
        assert_eq!(history(&events, &[Death { pid: 1, at: 2 }]).overlaps().len(), 0);
    }

    #[test]
    fn what_must_not_be_is_found() {
        use Moment::{Done, Start};
        let run = |first, second| {
            history(
                &[
                    event("a", first, Start, 1),
                    event("a", first, Done, 2),
                    event("a", second, Start, 3),
                    event("a", second, Done, 4),
                ],
                &[],
            )
        };
        for (case, history, settled, expected) in [
            ("done and started again", run(1, 2), vec![settled(2, 1)], "though the result"),
            ("tokens fall", run(2, 1), vec![settled(2, 2)], "do not rise"),
            ("lost", run(1, 2), vec![], "listed 0 times"),
            ("listed twice", run(1, 2), vec![settled(2, 2), settled(2, 2)], "listed 2 times"),
            ("a result from nowhere", run(1, 2), vec![settled(3, 3)], "nobody returned"),
        ] {
            let error = history.check(&settled).unwrap_err();
            assert!(error.to_string().contains(expected), "{case}: {error}");
        }
    }
}
