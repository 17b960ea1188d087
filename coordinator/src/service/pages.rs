//! Pages of lists: how many entries a client gets, and how many bytes at most.

use edgraph_proto::v1;
use prost::Message;

/// What a client gets without asking, and what it gets at most.
const PAGE: (u32, u32) = (50, 1_000);
/// Clients take messages of 4 MiB unless told otherwise. Texts make up nearly all of a page; the rest is for what
/// [`item_len`] and [`pipeline_len`] do not see.
pub(super) const MAX_PAGE_LEN: usize = 3 * 1024 * 1024;
/// Numbers, times and tags of one entry, generously.
const ENTRY_LEN: usize = 512;

/// Entries in the page that a client asks for.
pub(super) fn page_size(asked: u32) -> usize {
    let (default, max) = PAGE;
    let size = if asked == 0 { default } else { asked.min(max) };
    size as usize
}

/// How many of the entries fit one response; at least one, since every single entry does.
pub(super) fn fitting<T>(entries: &[T], len: impl Fn(&T) -> usize) -> usize {
    let mut total = 0;
    let fits = |entry: &&T| {
        total += len(entry);
        total <= MAX_PAGE_LEN
    };
    entries.iter().take_while(fits).count().max(1).min(entries.len())
}

/// About how long an item is in a response.
pub(super) fn item_len(item: &v1::Item) -> usize {
    let parents: usize = item.parents.iter().map(String::len).sum();
    let locations: usize = item.locations.iter().map(|file| file.table.len() + file.uri.len() + 32).sum();
    let said: usize = [&item.payload, &item.result].into_iter().flatten().map(Message::encoded_len).sum();
    ENTRY_LEN + said + item.reason.len() + parents + locations
}

/// About how long a pipeline is in a response.
pub(super) fn pipeline_len(pipeline: &v1::Pipeline) -> usize {
    let failures: usize = pipeline.failures.iter().map(|failure| failure.reason.len() + ENTRY_LEN).sum();
    let running: usize = pipeline.running.iter().map(|item| item.text.len() + ENTRY_LEN).sum();
    let phases = pipeline.phases.len() * ENTRY_LEN;
    let params = pipeline.params.as_ref().map_or(0, Message::encoded_len);
    ENTRY_LEN + params + pipeline.state_reason.len() + failures + running + phases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_bounds_in_entries_and_in_bytes() {
        assert_eq!([0, 1, 1_000, 5_000].map(page_size), [50, 1, 1_000, 1_000]);
        let mib = |size: &usize| size * 1024 * 1024;
        for (sizes, expected) in
            [(&[][..], 0), (&[1, 1], 2), (&[1, 1, 1, 1, 1], 3), (&[9, 9], 1), (&[2, 2], 1)]
        {
            assert_eq!(fitting(sizes, mib), expected, "{sizes:?}");
        }
    }
}
