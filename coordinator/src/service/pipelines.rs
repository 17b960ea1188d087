//! PipelineService: every method parses, asks the engine's handle once, and converts the answer.

use std::pin::Pin;

use edgraph_proto::v1;
use edgraph_proto::v1::pipeline_service_server::PipelineService;
use edgraph_shared::ids::{ItemKey, PipelineId};
use edgraph_shared::model::PipelineStatus;
use edgraph_shared::wire::items::{item_to, named_from};
use edgraph_shared::wire::{parameters, parse_id, pipeline};
use futures::Stream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::items;
use super::pages::{fitting, item_len, page_size, pipeline_len};
use super::refusal::{bad_field, bad_parameters, bad_request, patient_engine, patiently};
use super::stream_life::StreamLife;
use super::told::PATIENCE;
use super::watch;
use crate::engine::{Acted, ClientSays, Deed, EngineHandle, Seat, Selection};
use crate::kinds::{self, BadParameter};

/// Longest request id in bytes: it is kept with the pipeline.
const MAX_REQUEST_ID_LEN: usize = 128;

pub(super) struct Pipelines {
    seat: Seat,
    shutdown: CancellationToken,
}

impl Pipelines {
    pub(super) fn new(seat: Seat, shutdown: CancellationToken) -> Self {
        Self { seat, shutdown }
    }

    fn engine(&self) -> Result<EngineHandle, Status> {
        patient_engine(&self.seat)
    }

    /// Takes in what a client says of its own items.
    async fn client_says(
        &self,
        id: &str,
        says: ClientSays,
        request_id: String,
    ) -> Result<(Option<v1::Pipeline>, Acted), Status> {
        let id = pipeline_id(id)?;
        check_request_id(&request_id)?;
        let (status, acted) = patiently(self.engine()?.client_says(&id, says, request_id)).await?;
        Ok((written(status), acted))
    }
}

#[tonic::async_trait]
impl PipelineService for Pipelines {
    async fn start_pipeline(
        &self,
        request: Request<v1::StartPipelineRequest>,
    ) -> Result<Response<v1::StartPipelineResponse>, Status> {
        let engine = self.engine()?;
        let mut request = request.into_inner();
        let id = match request.pipeline_id.as_str() {
            "" => None,
            id => Some(parse_id::<PipelineId>("pipeline_id", id).map_err(bad_request)?),
        };
        check_request_id(&request.request_id)?;
        let asked = parameters::asked_from(&mut request).map_err(bad_request)?;
        let named = |bad: BadParameter| BadParameter { field: asked.path(&bad.field), ..bad };
        let checked = kinds::check(&asked.kind, &asked.params);
        checked.map_err(|bad| bad_parameters(bad.into_iter().map(named).collect()))?;
        let base = kinds::base(&asked.kind, &asked.params);
        let spec =
            pipeline::spec_from(&asked.kind, &asked.params, request.spec, base).map_err(bad_request)?;
        let (status, created) = patiently(engine.start_or_find(id, &request.request_id, spec)).await?;
        let pipeline = Some(pipeline::status_to(&status));
        Ok(Response::new(v1::StartPipelineResponse { pipeline, created }))
    }

    async fn get_pipeline(
        &self,
        request: Request<v1::GetPipelineRequest>,
    ) -> Result<Response<v1::GetPipelineResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let status = patiently(self.engine()?.status(&id)).await?;
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
        let (page, damaged) = patiently(self.engine()?.list(after, limit)).await?;
        let mut pipelines: Vec<v1::Pipeline> = page.iter().map(pipeline::status_to).collect();
        pipelines.truncate(fitting(&pipelines, pipeline_len));
        let is_last = page.len() < limit && pipelines.len() == page.len();
        let next = pipelines.last().filter(|_| !is_last).map(|last| last.pipeline_id.clone());
        let next_page_token = next.unwrap_or_default();
        if next_page_token.is_empty() {
            pipelines.extend(damaged.into_iter().map(set_aside));
        }
        Ok(Response::new(v1::ListPipelinesResponse { pipelines, next_page_token }))
    }

    type WatchPipelineStream = Pin<Box<dyn Stream<Item = Result<v1::WatchPipelineResponse, Status>> + Send>>;

    async fn watch_pipeline(
        &self,
        request: Request<v1::WatchPipelineRequest>,
    ) -> Result<Response<Self::WatchPipelineStream>, Status> {
        let life = StreamLife::of(&request, &self.seat, &self.shutdown);
        let request = request.into_inner();
        let id = pipeline_id(&request.pipeline_id)?;
        let statuses = patiently(self.engine()?.watch(&id)).await?;
        let responses = watch::responses(statuses, request.resume_token, life, PATIENCE);
        Ok(Response::new(Box::pin(responses)))
    }

    async fn cancel_pipeline(
        &self,
        request: Request<v1::CancelPipelineRequest>,
    ) -> Result<Response<v1::CancelPipelineResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let pipeline = written(patiently(self.engine()?.cancel(&id)).await?);
        Ok(Response::new(v1::CancelPipelineResponse { pipeline }))
    }

    async fn pause_pipeline(
        &self,
        request: Request<v1::PausePipelineRequest>,
    ) -> Result<Response<v1::PausePipelineResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let pipeline = written(patiently(self.engine()?.pause(&id)).await?);
        Ok(Response::new(v1::PausePipelineResponse { pipeline }))
    }

    async fn resume_pipeline(
        &self,
        request: Request<v1::ResumePipelineRequest>,
    ) -> Result<Response<v1::ResumePipelineResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let pipeline = written(patiently(self.engine()?.resume(&id)).await?);
        Ok(Response::new(v1::ResumePipelineResponse { pipeline }))
    }

    async fn retry_failed_items(
        &self,
        request: Request<v1::RetryFailedItemsRequest>,
    ) -> Result<Response<v1::RetryFailedItemsResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let (status, acted) =
            patiently(self.engine()?.sweep(&id, Deed::Revive, Selection::default(), false)).await?;
        let retried = acted.items;
        Ok(Response::new(v1::RetryFailedItemsResponse { pipeline: written(status), retried }))
    }

    async fn retry_items(
        &self,
        request: Request<v1::RetryItemsRequest>,
    ) -> Result<Response<v1::RetryItemsResponse>, Status> {
        let v1::RetryItemsRequest { pipeline_id: id, filter, dry_run } = request.into_inner();
        let only = items::selected_for(Deed::Revive, filter)?;
        let (status, acted) =
            patiently(self.engine()?.sweep(&pipeline_id(&id)?, Deed::Revive, only, dry_run)).await?;
        Ok(Response::new(v1::RetryItemsResponse { pipeline: written(status), retried: acted.items }))
    }

    async fn cancel_items(
        &self,
        request: Request<v1::CancelItemsRequest>,
    ) -> Result<Response<v1::CancelItemsResponse>, Status> {
        let v1::CancelItemsRequest { pipeline_id: id, filter, dry_run } = request.into_inner();
        let only = items::selected_for(Deed::Cancel, filter)?;
        let (status, acted) =
            patiently(self.engine()?.sweep(&pipeline_id(&id)?, Deed::Cancel, only, dry_run)).await?;
        Ok(Response::new(v1::CancelItemsResponse { pipeline: written(status), cancelled: acted.items }))
    }

    async fn run_items_now(
        &self,
        request: Request<v1::RunItemsNowRequest>,
    ) -> Result<Response<v1::RunItemsNowResponse>, Status> {
        let v1::RunItemsNowRequest { pipeline_id: id, filter, dry_run } = request.into_inner();
        let only = items::selected_for(Deed::Advance, filter)?;
        let (status, acted) =
            patiently(self.engine()?.sweep(&pipeline_id(&id)?, Deed::Advance, only, dry_run)).await?;
        Ok(Response::new(v1::RunItemsNowResponse { pipeline: written(status), advanced: acted.items }))
    }

    async fn add_items(
        &self,
        request: Request<v1::AddItemsRequest>,
    ) -> Result<Response<v1::AddItemsResponse>, Status> {
        let v1::AddItemsRequest { pipeline_id: id, items, last, request_id } = request.into_inner();
        let says = ClientSays::Named { items: named_from(items).map_err(bad_request)?, last };
        let (pipeline, Acted { items: added, ended }) = self.client_says(&id, says, request_id).await?;
        Ok(Response::new(v1::AddItemsResponse { pipeline, added, ended }))
    }

    async fn complete_items(
        &self,
        request: Request<v1::CompleteItemsRequest>,
    ) -> Result<Response<v1::CompleteItemsResponse>, Status> {
        let v1::CompleteItemsRequest { pipeline_id: id, items, request_id } = request.into_inner();
        let says = items::done(items)?;
        let (pipeline, Acted { items: completed, ended }) = self.client_says(&id, says, request_id).await?;
        Ok(Response::new(v1::CompleteItemsResponse { pipeline, completed, ended }))
    }

    async fn fail_items(
        &self,
        request: Request<v1::FailItemsRequest>,
    ) -> Result<Response<v1::FailItemsResponse>, Status> {
        let v1::FailItemsRequest { pipeline_id: id, items, request_id } = request.into_inner();
        let says = items::failed(items)?;
        let (pipeline, Acted { items: failed, ended }) = self.client_says(&id, says, request_id).await?;
        Ok(Response::new(v1::FailItemsResponse { pipeline, failed, ended }))
    }

    async fn delete_pipeline(
        &self,
        request: Request<v1::DeletePipelineRequest>,
    ) -> Result<Response<v1::DeletePipelineResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let pipeline = written(patiently(self.engine()?.delete(&id)).await?);
        Ok(Response::new(v1::DeletePipelineResponse { pipeline }))
    }

    async fn list_items(
        &self,
        request: Request<v1::ListItemsRequest>,
    ) -> Result<Response<v1::ListItemsResponse>, Status> {
        let request = request.into_inner();
        let id = pipeline_id(&request.pipeline_id)?;
        let short = v1::ItemFilter { state: request.state, kind: request.kind, ..Default::default() };
        let selection = match request.filter {
            Some(_) if short != v1::ItemFilter::default() => {
                return Err(bad_field(
                    "filter",
                    "stands beside state or kind, which are short for it; give one",
                ));
            }
            filter => items::selection(filter.unwrap_or(short))?,
        };
        let from = match request.page_token.as_str() {
            "" => 0,
            token => token.parse().map_err(|_| bad_field("page_token", "does not come from a response"))?,
        };
        let write = match request.with_locations {
            true => items::with_locations,
            false => item_to,
        };
        let mut limit = page_size(request.page_size);
        loop {
            let engine = self.engine()?;
            let (items, next) = patiently(engine.list_items(&id, selection.clone(), from, limit)).await?;
            let items: Vec<v1::Item> = items.iter().map(write).collect();
            let fitting = fitting(&items, item_len);
            if fitting < items.len() {
                // Only the engine can say where a shorter page ends.
                limit = fitting;
                continue;
            }
            let next_page_token = next.map(|next| next.to_string()).unwrap_or_default();
            return Ok(Response::new(v1::ListItemsResponse { items, next_page_token }));
        }
    }

    async fn get_item(
        &self,
        request: Request<v1::GetItemRequest>,
    ) -> Result<Response<v1::GetItemResponse>, Status> {
        let id = pipeline_id(&request.get_ref().pipeline_id)?;
        let key = parse_id::<ItemKey>("item_key", &request.get_ref().item_key).map_err(bad_request)?;
        let item = patiently(self.engine()?.item(&id, &key)).await?;
        Ok(Response::new(v1::GetItemResponse { item: Some(items::with_locations(&item)) }))
    }
}

fn check_request_id(id: &str) -> Result<(), Status> {
    match id.len() {
        0..=MAX_REQUEST_ID_LEN => Ok(()),
        _ => Err(bad_field("request_id", format!("at most {MAX_REQUEST_ID_LEN} bytes"))),
    }
}

fn pipeline_id(text: &str) -> Result<PipelineId, Status> {
    parse_id("pipeline_id", text).map_err(bad_request)
}

fn written(status: PipelineStatus) -> Option<v1::Pipeline> {
    Some(pipeline::status_to(&status))
}

/// What is known of a pipeline whose record is damaged.
fn set_aside((id, reason): (PipelineId, String)) -> v1::Pipeline {
    let state = v1::PipelineState::Damaged.into();
    v1::Pipeline { pipeline_id: id.to_string(), state, state_reason: reason, ..v1::Pipeline::default() }
}
