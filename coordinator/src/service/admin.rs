//! AdminService: the workers, how many of them are needed, and pauses of hosts.

use edgraph_proto::v1;
use edgraph_proto::v1::admin_service_server::AdminService;
use edgraph_shared::ids::WorkerId;
use edgraph_shared::wire::{fleet, parse_id};
use tonic::{Request, Response, Status};

use super::access::Access;
use super::pages::page_size;
use super::refusal::{bad_request, patient_engine, patiently};
use crate::engine::Seat;

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
}
