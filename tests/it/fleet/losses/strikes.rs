//! What is done to Redis, and to the leader meanwhile. Each makes sure that it happened.

use std::time::Instant;

use edgraph_tests::eventually::eventually;
use tonic::Code;

use super::super::{PATIENCE, is_full};
use super::promises::{Memory, Promises};
use super::scene::{LOCK_TTL, Leader, Scene};

/// Between a snapshot and its return, in ms.
const BACK_MS: (u64, u64) = (600, 1_500);
/// How long Redis is frozen, in parts of a hundred of the lock's TTL: less than it, and more.
const FROZEN: [(u64, u64); 2] = [(20, 80), (120, 300)];
/// How long it is away, in ms.
const AWAY_MS: (u64, u64) = (300, 3_000);
const AWAY_MS_IN_FULL: (u64, u64) = (1_000, 20_000);

/// Keys without which a pipeline cannot be read.
const NEEDED: [&str; 5] = ["fence", "spec", "head", "items", "states"];

/// What is done to Redis.
#[derive(Clone, Copy, Debug)]
pub(super) enum Loss {
    /// It is empty all at once, as it runs or after a restart.
    Wiped,
    /// It comes back as it was a while ago.
    RolledBack,
    /// It stands still, for less or more than the lock's TTL.
    Frozen,
    /// One key is gone.
    Key,
    /// It is down for a while.
    Away,
}

/// What a loss leaves.
pub(super) struct Struck {
    pub(super) memory: Memory,
    /// Who lived all the time and leads on.
    pub(super) stays: Option<Leader>,
}

impl Struck {
    fn under(leader: Leader) -> Self {
        Self { memory: Memory::Whole, stays: Some(leader) }
    }

    fn followed() -> Self {
        Self { memory: Memory::Whole, stays: None }
    }
}

/// Does it, and waits until a leader has noticed.
pub(super) async fn strike(scene: &mut Scene, promises: &mut Promises, loss: Loss) -> Struck {
    let leader = scene.leader().await;
    match loss {
        Loss::Wiped => {
            let rewrites = scene.rewrites(&leader, "");
            if scene.chance.one_in(2) {
                scene.fleet.redis.flush().await.unwrap();
            } else {
                scene.fleet.redis.empty().await.unwrap();
            }
            until_rewritten(scene, &leader, rewrites, "").await;
        }
        Loss::RolledBack => return roll_back(scene, leader).await,
        Loss::Frozen => {
            let ttl = u64::try_from(LOCK_TTL.as_millis()).expect("short");
            let (least, most) = scene.chance.of(&FROZEN);
            scene.fleet.redis.freeze().await;
            scene.pass((least * ttl / 100, most * ttl / 100)).await;
            scene.fleet.redis.thaw();
        }
        Loss::Key => return lose_key(scene, promises, leader).await,
        Loss::Away => {
            scene.fleet.redis.kill();
            scene.pass(if is_full() { AWAY_MS_IN_FULL } else { AWAY_MS }).await;
            scene.fleet.redis.restart().await.unwrap();
        }
    }
    Struck::under(leader)
}

/// Waits until the leader has written something whole that it had not when there were so many `rewrites`.
async fn until_rewritten(scene: &mut Scene, leader: &Leader, rewrites: usize, pipeline: &str) {
    let what = format!("{pipeline} to be written anew");
    let is_more = || std::future::ready((scene.rewrites(leader, pipeline) > rewrites).then_some(()));
    eventually(&what, PATIENCE, is_more).await;
}

/// What the leader does while Redis goes back.
#[derive(Clone, Copy, Debug)]
enum Sleep {
    /// It is there.
    None,
    /// It wakes up as soon as Redis is back.
    Short,
    /// It wakes up when whoever waits leads, or would.
    Long,
}

async fn roll_back(scene: &mut Scene, leader: Leader) -> Struck {
    let sleep = scene.chance.of(&[Sleep::None, Sleep::Short, Sleep::Long]);
    println!("  the leader's sleep: {sleep:?}");
    let since = Instant::now();
    let snapshot = scene.fleet.redis.snapshot().unwrap();
    scene.pass(BACK_MS).await;
    let rewrites = scene.rewrites(&leader, "");
    if !matches!(sleep, Sleep::None) {
        scene.fleet.coordinators[leader.number].process().freeze().await;
    }
    scene.fleet.redis.restore(&snapshot).await.unwrap();
    if matches!(sleep, Sleep::Long) {
        let other = Scene::other(&leader);
        if scene.has_standby(&leader) {
            scene.until_leading(other, true).await;
            let old = leader.number;
            scene.fleet.coordinators[old].process().thaw();
            scene.until_leading(old, false).await;
            let named = scene.fleet.coordinators[old].process().last("start these pipelines again");
            let named = named.unwrap_or_default();
            return Struck { memory: Memory::Since { since, led_by: other, named }, stays: None };
        }
        tokio::time::sleep(LOCK_TTL * 2).await;
    }
    if !matches!(sleep, Sleep::None) {
        scene.fleet.coordinators[leader.number].process().thaw();
    }
    until_rewritten(scene, &leader, rewrites, "").await;
    Struck::under(leader)
}

/// What the leader does once a key is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It leads on.
    Lives,
    /// It ends as a deployment ends it.
    Stops,
    /// It is killed before it can notice.
    Dies,
}

async fn lose_key(scene: &mut Scene, promises: &mut Promises, leader: Leader) -> Struck {
    let fate = scene.chance.of(&[Fate::Lives, Fate::Stops, Fate::Dies]);
    if scene.chance.one_in(4) {
        return lose_key_of_all(scene, leader, fate).await;
    }
    // Nothing is written of one that has ended, so a leader that lives finds out within a minute.
    let ended = promises.ended_victim().filter(|_| fate != Fate::Lives && scene.chance.one_in(3));
    let victim = match ended {
        Some(ended) => ended,
        None => promises.victim(&scene.api).await,
    };
    let pattern = format!("edgraph:{{{victim}}}:*");
    let keys = scene.fleet.redis.keys(&pattern).await.unwrap();
    let key = keys[scene.chance.below(keys.len() as u64) as usize].clone();
    let name = key.rsplit(':').next().unwrap_or_default();
    println!("  {key}; the leader {fate:?}");
    end_or_go_on(scene, &leader, fate, &key).await;
    match fate {
        Fate::Lives => {
            eventually("all keys to be there again", PATIENCE, async || {
                let now = scene.fleet.redis.keys(&pattern).await.unwrap();
                let status =
                    scene.fleet.redis.hgetall(&format!("edgraph:{{{victim}}}:status")).await.unwrap();
                (keys.iter().all(|key| now.contains(key)) && status.contains_key("kind")).then_some(())
            })
            .await;
            Struck::under(leader)
        }
        Fate::Dies if NEEDED.contains(&name) => {
            is_named(scene, &victim).await;
            promises.mend(&scene.api, &victim).await;
            Struck::followed()
        }
        Fate::Stops | Fate::Dies => {
            scene.leader().await;
            assert_eq!(scene.api.damaged().await, []);
            Struck::followed()
        }
    }
}

/// The lock, the epoch, the list of all pipelines, or the store's id.
async fn lose_key_of_all(scene: &mut Scene, leader: Leader, fate: Fate) -> Struck {
    let keys = scene.fleet.redis.keys("edgraph:{lead}:*").await.unwrap();
    let key = keys[scene.chance.below(keys.len() as u64) as usize].clone();
    // A leader that lives looks at the list once a minute, and nobody can replace one that dies without a word.
    let fate = if key.ends_with(":pipelines") { Fate::Stops } else { fate };
    println!("  {key}; the leader {fate:?}");
    end_or_go_on(scene, &leader, fate, &key).await;
    if fate == Fate::Lives { Struck::under(leader) } else { Struck::followed() }
}

async fn end_or_go_on(scene: &mut Scene, leader: &Leader, fate: Fate, key: &str) {
    if fate == Fate::Dies {
        scene.fleet.coordinators[leader.number].process().freeze().await;
    }
    let is_gone = scene.fleet.redis.delete(key).await.unwrap();
    match fate {
        Fate::Lives => {}
        Fate::Stops => scene.fleet.stop_coordinator(leader.number).await.unwrap(),
        Fate::Dies => scene.fleet.kill_coordinator(leader.number),
    }
    // A lock that has just ended by itself is not there to be lost.
    assert!(is_gone || key.ends_with(":lock"), "{key} was not there");
    if fate != Fate::Lives {
        scene.start_unless_followed(leader).await;
    }
}

/// A record that cannot be used is named wherever anybody looks, and no other one is.
async fn is_named(scene: &mut Scene, victim: &str) {
    let newer = scene.leader().await;
    let damaged = scene.api.damaged().await;
    let [named] = &damaged[..] else { panic!("{damaged:?}") };
    assert!(named.pipeline_id == victim && !named.state_reason.is_empty(), "{named:?}");
    let status = scene.api.find(victim).await.unwrap_err();
    assert!(
        status.code() == Code::FailedPrecondition && status.message().contains("is damaged"),
        "{victim}: {status}"
    );
    let process = scene.fleet.coordinators[newer.number].process();
    assert!(process.count(&["a pipeline is set aside", victim]) > 0, "{victim}");
}
