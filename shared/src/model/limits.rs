//! How much a message may hold. Every text and every list has its bound here, and each bound its reason.
//!
//! Structure beyond its bound is refused. Texts for people alone are cut: nobody's work ends for a long sentence.

/// Longest message between worker and coordinator in bytes: 1,000 children with payloads of several KiB.
pub const MAX_MESSAGE_LEN: usize = 16 * 1024 * 1024;
/// Longest payload of an item in bytes: payloads stay in the coordinator's memory.
pub const MAX_PAYLOAD_LEN: usize = 64 * 1024;
/// Longest result of an item in bytes: results stay in the coordinator's memory; large ones belong in the store.
pub const MAX_RESULT_LEN: usize = 4 * 1024;
/// Longest pipeline parameters in bytes: they travel inside payloads, with room for what surrounds them.
pub const MAX_PARAMS_LEN: usize = 48 * 1024;
/// Most children in one message: keeps one commit small.
pub const MAX_CHILDREN_PER_CHUNK: usize = 1_000;
/// Most outcomes taken in one step: each is an event of its own, and nothing else happens meanwhile.
pub const MAX_OUTCOMES_PER_STEP: usize = 500;
/// Most leases that one Hello or heartbeat names: several times what a worker with all its slots in use holds.
pub const MAX_LEASES_NAMED: usize = 4 * MAX_FREE_SLOTS as usize;
/// Most credit of one worker. A grant for each slot, with the longest payload, fits the largest message it takes.
pub const MAX_FREE_SLOTS: u32 = 1_024;
/// Most root items of a pipeline: they are created and committed at once. More are some item's children.
pub const MAX_ROOTS: usize = 10_000;
/// Most kinds of items in one pipeline, and of one worker: they are listed in every status.
pub const MAX_KINDS: usize = 64;
/// Most counters of a pipeline: they are shown in every status.
pub const MAX_COUNTERS: usize = 64;
/// Most items that end a round: each is a step that a person waits for.
pub const MAX_FINISH_STEPS: usize = 8;
/// Most results that one finish item refuses: they change in one commit. The next round finds the others.
pub const MAX_REFUSED: usize = 500;
/// Longest reason for a refused result in bytes: it stays in the coordinator's memory with the item.
pub const MAX_REFUSAL_LEN: usize = 512;
/// Longest text of a progress report, or of why a worker stops, in bytes: it is shown on one line.
pub const MAX_PROGRESS_LEN: usize = 256;
/// Longest version of a worker in bytes: it is a column of a table.
pub const MAX_VERSION_LEN: usize = 64;
/// Longest name of an item kind in bytes: it is repeated in keys, metrics and status.
pub const MAX_KIND_LEN: usize = 63;
