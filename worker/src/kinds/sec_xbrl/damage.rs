//! What an item's result says of rows that cannot be read: those that fit are named there, the others in the log, so
//! that every row is named once.

use edgraph_shared::kinds::sec_xbrl::Damage;

/// Bytes of the sentences in a result, which may have 4 KiB in all.
const MAX_NAMED_BYTES: usize = 1024;

/// The rows as a result has them.
pub(super) fn within_result(mut damage: Damage) -> Damage {
    let before = damage.unnamed();
    for row in damage.shorten(MAX_NAMED_BYTES) {
        tracing::warn!(row, "a row of EDGAR's lists is left out");
    }
    if before > 0 {
        tracing::warn!(rows = before, "more rows of EDGAR's lists are left out than are named");
    }
    damage
}
