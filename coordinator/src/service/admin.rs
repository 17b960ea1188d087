//! AdminService: the workers, how many of them are needed, pauses of hosts, and what is brought back from the store.

use edgraph_proto::v1;
use edgraph_proto::v1::admin_service_server::AdminService;
use edgraph_shared::ids::{PipelineId, WorkerId};
use edgraph_shared::wire::{fleet, parse_id};
use tonic::{Request, Response, Status};

use super::access::Access;
use super::pages::page_size;
use super::refusal::{bad_request, not_leader, patient_engine, patiently};
use crate::engine::{Outcome, Seat};

pub(super) struct Admin {
    seat: Seat,
}

impl Admin {
    pub(super) fn new(seat: Seat) -> Self {
        Self { seat }
    }
}

#[tonic::async_trait]
impl AdminService for Admin {
    async fn list_workers(
        &self,
        request: Request<v1::ListWorkersRequest>,
    ) -> Result<Response<v1::ListWorkersResponse>, Status> {
        let request = request.into_inner();
        let limit = page_size(request.page_size);
        let after = match request.page_token.as_str() {
            "" => None,
            token => Some(parse_id::<WorkerId>("page_token", token).map_err(bad_request)?),
        };
        let engine = patient_engine(&self.seat)?;
        let page = patiently(engine.list_workers(after, limit)).await?;
        let next = page.last().filter(|_| page.len() == limit).map(|worker| worker.id.to_string());
        let workers = page.iter().map(fleet::worker_to).collect();
        Ok(Response::new(v1::ListWorkersResponse { workers, next_page_token: next.unwrap_or_default() }))
    }

    async fn drain_worker(
        &self,
        request: Request<v1::DrainWorkerRequest>,
    ) -> Result<Response<v1::DrainWorkerResponse>, Status> {
        let id = parse_id::<WorkerId>("worker_id", &request.get_ref().worker_id).map_err(bad_request)?;
        let engine = patient_engine(&self.seat)?;
        let worker = patiently(engine.drain_worker(&id)).await?;
        Ok(Response::new(v1::DrainWorkerResponse { worker: Some(fleet::worker_to(&worker)) }))
    }

    async fn get_scaling_signal(
        &self,
        _request: Request<v1::GetScalingSignalRequest>,
    ) -> Result<Response<v1::GetScalingSignalResponse>, Status> {
        let engine = patient_engine(&self.seat)?;
        let signal = patiently(engine.scaling_signal()).await?;
        Ok(Response::new(fleet::scaling_to(&signal)))
    }

    async fn resume_requests(
        &self,
        request: Request<v1::ResumeRequestsRequest>,
    ) -> Result<Response<v1::ResumeRequestsResponse>, Status> {
        let by = Access::of(&request).who();
        let families = fleet::families_from("family", &request.get_ref().family).map_err(bad_request)?;
        let engine = patient_engine(&self.seat)?;
        let lifted = patiently(engine.lift_pauses(families, by)).await?;
        Ok(Response::new(fleet::lifted_to(lifted)))
    }

    async fn restore_pipelines(
        &self,
        request: Request<v1::RestorePipelinesRequest>,
    ) -> Result<Response<v1::RestorePipelinesResponse>, Status> {
        let after = match request.get_ref().page_token.as_str() {
            "" => None,
            token => Some(parse_id::<PipelineId>("page_token", token).map_err(bad_request)?),
        };
        // A large pipeline is committed for longer than other calls have patience.
        let engine = self.seat.engine().map_err(not_leader)?;
        let restored = patiently(engine.restore_finished(after)).await?;
        let next_page_token = restored.next.map(|next| next.to_string()).unwrap_or_default();
        let pipelines = restored.pipelines.into_iter().map(restored_to).collect();
        Ok(Response::new(v1::RestorePipelinesResponse { pipelines, next_page_token }))
    }
}

fn restored_to((id, outcome): (PipelineId, Outcome)) -> v1::RestoredPipeline {
    let (outcome, reason) = match outcome {
        Outcome::Restored => (v1::RestoreOutcome::Restored, String::new()),
        Outcome::Known => (v1::RestoreOutcome::Known, String::new()),
        Outcome::Refused(reason) => (v1::RestoreOutcome::Refused, reason),
    };
    v1::RestoredPipeline { pipeline_id: id.to_string(), outcome: outcome.into(), reason }
}
