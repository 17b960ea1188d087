//! A Redis that dies, comes back, and may have forgotten what it acknowledged.

use super::redis_server::{Durability, RedisServer};
use super::samples::{Sample, leader};
use crate::pipeline::core::SetAside;
use crate::tracker::redis::RedisTracker;
use crate::tracker::{Damaged, Renewed, Term, Tracker, TrackerError};

async fn led(server: &RedisServer) -> (RedisTracker, Term) {
    let tracker = server.tracker();
    let term = tracker.lead_alone(&leader()).await.unwrap().term;
    (tracker, term)
}

/// The first renewal after a restart that is answered; those before it find a dead connection.
async fn reconnect(tracker: &RedisTracker, term: &Term) -> Renewed {
    loop {
        match tracker.renew(term).await {
            Ok(renewed) => return renewed,
            Err(error) => assert!(matches!(error, TrackerError::Unavailable(_)), "{error}"),
        }
    }
}

#[tokio::test]
async fn a_killed_redis_comes_back_and_what_it_lost_is_written_again() {
    for fsync in ["everysec", "always"] {
        let mut server = RedisServer::start(Durability::Append(fsync)).await;
        let (tracker, term) = led(&server).await;
        let mut sample = Sample::new("p", 50);
        tracker.commit(&term, &[sample.created()]).await.unwrap();
        for n in 0..5 {
            tracker.commit(&term, &[sample.changed(n)]).await.unwrap();
            server.kill();
            server.restart().await;
            // Whether anything is missing a leader cannot know: it has to verify.
            assert_ne!(reconnect(&tracker, &term).await, Renewed::Kept, "{fsync}");
            match tracker.commit(&term, &[sample.verify()]).await {
                Ok(()) => {}
                // While an fsync is under way Redis acknowledges what it has not yet written.
                Err(TrackerError::Diverged { .. }) if fsync == "everysec" => {
                    tracker.commit(&term, &[sample.whole()]).await.unwrap();
                }
                Err(error) => panic!("{fsync}: {error}"),
            }
            assert_eq!(tracker.renew(&term).await.unwrap(), Renewed::Kept);
        }
        server.expire_lock().await;
        sample.assert_is(&server.tracker().lead_alone(&leader()).await.unwrap().stored[0]);
    }
}

#[tokio::test]
async fn an_older_file_under_a_living_leader_is_noticed_and_repaired() {
    let mut server = RedisServer::start(Durability::Append("always")).await;
    let (tracker, term) = led(&server).await;
    let (mut changing, mut quiet, mut new) = (Sample::new("a", 9), Sample::new("b", 9), Sample::new("c", 9));
    tracker.commit(&term, &[changing.created(), quiet.created()]).await.unwrap();
    let backup = server.backup();
    tracker.commit(&term, &[changing.changed(1), quiet.changed(1), new.created()]).await.unwrap();
    server.restore(&backup).await;
    assert_ne!(reconnect(&tracker, &term).await, Renewed::Kept);
    let parts = [changing.changed(2), quiet.verify(), new.verify()];
    match tracker.commit(&term, &parts).await {
        Err(TrackerError::Diverged { pipelines }) => assert_eq!(pipelines.len(), 3),
        other => panic!("the losses were not noticed: {other:?}"),
    }
    tracker.commit(&term, &[changing.whole(), quiet.whole(), new.whole()]).await.unwrap();
    server.expire_lock().await;
    let stored = server.tracker().lead_alone(&leader()).await.unwrap().stored;
    for (sample, stored) in [changing, quiet, new].iter().zip(&stored) {
        sample.assert_is(stored);
    }
}

#[tokio::test]
async fn a_leader_from_before_the_restored_file_stays_fenced() {
    let mut server = RedisServer::start(Durability::Append("always")).await;
    let (old, old_term) = led(&server).await;
    let mut sample = Sample::new("p", 3);
    old.commit(&old_term, &[sample.created()]).await.unwrap();
    let backup = server.backup();
    server.expire_lock().await;
    let (new, new_term) = led(&server).await;
    // The file says that the old one leads, with its lock and its fences.
    server.restore(&backup).await;
    assert_eq!(reconnect(&new, &new_term).await, Renewed::Retaken);
    new.commit(&new_term, &[sample.verify()]).await.unwrap();
    let mut late = sample.clone();
    let mut refused = old.commit(&old_term, &[late.changed(1)]).await;
    if let Err(TrackerError::Unavailable(_)) = refused {
        refused = old.commit(&old_term, &[late.whole()]).await;
    }
    assert!(matches!(refused, Err(TrackerError::Fenced { .. })), "{refused:?}");
    assert!(matches!(old.renew(&old_term).await, Err(TrackerError::Fenced { .. })));
}

#[tokio::test]
async fn an_epoch_lower_than_a_fence_is_raised_above_it() {
    let server = RedisServer::start(Durability::None).await;
    let (tracker, term) = led(&server).await;
    let mut sample = Sample::new("p", 3);
    tracker.commit(&term, &[sample.created()]).await.unwrap();
    // As after a failover of the slot that has the epoch, and not of the slot that has the pipeline.
    server.ask::<i64>(&["DEL", "edgraph:{lead}:lock", "edgraph:{lead}:epoch"]).await.unwrap();
    let lead = server.tracker().lead_alone(&leader()).await.unwrap();
    assert!(lead.term.epoch > term.epoch);
    sample.assert_is(&lead.stored[0]);
}

#[tokio::test]
async fn a_renewal_whose_reply_was_lost_is_no_loss() {
    let server = RedisServer::start(Durability::None).await;
    let (tracker, term) = led(&server).await;
    assert_eq!(tracker.renew(&term).await.unwrap(), Renewed::Kept);
    tracker.faults().lose_reply_of(1);
    tracker.renew(&term).await.unwrap_err();
    // The connection was dropped with the reply, so the pipelines are to be verified, once.
    assert_eq!(tracker.renew(&term).await.unwrap(), Renewed::Reconnected);
    assert_eq!(tracker.renew(&term).await.unwrap(), Renewed::Kept);
    // A lock that went back in time on the same connection.
    server.ask::<i64>(&["HSET", "edgraph:{lead}:lock", "nonce", "older"]).await.unwrap();
    assert_eq!(tracker.renew(&term).await.unwrap(), Renewed::Retaken);
    server.expire_lock().await;
    assert_eq!(tracker.renew(&term).await.unwrap(), Renewed::Retaken);
    assert_eq!(tracker.renew(&term).await.unwrap(), Renewed::Kept);
}

#[tokio::test]
async fn scripts_that_redis_has_forgotten_are_loaded_again() {
    let server = RedisServer::start(Durability::None).await;
    let (tracker, term) = led(&server).await;
    let mut sample = Sample::new("p", 3);
    server.ask::<String>(&["SCRIPT", "FLUSH"]).await.unwrap();
    let parts = [sample.created()];
    assert!(matches!(tracker.commit(&term, &parts).await, Err(TrackerError::Unavailable(_))));
    tracker.commit(&term, &parts).await.unwrap();
}

/// Losses of one pipeline's keys, and what is said of each.
const DAMAGES: [(&[&str], &str); 9] = [
    (&["HDEL", "edgraph:{p}:items", "work/1"], "item 1 of 3 is missing"),
    (&["HDEL", "edgraph:{p}:items", "work/2"], "it has 3 items, and 2 are there"),
    (&["HDEL", "edgraph:{p}:states", "work/1"], "an item's state"),
    (&["DEL", "edgraph:{p}:items"], "it has 3 items, and 0 are there"),
    (&["DEL", "edgraph:{p}:states"], "an item's state"),
    (&["DEL", "edgraph:{p}:head"], "the head"),
    (&["DEL", "edgraph:{p}:spec"], "the spec"),
    (&["DEL", "edgraph:{p}:fence"], "its fence is lost"),
    (&["SET", "edgraph:{p}:head", "{}"], "the head"),
];

#[tokio::test]
async fn one_pipelines_damage_is_named_and_costs_no_other() {
    let server = RedisServer::start(Durability::None).await;
    for (damage, said) in DAMAGES {
        server.ask::<String>(&["FLUSHALL"]).await.unwrap();
        let (tracker, term) = led(&server).await;
        let (mut damaged, mut other) = (Sample::new("p", 3), Sample::new("q", 3));
        tracker.commit(&term, &[damaged.created(), other.created()]).await.unwrap();
        server.ask::<redis::Value>(damage).await.unwrap();
        server.expire_lock().await;
        let lead = server.tracker().lead_alone(&leader()).await.unwrap();
        other.assert_is(&lead.stored[0]);
        assert_eq!((lead.stored.len(), lead.damaged.len()), (1, 1), "{damage:?}");
        let Damaged { pipeline, why: SetAside { reason, is_newer: false } } = &lead.damaged[0] else {
            panic!("{lead:?}")
        };
        assert!(pipeline.as_str() == "p" && reason.contains(said), "{damage:?}: {reason}");
    }
}

/// Records that a later version wrote, each in place of one of ours.
const NEWER: [&[&str]; 4] = [
    &["SET", "edgraph:{p}:head", r#"{"reader":99,"since":"9.1.0","stages":["a","b"]}"#],
    &["SET", "edgraph:{p}:spec", r#"{"reader":99,"since":"9.1.0","plan":{}}"#],
    &["HSET", "edgraph:{p}:items", "work/1", r#"{"reader":99,"since":"9.1.0","place":[1]}"#],
    &["HSET", "edgraph:{p}:states", "work/1", r#"{"reader":99,"since":"9.1.0","is":{"shared":{}}}"#],
];

#[tokio::test]
async fn what_a_later_version_alone_may_read_is_named_kept_as_it_is_and_costs_no_other() {
    let server = RedisServer::start(Durability::None).await;
    for newer in NEWER {
        server.ask::<String>(&["FLUSHALL"]).await.unwrap();
        let (tracker, term) = led(&server).await;
        let (mut ours, mut other) = (Sample::new("p", 3), Sample::new("q", 3));
        tracker.commit(&term, &[ours.created(), other.created()]).await.unwrap();
        server.ask::<redis::Value>(newer).await.unwrap();
        server.expire_lock().await;
        let lead = server.tracker().lead_alone(&leader()).await.unwrap();
        other.assert_is(&lead.stored[0]);
        assert_eq!((lead.stored.len(), lead.damaged.len()), (1, 1), "{newer:?}");
        let SetAside { reason, is_newer } = &lead.damaged[0].why;
        assert!(
            *is_newer && reason.contains("needs edgraph 9.1.0 or newer, and this is "),
            "{newer:?}: {reason}"
        );
        let kept = match newer {
            ["SET", key, _] => server.ask::<String>(&["GET", key]).await,
            [_, key, item, _] => server.ask::<String>(&["HGET", key, item]).await,
            other => panic!("{other:?}"),
        };
        assert_eq!(kept.unwrap(), *newer.last().unwrap());
    }
}

#[tokio::test]
async fn a_single_key_that_is_lost_is_noticed_by_who_asks() {
    let server = RedisServer::start(Durability::None).await;
    let keys = ["fence", "head", "spec", "status", "items", "states"].map(|name| format!("{{p}}:{name}"));
    for key in keys.into_iter().chain(["{lead}:pipelines".to_owned()]).map(|key| format!("edgraph:{key}")) {
        server.ask::<String>(&["FLUSHALL"]).await.unwrap();
        let (tracker, term) = led(&server).await;
        let mut sample = Sample::new("p", 3);
        tracker.commit(&term, &[sample.created()]).await.unwrap();
        tracker.commit(&term, &[sample.verify()]).await.unwrap();
        server.ask::<i64>(&["DEL", &key]).await.unwrap();
        let asked = tracker.commit(&term, &[sample.verify()]).await;
        assert!(matches!(asked, Err(TrackerError::Diverged { .. })), "{key}: {asked:?}");
        tracker.commit(&term, &[sample.whole()]).await.unwrap();
        assert!(server.ask::<bool>(&["HEXISTS", "edgraph:{p}:status", "kind"]).await.unwrap(), "{key}");
        server.expire_lock().await;
        sample.assert_is(&server.tracker().lead_alone(&leader()).await.unwrap().stored[0]);
    }
}

#[tokio::test]
async fn a_pipeline_that_changes_when_the_index_is_lost_is_noticed_too() {
    let server = RedisServer::start(Durability::None).await;
    let (tracker, term) = led(&server).await;
    let mut sample = Sample::new("p", 3);
    tracker.commit(&term, &[sample.created()]).await.unwrap();
    server.ask::<i64>(&["DEL", "edgraph:{lead}:pipelines"]).await.unwrap();
    // The question is how things stand after the change, whatever comes first.
    for question_first in [false, true] {
        let mut parts = vec![sample.changed(1), sample.verify()];
        if question_first {
            parts.reverse();
        }
        let asked = tracker.commit(&term, &parts).await;
        let Err(TrackerError::Diverged { pipelines }) = asked else { panic!("{asked:?}") };
        assert_eq!(pipelines.len(), 1, "{pipelines:?}");
    }
    tracker.commit(&term, &[sample.whole()]).await.unwrap();
    tracker.commit(&term, &[sample.changed(1), sample.verify()]).await.unwrap();
    server.expire_lock().await;
    sample.assert_is(&server.tracker().lead_alone(&leader()).await.unwrap().stored[0]);
}

#[tokio::test]
async fn an_index_that_is_lost_with_its_leader_is_written_again_from_the_fences() {
    let server = RedisServer::start(Durability::None).await;
    let (tracker, term) = led(&server).await;
    let (mut one, mut two, mut gone) = (Sample::new("a", 9), Sample::new("b", 9), Sample::new("c", 1));
    tracker.commit(&term, &[one.created(), two.created(), gone.created()]).await.unwrap();
    tracker.commit(&term, &[two.changed(1), gone.removed()]).await.unwrap();
    server.ask::<i64>(&["DEL", "edgraph:{lead}:pipelines"]).await.unwrap();
    server.ask::<i64>(&["HSET", "edgraph-other:{z}:fence", "sequence", "1"]).await.unwrap();
    for _ in 0..2 {
        server.expire_lock().await;
        let lead = server.tracker().lead_alone(&leader()).await.unwrap();
        assert!(lead.damaged.is_empty(), "{:?}", lead.damaged);
        for (sample, stored) in [&one, &two].into_iter().zip(&lead.stored) {
            sample.assert_is(stored);
        }
        assert_eq!(lead.stored.len(), 2);
        assert_eq!(server.ask::<i64>(&["HLEN", "edgraph:{lead}:pipelines"]).await.unwrap(), 2);
    }
}
