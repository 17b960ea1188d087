//! What Redis loses costs nothing that a living leader knew: it is wiped, thrown back, frozen, taken away and robbed of
//! single keys, in random order, with and without a standby, while pipelines are started all the time and workers ask
//! a host that counts.
//!
//! The seed is printed, and `EDGRAPH_SEED` repeats the order of the losses; what they meet is the machine's business.

mod scene;
mod starts;
mod promises;
mod strikes;

use std::iter::repeat_n;
use std::time::Instant;

use edgraph_tests::corpus::fixture_edgar;
use edgraph_tests::edgar::EdgarServer;
use edgraph_tests::eventually::eventually;

use super::{PATIENCE, is_full};
use crate::chance::Chance;
use promises::Promises;
use scene::Scene;
use strikes::{Loss, Struck, strike};

/// What the SEC allows in any second.
const LIMIT: usize = 10;
/// Losses of each kind, in full.
const OF_EACH: usize = 50;

/// All losses, in the order in which they happen.
fn order(chance: &mut Chance) -> Vec<Loss> {
    let scaled =
        [(Loss::Wiped, 2), (Loss::RolledBack, 3), (Loss::Frozen, 2), (Loss::Key, 3), (Loss::Away, 2)];
    let times = |(loss, few)| repeat_n(loss, if is_full() { OF_EACH } else { few });
    let mut order: Vec<Loss> = scaled.into_iter().flat_map(times).collect();
    chance.shuffle(&mut order);
    order
}

/// Waits for one more request: tokens are lent.
async fn asked_again(site: &EdgarServer) {
    let so_far = site.requests().len();
    let is_more = || (site.requests().len() > so_far).then_some(());
    eventually("one more request", PATIENCE, || std::future::ready(is_more())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_redis_loses_nothing_is_lost_that_a_living_leader_knew() {
    let mut chance = Chance::from_environment();
    let order = order(&mut chance);
    let site = EdgarServer::builder(fixture_edgar()).ban_above(LIMIT).start().unwrap();
    let mut scene = Scene::new(chance, &format!("{}/files/company_tickers.json", site.url())).await;
    let mut promises = Promises::of(&scene.fleet);
    let began = Instant::now();
    for (number, loss) in order.iter().enumerate() {
        let has_standby = scene.draw_standby().await;
        promises.are_made().await;
        asked_again(&site).await;
        let standby = if has_standby { "with" } else { "without" };
        println!("{:.1?} loss {number}: {loss:?}, {standby} a standby", began.elapsed());
        let Struck { memory, stays } = strike(&mut scene, &mut promises, *loss).await;
        promises.check(&mut scene, &memory).await;
        if let Some(leader) = stays {
            assert_eq!(scene.leader().await, leader, "a leader that lived was replaced");
        }
        assert!(!site.banned(), "{} requests in a second", site.max_per_second());
    }
    asked_again(&site).await;
    println!("{} losses in {:.1?}; {promises}", order.len(), began.elapsed());
    println!("{} requests, at most {} in a second", site.requests().len(), site.max_per_second());
    assert!(site.max_per_second() <= LIMIT);
}
