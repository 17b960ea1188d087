//! Faults, with real processes: workers, coordinators, Redis, the store and the ingester are killed, frozen and thrown
//! back in time, and what the handlers wrote down themselves is compared with what the coordinator says.
//!
//! Every test asserts that its fault happened. Durations are scaled: with `EDGRAPH_FULL` as the issue states them,
//! otherwise with a TTL of a second and a tenth of the repetitions.

pub(crate) mod api;
mod script;
mod start;
mod workers;
mod names;
mod own_items;
mod identity;
mod spot;
mod coordinators;
mod fencing;
mod network;
mod redis;
mod rollback;
mod reconcile;
mod stuck;
mod late;
mod asleep;
mod versions;
mod upgrade;
mod filings;
mod silent_host;
mod story;
mod outage;
mod damage;
mod nightly;
mod graphs;
mod compaction;
mod chaos;
mod losses;
mod edgar;

use std::time::Duration;

use edgraph_tests::fleet::{Fleet, Settings};

use api::Api;

/// Far longer than any wait of these tests takes: a test that hangs fails instead.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// For tests in which leases expire by design.
fn short_ttl() -> Duration {
    Duration::from_secs(1)
}

/// For tests in which no lease may expire, however busy the machine is.
fn calm_ttl() -> Duration {
    if is_full() { Duration::from_secs(15) } else { Duration::from_secs(5) }
}

/// Whether faults last and are repeated as the issue states.
fn is_full() -> bool {
    std::env::var_os("EDGRAPH_FULL").is_some()
}

/// A fleet in which no lease may expire, with the default ratio of its two TTLs: a coordinator that is killed and
/// comes back waits for its own lock before it leads again. It mostly waits, and others may run meanwhile.
fn calm() -> Settings {
    Settings { lease_ttl: calm_ttl(), lock_ttl: calm_ttl() / 3, shares_machine: true, ..Settings::default() }
}

/// The same without other fleets beside it: for a test that measures how long something takes, or is busy all the time.
fn alone() -> Settings {
    Settings { shares_machine: false, ..calm() }
}

/// A lease TTL, and defaults for the rest.
fn with_ttl(lease_ttl: Duration) -> Settings {
    Settings { lease_ttl, ..Settings::default() }
}

/// A fleet of one coordinator and scripted workers, each with so many slots, and its API.
async fn fleet_of(settings: Settings, workers: &[(&str, u32)]) -> (Fleet, Api) {
    let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
    for (name, slots) in workers {
        fleet.add_scripted_worker(name, *slots).unwrap();
    }
    let api = Api::new(&fleet.endpoints());
    (fleet, api)
}
