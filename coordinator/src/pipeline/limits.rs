//! What one pipeline may hold, and how much of it a status shows.

/// Most items in one pipeline: 1,000,000 items are some hundred MB of memory.
pub const MAX_ITEMS: usize = 10_000_000;
/// How far above the recorded token of an item a worker's may be and prove that the tracker has lost grants. An item is
/// granted some 30 times before all its budgets are spent; more than this is no loss but a message made up.
pub const MAX_LOST_GRANTS: u64 = 1_000;
/// Grants in one step: more workers and more credit have their turn in the next one. What waits for the engine
/// meanwhile waits for milliseconds, and what one worker is given fits the largest message it takes.
pub const MAX_GRANTS_PER_STEP: usize = 128;
/// Items that one step cancels, puts back or takes from leases that ended: some milliseconds, and five batches for the
/// tracker.
pub const MAX_CHANGED_PER_STEP: usize = 5_000;
/// Most bytes of keys and payloads in one pipeline: the tracker keeps all of it in memory, beside those of all others.
pub const MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Most parents of one item: they are listed with the item.
pub const MAX_PARENTS: usize = 1_000;
/// Dead items shown in the status with their reasons; the rest is listed by ListItems.
pub const SHOWN_FAILURES: usize = 10;
/// Leased items shown in the status with their progress: they are lines on a screen.
pub const SHOWN_RUNNING: usize = 10;
