//! A pipeline of one's own: counts the words of text files, on as many machines as there are workers.
//!
//! ```sh
//! cargo run -p edgraph-tests --example word_count -- worker one &      # as many as you like, each with a name
//! cargo run -p edgraph-tests --example word_count -- count nightly README.md LICENSE
//! ```
//! Both find the coordinator at EDGRAPH_COORDINATOR, or where `edgraph dev` and `edgraph serve` listen by default. A
//! worker may be killed at any moment: what it held is counted by another, and nothing twice.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use edgraph_client::{Client, json, v1};
use edgraph_runtime::handler::{Handler, Job};
use edgraph_runtime::{Worker, WorkerConfig};
use edgraph_shared::failure::Failure;
use edgraph_shared::shutdown;
use serde_json::json;

const KIND: &str = "count_words";

struct CountWords;

#[async_trait]
impl Handler for CountWords {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        let path: String = job.payload()?;
        let text = tokio::fs::read_to_string(&path).await;
        let text = text.map_err(|error| Failure::permanent(format!("{path}: {error}")))?;
        Ok(json!({"words": text.split_whitespace().count()}).to_string())
    }
}

async fn work(coordinator: String, name: &str) -> anyhow::Result<()> {
    let config = WorkerConfig {
        coordinators: coordinator.into(),
        worker: name.parse()?,
        slots: NonZeroU32::new(4).expect("not 0"),
        drain: Duration::from_secs(5),
        cancel_grace: Duration::from_secs(1),
        home: Default::default(),
        desk: Default::default(),
    };
    Ok(Worker::run(config, vec![Arc::new(CountWords)], shutdown::on_signal()?).await?)
}

async fn count(coordinator: String, id: &str, files: &[String]) -> anyhow::Result<()> {
    let client = Client::builder().endpoints([coordinator]).connect().await?;
    let file = |path: &String| v1::NewItem {
        kind: KIND.into(),
        key: format!("{KIND}/{path}"),
        payload: Some(json::to_value(json!(path))),
        ..Default::default()
    };
    let spec = v1::PipelineSpec {
        roots: files.iter().map(file).collect(),
        counted_kind: KIND.into(),
        ..Default::default()
    };
    let start = v1::StartPipelineRequest {
        pipeline_id: id.into(),
        kind: "word_count".into(),
        spec: Some(spec),
        ..Default::default()
    };
    client.start(start).await?;
    let ended = client.wait(id).await?;
    for item in client.items(id, v1::ListItemsRequest::default()).all().await? {
        let result = item.result.map(json::from_value).unwrap_or_default();
        println!("{}\t{}{}", item.key, result["words"], item.reason);
    }
    anyhow::ensure!(ended.state() == v1::PipelineState::Completed, "{}", ended.state_reason);
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let coordinator = std::env::var("EDGRAPH_COORDINATOR").unwrap_or("http://127.0.0.1:50051".into());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["worker", name] => work(coordinator, name).await,
        ["count", id, _, ..] => count(coordinator, id, &arguments[2..]).await,
        _ => anyhow::bail!("usage: word_count worker NAME | word_count count ID FILE…"),
    }
}
