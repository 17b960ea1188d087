//! The API as a patient client uses it: any coordinator will do, and an outage is waited out.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use edgraph_client::v1::pipeline_service_client::PipelineServiceClient;
use edgraph_client::{json, v1};
use edgraph_tests::eventually::eventually;
use edgraph_tests::history::check::Settled;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Response, Status};

use super::PATIENCE;

/// A call is given up and tried elsewhere after this: a coordinator that is frozen answers nothing.
const CALL_TIMEOUT: Duration = Duration::from_secs(3);
/// Items on one page.
const PAGE: u32 = 1_000;

type Client = PipelineServiceClient<Channel>;

/// See the module's documentation.
#[derive(Clone)]
pub(crate) struct Api {
    clients: Vec<Client>,
    /// Where the last answer came from.
    last: Arc<AtomicUsize>,
}

impl Api {
    pub(crate) fn new(endpoints: &[String]) -> Self {
        let client = |address: &String| {
            let endpoint = Endpoint::from_shared(address.clone()).expect("coordinators have addresses");
            let endpoint = endpoint.connect_timeout(CALL_TIMEOUT).timeout(CALL_TIMEOUT);
            PipelineServiceClient::new(endpoint.connect_lazy()).max_decoding_message_size(64 << 20)
        };
        Self { clients: endpoints.iter().map(client).collect(), last: Arc::default() }
    }

    /// Asks one coordinator after the other until one has an answer that is not "try again".
    async fn call<T, F>(&self, ask: impl Fn(Client) -> F) -> Result<T, Status>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let ask = &ask;
        eventually("an answer of a coordinator", PATIENCE, async || {
            let last = self.last.load(Ordering::Relaxed);
            for number in (last..last + self.clients.len()).map(|number| number % self.clients.len()) {
                let answer = match ask(self.clients[number].clone()).await {
                    Ok(response) => Ok(response.into_inner()),
                    Err(status) if is_passing(&status) => continue,
                    Err(status) => Err(status),
                };
                self.last.store(number, Ordering::Relaxed);
                return Some(answer);
            }
            None
        })
        .await
    }

    pub(crate) async fn start(&self, request: &v1::StartPipelineRequest) -> Result<v1::Pipeline, Status> {
        let response = self.call(async |mut client| client.start_pipeline(request.clone()).await).await?;
        Ok(response.pipeline.unwrap())
    }

    /// The number of the coordinator that the last answer came from.
    pub(crate) fn answered_by(&self) -> usize {
        self.last.load(Ordering::Relaxed)
    }

    pub(crate) async fn get(&self, id: &str) -> v1::Pipeline {
        self.find(id).await.unwrap()
    }

    /// The same of one that may not be there.
    pub(crate) async fn find(&self, id: &str) -> Result<v1::Pipeline, Status> {
        let request = v1::GetPipelineRequest { pipeline_id: id.to_owned() };
        let response = self.call(async |mut client| client.get_pipeline(request.clone()).await).await?;
        Ok(response.pipeline.unwrap())
    }

    /// Forgets a pipeline that has ended.
    pub(crate) async fn delete(&self, id: &str) {
        let request = v1::DeletePipelineRequest { pipeline_id: id.to_owned() };
        let response = self.call(async |mut client| client.delete_pipeline(request.clone()).await).await;
        // It was there before: the answer to an earlier attempt was lost.
        assert!(response.is_ok() || response.is_err_and(|status| status.code() == Code::NotFound), "{id}");
    }

    /// Asks the first coordinator once, without patience.
    pub(crate) async fn get_once(&self, id: &str) -> Result<v1::Pipeline, Status> {
        let request = v1::GetPipelineRequest { pipeline_id: id.to_owned() };
        Ok(self.clients[0].clone().get_pipeline(request).await?.into_inner().pipeline.unwrap())
    }

    /// How many pipelines there are.
    pub(crate) async fn pipelines(&self) -> usize {
        self.list().await.len()
    }

    /// Their ids.
    pub(crate) async fn ids(&self) -> Vec<String> {
        self.list().await.into_iter().map(|pipeline| pipeline.pipeline_id).collect()
    }

    /// The pipelines whose records cannot be used.
    pub(crate) async fn damaged(&self) -> Vec<v1::Pipeline> {
        let mut pipelines = self.list().await;
        pipelines.retain(|pipeline| pipeline.state() == v1::PipelineState::Damaged);
        pipelines
    }

    async fn list(&self) -> Vec<v1::Pipeline> {
        let request = v1::ListPipelinesRequest { page_size: PAGE, ..v1::ListPipelinesRequest::default() };
        let response = self.call(async |mut client| client.list_pipelines(request.clone()).await).await;
        response.unwrap().pipelines
    }

    pub(crate) async fn retry_failed(&self, id: &str) -> u64 {
        let request = v1::RetryFailedItemsRequest { pipeline_id: id.to_owned() };
        let response = self.call(async |mut client| client.retry_failed_items(request.clone()).await).await;
        response.unwrap().retried
    }

    pub(crate) async fn item(&self, id: &str, key: &str) -> v1::Item {
        let request = v1::GetItemRequest { pipeline_id: id.to_owned(), item_key: key.to_owned() };
        let response = self.call(async |mut client| client.get_item(request.clone()).await).await;
        response.unwrap().item.unwrap()
    }

    /// All items.
    pub(crate) async fn items(&self, id: &str) -> Vec<v1::Item> {
        let mut items = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = v1::ListItemsRequest {
                pipeline_id: id.to_owned(),
                page_size: PAGE,
                page_token,
                ..v1::ListItemsRequest::default()
            };
            let page = self.call(async |mut client| client.list_items(request.clone()).await).await.unwrap();
            items.extend(page.items);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return items;
            }
        }
    }

    /// Waits for a status.
    pub(crate) async fn until(
        &self,
        id: &str,
        what: &str,
        within: Duration,
        reached: impl Fn(&v1::Pipeline) -> bool,
    ) -> v1::Pipeline {
        let started = Instant::now();
        let mut last = v1::Pipeline::default();
        while started.elapsed() < within {
            last = self.get(id).await;
            if reached(&last) {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("waited {within:?} in vain for {id} to be {what}: {last:?}")
    }

    /// Waits for the end of a pipeline.
    pub(crate) async fn ended(&self, id: &str) -> v1::Pipeline {
        self.ended_within(id, PATIENCE).await
    }

    /// The same of one that may take longer.
    pub(crate) async fn ended_within(&self, id: &str, within: Duration) -> v1::Pipeline {
        self.until(id, "at its end", within, |status| status.end_time.is_some()).await
    }

    /// How every item of a scripted pipeline ended: the results say which attempt made them.
    pub(crate) async fn settled(&self, id: &str) -> Vec<Settled> {
        let settled = |item: v1::Item| {
            let accepted = (item.state() == v1::ItemState::Succeeded).then(|| {
                let result = json::from_value(item.result.expect("it succeeded"));
                result["token"].as_u64().expect("a scripted result names its token")
            });
            Settled { item: item.key, token: item.fencing_token, accepted }
        };
        self.items(id).await.into_iter().map(settled).collect()
    }
}

/// Whether asking again may help: what an outage or a change of leader looks like.
fn is_passing(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown | Code::Aborted
    )
}
