//! The clients' calls: start pipelines, look at them, steer them.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use edgraph_proto::v1;
use edgraph_proto::v1::pipeline_service_client::PipelineServiceClient;

use crate::call::Repeat;
use crate::{Client, Error, Pages, Watch};

impl Client {
    /// Starts a pipeline. The same `pipeline_id` or `request_id` with the same body is the same pipeline; a
    /// `request_id` is made when neither is given, so that a repeated attempt never starts a second one.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] for the same id with another body, [`Error::Invalid`] for a body that breaks a rule.
    pub async fn start(&self, request: v1::StartPipelineRequest) -> Result<v1::Pipeline, Error> {
        self.start_or_find(request).await.map(|(pipeline, _)| pipeline)
    }

    /// The same, and whether this start made the pipeline. After a connection that broke, one that did says that it did
    /// not: its first attempt had.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn start_or_find(
        &self,
        mut request: v1::StartPipelineRequest,
    ) -> Result<(v1::Pipeline, bool), Error> {
        if request.pipeline_id.is_empty() && request.request_id.is_empty() {
            request.request_id = made_up_request_id();
        }
        let response = self
            .ask(Repeat::Always, request, |mut client, request| async move {
                client.start_pipeline(request).await
            })
            .await?;
        Ok((response.pipeline.unwrap_or_default(), response.created))
    }

    /// A pipeline's status.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none of that id.
    pub async fn get(&self, pipeline_id: &str) -> Result<v1::Pipeline, Error> {
        let request = v1::GetPipelineRequest { pipeline_id: pipeline_id.to_owned() };
        let response =
            self.ask(Repeat::Always, request, |mut client, request| async move {
                client.get_pipeline(request).await
            })
            .await?;
        Ok(response.pipeline.unwrap_or_default())
    }

    /// All pipelines, by id.
    pub fn list(&self) -> Pages<v1::Pipeline> {
        let client = self.clone();
        Pages::new(String::new(), move |page_token| {
            let (client, request) = (client.clone(), v1::ListPipelinesRequest { page_token, page_size: 0 });
            async move {
                let send = |mut client: PipelineServiceClient<_>, request| async move {
                    client.list_pipelines(request).await
                };
                let page: v1::ListPipelinesResponse = client.ask(Repeat::Always, request, send).await?;
                Ok((page.pipelines, page.next_page_token))
            }
        })
    }

    /// A pipeline's statuses until it has finished, across broken connections and takeovers.
    pub fn watch(&self, pipeline_id: &str) -> Watch {
        Watch::new(self.clone(), pipeline_id)
    }

    /// Waits until a pipeline has finished, and returns its last status. A held one is waited for: use
    /// [`Client::wait_until`] to be told of it.
    ///
    /// # Errors
    /// As [`Watch::next`].
    pub async fn wait(&self, pipeline_id: &str) -> Result<v1::Pipeline, Error> {
        self.wait_until(pipeline_id, |_| false).await
    }

    /// Waits until `reached` says so of a pipeline's status or it has finished, and returns that status.
    ///
    /// ```no_run
    /// # use edgraph_client::{Client, Error, is_finished, v1};
    /// # async fn example(client: Client) -> Result<(), Error> {
    /// let is_held = |status: &v1::Pipeline| status.state() == v1::PipelineState::Held;
    /// let status = client.wait_until("nightly", is_held).await?;
    /// if !is_finished(&status) {
    ///     client.retry_failed("nightly").await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Watch::next`].
    pub async fn wait_until(
        &self,
        pipeline_id: &str,
        mut reached: impl FnMut(&v1::Pipeline) -> bool,
    ) -> Result<v1::Pipeline, Error> {
        let mut statuses = self.watch(pipeline_id);
        let mut last = v1::Pipeline::default();
        while let Some(status) = statuses.next().await? {
            last = status;
            if reached(&last) {
                break;
            }
        }
        Ok(last)
    }

    /// Cancels a pipeline; cancelling twice is the same as once.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none of that id, [`Error::IllegalState`] if it has finished otherwise.
    pub async fn cancel(&self, pipeline_id: &str) -> Result<v1::Pipeline, Error> {
        let request = v1::CancelPipelineRequest { pipeline_id: pipeline_id.to_owned() };
        let response = self
            .ask(Repeat::Always, request, |mut client, request| async move {
                client.cancel_pipeline(request).await
            })
            .await?;
        Ok(response.pipeline.unwrap_or_default())
    }

    /// Stops grants; work under way goes on. Pausing twice is the same as once.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none of that id, [`Error::IllegalState`] if it has finished.
    pub async fn pause(&self, pipeline_id: &str) -> Result<v1::Pipeline, Error> {
        let request = v1::PausePipelineRequest { pipeline_id: pipeline_id.to_owned() };
        let response = self
            .ask(Repeat::Always, request, |mut client, request| async move {
                client.pause_pipeline(request).await
            })
            .await?;
        Ok(response.pipeline.unwrap_or_default())
    }

    /// Allows grants again; a held pipeline goes on without its dead items.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none of that id, [`Error::IllegalState`] if it has finished.
    pub async fn resume(&self, pipeline_id: &str) -> Result<v1::Pipeline, Error> {
        let request = v1::ResumePipelineRequest { pipeline_id: pipeline_id.to_owned() };
        let response = self
            .ask(Repeat::Always, request, |mut client, request| async move {
                client.resume_pipeline(request).await
            })
            .await?;
        Ok(response.pipeline.unwrap_or_default())
    }

    /// Gives all dead items a new life, and says how many. On a finished pipeline this opens the next round.
    /// Repeated by itself only when it is certain that nobody did it: a second time it would count 0.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none of that id, [`Error::IllegalState`] if it was cancelled.
    pub async fn retry_failed(&self, pipeline_id: &str) -> Result<(v1::Pipeline, u64), Error> {
        let request = v1::RetryFailedItemsRequest { pipeline_id: pipeline_id.to_owned() };
        let response = self
            .ask(Repeat::IfNotDone, request, |mut client, request| async move {
                client.retry_failed_items(request).await
            })
            .await?;
        Ok((response.pipeline.unwrap_or_default(), response.retried))
    }

    /// Forgets a finished pipeline now instead of after the retention time, and returns its last status. Repeated by
    /// itself only when it is certain that nobody did it: a second time it would not be found.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none of that id, [`Error::IllegalState`] if it has not finished.
    pub async fn delete(&self, pipeline_id: &str) -> Result<v1::Pipeline, Error> {
        let request = v1::DeletePipelineRequest { pipeline_id: pipeline_id.to_owned() };
        let response = self
            .ask(Repeat::IfNotDone, request, |mut client, request| async move {
                client.delete_pipeline(request).await
            })
            .await?;
        Ok(response.pipeline.unwrap_or_default())
    }
}

/// Unlike any other, with the randomness that the standard library has for its maps.
pub(crate) fn made_up_request_id() -> String {
    let now = std::time::SystemTime::now();
    let random = || RandomState::new().hash_one(now);
    format!("{:016x}{:016x}", random(), random())
}
