//! Reading a pipeline's items: page after page of one hash, with what the other one has under the same names. While a
//! page is decoded on another thread, the next ones are read; so no more than a few are held as text.

use edgraph_shared::ids::{ItemKey, PipelineId};
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use super::keeper::Keeper;
use super::{Command, RedisTracker, command};
use crate::pipeline::core::SetAside;
use crate::pipeline::item::{Item, ItemIx};
use crate::tracker::codec;
use crate::tracker::{Damaged, TrackerError};

/// Entries per reply of a scan: about a MB.
const PAGE_LEN: usize = 2_000;
/// Pages that are decoded while another one is read.
const DECODED_TOGETHER: usize = 4;

/// A field of a hash and its value.
type Entry = (Vec<u8>, Vec<u8>);
/// The items of a page with their places, or what is wrong with one.
type Decoded = Result<Vec<(ItemIx, Item)>, SetAside>;

/// Items by place, as far as any was found.
struct Places {
    items: Vec<Option<Item>>,
    /// What stands beyond is no item of the pipeline.
    most: usize,
}

impl Places {
    fn of(most: usize) -> Self {
        Self { items: Vec::new(), most }
    }

    /// A scan may give an entry twice.
    fn fill(&mut self, decoded: Result<Decoded, JoinError>) -> Result<(), SetAside> {
        for (ix, item) in decoded.map_err(|panic| SetAside::damaged(panic.to_string()))?? {
            let at = ix.0 as usize;
            if at >= self.most {
                return Err(SetAside::damaged(format!("`{}` is item {at} of {}", item.key, self.most)));
            }
            if at >= self.items.len() {
                self.items.resize_with(at + 1, || None);
            }
            self.items[at] = Some(item);
        }
        Ok(())
    }

    fn all(self) -> Result<Vec<Item>, SetAside> {
        match self.items.iter().position(Option::is_none) {
            Some(at) => Err(SetAside::damaged(format!("item {at} of {} is missing", self.items.len()))),
            // In place: unlike `flatten`, `map` needs no second list.
            None => Ok(self.items.into_iter().map(|item| item.expect("none is missing")).collect()),
        }
    }
}

impl RedisTracker {
    /// All items of a pipeline, in order of creation; at most so many.
    pub(super) async fn load_items(
        &self,
        id: &PipelineId,
        most: usize,
        keeper: &Keeper<'_>,
    ) -> Result<Vec<Item>, TrackerError> {
        let unreadable = |why: SetAside| TrackerError::Unreadable(Damaged { pipeline: id.clone(), why });
        let [items, states] = ["items", "states"].map(|name| self.keys.pipeline(id, name));
        let mut places = Places::of(most);

        let mut decoding: FuturesUnordered<JoinHandle<Decoded>> = FuturesUnordered::new();
        let (mut page, mut cursor) = (Vec::<Entry>::new(), Some("0".to_owned()));
        while !page.is_empty() || cursor.is_some() {
            keeper.keep().await?;
            let names = page.iter().map(|(name, _)| name.as_slice()).collect::<Vec<_>>();
            let found = (!page.is_empty()).then(|| values(&states, &names));
            let next = cursor.as_deref().map(|cursor| scan(&items, cursor));
            let (replies, _) = self.ask("load", found.into_iter().chain(next).collect()).await?;
            let mut replies = replies.into_iter();
            if !page.is_empty() {
                let found: Vec<Option<Vec<u8>>> = self.read(replies.next().unwrap_or_default())?;
                let page = std::mem::take(&mut page);
                decoding.push(spawn_blocking(move || decode(page, found)));
            }
            if cursor.is_some() {
                let next;
                (next, page) = self.read(replies.next().unwrap_or_default())?;
                cursor = Some(next).filter(|next: &String| next != "0");
            }
            while decoding.len() > DECODED_TOGETHER {
                decoding.next().await.map_or(Ok(()), |decoded| places.fill(decoded)).map_err(unreadable)?;
            }
        }
        while let Some(decoded) = decoding.next().await {
            places.fill(decoded).map_err(unreadable)?;
        }
        places.all().map_err(unreadable)
    }
}

fn scan(key: &str, cursor: &str) -> Command {
    let mut call = command("HSCAN");
    call.arg(key).arg(cursor).arg("COUNT").arg(PAGE_LEN);
    call
}

fn values(key: &str, names: &[&[u8]]) -> Command {
    let mut call = command("HMGET");
    call.arg(key).arg(names);
    call
}

fn decode(page: Vec<Entry>, states: Vec<Option<Vec<u8>>>) -> Decoded {
    let both = page.into_iter().zip(states);
    let items = both.map(|((name, fixed), state)| {
        let key: Result<ItemKey, _> = String::from_utf8_lossy(&name).parse();
        let key = key.map_err(|error| SetAside::damaged(error.to_string()))?;
        codec::item_from(key, &fixed, &state.unwrap_or_default())
            .map_err(|error| SetAside { is_newer: error.is_newer(), reason: error.to_string() })
    });
    items.collect()
}
