//! One call: asked of the leader, repeated while that is safe and the time is not up.

use std::future::Future;
use std::time::{Duration, Instant};

use edgraph_proto::v1::admin_service_client::AdminServiceClient;
use edgraph_proto::v1::graph_service_client::GraphServiceClient;
use edgraph_proto::v1::pipeline_service_client::PipelineServiceClient;
use tokio_retry::strategy::{ExponentialBackoff, jitter};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::{Client, Error};

/// An answer takes this long at most: coordinators give up on their store after 2 s.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait between attempts: a takeover is noticed this much later.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// Largest message taken: a page of items with their texts.
const MAX_MESSAGE_LEN: usize = 16 * 1024 * 1024;

/// What may be done about a call without an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Doing it twice is the same as once.
    Always,
    /// Only when it is certain that nobody did it.
    IfNotDone,
}

/// Waits between attempts: doubling up to [`MAX_WAIT`], with full jitter.
pub(crate) fn waits() -> impl Iterator<Item = Duration> + Send {
    ExponentialBackoff::from_millis(2).factor(50).max_delay(MAX_WAIT).map(jitter)
}

impl Client {
    /// Calls the PipelineService.
    pub(crate) async fn ask<Q: Clone, R, F>(
        &self,
        repeat: Repeat,
        message: Q,
        send: impl Fn(PipelineServiceClient<Channel>, Request<Q>) -> F,
    ) -> Result<R, Error>
    where
        F: Future<Output = Result<Response<R>, Status>>,
    {
        self.repeat(repeat, |channel| {
            let client = PipelineServiceClient::new(channel).max_decoding_message_size(MAX_MESSAGE_LEN);
            send(client, self.request(message.clone()))
        })
        .await
    }

    /// Calls the AdminService.
    pub(crate) async fn ask_admin<Q: Clone, R, F>(
        &self,
        message: Q,
        send: impl Fn(AdminServiceClient<Channel>, Request<Q>) -> F,
    ) -> Result<R, Error>
    where
        F: Future<Output = Result<Response<R>, Status>>,
    {
        self.repeat(Repeat::Always, |channel| {
            let client = AdminServiceClient::new(channel).max_decoding_message_size(MAX_MESSAGE_LEN);
            send(client, self.request(message.clone()))
        })
        .await
    }

    /// Calls the GraphService.
    pub(crate) async fn ask_graph<Q: Clone, R, F>(
        &self,
        message: Q,
        send: impl Fn(GraphServiceClient<Channel>, Request<Q>) -> F,
    ) -> Result<R, Error>
    where
        F: Future<Output = Result<Response<R>, Status>>,
    {
        self.repeat(Repeat::Always, |channel| {
            let client = GraphServiceClient::new(channel).max_decoding_message_size(MAX_MESSAGE_LEN);
            send(client, self.request(message.clone()))
        })
        .await
    }

    async fn repeat<R, F>(&self, repeat: Repeat, send: impl Fn(Channel) -> F) -> Result<R, Error>
    where
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let deadline = Instant::now() + self.channels.settings.retry_for;
        let mut waits = waits();
        let mut hopped = false;
        loop {
            let (error, is_followed) = match self.attempt(&send).await {
                Ok(response) => return Ok(response),
                Err(failed) => failed,
            };
            if !(error.is_retryable() && (repeat == Repeat::Always || error.is_undone())) {
                return Err(error);
            }
            // A named leader is asked at once, but two coordinators that name each other are no reason to race.
            if is_followed && !hopped {
                hopped = true;
                continue;
            }
            hopped = false;
            let wait = waits.next().unwrap_or(MAX_WAIT);
            if Instant::now() + wait >= deadline {
                return Err(error);
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// One attempt. With an error: whether another coordinator, named as the leader, is asked next.
    async fn attempt<R, F>(&self, send: &impl Fn(Channel) -> F) -> Result<R, (Error, bool)>
    where
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let (address, channel) = self.channels.current().await.map_err(|error| (error, false))?;
        match tokio::time::timeout(ATTEMPT_TIMEOUT, send(channel)).await {
            Ok(Ok(response)) => Ok(response.into_inner()),
            Ok(Err(status)) => Err(self.learn(&address, Error::from(status))),
            Err(_) => {
                self.channels.lost(&address);
                let message = format!("{address} did not answer within {ATTEMPT_TIMEOUT:?}");
                Err((Error::from(Status::unavailable(message)), false))
            }
        }
    }

    /// Chooses whom to ask next after an error from `address`. Returns the error, or what is wrong with the leader that
    /// was named; and whether that one is asked next.
    pub(crate) fn learn(&self, address: &str, error: Error) -> (Error, bool) {
        if !error.is_retryable() {
            return (error, false);
        }
        let followed = error.leader().map_or(Ok(false), |leader| self.channels.follow(address, leader));
        if !matches!(followed, Ok(true)) {
            // Another one that was given may lead, or know better.
            self.channels.lost(address);
        }
        match followed {
            Ok(is_followed) => (error, is_followed),
            Err(strange) => (strange, false),
        }
    }

    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        if let Some(token) = &self.channels.settings.token {
            request.metadata_mut().insert("authorization", token.clone());
        }
        request
    }
}
