//! The tracker: can it be reached and written, does it keep what it acknowledges, who leads, and do the clocks agree.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use edgraph_coordinator::tracker::{Leader, LockSight, LockTiming, Look, RedisTracker, Tracker};
use edgraph_shared::ids::Namespace;
use edgraph_shared::secret::Secret;

use super::finding::Finding;

const PART: &str = "redis";
/// Clocks that differ by more than this make days and ages look odd.
const CLOCKS_AGREE_WITHIN: Duration = Duration::from_secs(5);
/// An answer takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn examine(
    url: &Secret,
    authority: Option<Vec<u8>>,
    namespace: Option<&Namespace>,
) -> Vec<Finding> {
    let connected = match authority {
        None => RedisTracker::connect(url.expose()),
        Some(authority) => RedisTracker::connect_trusting(url.expose(), authority),
    };
    let tracker = match connected {
        Ok(tracker) => tracker.within(namespace),
        Err(error) => return vec![Finding::wrong(PART, format!("--redis: {error}"))],
    };
    let looking = Leader::new(None, LockTiming::with_ttl(Duration::from_secs(5)));
    let look = match tokio::time::timeout(PATIENCE, tracker.look(&looking)).await {
        Ok(Ok(look)) => look,
        Ok(Err(error)) => return vec![Finding::wrong(PART, error)],
        Err(_) => {
            let says = format!("no answer within {PATIENCE:?}; see whether it runs, and what is in the way");
            return vec![Finding::wrong(PART, says)];
        }
    };
    let mut findings = vec![Finding::well(PART, who_leads(&look))];
    findings.extend(clock(&look));
    match tracker.check().await {
        Ok(warnings) => findings.extend(warnings.into_iter().map(|says| Finding::warning(PART, says))),
        Err(error) => {
            findings.push(Finding::warning(PART, format!("its settings cannot be looked at: {error}")));
        }
    }
    findings
}

fn who_leads(look: &Look) -> String {
    let leader = look.leader.as_deref().unwrap_or("a coordinator");
    match look.lock {
        LockSight::Held { .. } | LockSight::Own => {
            format!("answers; {leader} leads, in epoch {}", look.epoch)
        }
        LockSight::Free | LockSight::Resigned => "answers; no coordinator leads".to_owned(),
    }
}

fn clock(look: &Look) -> Option<Finding> {
    let here = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let apart = here.abs_diff(Duration::from_millis(look.at));
    (apart > CLOCKS_AGREE_WITHIN).then(|| {
        let says = format!("this machine's clock and that of redis differ by {:.0?}; set both by NTP", apart);
        Finding::warning("clock", says)
    })
}
