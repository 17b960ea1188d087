//! What one pipeline may hold, and how much of it a status shows.

/// Most items in one pipeline: 1,000,000 items are some hundred MB of memory.
pub const MAX_ITEMS: usize = 10_000_000;
/// Most bytes of keys and payloads in one pipeline: the tracker keeps all of it in memory, beside those of all others.
pub const MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Most kinds of items in one pipeline: they are listed in every status.
pub const MAX_KINDS: usize = 64;
/// Most parents of one item: they are listed with the item.
pub const MAX_PARENTS: usize = 1_000;
/// Dead items shown in the status with their reasons; the rest is listed by ListItems.
pub const SHOWN_FAILURES: usize = 10;
/// Leased items shown in the status with their progress: they are lines on a screen.
pub const SHOWN_RUNNING: usize = 10;
