//! One Work stream, from Hello to its end.

use std::time::Duration;

use edgraph_proto::v1::WorkResponse;
use edgraph_proto::v1::worker_service_client::WorkerServiceClient;
use edgraph_shared::failure::chain;
use edgraph_shared::model::{
    CancelReason, CoordinatorMessage, Home, SettleAnswer, Settlement, Welcome, WorkerMessage,
};
use edgraph_shared::retry;
use edgraph_shared::wire::stream::{coordinator_message_from, worker_message_to};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::{Code, Request, Status, Streaming};

use super::endpoint::{BadLeader, Target, not_leading};
use super::rotation::Choice;
use super::{Connection, End, children_message};

/// Requests between this thread and the transport; when it is full, this thread waits for the network.
const REQUESTS_LEN: usize = 64;
/// Connecting and the answer to Hello together take no longer on a network that works.
const WELCOME_WITHIN: Duration = Duration::from_secs(10);
/// The same when others can be asked: one that hangs must not keep a worker from the one that leads.
const WELCOME_WITHIN_AMONG_OTHERS: Duration = Duration::from_secs(3);
/// Largest message taken: a grant for every slot with payloads of 64 KiB.
const MAX_MESSAGE_LEN: usize = 64 * 1024 * 1024;

impl Connection {
    /// Opens a stream and works over it until it ends.
    pub(super) async fn session(&mut self) -> End {
        let target = match self.target() {
            Ok(target) => target,
            Err(error) => return End::Failed(error.to_string()),
        };
        let (requests, stream) = mpsc::channel(REQUESTS_LEN);
        // Hello is queued before anything is awaited: some peers send headers only after the first message.
        let mut hello = self.hello();
        if !hello.held.is_empty() {
            // Outcomes are told before anything new is taken: an item whose lease expired meanwhile would be
            // granted again otherwise, and the finished work be thrown away.
            hello.free_slots = 0;
        }
        let promised = hello.free_slots;
        self.asked_at = Instant::now();
        requests.try_send(worker_message_to(WorkerMessage::Hello(hello))).expect("the queue is new");
        let within = if self.rotation.has_others() { WELCOME_WITHIN_AMONG_OTHERS } else { WELCOME_WITHIN };
        let opening = open(target.clone(), stream, self.config.targets.authorization().cloned());
        let opened = match self.meanwhile(tokio::time::timeout(within, opening)).await {
            None => return End::Closed,
            Some(Err(_)) => return End::Failed(format!("{} does not answer", target.address)),
            Some(Ok(Err(Refusal::Unreachable(error)))) => {
                return End::Failed(format!("{}: {error}", target.address));
            }
            Some(Ok(Err(Refusal::Status(status)))) => return self.ended(&status),
            Some(Ok(Err(Refusal::NotTaken { reason, try_for }))) => return End::Refused { reason, try_for },
            Some(Ok(Ok(opened))) => opened,
        };
        let (mut responses, welcome) = opened;
        self.take_welcome(&welcome);
        self.out = Some(requests);
        let Home { store, namespace, graph } = &welcome.home;
        tracing::info!(?store, ?namespace, "worker {} connected to {}", self.config.worker, target.address);
        if let (Some(own), Some(expected)) = (&self.config.home.graph, graph)
            && own != expected
        {
            tracing::error!(
                graph = %own, %expected,
                "all rounds go to another graph than this one, and none comes here: give this process that one's folder"
            );
        }
        let heartbeat_interval = welcome.heartbeat_interval;
        self.config.desk.opened(welcome.requests, welcome.user_agent);
        self.catch_up(promised).await;
        self.converse(&mut responses, heartbeat_interval).await
    }

    /// Whom to connect to.
    fn target(&self) -> Result<Target, BadLeader> {
        match self.rotation.choice() {
            Choice::Listed(place) => Ok(self.config.targets.listed()[place].clone()),
            Choice::Leader(address) => self.config.targets.leader(&address),
        }
    }

    fn ended(&self, status: &Status) -> End {
        match not_leading(status) {
            Some(leader) => End::Standby { leader },
            None => End::Failed(chain(status)),
        }
    }

    fn take_welcome(&mut self, welcome: &Welcome) {
        self.welcomed = true;
        self.admission.welcomed();
        self.met_unknown = false;
        self.last_contact = Instant::now();
        self.lease_ttl = Some(welcome.lease_ttl);
        welcome.lost.iter().for_each(|lease| self.lose(lease));
        self.prove_life();
    }

    /// Says again what may have been lost with the last stream.
    async fn catch_up(&mut self, promised: u32) {
        self.leases.tell_progress_again();
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
        self.send(WorkerMessage::Credits { free_slots, kinds: self.breakers.limits() }).await;
        self.say_draining().await;
    }

    async fn converse(
        &mut self,
        responses: &mut Streaming<WorkResponse>,
        heartbeat_interval: Duration,
    ) -> End {
        let mut next_beat = Instant::now() + retry::vary(heartbeat_interval);
        let desk = self.config.desk.clone();
        loop {
            if self.out.is_none() {
                return End::Failed("the coordinator closed the stream".into());
            }
            if self.may_close() {
                return End::Closed;
            }
            let wake =
                [Some(next_beat), self.breakers.next_probe(), self.close_by].into_iter().flatten().min();
            tokio::select! {
                // Heartbeats first: nothing may starve them.
                biased;
                () = tokio::time::sleep_until(wake.unwrap_or(next_beat)) => {
                    let now = Instant::now();
                    if now >= next_beat {
                        if self.is_deaf(now) {
                            return End::Failed("the coordinator does not answer heartbeats".into());
                        }
                        self.beats += 1;
                        let sequence = self.beats;
                        self.asked_at = now;
                        let (held, progress) = (self.leases.running(), self.leases.progress());
                        self.send(WorkerMessage::Heartbeat { sequence, held, progress }).await;
                        next_beat = now + retry::vary(heartbeat_interval);
                    }
                    if self.breakers.probe(now) {
                        self.send(WorkerMessage::Credits { free_slots: 0, kinds: self.breakers.limits() }).await;
                    }
                }
                () = desk.changed() => {
                    for message in desk.messages() {
                        self.send(message).await;
                    }
                }
                up = self.ups.recv() => match up {
                    Some(up) => self.take_up(up).await,
                    None => return End::Closed,
                },
                response = responses.message() => {
                    if let Some(end) = self.take_response(response).await {
                        return end;
                    }
                }
            }
        }
    }

    async fn take_response(&mut self, response: Result<Option<WorkResponse>, Status>) -> Option<End> {
        match response.map(|response| response.map(coordinator_message_from)) {
            Ok(Some(Ok(message))) => {
                self.last_contact = Instant::now();
                self.take_message(message).await
            }
            Ok(Some(Err(error))) => Some(End::Failed(error.to_string())),
            Ok(None) => Some(End::Failed("the coordinator closed the stream".into())),
            Err(status) => {
                if is_refusal(&status) {
                    self.refused(status.message());
                }
                Some(self.ended(&status))
            }
        }
    }

    /// The newest question was answered: what is held lives for a TTL from when it was asked. What the answer calls
    /// lost or cancelled is taken away before: handlers run on other threads, and one that finds a proof acts on it.
    fn prove_life(&self) {
        if let Some(ttl) = self.lease_ttl {
            self.validity.extend(self.asked_at.into_std() + ttl);
        }
    }

    /// A live coordinator answers each heartbeat at once: a stream on which two went unanswered is dead, whatever TCP
    /// believes. Waiting for a whole TTL would leave none of the fresh one that a new leader gives.
    fn is_deaf(&self, now: Instant) -> bool {
        self.lease_ttl.is_some_and(|ttl| now.duration_since(self.last_contact) > ttl * 2 / 3)
    }

    async fn take_message(&mut self, message: Option<CoordinatorMessage>) -> Option<End> {
        match message {
            Some(CoordinatorMessage::Grant(grants)) => {
                for grant in grants {
                    self.take_grant(grant).await;
                }
            }
            Some(CoordinatorMessage::HeartbeatAck { sequence, lost, cancelled }) => {
                lost.iter().for_each(|lease| self.lose(lease));
                cancelled.iter().for_each(|lease| self.leases.cancel(lease));
                if sequence == self.beats {
                    self.prove_life();
                }
            }
            Some(CoordinatorMessage::ChildrenAdded { request_id, answer }) => {
                if let Some(pending) = self.children.remove(&request_id) {
                    // The handler may have been stopped meanwhile.
                    let _ = pending.reply.send(answer);
                }
            }
            Some(CoordinatorMessage::Settled(settlements)) => {
                settlements.iter().for_each(|settlement| self.take_settlement(settlement));
            }
            Some(CoordinatorMessage::CancelItem { lease, reason: CancelReason::Pipeline }) => {
                self.leases.cancel(&lease);
            }
            Some(CoordinatorMessage::CancelItem { lease, reason }) => {
                tracing::warn!(key = %lease.key, ?reason, "told to stop working on an item");
                self.lose(&lease);
            }
            Some(CoordinatorMessage::Reconnect { retry_after }) => {
                return Some(End::Reconnect { after: retry_after });
            }
            Some(CoordinatorMessage::RequestTokens(tokens)) => self.config.desk.lent(tokens),
            Some(CoordinatorMessage::HostPaused(pause)) => {
                self.config.desk.paused(&pause);
                self.breakers.paused_until(self.config.desk.paused_until().unwrap_or(Instant::now()));
            }
            Some(CoordinatorMessage::StopWorker { reason }) => {
                tracing::info!(reason, "told to finish what is held and to stop");
                self.told_to_stop.cancel();
            }
            // A second answer to Hello says nothing new.
            Some(CoordinatorMessage::Welcome(_) | CoordinatorMessage::Refused { .. }) => {}
            // Once in each stream: a coordinator that says it at all says it often.
            None if !std::mem::replace(&mut self.met_unknown, true) => {
                tracing::warn!(
                    "what this version does not know is ignored: the coordinator is newer; update this worker"
                );
            }
            None => {}
        }
        None
    }

    /// Every answer is final: the lease is history.
    fn take_settlement(&mut self, settlement: &Settlement) {
        let (key, answer) = (&settlement.lease.key, settlement.answer);
        match answer {
            SettleAnswer::Accepted => tracing::debug!(%key, "settled"),
            other => {
                tracing::info!(%key, answer = ?other, meaning = meaning(other), "settled otherwise; going on")
            }
        }
        self.leases.settle(&settlement.lease);
    }
}

/// Whether a coordinator ended the stream for a message that it cannot take: too long, or against a rule.
fn is_refusal(status: &Status) -> bool {
    matches!(status.code(), Code::InvalidArgument | Code::OutOfRange)
}

/// What an answer says of the work, for a person.
fn meaning(answer: SettleAnswer) -> &'static str {
    match answer {
        SettleAnswer::Accepted => "recorded",
        SettleAnswer::AcceptedLate => "the lease had expired, and the outcome is recorded all the same",
        SettleAnswer::TooLate => "the round was closed without this item; what was written stays",
        SettleAnswer::Superseded => "the item was given to somebody else, or taken back",
        SettleAnswer::Cancelled => "the pipeline is being cancelled",
        SettleAnswer::Unknown => "the coordinator knows nothing of it",
    }
}

type Opened = (Streaming<WorkResponse>, Welcome);

/// Why a stream did not open.
enum Refusal {
    Unreachable(String),
    Status(Status),
    NotTaken { reason: String, try_for: Option<Duration> },
}

async fn open(
    target: Target,
    requests: mpsc::Receiver<edgraph_proto::v1::WorkRequest>,
    authorization: Option<MetadataValue<Ascii>>,
) -> Result<Opened, Refusal> {
    let channel = target.endpoint.connect().await.map_err(|error| Refusal::Unreachable(chain(&error)))?;
    let mut client = WorkerServiceClient::new(channel).max_decoding_message_size(MAX_MESSAGE_LEN);
    let mut request = Request::new(ReceiverStream::new(requests));
    if let Some(authorization) = authorization {
        request.metadata_mut().insert("authorization", authorization);
    }
    let mut responses = client.work(request).await.map_err(Refusal::Status)?.into_inner();
    let first = responses.message().await.map_err(Refusal::Status)?;
    let wrong = |text: &str| Refusal::Unreachable(text.to_owned());
    let first = first.ok_or_else(|| wrong("the stream ended without Welcome"))?;
    match coordinator_message_from(first) {
        Ok(Some(CoordinatorMessage::Welcome(welcome))) => Ok((responses, welcome)),
        Ok(Some(CoordinatorMessage::Refused { reason, try_for })) => {
            Err(Refusal::NotTaken { reason, try_for })
        }
        Ok(_) => Err(wrong("the first message was not Welcome")),
        Err(error) => Err(Refusal::Unreachable(error.to_string())),
    }
}

#[cfg(test)]
mod tests;
