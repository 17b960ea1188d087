//! Nothing that comes from outside takes the coordinator down or keeps it from others: random messages of every method,
//! made from the descriptors, by peers with every role and with none, while somebody else asks a question and counts.
//!
//! Messages are half sense and half nonsense: ids that exist, numbers at the end of their range, texts of every length,
//! enums that mean nothing. Some seconds long; ten minutes with `EDGRAPH_FULL`. The seed is printed, and
//! `EDGRAPH_FUZZ_SEED` takes it.

mod message;
mod peers;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use edgraph_client::v1;
use edgraph_client::v1::pipeline_service_client::PipelineServiceClient;
use edgraph_coordinator::engine::Role as Seated;
use edgraph_coordinator::service::{Role, ServeConfig, Tokens};
use tonic::{Code, Request};

use crate::chance::Chance;
use crate::coordinator::{RunningEngine, Services, all};
use crate::grpcurl::{Grpcurl, Version};

/// No command may keep the engine from everybody else for longer.
const LONGEST_STEP: Duration = Duration::from_millis(50);
/// How many times longer than the machine's own noise a step may seem on top of that.
const NOISE: u32 = 4;
/// The roles of the peers; none is somebody without a token.
const ROLES: [Option<&str>; 4] = [None, Some("worker"), Some("client"), Some("admin")];

fn length() -> Duration {
    match std::env::var_os("EDGRAPH_FULL") {
        Some(_) => Duration::from_secs(600),
        None => Duration::from_secs(6),
    }
}

fn seed() -> u64 {
    let given = std::env::var("EDGRAPH_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| u64::from(std::process::id()) * 1_000_003)
}

fn tokens() -> Tokens {
    Tokens::fixed([(Role::Worker, "worker"), (Role::Client, "client"), (Role::Admin, "admin")]).unwrap()
}

/// How much longer the same small piece of work takes at worst than at best: a machine that does other things, too, takes
/// away a thread's processor for a while now and then, the engine's as well as this one's.
fn noise(until: Instant) -> std::thread::JoinHandle<Duration> {
    std::thread::spawn(move || {
        let mut times = (Duration::MAX, Duration::ZERO);
        while Instant::now() < until {
            let began = Instant::now();
            let mut chance = Chance::new(1);
            std::hint::black_box((0..200_000).map(|_| chance.next()).max());
            let took = began.elapsed();
            times = (times.0.min(took), times.1.max(took));
            std::thread::sleep(Duration::from_millis(10));
        }
        times.1.saturating_sub(times.0)
    })
}

/// The pipeline that the one who counts asks of.
async fn start(client: &mut PipelineServiceClient<tonic::transport::Channel>) {
    let start = v1::StartPipelineRequest {
        pipeline_id: "p".into(),
        kind: "sec_xbrl".into(),
        input: all(),
        ..Default::default()
    };
    client.start_pipeline(peers::with_token(Request::new(start), Some("client"))).await.unwrap();
}

/// Panics so far, in whatever task: one that serves a peer takes nobody else down, and must not happen either.
static PANICS: AtomicU32 = AtomicU32::new(0);

fn count_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        before(panic);
    }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_from_outside_takes_the_coordinator_down_or_keeps_it_from_others() {
    count_panics();
    let engine = RunningEngine::start().await;
    let config = ServeConfig { tokens: tokens(), ..ServeConfig::default() };
    let services = Services::start(Seated::Leading(engine.handle.clone()), config).await;
    let mut probe = PipelineServiceClient::new(services.channel().await);
    start(&mut probe).await;

    let described = Grpcurl::with_token(services.channel().await, Version::V1, Some("admin")).await.unwrap();
    let pool = described.pool();
    let seed = seed();
    println!("EDGRAPH_FUZZ_SEED={seed}");
    let until = Instant::now() + length();
    let noise = noise(until);
    let mut running = Vec::new();
    for (n, role) in ROLES.into_iter().enumerate() {
        let chance = |salt: u64| Chance::new(seed ^ (n as u64 + 1) ^ (salt << 32));
        let calls = peers::call_everything(services.channel().await, pool.clone(), role, chance(1), until);
        let works = peers::work(services.channel().await, pool.clone(), role, chance(2), until);
        running.push((tokio::spawn(calls), tokio::spawn(works)));
    }

    let (mut asked, mut slowest) = (0u32, Duration::ZERO);
    while Instant::now() < until {
        let request = v1::GetPipelineRequest { pipeline_id: "p".into() };
        let began = Instant::now();
        let answer = probe.get_pipeline(peers::with_token(Request::new(request), Some("client"))).await;
        slowest = slowest.max(began.elapsed());
        asked += 1;
        match answer {
            Ok(answer) => assert_eq!(answer.into_inner().pipeline.unwrap().pipeline_id, "p"),
            // A peer has deleted it, as it may.
            Err(status) if status.code() == Code::NotFound => start(&mut probe).await,
            Err(status) => panic!("the engine does not answer: {status}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut said = [0u64; 2];
    for (calls, works) in running {
        said[0] += calls.await.expect("a peer does not fail");
        said[1] += works.await.expect("a peer does not fail");
    }
    let (longest, noise) = (engine.handle.stats().longest_step, noise.join().expect("it only counts"));
    println!(
        "{} calls, {} messages of workers; {asked} questions, slowest {slowest:?}; longest step {longest:?}, noise {noise:?}",
        said[0], said[1]
    );
    assert!(said.iter().all(|said| *said > 20), "the peers said little: {said:?}");
    assert!(
        longest <= LONGEST_STEP + noise * NOISE,
        "a command took {longest:?}, the machine's noise is {noise:?}"
    );
    assert_eq!(PANICS.load(Ordering::Relaxed), 0, "something panicked");
    services.stop().await;
    engine.stop().await;
}
