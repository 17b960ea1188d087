//! Finished pipelines in the store, for when the tracker was lost.
//!
//! The items go first, in pieces of bounded size under names that nothing had before, then one object that names the
//! pieces takes the place of the one before it: readers find the old end or the new one, whole. What no record names any
//! more is removed last. A leader that was replaced and does not know it yet never writes over what a later one wrote.

use edgraph_shared::ids::{PipelineId, StoreId};
use edgraph_shared::storage::{self, Expect, ObjectKey, SharedStore, layout};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio::sync::{Mutex, MutexGuard};

use super::config::EngineConfig;
use super::gathering::Page;
use crate::pipeline::item::{Item, ItemIx};
use crate::pipeline::{Back, Head, raised_floor};
use crate::tracker::finished::{self, Finished, Origin, Piece, Unreadable};

/// A piece is put once it is so long: some ten thousand items, and what memory an end takes on its way.
const PIECE_LEN: usize = 8 * 1024 * 1024;

/// Why an end was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotWritten {
    #[error(transparent)]
    Store(#[from] storage::Error),
    #[error("the pipeline has gone on meanwhile")]
    WentOn,
    #[error("a coordinator of epoch {0} has written it, and this one is of epoch {1}")]
    Newer(u64, u64),
}

/// See the module's documentation.
pub(super) struct FinishedStore {
    store: SharedStore,
    /// The store's own.
    id: Option<StoreId>,
    /// Of the leader whose this is.
    epoch: u64,
    restoring: Mutex<()>,
}

impl FinishedStore {
    /// That of an engine that leads since this epoch, if it has one.
    pub(super) fn of(config: &EngineConfig, epoch: u64) -> Option<Self> {
        let (store, id) = (config.finished.clone()?, config.home.store.clone());
        Some(Self { store, id, epoch, restoring: Mutex::default() })
    }

    /// Held by whoever restores: two would read everything twice.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.restoring.lock().await
    }

    /// Writes an end in place of the one before it.
    pub(super) async fn write(
        &self,
        head: Head,
        mut pages: mpsc::Receiver<Page<(ItemIx, Item)>>,
    ) -> Result<(), NotWritten> {
        let (id, key) = (head.id.clone(), layout::finished(&head.id));
        let expect = match self.store.get_versioned(&key).await {
            Ok((before, version)) => match finished::epoch_of(&before).filter(|epoch| *epoch > self.epoch) {
                Some(newer) => return Err(NotWritten::Newer(newer, self.epoch)),
                None => Expect::Version(version),
            },
            Err(storage::Error::NotFound { .. }) => Expect::Absent,
            Err(error) => return Err(error.into()),
        };
        let folder = format!("{}-{}", self.epoch, head.version);
        let (mut pieces, mut lines, mut items) = (Vec::new(), Vec::new(), 0);
        loop {
            let Page { items: page, is_last } = pages.recv().await.ok_or(NotWritten::WentOn)?;
            for (ix, item) in &page {
                finished::append_item(&mut lines, *ix, item);
                items += 1;
            }
            if is_last || lines.len() >= PIECE_LEN {
                let sha256 = hex::encode(Sha256::digest(&lines));
                let piece = layout::finished_piece(&id, &folder, pieces.len())?;
                self.store.put(&piece, std::mem::take(&mut lines).into()).await?;
                pieces.push(Piece { items: std::mem::take(&mut items), sha256 });
            }
            if is_last {
                break;
            }
        }
        let (pipeline, store, epoch) = (id.clone(), self.id.clone(), self.epoch);
        let origin = Origin { pipeline, store, epoch, folder: folder.clone(), pieces };
        self.store.put_if(&key, finished::write(&Finished { origin, head }).into(), expect).await?;
        self.remove_pieces(&id, Some(&folder)).await?;
        Ok(())
    }

    /// Removes what there is of a pipeline, what says that it is there first.
    pub(super) async fn remove(&self, id: &PipelineId) -> Result<(), storage::Error> {
        self.store.delete(&layout::finished(id)).await?;
        self.remove_pieces(id, None).await
    }

    async fn remove_pieces(&self, id: &PipelineId, kept: Option<&str>) -> Result<(), storage::Error> {
        let kept = kept.map(|folder| format!("{}/{folder}/", layout::finished_pieces(id)));
        for piece in self.store.list(&layout::finished_pieces(id)).await? {
            if kept.as_ref().is_none_or(|kept| !piece.key.as_str().starts_with(kept)) {
                self.store.delete(&piece.key).await?;
            }
        }
        Ok(())
    }

    /// All pipelines that there are, by id.
    pub(super) async fn all(&self) -> Result<Vec<PipelineId>, storage::Error> {
        let objects = self.store.list(&layout::pipelines_folder()).await?;
        let mut ids: Vec<PipelineId> =
            objects.iter().filter_map(|object| layout::is_finished(&object.key)).collect();
        ids.sort();
        Ok(ids)
    }

    /// A pipeline as it was written. Its tokens go on above all that were given before, also to whoever reads it the
    /// next time: it may go on and be lost again before it ends.
    ///
    /// # Errors
    /// A text, with the object and what to do.
    pub(super) async fn back(&self, id: &PipelineId) -> Result<Back, String> {
        let key = layout::finished(id);
        let (text, version) = self.store.get_versioned(&key).await.map_err(|error| error.to_string())?;
        let unreadable = |error| self.unreadable(id, &key, error);
        let damaged = |reason: String| unreadable(Unreadable::Damaged(reason));
        let Finished { mut origin, mut head } = finished::read(&text).map_err(unreadable)?;
        if origin.pipeline != *id {
            return Err(damaged(format!("it is of the pipeline `{}`", origin.pipeline)));
        }
        if let (Some(theirs), Some(own)) = (&origin.store, &self.id)
            && theirs != own
        {
            return Err(damaged(format!("it was written to the store {theirs}, and this is {own}")));
        }
        let mut items = Vec::new();
        for (number, piece) in origin.pieces.iter().enumerate() {
            let key = layout::finished_piece(id, &origin.folder, number);
            let key = key.map_err(|error| damaged(error.to_string()))?;
            self.read_piece(id, (&key, &piece.sha256), &mut items).await?;
        }
        head.token_floor = raised_floor(&head, &items);
        let back = Back::of(head.clone(), items).map_err(|error| damaged(error.to_string()))?;
        origin.epoch = self.epoch;
        let raised = finished::write(&Finished { origin, head });
        let raised = self.store.put_if(&key, raised.into(), Expect::Version(version)).await;
        raised.map(|()| back).map_err(|error| error.to_string())
    }

    async fn read_piece(
        &self,
        id: &PipelineId,
        (key, sha256): (&ObjectKey, &str),
        items: &mut Vec<Item>,
    ) -> Result<(), String> {
        let unreadable = |error| self.unreadable(id, key, error);
        let text = match self.store.get(key).await {
            Ok(text) if hex::encode(Sha256::digest(&text)) == sha256 => text,
            Ok(_) => return Err(unreadable(Unreadable::Damaged("it is not as it was written".to_owned()))),
            Err(storage::Error::NotFound { .. }) => {
                return Err(unreadable(Unreadable::Damaged("it is not there".to_owned())));
            }
            Err(error) => return Err(error.to_string()),
        };
        finished::read_items(&text, items).map_err(unreadable)
    }

    fn unreadable(&self, id: &PipelineId, key: &ObjectKey, error: Unreadable) -> String {
        let (uri, record) = (self.store.uri(key), self.store.uri(&layout::finished(id)));
        match error {
            Unreadable::Newer(_) => format!("{uri}: {error}"),
            Unreadable::Damaged(_) => {
                format!("{uri}: {error}; start the pipeline again, or delete {record} to hear no more of it")
            }
        }
    }
}
