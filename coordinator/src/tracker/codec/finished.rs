//! A finished pipeline as text outside the tracker, in the records that the tracker itself has of it: who can read the
//! one can read the other.
//!
//! ```text
//! {where it is from, and its pieces}          the items, piece by piece, one on a line:
//! {the spec}                                  ["key",{what never changes},{where it stands}]
//! {the head}
//! ```

use edgraph_shared::ids::{ItemKey, PipelineId, StoreId};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::json::{CodecError, decode, encode};
use super::{UnreadableHead, encode_fixed, encode_head, encode_spec, encode_state, head_from, item_from};
use crate::pipeline::Head;
use crate::pipeline::item::{Item, ItemIx};

/// A finished pipeline without its items.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finished {
    /// Where it is from.
    pub(crate) origin: Origin,
    /// The pipeline.
    pub(crate) head: Head,
}

/// Which pipeline this is, who wrote it, and what belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The pipeline.
    pub(crate) pipeline: PipelineId,
    /// The store that it was written to, where that one's id is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) store: Option<StoreId>,
    /// Of the leader that wrote it.
    pub(crate) epoch: u64,
    /// The folder of the pieces.
    pub(crate) folder: String,
    /// The items, in order of creation.
    pub(crate) pieces: Vec<Piece>,
}

/// Some of the items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Piece {
    /// How many.
    pub(crate) items: u32,
    /// Of the bytes.
    pub(crate) sha256: String,
}

/// Why such a text says nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// Nothing is wrong with it.
    #[error("{0}; update this coordinator")]
    Newer(String),
    /// It is not as it was written.
    #[error("{0}")]
    Damaged(String),
}

impl From<CodecError> for Unreadable {
    fn from(error: CodecError) -> Self {
        if error.is_newer() { Self::Newer(error.to_string()) } else { Self::Damaged(error.to_string()) }
    }
}

impl From<UnreadableHead> for Unreadable {
    fn from(error: UnreadableHead) -> Self {
        if error.is_newer() { Self::Newer(error.to_string()) } else { Self::Damaged(error.to_string()) }
    }
}

/// A finished pipeline as text.
pub(crate) fn write(Finished { origin, head }: &Finished) -> Vec<u8> {
    let mut text = Vec::new();
    for line in [encode(origin), encode_spec(head), encode_head(head)] {
        text.extend(line);
        text.push(b'\n');
    }
    text
}

/// A finished pipeline from its text.
///
/// # Errors
/// [`Unreadable`], with what is wrong.
pub(crate) fn read(text: &[u8]) -> Result<Finished, Unreadable> {
    let lines: Vec<Option<&[u8]>> =
        text.split_inclusive(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\n")).collect();
    let [Some(origin), Some(spec), Some(head)] = lines[..] else {
        return Err(Unreadable::Damaged("it is cut short: it has three whole lines".to_owned()));
    };
    let origin: Origin = decode("its first line", origin)?;
    let items = origin.pieces.iter().fold(0, |sum: u32, piece| sum.saturating_add(piece.items));
    let head = head_from(origin.pipeline.clone(), spec, head, items)?;
    Ok(Finished { origin, head })
}

/// The epoch of whoever wrote a text, as far as it can be read.
pub(crate) fn epoch_of(text: &[u8]) -> Option<u64> {
    read(text).ok().map(|finished| finished.origin.epoch)
}

/// Adds an item to a piece.
pub(crate) fn append_item(piece: &mut Vec<u8>, ix: ItemIx, item: &Item) {
    piece.push(b'[');
    for (text, end) in [(encode(&item.key), b','), (encode_fixed(ix, item), b','), (encode_state(item), b']')]
    {
        piece.extend(text);
        piece.push(end);
    }
    piece.push(b'\n');
}

/// Adds the items of a piece to those before it.
///
/// # Errors
/// [`Unreadable`], with the line.
pub(crate) fn read_items(piece: &[u8], items: &mut Vec<Item>) -> Result<(), Unreadable> {
    for (number, line) in piece.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let number = number + 1;
        let damaged = |reason: String| Unreadable::Damaged(format!("line {number}: {reason}"));
        let [key, fixed, state] = texts(line).ok_or_else(|| damaged("it is no item".to_owned()))?;
        let key: ItemKey = decode("an item's key", key)?;
        let (ix, item) = item_from(key, fixed, state).map_err(|error| match Unreadable::from(error) {
            Unreadable::Damaged(reason) => damaged(reason),
            newer @ Unreadable::Newer(_) => newer,
        })?;
        if ix.0 as usize != items.len() {
            return Err(damaged(format!("it is item {}, and item {} is its turn", ix.0, items.len())));
        }
        items.push(item);
    }
    Ok(())
}

/// The three texts of a line, as they were written: each says by itself which reader it needs.
fn texts(line: &[u8]) -> Option<[&[u8]; 3]> {
    let mut rest = line.strip_prefix(b"[")?;
    let mut texts = [&line[..0]; 3];
    for (text, end) in texts.iter_mut().zip([b",", b",", b"]"]) {
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        let (value, more) = rest.split_at(values.byte_offset());
        (*text, rest) = (value, more.strip_prefix(end)?);
    }
    (rest == b"\n").then_some(texts)
}
