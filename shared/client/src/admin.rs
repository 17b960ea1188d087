//! The operators' calls.

use edgraph_proto::v1;

use crate::{Client, Error, Pages};

impl Client {
    /// The workers that are connected or hold leases, by id.
    pub fn list_workers(&self) -> Pages<v1::WorkerInfo> {
        let client = self.clone();
        Pages::new(String::new(), move |page_token| {
            let (client, request) = (client.clone(), v1::ListWorkersRequest { page_token, page_size: 0 });
            async move {
                let send = |mut client: v1::admin_service_client::AdminServiceClient<_>, request| async move {
                    client.list_workers(request).await
                };
                let page: v1::ListWorkersResponse = client.ask_admin(request, send).await?;
                Ok((page.workers, page.next_page_token))
            }
        })
    }

    /// Grants a worker nothing more and tells it to end when it has finished what it holds. Idempotent.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such worker.
    pub async fn drain_worker(&self, worker_id: &str) -> Result<v1::WorkerInfo, Error> {
        let request = v1::DrainWorkerRequest { worker_id: worker_id.to_owned() };
        let response = self
            .ask_admin(request, |mut client, request| async move { client.drain_worker(request).await })
            .await?;
        Ok(response.worker.unwrap_or_default())
    }

    /// Brings finished pipelines back that the tracker has lost, as they are read from this list: what became of each, by
    /// id. A pipeline that there is stays as it is.
    pub fn restore_pipelines(&self) -> Pages<v1::RestoredPipeline> {
        let client = self.clone();
        Pages::new(String::new(), move |page_token| {
            let (client, request) = (client.clone(), v1::RestorePipelinesRequest { page_token });
            async move {
                let send = |mut client: v1::admin_service_client::AdminServiceClient<_>, request| async move {
                    client.restore_pipelines(request).await
                };
                let page: v1::RestorePipelinesResponse = client.ask_admin(request, send).await?;
                Ok((page.pipelines, page.next_page_token))
            }
        })
    }

    /// How much work waits, and who does it, for autoscalers.
    ///
    /// # Errors
    /// As every call.
    pub async fn scaling_signal(&self) -> Result<v1::GetScalingSignalResponse, Error> {
        let request = v1::GetScalingSignalRequest {};
        self.ask_admin(request, |mut client, request| async move { client.get_scaling_signal(request).await })
            .await
    }

    /// Ends pauses of hosts that asked to slow down: of `sec.gov`, of `mirror`, or of all where `family` is empty.
    /// Returns those that it ended. Idempotent.
    ///
    /// # Errors
    /// [`Error::Invalid`] if there is no such family.
    pub async fn resume_requests(&self, family: &str) -> Result<Vec<v1::LiftedPause>, Error> {
        let request = v1::ResumeRequestsRequest { family: family.to_owned() };
        let response = self
            .ask_admin(request, |mut client, request| async move { client.resume_requests(request).await })
            .await?;
        Ok(response.lifted)
    }
}
