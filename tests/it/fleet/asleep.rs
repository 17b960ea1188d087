//! A machine that is suspended: everything on it stands still for many TTLs and wakes up in some order.

use std::time::Duration;

use edgraph_client::v1;
use edgraph_tests::eventually::eventually;
use edgraph_tests::fleet::Fleet;
use serde_json::json;

use super::script::Scripted;
use super::{PATIENCE, fleet_of, short_ttl, with_ttl};

const WORKERS: [&str; 2] = ["one", "two"];
/// Items that are under way when it falls asleep, one for each slot.
const ITEMS: usize = 4;
/// Of those who wake up, before the next one does: less than half a TTL.
const BETWEEN: Duration = Duration::from_millis(150);

#[derive(Clone, Copy)]
enum Sleeper {
    Redis,
    Coordinator,
    Workers,
}

fn thaw(fleet: &mut Fleet, sleeper: Sleeper) {
    match sleeper {
        Sleeper::Redis => fleet.redis.thaw(),
        Sleeper::Coordinator => fleet.coordinators[0].process().thaw(),
        Sleeper::Workers => WORKERS.iter().for_each(|name| fleet.worker(name).thaw()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_that_was_asleep_goes_on_where_it_was_whoever_wakes_first() {
    use Sleeper::{Coordinator, Redis, Workers};
    let ttl = short_ttl();
    let (mut fleet, api) = fleet_of(with_ttl(ttl), &WORKERS.map(|name| (name, 2))).await;
    for (round, order) in [[Redis, Coordinator, Workers], [Workers, Coordinator, Redis]].iter().enumerate() {
        let id = format!("asleep{round}");
        let items = [(); ITEMS].map(|()| json!({"sleep_ms": (ttl * 3).as_millis() as u64, "stubborn": true}));
        let request = Scripted::working(&id, items).with_limits(|limits| limits.max_lost_leases = 1);
        api.start(&request.request()).await.unwrap();
        eventually("all items to be under way", PATIENCE, async || {
            (fleet.history(&id).unwrap().attempts().count() == ITEMS).then_some(())
        })
        .await;
        for name in WORKERS {
            fleet.worker(name).freeze().await;
        }
        fleet.coordinators[0].process().freeze().await;
        fleet.redis.freeze().await;
        // Longer than a worker goes on without contact, and longer than the lock lives.
        tokio::time::sleep(ttl * 6).await;
        for sleeper in *order {
            thaw(&mut fleet, sleeper);
            tokio::time::sleep(BETWEEN).await;
        }
        let status = api.ended(&id).await;
        assert_eq!(status.state(), v1::PipelineState::Completed, "{status:?}");
        for item in api.items(&id).await {
            assert_eq!((item.lost_leases, item.failures, item.fencing_token), (0, 0, 1), "{item:?}");
        }
        let history = fleet.history(&id).unwrap();
        assert_eq!(history.started_again(), Vec::<&str>::new());
        history.check(&api.settled(&id).await).unwrap();
    }
}
