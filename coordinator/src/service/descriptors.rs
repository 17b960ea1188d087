//! How many files and sockets this process may have open, and how many connections that allows.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept for all that is no connection of a peer: the tracker, the store, the graph, logs.
const RESERVED: u64 = 64;
/// Fewer leave no room for a fleet.
const MIN: u64 = 2 * RESERVED;
/// Below this a warning is due: a fleet of some hundred workers and their clients come near it.
const COMFORTABLE: u64 = 1_024;
/// More connections than any fleet has; each costs some ten kilobytes.
const MAX_CONNECTIONS: u64 = 16_384;

/// Too few descriptors to serve anybody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this process may open {allowed} files and sockets, fewer than the {MIN} that a coordinator needs; raise the hard limit \
     (ulimit -Hn, LimitNOFILE=)"
)]
pub struct TooFewDescriptors {
    /// As allowed, after raising.
    pub allowed: u64,
}

/// Raises this process's limit of open files to what the system lets it have. To be called once, at the start.
///
/// # Errors
/// [`TooFewDescriptors`] if that is not enough to serve anybody.
pub fn raise_descriptors() -> Result<(), TooFewDescriptors> {
    let Rlimit { maximum, current } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, ?current, ?maximum, "the limit of open files cannot be raised");
    }
    let allowed = allowed();
    if allowed < MIN {
        return Err(TooFewDescriptors { allowed });
    }
    if allowed < COMFORTABLE {
        let connections = connections_within(allowed);
        tracing::warn!(
            allowed,
            connections,
            "few open files are allowed, and so few connections; raise the hard limit (ulimit -Hn, LimitNOFILE=)"
        );
    }
    Ok(())
}

fn allowed() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// How many connections this process has room for.
pub(crate) fn room_for_connections() -> usize {
    connections_within(allowed())
}

fn connections_within(allowed: u64) -> usize {
    let connections = allowed.saturating_sub(RESERVED).min(MAX_CONNECTIONS);
    usize::try_from(connections).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_everything_else() {
        assert_eq!([128, 1_024, 1 << 20, u64::MAX].map(connections_within), [64, 960, 16_384, 16_384]);
        assert_eq!(connections_within(3), 0);
    }

    #[test]
    fn the_limit_is_raised_as_far_as_it_goes() {
        raise_descriptors().unwrap();
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert_eq!(current, maximum);
    }
}
