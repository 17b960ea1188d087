//! A worker's stream without a worker behind it: it says what a worker says, and does nothing else.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use edgraph_client::v1;
use edgraph_client::v1::work_request::Message as Said;
use edgraph_client::v1::work_response::Message as Heard;
use edgraph_client::v1::worker_service_client::WorkerServiceClient;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

/// Items in a message.
const CHUNK: u32 = 1_000;

pub(super) async fn connect(address: &str) -> anyhow::Result<Channel> {
    Ok(Endpoint::from_shared(address.to_owned())?.connect().await?)
}

pub(super) struct Stream {
    requests: mpsc::Sender<v1::WorkRequest>,
    responses: Streaming<v1::WorkResponse>,
    heartbeat_interval: Duration,
}

impl Stream {
    pub(super) async fn open(
        channel: &Channel,
        worker: &str,
        kind: &str,
        slots: u32,
    ) -> anyhow::Result<Self> {
        let (requests, stream) = mpsc::channel(16);
        let hello = v1::Hello {
            worker_id: worker.to_owned(),
            incarnation: "1".to_owned(),
            free_slots: slots,
            kinds: vec![v1::KindLimit { kind: kind.to_owned(), max_leases: slots }],
            ..v1::Hello::default()
        };
        requests.send(v1::WorkRequest { message: Some(Said::Hello(hello)) }).await?;
        let mut client = WorkerServiceClient::new(channel.clone());
        let responses = client.work(ReceiverStream::new(stream)).await?.into_inner();
        let mut stream = Self { requests, responses, heartbeat_interval: Duration::MAX };
        match stream.hear().await? {
            Heard::Welcome(v1::Welcome { heartbeat_interval: Some(interval), .. }) => {
                stream.heartbeat_interval = interval.try_into()?;
                Ok(stream)
            }
            other => bail!("not a welcome: {other:?}"),
        }
    }

    async fn say(&self, message: Said) -> anyhow::Result<()> {
        Ok(self.requests.send(v1::WorkRequest { message: Some(message) }).await?)
    }

    async fn hear(&mut self) -> anyhow::Result<Heard> {
        let response = self.responses.message().await?.context("the stream ended")?;
        response.message.context("an empty message")
    }

    /// Completes whatever is granted, and says that it lives.
    pub(super) async fn work(mut self) -> anyhow::Result<()> {
        let mut beats = tokio::time::interval(self.heartbeat_interval);
        let mut sequence = 0;
        loop {
            tokio::select! {
                _ = beats.tick() => {
                    sequence += 1;
                    self.say(Said::Heartbeat(v1::Heartbeat { sequence, ..v1::Heartbeat::default() })).await?;
                }
                response = self.responses.message() => {
                    let heard = response?.context("the stream ended")?.message;
                    if let Some(Heard::Grant(grant)) = heard {
                        self.complete(grant.leases, 0).await?;
                    }
                }
            }
        }
    }

    /// Adds so many items under the item that it is granted.
    pub(super) async fn discover(mut self, items: u32, payload: usize) -> anyhow::Result<()> {
        let lease = loop {
            if let Heard::Grant(grant) = self.hear().await? {
                break grant.leases.into_iter().next().context("a lease")?;
            }
        };
        let payload = format!("{{\"filler\":\"{}\"}}", "p".repeat(payload.saturating_sub(13)));
        for (chunk, first) in (0u32..).zip((0..items).step_by(CHUNK as usize)) {
            let item = |n: u32| v1::WorkItem {
                kind: "work".to_owned(),
                key: format!("work/{n:08}"),
                payload: payload.clone(),
                priority: 0,
            };
            let items = (first..items.min(first + CHUNK)).map(item).collect();
            let (request_id, lease) = (u64::from(chunk), lease.r#ref.clone());
            self.say(Said::AddChildren(v1::AddChildren { request_id, lease, chunk, items })).await?;
            // Adding takes longer than a lease lives.
            self.say(Said::Heartbeat(v1::Heartbeat { sequence: request_id, ..v1::Heartbeat::default() }))
                .await?;
            let added = loop {
                if let Heard::ChildrenAdded(added) = self.hear().await? {
                    break added;
                }
            };
            ensure!(added.answer() == v1::ChildrenAnswer::Accepted, "chunk {chunk}: {added:?}");
        }
        self.complete(vec![lease], items).await?;
        while !matches!(self.hear().await?, Heard::Settled(_)) {}
        Ok(())
    }

    async fn complete(&self, leases: Vec<v1::Lease>, children: u32) -> anyhow::Result<()> {
        let free_slots = u32::try_from(leases.len())?;
        let done = |lease: v1::Lease| v1::Completion {
            lease: lease.r#ref,
            result: "{}".to_owned(),
            skipped: false,
            children,
            refused: Vec::new(),
        };
        let completions = leases.into_iter().map(done).collect();
        self.say(Said::Complete(v1::Complete { completions })).await?;
        self.say(Said::Credits(v1::Credits { free_slots, kinds: Vec::new() })).await
    }
}
