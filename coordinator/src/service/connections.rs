//! Who is connected, and who has to go when there are too many. Pure: sockets and clocks are the listener's.
//!
//! A connection is silent until it asks something, and a stranger until a request of it is let in. Strangers hold half
//! of the places at most, and one address a quarter; the oldest of them gives way to whoever comes next. So those who
//! only connect keep nobody out, and nobody who was let in gives way to one who was not.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// A connection that has asked nothing by then is dropped. Peers of ours ask at once; a slow network takes seconds for
/// the handshakes.
const FIRST_REQUEST_WITHIN: Duration = Duration::from_secs(10);

/// Names a connection, in order of arrival.
pub(super) type ConnectionId = u64;

/// What is known of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// It has sent no request yet.
    Silent,
    /// It has sent one.
    Asked,
    /// One was let in.
    Admitted,
}

#[derive(Debug)]
struct Entry {
    peer: IpAddr,
    since: Instant,
    standing: Standing,
}

/// All open connections.
#[derive(Debug)]
pub(super) struct Connections {
    limit: usize,
    next: ConnectionId,
    open: BTreeMap<ConnectionId, Entry>,
}

impl Connections {
    /// At most so many at one time.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(4), next: 0, open: BTreeMap::new() }
    }

    /// Takes in a connection; also returns one that has to go for it. `None` when every place is held by somebody who was
    /// let in.
    pub(super) fn enter(
        &mut self,
        peer: IpAddr,
        now: Instant,
    ) -> Option<(ConnectionId, Option<ConnectionId>)> {
        let strangers = || self.open.iter().filter(|(_, entry)| entry.standing < Standing::Admitted);
        let own = || strangers().filter(|(_, entry)| entry.peer == peer);
        // Of two the silent one goes, then the older one.
        let first = |id: &ConnectionId, entry: &Entry| (entry.standing, *id);
        let leaves = if own().count() >= self.limit / 4 {
            own().min_by_key(|(id, entry)| first(id, entry)).map(|(id, _)| *id)
        } else if strangers().count() >= self.limit / 2 || self.open.len() >= self.limit {
            strangers().min_by_key(|(id, entry)| first(id, entry)).map(|(id, _)| *id)
        } else {
            None
        };
        if leaves.is_none() && self.open.len() >= self.limit {
            return None;
        }
        if let Some(leaves) = leaves {
            self.open.remove(&leaves);
        }
        let id = self.next;
        self.next += 1;
        self.open.insert(id, Entry { peer, since: now, standing: Standing::Silent });
        Some((id, leaves))
    }

    /// A connection has sent a request.
    pub(super) fn asked(&mut self, id: ConnectionId) {
        self.raise(id, Standing::Asked);
    }

    /// A request of a connection was let in.
    pub(super) fn admitted(&mut self, id: ConnectionId) {
        self.raise(id, Standing::Admitted);
    }

    fn raise(&mut self, id: ConnectionId, standing: Standing) {
        if let Some(entry) = self.open.get_mut(&id) {
            entry.standing = entry.standing.max(standing);
        }
    }

    /// A connection has ended.
    pub(super) fn leave(&mut self, id: ConnectionId) {
        self.open.remove(&id);
    }

    /// Takes out the oldest stranger: the process has no room for more.
    pub(super) fn give_way(&mut self) -> Option<ConnectionId> {
        let strangers = self.open.iter().filter(|(_, entry)| entry.standing < Standing::Admitted);
        let oldest = strangers.min_by_key(|(id, entry)| (entry.standing, **id)).map(|(id, _)| *id)?;
        self.open.remove(&oldest);
        Some(oldest)
    }

    /// Takes out those that have been silent for too long.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<ConnectionId> {
        let is_overdue = |entry: &Entry| {
            entry.standing == Standing::Silent
                && now.saturating_duration_since(entry.since) >= FIRST_REQUEST_WITHIN
        };
        let overdue: Vec<ConnectionId> =
            self.open.iter().filter(|(_, entry)| is_overdue(entry)).map(|(id, _)| *id).collect();
        for id in &overdue {
            self.open.remove(id);
        }
        overdue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(n: u8) -> IpAddr {
        [192, 0, 2, n].into()
    }

    fn enter(connections: &mut Connections, from: u8) -> Option<(ConnectionId, Option<ConnectionId>)> {
        connections.enter(peer(from), Instant::now())
    }

    #[test]
    fn one_address_that_only_connects_pushes_out_itself_alone() {
        let mut connections = Connections::new(16);
        let (friend, _) = enter(&mut connections, 1).unwrap();
        connections.admitted(friend);
        let gone: Vec<_> = (0..200).filter_map(|_| enter(&mut connections, 2).unwrap().1).collect();
        assert_eq!((gone.len(), connections.open.len()), (196, 5));
        assert!(gone.is_sorted() && !gone.contains(&friend), "the oldest goes first");
    }

    #[test]
    fn strangers_of_many_addresses_hold_half_of_the_places() {
        let mut connections = Connections::new(16);
        for from in 0..200 {
            enter(&mut connections, from).unwrap();
        }
        assert_eq!(connections.open.len(), 8);
        // Whoever has asked something stays longer than who has not.
        let asked = *connections.open.first_key_value().unwrap().0;
        connections.asked(asked);
        for from in 200..207 {
            enter(&mut connections, from).unwrap();
        }
        assert!(connections.open.contains_key(&asked));
    }

    #[test]
    fn who_was_let_in_gives_way_to_nobody() {
        let mut connections = Connections::new(8);
        for from in 0..8 {
            let (id, leaves) = enter(&mut connections, from).unwrap();
            assert_eq!(leaves, None);
            connections.admitted(id);
        }
        assert_eq!(enter(&mut connections, 9), None);
        assert_eq!(connections.give_way(), None);
        connections.leave(3);
        assert!(enter(&mut connections, 9).is_some());
        assert_eq!(connections.give_way(), Some(8));
    }

    #[test]
    fn silence_has_an_end_and_asking_ends_it() {
        let mut connections = Connections::new(16);
        let began = Instant::now();
        let (silent, _) = connections.enter(peer(1), began).unwrap();
        let (asking, _) = connections.enter(peer(1), began).unwrap();
        connections.asked(asking);
        assert!(connections.overdue(began + FIRST_REQUEST_WITHIN / 2).is_empty());
        assert_eq!(connections.overdue(began + FIRST_REQUEST_WITHIN), [silent]);
        assert!(connections.overdue(began + FIRST_REQUEST_WITHIN * 9).is_empty());
    }
}
