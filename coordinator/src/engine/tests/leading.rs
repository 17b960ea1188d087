//! Two coordinators, one lead.

use std::sync::Arc;
use std::time::Duration;

use edgraph_shared::ids::PipelineId;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::kit::{LONG_TTL, Running, TestWorker, in_time, spec};
use crate::engine::lead::{self, LeadConfig};
use crate::engine::{DiscardAccepted, EngineError, Role, Seat, Timing};
use crate::tracker::tests::redis_server::{Durability, RedisServer};
use crate::tracker::{Leader, LockTiming, RedisTracker, Tracker, TrackerError};

/// A coordinator without services.
struct Coordinator {
    role: watch::Receiver<Role>,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), TrackerError>>,
}

impl Coordinator {
    fn start(tracker: Arc<dyn Tracker>, lock: LockTiming, name: &str) -> Self {
        let config = LeadConfig {
            timing: Timing::with_ttl(LONG_TTL),
            lock,
            tracker,
            accepted: Arc::new(DiscardAccepted),
            finished: None,
            requests: Default::default(),
            home: Default::default(),
            advertise: Some(name.to_owned()),
        };
        let (role, seen) = watch::channel(Role::Standby { leader: None });
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(lead::run(config, role, shutdown.clone()));
        Self { role: seen, shutdown, task }
    }

    async fn until(&mut self, what: fn(&Role) -> bool) -> Role {
        in_time(self.role.wait_for(what)).await.unwrap().clone()
    }

    async fn until_leading(&mut self) -> crate::engine::EngineHandle {
        match self.until(|role| matches!(role, Role::Leading(_))).await {
            Role::Leading(engine) => engine,
            _ => unreachable!("waited for"),
        }
    }

    async fn stop(self) {
        self.shutdown.cancel();
        in_time(self.task).await.unwrap().unwrap();
        assert!(matches!(&*self.role.borrow(), Role::Standby { .. }));
    }
}

#[tokio::test]
async fn a_standby_knows_the_leader_and_follows_a_stop_at_once() {
    let server = RedisServer::start(Durability::None).await;
    // Nobody could wait for this lock to expire.
    let lock = LockTiming {
        ttl: Duration::from_secs(600),
        renew_every: Duration::from_millis(50),
        retry_every: Duration::from_millis(50),
    };
    // Nor is it waited for where somebody has resigned.
    let before = server.tracker();
    before.resign(&before.lead_alone(&Leader::new(None, lock)).await.unwrap().term).await.unwrap();
    let mut first = Coordinator::start(Arc::new(server.tracker()), lock, "first:1");
    let engine = first.until_leading().await;
    let id: PipelineId = "p".parse().unwrap();
    in_time(engine.start(Some(id.clone()), "", spec(3))).await.unwrap();
    let mut second = Coordinator::start(Arc::new(server.tracker()), lock, "second:2");
    let role = second.until(|role| matches!(role, Role::Standby { leader: Some(_) })).await;
    assert!(matches!(role, Role::Standby { leader: Some(leader) } if leader == "first:1"));
    first.stop().await;
    assert!(matches!(engine.status(&id).await, Err(EngineError::Stopped)));
    let engine = second.until_leading().await;
    assert_eq!(in_time(engine.status(&id)).await.unwrap().tasks.expected(), 3);
    second.stop().await;
}

#[tokio::test]
async fn a_leader_cut_off_from_redis_is_replaced_and_waits_as_standby_afterwards() {
    let server = RedisServer::start(Durability::None).await;
    let lock = LockTiming::with_ttl(Duration::from_millis(500));
    let cut_off = Arc::new(server.tracker());
    let mut first = Coordinator::start(cut_off.clone(), lock, "first:1");
    let engine = first.until_leading().await;
    let id: PipelineId = "p".parse().unwrap();
    in_time(engine.start(Some(id.clone()), "", spec(3))).await.unwrap();
    let mut worker = TestWorker::connect(&engine, 1).await;
    worker.granted().await;

    cut_off.faults().crash_after(0);
    let mut second = Coordinator::start(Arc::new(server.tracker()), lock, "second:2");
    let successor = second.until_leading().await;
    // The old leader does not know yet: what it is asked for waits, and is refused in the end.
    // Reads as well: what it remembers may be history.
    let (reader, of) = (engine.clone(), id.clone());
    let stale = tokio::spawn(async move { reader.status(&of).await });
    let late = tokio::spawn(async move { engine.cancel(&id).await });
    assert!(matches!(&*first.role.borrow(), Role::Leading(_)));
    cut_off.faults().crash_after(1_000_000);
    assert!(matches!(in_time(late).await.unwrap(), Err(EngineError::Stopped)));
    assert!(matches!(in_time(stale).await.unwrap(), Err(EngineError::Stopped)));
    assert_eq!(worker.hear().await, None, "its workers are to look for the new leader");
    let role = first.until(|role| matches!(role, Role::Standby { leader: Some(_) })).await;
    assert!(matches!(role, Role::Standby { leader: Some(leader) } if leader == "second:2"));
    let status = in_time(successor.status(&"p".parse().unwrap())).await.unwrap();
    assert_eq!((status.tasks.leased, status.tasks.cancelled), (1, 0), "the late command had no effect");
    second.stop().await;
    first.until_leading().await;
    first.stop().await;
}

#[tokio::test]
async fn an_idle_leader_notices_that_it_is_replaced() {
    let server = RedisServer::start(Durability::None).await;
    let lock = LockTiming::with_ttl(Duration::from_millis(300));
    let running = Running::start_with(Arc::new(server.tracker()), LONG_TTL, lock).await;
    let worker = TestWorker::connect(&running.engine, 1).await;
    // Between two renewals.
    let other = Leader::new(None, LockTiming::default());
    loop {
        server.ask::<i64>(&["DEL", "edgraph:{lead}:lock"]).await.unwrap();
        if server.tracker().lead_alone(&other).await.is_ok() {
            break;
        }
    }
    let ended = in_time(running.task).await.unwrap();
    assert!(matches!(ended, Err(TrackerError::Fenced { .. })), "{ended:?}");
    drop(worker);
}

/// What becomes of Redis behind the back of a leader that lives.
#[derive(Debug, Clone, Copy)]
enum Loss {
    Wiped,
    RolledBack,
    RestartedEmpty,
    Frozen,
    LockGone,
    LeadGone,
}

#[tokio::test]
async fn a_standby_lets_a_leader_that_lives_come_first_whatever_redis_lost() {
    let losses =
        [Loss::Wiped, Loss::RolledBack, Loss::RestartedEmpty, Loss::Frozen, Loss::LockGone, Loss::LeadGone];
    for loss in losses {
        let mut server = RedisServer::start(Durability::Append("always")).await;
        let empty = server.backup();
        let lock = LockTiming::with_ttl(Duration::from_millis(1_000));
        let mut first = Coordinator::start(Arc::new(server.tracker()), lock, "first:1");
        let engine = first.until_leading().await;
        let mut second = Coordinator::start(Arc::new(server.tracker()), lock, "second:2");
        second.until(|role| matches!(role, Role::Standby { leader: Some(_) })).await;
        in_time(engine.start(Some("older".parse().unwrap()), "", spec(3))).await.unwrap();
        let backup = server.backup();
        let newer: PipelineId = "newer".parse().unwrap();
        in_time(engine.start(Some(newer.clone()), "", spec(3))).await.unwrap();
        match loss {
            Loss::Wiped => drop(server.ask::<String>(&["FLUSHALL"]).await.unwrap()),
            Loss::RolledBack => server.restore(&backup).await,
            Loss::RestartedEmpty => server.restore(&empty).await,
            Loss::Frozen => {
                server.freeze();
                tokio::time::sleep(3 * lock.ttl).await;
                server.thaw();
            }
            Loss::LockGone => drop(server.ask::<i64>(&["DEL", "edgraph:{lead}:lock"]).await.unwrap()),
            Loss::LeadGone => {
                let keys = ["edgraph:{lead}:lock", "edgraph:{lead}:epoch", "edgraph:{lead}:pipelines"];
                server.ask::<i64>(&["DEL", keys[0], keys[1], keys[2]]).await.unwrap();
            }
        }
        tokio::time::sleep(3 * lock.ttl).await;
        assert!(matches!(&*first.role.borrow(), Role::Leading(_)), "{loss:?}: the leader was replaced");
        assert!(matches!(&*second.role.borrow(), Role::Standby { .. }), "{loss:?}: two lead");
        // All is in Redis again: whoever leads next finds it.
        first.stop().await;
        let engine = second.until_leading().await;
        assert_eq!(in_time(engine.status(&newer)).await.unwrap().tasks.expected(), 3, "{loss:?}");
        second.stop().await;
    }
}

#[tokio::test]
async fn a_coordinator_that_redis_refuses_says_so_and_leads_once_it_may() {
    let options = ["--user", "app", "on", ">other", "~edgraph:*", "+@all"];
    let server = RedisServer::start_with(Durability::None, &options).await;
    let socket = server.url().strip_prefix("unix://").unwrap();
    let tracker = RedisTracker::connect(&format!("unix://{socket}?user=app&pass=secret")).unwrap();
    let lock = LockTiming::with_ttl(Duration::from_millis(500));
    let mut coordinator = Coordinator::start(Arc::new(tracker), lock, "first:1");
    let seat = Seat::new(coordinator.role.clone());
    coordinator.until(|role| matches!(role, Role::Barred(_))).await;
    let refusal = seat.engine().err().unwrap().to_string();
    assert!(
        refusal.contains("cannot lead") && refusal.contains("give the right user and password"),
        "{refusal}"
    );
    assert!(!refusal.contains("secret"), "{refusal}");
    server.ask::<()>(&["ACL", "SETUSER", "app", "resetpass", ">secret"]).await.unwrap();
    coordinator.until_leading().await;
    coordinator.stop().await;
}
