//! PipelineService: every method parses, asks the engine's handle once, and converts the answer.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use edgraph_proto::v1;
use edgraph_proto::v1::pipeline_service_server::PipelineService;
use edgraph_shared::ids::{ItemKey, PipelineId};
use edgraph_shared::model::PipelineStatus;
use edgraph_shared::wire::{WireError, parse_id, pipeline};
use futures::{Stream, StreamExt, stream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::preset;
use super::refusal::{bad_request, refused};
use crate::engine::{EngineError, EngineHandle, ItemFilter};

/// Pages: what a client gets without asking, and what it gets at most.
const PAGE: (u32, u32) = (50, 1_000);
/// Longest request id in bytes: it is kept with the pipeline.
const MAX_REQUEST_ID_LEN: usize = 128;
/// A command whose commit takes longer is answered with UNAVAILABLE: it may still take effect, and repeating it is
/// safe.
const COMMIT_PATIENCE: Duration = Duration::from_secs(2);

pub(super) struct Pipelines {
    engine: EngineHandle,
    shutdown: CancellationToken,
}

impl Pipelines {
    pub(super) fn new(engine: EngineHandle, shutdown: CancellationToken) -> Self {
        Self { engine, shutdown }
    }
}

#[tonic::async_trait]
impl PipelineService for Pipelines {
    async fn start_pipeline(
        &self,
        request: Request<v1::StartPipelineRequest>,
    ) -> Result<Response<v1::StartPipelineResponse>, Status> {
        let request = request.into_inner();
        let id = match request.pipeline_id.as_str() {
            "" => None,
            id => Some(parse_id::<PipelineId>("pipeline_id", id).map_err(bad_request)?),
        };
        if request.request_id.len() > MAX_REQUEST_ID_LEN {
            return Err(Status::invalid_argument(format!(
                "`request_id`: at most {MAX_REQUEST_ID_LEN} bytes"
            )));
        }
        check_params(&request.params)?;
        let preset = preset::preset(&request.kind, &request.params);
        let spec =
            pipeline::spec_from(&request.kind, &request.params, request.spec, preset).map_err(bad_request)?;
        let status = patiently(self.engine.start(id, &request.request_id, spec)).await?;
        Ok(Response::new(v1::StartPipelineResponse { pipeline: Some(pipeline::status_to(&status)) }))
    }

    async fn get_pipeline(
        &self,
        request: Request<v1::GetPipelineRequest>,
    ) -> Result<Response<v1::GetPipelineResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let status = patiently(self.engine.status(&id)).await?;
        Ok(Response::new(v1::GetPipelineResponse { pipeline: Some(pipeline::status_to(&status)) }))
    }

    async fn list_pipelines(
        &self,
        request: Request<v1::ListPipelinesRequest>,
    ) -> Result<Response<v1::ListPipelinesResponse>, Status> {
        let request = request.into_inner();
        let limit = page_size(request.page_size);
        let after = match request.page_token.as_str() {
            "" => None,
            token => Some(parse_id("page_token", token).map_err(bad_request)?),
        };
        let page = patiently(self.engine.list(after, limit)).await?;
        let next = page.last().filter(|_| page.len() == limit).map(|status| status.id.to_string());
        let pipelines = page.iter().map(pipeline::status_to).collect();
        let next_page_token = next.unwrap_or_default();
        Ok(Response::new(v1::ListPipelinesResponse { pipelines, next_page_token }))
    }

    type WatchPipelineStream = Pin<Box<dyn Stream<Item = Result<v1::WatchPipelineResponse, Status>> + Send>>;

    async fn watch_pipeline(
        &self,
        request: Request<v1::WatchPipelineRequest>,
    ) -> Result<Response<Self::WatchPipelineStream>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let mut statuses = patiently(self.engine.watch(&id)).await?;
        statuses.mark_changed();
        let responses = stream::unfold(Some(statuses), |statuses| async {
            let mut statuses = statuses?;
            statuses.changed().await.ok()?;
            let status = statuses.borrow_and_update().clone();
            let response = v1::WatchPipelineResponse { pipeline: Some(pipeline::status_to(&status)) };
            Some((Ok(response), (!status.state.is_finished()).then_some(statuses)))
        });
        let responses = responses.take_until(self.shutdown.clone().cancelled_owned());
        Ok(Response::new(Box::pin(responses)))
    }

    async fn cancel_pipeline(
        &self,
        request: Request<v1::CancelPipelineRequest>,
    ) -> Result<Response<v1::CancelPipelineResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let pipeline = written(patiently(self.engine.cancel(&id)).await?);
        Ok(Response::new(v1::CancelPipelineResponse { pipeline }))
    }

    async fn pause_pipeline(
        &self,
        request: Request<v1::PausePipelineRequest>,
    ) -> Result<Response<v1::PausePipelineResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let pipeline = written(patiently(self.engine.pause(&id)).await?);
        Ok(Response::new(v1::PausePipelineResponse { pipeline }))
    }

    async fn resume_pipeline(
        &self,
        request: Request<v1::ResumePipelineRequest>,
    ) -> Result<Response<v1::ResumePipelineResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let pipeline = written(patiently(self.engine.resume(&id)).await?);
        Ok(Response::new(v1::ResumePipelineResponse { pipeline }))
    }

    async fn retry_failed_items(
        &self,
        request: Request<v1::RetryFailedItemsRequest>,
    ) -> Result<Response<v1::RetryFailedItemsResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let (status, retried) = patiently(self.engine.retry_failed(&id)).await?;
        Ok(Response::new(v1::RetryFailedItemsResponse { pipeline: written(status), retried }))
    }

    async fn list_items(
        &self,
        request: Request<v1::ListItemsRequest>,
    ) -> Result<Response<v1::ListItemsResponse>, Status> {
        let request = request.into_inner();
        let id = pipeline_id(&request.pipeline_id)?;
        let state = pipeline::item_state_from(request.state());
        let filter = ItemFilter { state, kind: Some(request.kind).filter(|kind| !kind.is_empty()) };
        let from = match request.page_token.as_str() {
            "" => 0,
            token => token.parse().map_err(|_| {
                let reason = "does not come from a response".to_owned();
                bad_request(WireError::Invalid { field: "page_token", reason })
            })?,
        };
        let limit = page_size(request.page_size);
        let (items, next) = patiently(self.engine.list_items(&id, filter, from, limit)).await?;
        let items = items.iter().map(pipeline::item_to).collect();
        let next_page_token = next.map(|next| next.to_string()).unwrap_or_default();
        Ok(Response::new(v1::ListItemsResponse { items, next_page_token }))
    }

    async fn get_item(
        &self,
        request: Request<v1::GetItemRequest>,
    ) -> Result<Response<v1::GetItemResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let key = parse_id::<ItemKey>("item_key", &request.get_ref().item_key).map_err(bad_request)?;
        let item = patiently(self.engine.item(&id, &key)).await?;
        Ok(Response::new(v1::GetItemResponse { item: Some(pipeline::item_to(&item)) }))
    }
}

fn pipeline_id(text: &str) -> Result<PipelineId, Status> {
    parse_id("pipeline_id", text).map_err(bad_request)
}

fn page_size(asked: u32) -> usize {
    let (default, max) = PAGE;
    let size = if asked == 0 { default } else { asked.min(max) };
    size as usize
}

fn written(status: PipelineStatus) -> Option<v1::Pipeline> {
    Some(pipeline::status_to(&status))
}

/// Parameters become a part of JSON payloads, so they must be JSON themselves.
fn check_params(params: &str) -> Result<(), Status> {
    if params.is_empty() {
        return Ok(());
    }
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(params) {
        Ok(_) => Ok(()),
        Err(error) => Err(Status::invalid_argument(format!("`params` is not a JSON object: {error}"))),
    }
}

async fn patiently<T>(call: impl Future<Output = Result<T, EngineError>>) -> Result<T, Status> {
    match tokio::time::timeout(COMMIT_PATIENCE, call).await {
        Ok(answer) => answer.map_err(refused),
        Err(_) => {
            Err(Status::unavailable("the tracker is slow or unreachable; the command may still take effect"))
        }
    }
}
