//! Pipelines that are started all the time, and who acknowledged each start.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use edgraph_client::v1;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::super::api::Api;
use super::super::script::Scripted;

/// Between two starts.
const EVERY: Duration = Duration::from_millis(400);
/// Items of each pipeline: they take about a second with the slots that others leave.
const ITEMS: u32 = 12;
const ITEM_MS: u64 = 400;

/// A start that was acknowledged.
pub(super) struct Start {
    pub(super) id: String,
    pub(super) items: u32,
    /// The number of the coordinator.
    pub(super) by: usize,
    pub(super) at: Instant,
}

impl Start {
    /// Starts a pipeline, whoever leads and however long it takes.
    pub(super) async fn acknowledged(api: &Api, id: String, items: u32) -> Self {
        api.start(&request(&id, items)).await.unwrap_or_else(|status| panic!("{id}: {status}"));
        Self { id, items, by: api.answered_by(), at: Instant::now() }
    }
}

/// The same for the same pipeline: started again, it is the one that there is.
fn request(id: &str, items: u32) -> v1::StartPipelineRequest {
    Scripted::discovering(id, items, &json!({"sleep_ms": ITEM_MS})).request()
}

/// See the module's documentation. Ends when it is dropped.
pub(super) struct Starts {
    acknowledged: Arc<Mutex<Vec<Start>>>,
    starting: JoinHandle<()>,
}

impl Starts {
    /// Of clients who know these coordinators.
    pub(super) fn begin(endpoints: &[String]) -> Self {
        // With a memory of its own of who answered last.
        let api = Api::new(endpoints);
        let acknowledged = Arc::<Mutex<Vec<Start>>>::default();
        let noted = Arc::clone(&acknowledged);
        let starting = tokio::spawn(async move {
            let mut turns = interval(EVERY);
            turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
            for number in 0.. {
                turns.tick().await;
                let start = Start::acknowledged(&api, format!("loss-{number:06}"), ITEMS).await;
                noted.lock().unwrap().push(start);
            }
        });
        Self { acknowledged, starting }
    }

    /// Those since the last time.
    pub(super) fn news(&self) -> Vec<Start> {
        assert!(!self.starting.is_finished(), "a start was refused");
        std::mem::take(&mut self.acknowledged.lock().unwrap())
    }
}

impl Drop for Starts {
    fn drop(&mut self) {
        self.starting.abort();
    }
}
