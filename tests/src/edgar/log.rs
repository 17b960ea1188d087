//! What clients asked for, and when: the history that tests check rates and retries against.
//!
//! One log may belong to several servers: to the SEC its hosts are one family with one limit.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::base::Base;
use super::fault::Fault;

/// The window in which requests are counted, as the SEC does.
const WINDOW: Duration = Duration::from_secs(1);

/// One request as the server saw it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which base was asked.
    pub base: Base,
    /// Path and query, as sent.
    pub path: String,
    /// When its head had arrived.
    pub at: Instant,
    /// The status answered; `None` while the answer is being made, and when there was none (a reset).
    pub status: Option<u16>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The client's side of the connection.
    pub remote: SocketAddr,
    /// The scripted fault this request met.
    pub fault: Option<Fault>,
}

/// The largest number of requests in any window of one second, by arrival; the window is half open.
pub fn max_per_second(requests: &[Request]) -> usize {
    let mut arrivals: Vec<Instant> = requests.iter().map(|request| request.at).collect();
    arrivals.sort();
    busiest(&arrivals)
}

fn busiest(arrivals: &[Instant]) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (last, at) in arrivals.iter().enumerate() {
        while at.duration_since(arrivals[first]) >= WINDOW {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

/// Requests and the ban of one family of servers.
#[derive(Debug, Default)]
pub(super) struct RequestLog {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    requests: Vec<Request>,
    recent: VecDeque<Instant>,
    banned: bool,
}

/// Where a request stands in its log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry(usize);

/// Whether the client may be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Welcome,
    Banned,
}

impl RequestLog {
    /// Records an arrival. More than `ban_above` requests within a second ban the client for good, this request
    /// included.
    pub(super) fn arrived(&self, mut request: Request, ban_above: Option<usize>) -> (Entry, Standing) {
        let mut state = self.lock();
        // Arrival order is the order of this lock: the clock is read under it.
        request.at = Instant::now();
        let now = request.at;
        while state.recent.front().is_some_and(|&first| now.duration_since(first) >= WINDOW) {
            state.recent.pop_front();
        }
        state.recent.push_back(now);
        state.banned |= ban_above.is_some_and(|limit| state.recent.len() > limit);
        state.requests.push(request);
        let standing = if state.banned { Standing::Banned } else { Standing::Welcome };
        (Entry(state.requests.len() - 1), standing)
    }

    pub(super) fn met(&self, entry: Entry, fault: &Fault) {
        self.lock().requests[entry.0].fault = Some(fault.clone());
    }

    pub(super) fn answered(&self, entry: Entry, status: u16) {
        self.lock().requests[entry.0].status = Some(status);
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.lock().requests.clone()
    }

    pub(super) fn banned(&self) -> bool {
        self.lock().banned
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the log")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_second_is_found_wherever_it_lies() {
        let start = Instant::now();
        let at = |millis: &[u64]| -> Vec<Instant> {
            millis.iter().map(|&ms| start + Duration::from_millis(ms)).collect()
        };
        for (millis, most) in [
            (&[][..], 0),
            (&[0], 1),
            (&[0, 1000, 2000], 1),
            (&[0, 999, 1000], 2),
            (&[0, 600, 700, 1500, 1650, 5000], 3),
            (&[0, 0, 0, 0], 4),
        ] {
            assert_eq!(busiest(&at(millis)), most, "{millis:?}");
        }
    }
}
