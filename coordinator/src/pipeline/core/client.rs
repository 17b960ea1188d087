//! What clients ask.

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::PipelineSpec;

use super::graphs::why_untaken;
use super::{Command, CommandError, Core, Gathered, News, Random, Reply, not_there};
use crate::pipeline::difference::difference;
use crate::pipeline::item::ItemIx;
use crate::pipeline::ledger::Kind;
use crate::pipeline::{Acted, Effect, Event, Millis, Pipeline, Selection};

/// Most pipelines kept at one time: each is looked at twice a second.
const MAX_PIPELINES: usize = 10_000;

impl Core {
    pub(super) fn client(
        &mut self,
        command: Command,
        now: Millis,
        random: &mut Random,
        gathered: &mut Gathered,
    ) -> Result<Reply, CommandError> {
        match command {
            Command::Start { id, request_id, spec } => {
                self.start(id, &request_id, *spec, now, random, gathered)
            }
            Command::Cancel(id) => self.steer(&id, Event::Cancel, now, gathered),
            Command::Pause(id) => self.steer(&id, Event::Pause, now, gathered),
            Command::Resume(id) => self.steer(&id, Event::Resume, now, gathered),
            Command::Sweep { pipeline, deed, only, is_dry: true } => {
                let pipeline = self.pipeline(&pipeline)?;
                let items = pipeline.count_meant(deed, &only);
                Ok(Reply::Acted(Box::new(pipeline.status()), Acted { items, ended: false }))
            }
            Command::Sweep { pipeline, deed, only, is_dry: false } => {
                if !self.pipeline(&pipeline)?.has_room_to_sweep() {
                    return Err(CommandError::Sweeping { pipeline });
                }
                self.steer(&pipeline, Event::Sweep(deed, only), now, gathered)
            }
            Command::ClientSays { pipeline, says, request } => {
                self.steer(&pipeline, Event::ClientSays { says, request }, now, gathered)
            }
            Command::Delete(id) => self.delete(id, gathered),
            Command::Restore(back) => self.bring_back(*back, now, gathered),
            Command::Get(id) => self.status(&id),
            Command::List { after, limit } => {
                let later = |id: &PipelineId| after.as_ref().is_none_or(|after| id > after);
                let page = self.pipelines.iter().filter(|(id, _)| later(id)).take(limit);
                let page = page.map(|(_, pipeline)| pipeline.status()).collect();
                let aside = self.aside.iter().map(|(id, why)| (id.clone(), why.reason.clone()));
                Ok(Reply::Pipelines(page, aside.collect()))
            }
            Command::ListItems { pipeline, selection, from, limit } => {
                Ok(list_items(self.pipeline(&pipeline)?, &selection, from, limit))
            }
            Command::GetItem { pipeline: id, key } => {
                let pipeline = self.pipeline(&id)?;
                match pipeline.find(&key) {
                    Some((ix, _)) => Ok(Reply::Item(Box::new(pipeline.item_snapshot(ix)))),
                    None => Err(CommandError::ItemNotFound { pipeline: id, key }),
                }
            }
            Command::ListWorkers { after, limit } => {
                Ok(Reply::Workers(self.fleet.statuses(after.as_ref(), limit)))
            }
            Command::DrainWorker(worker) => self.drain_worker(worker, gathered),
            Command::LiftPauses { families, by } => Ok(self.lift_pauses(families, &by, now, gathered)),
            Command::ScalingSignal => Ok(Reply::Scaling(self.scaling_signal())),
            other => unreachable!("{other:?} is not a client's command"),
        }
    }

    /// Starts a pipeline, or finds the one that was started before: under the same id, whatever the request id
    /// says, or without an id under the same request id. A request id that started another id is refused.
    fn start(
        &mut self,
        id: Option<PipelineId>,
        request_id: &str,
        spec: PipelineSpec,
        now: Millis,
        random: &mut Random,
        gathered: &mut Gathered,
    ) -> Result<Reply, CommandError> {
        if let Some(existing) = self.started_before(id.as_ref(), request_id) {
            let existing_id = existing.head().id.clone();
            return match difference(existing, id.as_ref(), &spec) {
                None => Ok(Reply::Started(Box::new(existing.status()), false)),
                Some(difference) => Err(CommandError::Exists { pipeline: existing_id, difference }),
            };
        }
        self.check_room()?;
        let id = id.unwrap_or_else(|| made_up_id(&spec.kind, random));
        // What only a newer version may read is not written over.
        if self.aside.get(&id).is_some_and(|why| why.is_newer) {
            return Err(not_there(&self.aside, &id));
        }
        let started =
            News::Started { pipeline: id.clone(), kind: spec.kind.clone(), roots: spec.roots.len() };
        let mut pipeline = Pipeline::new(id.clone(), request_id, spec, now).map_err(CommandError::Spec)?;
        gathered.step.news.push(started);
        let taken = self.fleet.kinds_taken();
        let why_not = |kind: &Kind| why_untaken(self.home.graph.as_ref(), &self.fleet, &taken, kind);
        pipeline.show_takers(now, why_not);
        // What is damaged is written whole, and so mended: work that was done is found in the store.
        self.aside.remove(&id);
        self.pipelines.insert(id.clone(), pipeline);
        self.note(&id);
        gathered.touched.insert(id.clone());
        Ok(Reply::Started(Box::new(self.pipeline(&id)?.status()), true))
    }

    /// Whether there is room for one more pipeline.
    pub(super) fn check_room(&self) -> Result<(), CommandError> {
        let has_room = self.pipelines.len() < MAX_PIPELINES;
        has_room.then_some(()).ok_or(CommandError::TooMany { limit: MAX_PIPELINES })
    }

    fn started_before(&self, id: Option<&PipelineId>, request_id: &str) -> Option<&Pipeline> {
        let same_request = || {
            let mut pipelines = self.pipelines.values();
            pipelines.find(|pipeline| *pipeline.head().request_id == *request_id)
        };
        let same_id = id.and_then(|id| self.pipelines.get(id));
        same_id.or_else(|| if request_id.is_empty() { None } else { same_request() })
    }

    fn steer(
        &mut self,
        id: &PipelineId,
        event: Event,
        now: Millis,
        gathered: &mut Gathered,
    ) -> Result<Reply, CommandError> {
        let answers = self.apply(id, event, now, gathered)?;
        let status = Box::new(self.pipeline(id)?.status());
        let answer = answers.into_iter().find_map(|answer| match answer {
            Effect::Acted(acted) => Some(Ok(acted)),
            Effect::ItemsRefused { reason } => Some(Err(reason)),
            _ => None,
        });
        match answer {
            Some(Ok(acted)) => Ok(Reply::Acted(status, acted)),
            Some(Err(reason)) => Err(CommandError::ItemsRefused { pipeline: id.clone(), reason }),
            None => Ok(Reply::Status(status)),
        }
    }

    fn delete(&mut self, id: PipelineId, gathered: &mut Gathered) -> Result<Reply, CommandError> {
        let pipeline = self.pipeline(&id)?;
        let state = pipeline.head().state;
        if !state.is_finished() {
            return Err(CommandError::Unfinished { pipeline: id, state });
        }
        let last = Reply::Status(Box::new(pipeline.status()));
        self.forget(id, gathered);
        Ok(last)
    }

    fn pipeline(&self, id: &PipelineId) -> Result<&Pipeline, CommandError> {
        self.pipelines.get(id).ok_or_else(|| not_there(&self.aside, id))
    }

    fn status(&self, id: &PipelineId) -> Result<Reply, CommandError> {
        self.pipeline(id).map(|pipeline| Reply::Status(Box::new(pipeline.status())))
    }
}

fn list_items(pipeline: &Pipeline, selection: &Selection, from: u32, limit: usize) -> Reply {
    let (page, next) = pipeline.selected(selection, ItemIx(from), limit);
    let page = page.into_iter().map(|ix| pipeline.item_snapshot(ix)).collect();
    Reply::Items(page, next.map(|ix| ix.0))
}

/// An id that says what it is, for clients that do not choose one.
fn made_up_id(kind: &str, random: &mut Random) -> PipelineId {
    const KIND_CHARS: usize = 40;
    let fits = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_';
    let kind: String = kind.chars().filter(fits).take(KIND_CHARS).collect();
    let number = random.next();
    format!("{kind}-{:012x}", number >> 16).parse().expect("made of allowed characters, short enough")
}
