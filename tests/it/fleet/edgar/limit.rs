//! Eight workers, one limit: as fast as it allows, never faster, and nothing twice.

use std::time::Duration;

use edgraph_tests::edgar::{Request, max_per_second};
use edgraph_tests::fleet::Fleet;

use super::super::alone;
use super::super::api::Api;
use super::{RATE, Site, WORKERS, declared, request};

/// A run takes this much longer than its requests need at the rate, at most.
const OVERHEAD: f64 = 1.05;

/// Gaps between two requests that are printed: what time was lost with.
const SHOWN_GAPS: usize = 8;

/// How requests came in.
#[derive(Debug)]
struct Pace {
    requests: usize,
    took: Duration,
    /// Of the time they need at the rate.
    ratio: f64,
    most_in_a_second: usize,
}

impl Pace {
    fn of(requests: &[Request]) -> Self {
        let (first, last) = (requests.first().expect("there were some"), requests.last().expect("some"));
        let took = last.at - first.at;
        // The first request waits for none before it.
        let needed = (requests.len() - 1) as f64 / RATE;
        Self {
            requests: requests.len(),
            took,
            ratio: took.as_secs_f64() / needed,
            most_in_a_second: max_per_second(requests),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_workers_ask_as_fast_as_the_rate_and_no_faster_and_for_every_filing_once() {
    let site = Site::scaled();
    let mut fleet = Fleet::with_coordinator(declared(alone())).await.unwrap();
    site.add_workers(&mut fleet, &WORKERS);
    let api = Api::new(&fleet.endpoints());
    api.start(&request("first")).await.unwrap();
    site.completed(&api, "first").await;

    let requests = site.server.requests();
    let pace = Pace::of(&requests);
    let late: usize =
        WORKERS.iter().map(|name| fleet.worker(name).count(&["a request token came too late"])).sum();
    let Pace { requests: count, took, ratio, most_in_a_second } = pace;
    println!(
        "{count} requests in {took:?}, {ratio:.4} of the time at the rate, at most {most_in_a_second} in a second"
    );
    println!("{late} tokens came too late");
    println!("longest gaps {:?}", longest_gaps(&requests));
    site.check_rule();
    assert_eq!(pace.requests, site.requests_needed());
    site.check_asked_once(&api, &[]).await;
    assert!(pace.ratio <= OVERHEAD, "{pace:?}");
}

/// The longest times between two requests, and after how many requests.
fn longest_gaps(requests: &[Request]) -> Vec<(usize, Duration)> {
    let mut gaps: Vec<_> = requests
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .enumerate()
        .map(|(at, gap)| (at + 1, gap))
        .collect();
    gaps.sort_by_key(|(_, gap)| std::cmp::Reverse(*gap));
    gaps.truncate(SHOWN_GAPS);
    gaps
}
