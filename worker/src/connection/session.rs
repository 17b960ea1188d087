//! One Work stream, from Hello to its end.

use std::time::Duration;

use edgraph_proto::v1::WorkResponse;
use edgraph_proto::v1::worker_service_client::WorkerServiceClient;
use edgraph_shared::model::{CancelReason, CoordinatorMessage, Welcome, WorkerMessage};
use edgraph_shared::retry;
use edgraph_shared::wire::stream::{coordinator_message_from, worker_message_to};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::Channel;

use super::{Connection, End, children_message};

/// Requests between this thread and the transport; when it is full, this thread waits for the network.
const REQUESTS_LEN: usize = 64;
/// Connecting and the answer to Hello together take no longer on a network that works.
const WELCOME_WITHIN: Duration = Duration::from_secs(10);
/// Largest message taken: a grant for every slot with payloads of 64 KiB.
const MAX_MESSAGE_LEN: usize = 64 * 1024 * 1024;

impl Connection {
    /// Opens a stream and works over it until it ends.
    pub(super) async fn session(&mut self) -> End {
        let (requests, stream) = mpsc::channel(REQUESTS_LEN);
        let endpoint = self.config.endpoint.clone();
        // Hello is queued before anything is awaited: some peers send headers only after the first message.
        let mut hello = self.hello();
        if !hello.held.is_empty() {
            // Outcomes are told before anything new is taken: an item whose lease expired meanwhile would be
            // granted again otherwise, and the finished work be thrown away.
            hello.free_slots = 0;
        }
        let promised = hello.free_slots;
        requests.try_send(worker_message_to(WorkerMessage::Hello(hello))).expect("the queue is new");
        let opening = async move {
            let channel = endpoint.connect().await.map_err(|error| chain(&error))?;
            open(channel, stream).await.map_err(|status| chain(&status))
        };
        let opened = match self.meanwhile(tokio::time::timeout(WELCOME_WITHIN, opening)).await {
            None => return End::Closed,
            Some(Err(_)) => return End::Failed("the coordinator does not answer".into()),
            Some(Ok(Err(error))) => return End::Failed(error),
            Some(Ok(Ok(opened))) => opened,
        };
        let (mut responses, welcome) = opened;
        self.last_contact = Instant::now();
        self.lease_ttl = Some(welcome.lease_ttl);
        self.out = Some(requests);
        let heartbeat_interval = welcome.heartbeat_interval;
        self.catch_up(welcome, promised).await;
        self.converse(&mut responses, heartbeat_interval).await
    }

    /// Says again what may have been lost with the last stream.
    async fn catch_up(&mut self, welcome: Welcome, promised: u32) {
        for lease in &welcome.lost {
            self.leases.lose(lease);
        }
        // Slots that became free after Hello was written are not in its credit.
        let free = self.hello().free_slots;
        let messages: Vec<WorkerMessage> = self
            .children
            .iter()
            .map(|(request_id, pending)| children_message(*request_id, pending))
            .chain(self.leases.closing_messages(&self.leases.all()))
            .collect();
        for message in messages {
            self.send(message).await;
        }
        let free_slots = free.saturating_sub(promised);
        self.send(WorkerMessage::Credits { free_slots, kinds: self.kinds.limits() }).await;
        if let Some(reason) = self.draining.clone() {
            self.send(WorkerMessage::Draining { reason }).await;
        }
    }

    async fn converse(
        &mut self,
        responses: &mut Streaming<WorkResponse>,
        heartbeat_interval: Duration,
    ) -> End {
        let mut sequence = 0;
        let mut next_beat = Instant::now() + retry::vary(heartbeat_interval);
        loop {
            if self.out.is_none() {
                return End::Failed("the coordinator closed the stream".into());
            }
            if self.may_close() {
                return End::Closed;
            }
            let wake = [Some(next_beat), self.kinds.next_probe(), self.close_by].into_iter().flatten().min();
            tokio::select! {
                // Heartbeats first: nothing may starve them.
                biased;
                () = tokio::time::sleep_until(wake.unwrap_or(next_beat)) => {
                    let now = Instant::now();
                    if now >= next_beat {
                        if self.is_deaf(now) {
                            return End::Failed("the coordinator does not answer heartbeats".into());
                        }
                        sequence += 1;
                        let held = self.leases.running();
                        self.send(WorkerMessage::Heartbeat { sequence, held }).await;
                        next_beat = now + retry::vary(heartbeat_interval);
                    }
                    if self.kinds.probe(now) {
                        self.send(WorkerMessage::Credits { free_slots: 0, kinds: self.kinds.limits() }).await;
                    }
                }
                up = self.ups.recv() => match up {
                    Some(up) => self.take_up(up).await,
                    None => return End::Closed,
                },
                response = responses.message() => {
                    self.last_contact = Instant::now();
                    match response.map(|response| response.map(coordinator_message_from)) {
                        Ok(Some(Ok(message))) => {
                            if let Some(end) = self.take_message(message).await {
                                return end;
                            }
                        }
                        Ok(Some(Err(error))) => return End::Failed(error.to_string()),
                        Ok(None) => return End::Failed("the coordinator closed the stream".into()),
                        Err(status) => return End::Failed(chain(&status)),
                    }
                }
            }
        }
    }

    /// A live coordinator answers each heartbeat at once: a stream that is silent for a whole TTL is dead, whatever
    /// TCP believes.
    fn is_deaf(&self, now: Instant) -> bool {
        self.lease_ttl.is_some_and(|ttl| now.duration_since(self.last_contact) > ttl)
    }

    async fn take_message(&mut self, message: Option<CoordinatorMessage>) -> Option<End> {
        match message {
            Some(CoordinatorMessage::Grant(grants)) => {
                for grant in grants {
                    self.take_grant(grant).await;
                }
            }
            Some(CoordinatorMessage::HeartbeatAck { lost, cancelled, .. }) => {
                lost.iter().for_each(|lease| self.leases.lose(lease));
                cancelled.iter().for_each(|lease| self.leases.cancel(lease));
            }
            Some(CoordinatorMessage::ChildrenAdded { request_id, answer }) => {
                if let Some(pending) = self.children.remove(&request_id) {
                    // The handler may have been stopped meanwhile.
                    let _ = pending.reply.send(answer);
                }
            }
            Some(CoordinatorMessage::Settled(settlements)) => {
                for settlement in settlements {
                    let (key, answer) = (&settlement.lease.key, settlement.answer);
                    tracing::debug!(%key, ?answer, "settled");
                    self.leases.settle(&settlement.lease);
                }
            }
            Some(CoordinatorMessage::CancelItem { lease, reason: CancelReason::Pipeline }) => {
                self.leases.cancel(&lease);
            }
            Some(CoordinatorMessage::CancelItem { lease, reason }) => {
                tracing::warn!(key = %lease.key, ?reason, "told to stop working on an item");
                self.leases.lose(&lease);
            }
            Some(CoordinatorMessage::Drain { retry_after }) => {
                return Some(End::Reconnect { after: retry_after });
            }
            // A second Welcome, or a message newer than this version: nothing that a worker must act on.
            Some(CoordinatorMessage::Welcome(_)) | None => {}
        }
        None
    }
}

type Opened = (Streaming<WorkResponse>, Welcome);

async fn open(
    channel: Channel,
    requests: mpsc::Receiver<edgraph_proto::v1::WorkRequest>,
) -> Result<Opened, tonic::Status> {
    let mut client = WorkerServiceClient::new(channel).max_decoding_message_size(MAX_MESSAGE_LEN);
    let mut responses = client.work(ReceiverStream::new(requests)).await?.into_inner();
    let first = responses.message().await?;
    let first = first.ok_or_else(|| tonic::Status::unavailable("the stream ended without Welcome"))?;
    match coordinator_message_from(first) {
        Ok(Some(CoordinatorMessage::Welcome(welcome))) => Ok((responses, welcome)),
        Ok(_) => Err(tonic::Status::internal("the first message was not Welcome")),
        Err(error) => Err(tonic::Status::internal(error.to_string())),
    }
}

/// An error with its causes: tonic's own text is often no more than "transport error".
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
