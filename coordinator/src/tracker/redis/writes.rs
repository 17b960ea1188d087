//! What a part of a commit writes, as arguments of scripts: what, the number of values, the values; and again.
//!
//! Cut into chunks that a script writes without keeping Redis from others. Made one at a time: a large pipeline that
//! is written whole never stands in memory a second time.

use std::slice::Iter;

use crate::pipeline::item::{Item, ItemIx};
use crate::tracker::display::{self, Field};
use crate::tracker::{Content, Part, Saved, codec};

/// How much one script writes.
#[derive(Debug, Clone, Copy)]
pub(in crate::tracker) struct Limits {
    /// Items, each with one or two values.
    pub(in crate::tracker) items: usize,
    /// Of values.
    pub(in crate::tracker) bytes: usize,
    /// Chunks of a journal sent at once without waiting.
    pub(in crate::tracker) chunks_at_once: usize,
}

impl Default for Limits {
    /// A few milliseconds of Redis' time at most. The engine closes its batches at half of it, and the largest
    /// ordinary step, a chunk of a thousand children, fits into the other half.
    fn default() -> Self {
        Self { items: 2_048, bytes: 1024 * 1024, chunks_at_once: 8 }
    }
}

/// Arguments of one script call.
pub(super) type Chunk = Vec<Vec<u8>>;

/// The chunks of one part, in order. The last one has what makes the pipeline's new state visible.
pub(super) struct Chunks<'a> {
    part: &'a Part,
    saved: &'a Saved,
    limits: Limits,
    items: Iter<'a, (ItemIx, Item)>,
    is_done: bool,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(part: &'a Part, saved: &'a Saved, limits: Limits) -> Self {
        Self { part, saved, limits, items: saved.items.iter(), is_done: false }
    }

    /// Whether the last chunk has been given.
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    fn push_rest(&self, chunk: &mut Chunk) {
        let is_new = !matches!(self.part.content, Content::Saved(_));
        let mut status = display::status(&self.saved.status);
        if is_new {
            push(chunk, "spec", vec![codec::encode_spec(&self.saved.head)]);
            status.extend(display::fixed_status(&self.saved.status));
        }
        push(chunk, "head", vec![codec::encode_head(&self.saved.head)]);
        push(chunk, "status", flat(status));
        push(chunk, "event", flat(display::event(self.part, self.saved)));
    }
}

impl Iterator for Chunks<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        if self.is_done {
            return None;
        }
        let (mut fixed, mut states, mut bytes) = (Vec::new(), Vec::new(), 0);
        while states.len() < 2 * self.limits.items && bytes < self.limits.bytes {
            let Some((ix, item)) = self.items.next() else {
                self.is_done = true;
                break;
            };
            let key = item.key.as_str().as_bytes();
            if ix.0 >= self.saved.known {
                fixed.extend([key.to_vec(), codec::encode_fixed(*ix, item)]);
                bytes += item.payload.len() + key.len();
            }
            let state = codec::encode_state(item);
            bytes += state.len() + key.len();
            states.extend([key.to_vec(), state]);
        }
        let mut chunk = Chunk::new();
        push(&mut chunk, "items", fixed);
        push(&mut chunk, "states", states);
        if self.is_done {
            self.push_rest(&mut chunk);
        }
        Some(chunk)
    }
}

fn push(chunk: &mut Chunk, what: &str, values: Vec<Vec<u8>>) {
    if !values.is_empty() {
        chunk.extend([what.as_bytes().to_vec(), values.len().to_string().into_bytes()]);
        chunk.extend(values);
    }
}

fn flat(fields: Vec<Field>) -> Vec<Vec<u8>> {
    fields.into_iter().flat_map(|(name, value)| [name.into_bytes(), value.into_bytes()]).collect()
}
