//! The items of a pipeline: list them, steer some of them, and settle those that are the client's own.

use edgraph_proto::v1;
use edgraph_proto::v1::pipeline_service_client::PipelineServiceClient;

use crate::call::Repeat;
use crate::pipelines::made_up_request_id;
use crate::{Client, Error, Pages};

/// What a call did to a client's own items.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The pipeline's status after it.
    pub pipeline: v1::Pipeline,
    /// Items that are named, done or dead now and were not before.
    pub items: u64,
    /// This call ended the round's work. Of all calls of all clients, one is told.
    pub ended: bool,
}

impl Client {
    /// Gives those dead items a new life that `filter` selects, by kind and words of their reason; returns the status and
    /// how many. With `dry_run` they are only counted. Idempotent.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such pipeline, [`Error::Invalid`] for a filter of items that are not dead.
    pub async fn retry_items(
        &self,
        pipeline_id: &str,
        filter: v1::ItemFilter,
        dry_run: bool,
    ) -> Result<(v1::Pipeline, u64), Error> {
        let request =
            v1::RetryItemsRequest { pipeline_id: pipeline_id.to_owned(), filter: Some(filter), dry_run };
        let send =
            |mut client: PipelineServiceClient<_>, request| async move { client.retry_items(request).await };
        let response = self.ask(Repeat::Always, request, send).await?;
        Ok((response.pipeline.unwrap_or_default(), response.retried))
    }

    /// Items of a pipeline in order of creation; `filter` says which, its id and page token are filled in.
    pub fn items(&self, pipeline_id: &str, filter: v1::ListItemsRequest) -> Pages<v1::Item> {
        let (client, pipeline_id) = (self.clone(), pipeline_id.to_owned());
        Pages::new(filter.page_token.clone(), move |page_token| {
            let client = client.clone();
            let request =
                v1::ListItemsRequest { pipeline_id: pipeline_id.clone(), page_token, ..filter.clone() };
            async move {
                let send = |mut client: PipelineServiceClient<_>, request| async move {
                    client.list_items(request).await
                };
                let page: v1::ListItemsResponse = client.ask(Repeat::Always, request, send).await?;
                Ok((page.items, page.next_page_token))
            }
        })
    }

    /// One item with its result and the files it made.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such pipeline or item.
    pub async fn item(&self, pipeline_id: &str, item_key: &str) -> Result<v1::Item, Error> {
        let request =
            v1::GetItemRequest { pipeline_id: pipeline_id.to_owned(), item_key: item_key.to_owned() };
        let response = self
            .ask(Repeat::Always, request, |mut client, request| async move { client.get_item(request).await })
            .await?;
        Ok(response.item.unwrap_or_default())
    }

    /// Cancels those open items that `filter` selects; returns the status and how many. With `dry_run` they are only
    /// counted. Repeated by itself only when it is certain that nobody did it: a second time it would count 0.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such pipeline, [`Error::IllegalState`] if it has no open items.
    pub async fn cancel_items(
        &self,
        pipeline_id: &str,
        filter: v1::ItemFilter,
        dry_run: bool,
    ) -> Result<(v1::Pipeline, u64), Error> {
        let request =
            v1::CancelItemsRequest { pipeline_id: pipeline_id.to_owned(), filter: Some(filter), dry_run };
        let send =
            |mut client: PipelineServiceClient<_>, request| async move { client.cancel_items(request).await };
        let response = self.ask(Repeat::IfNotDone, request, send).await?;
        Ok((response.pipeline.unwrap_or_default(), response.cancelled))
    }

    /// Lets those items run at once that `filter` selects and that wait after an attempt; returns the status and how
    /// many. With `dry_run` they are only counted. Repeated as [`Client::cancel_items`].
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such pipeline, [`Error::IllegalState`] if nothing of it runs.
    pub async fn run_items_now(
        &self,
        pipeline_id: &str,
        filter: v1::ItemFilter,
        dry_run: bool,
    ) -> Result<(v1::Pipeline, u64), Error> {
        let request =
            v1::RunItemsNowRequest { pipeline_id: pipeline_id.to_owned(), filter: Some(filter), dry_run };
        let send = |mut client: PipelineServiceClient<_>, request| async move {
            client.run_items_now(request).await
        };
        let response = self.ask(Repeat::IfNotDone, request, send).await?;
        Ok((response.pipeline.unwrap_or_default(), response.advanced))
    }

    /// Names items that are to be done, in a pipeline whose items are its clients'; `last` says that there will be no
    /// more. Idempotent.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such pipeline, [`Error::IllegalState`] if it does not take the items in.
    pub async fn add_items(
        &self,
        pipeline_id: &str,
        items: Vec<v1::NewItem>,
        last: bool,
    ) -> Result<Taken, Error> {
        let (pipeline_id, request_id) = (pipeline_id.to_owned(), made_up_request_id());
        let request = v1::AddItemsRequest { pipeline_id, items, last, request_id };
        let send =
            |mut client: PipelineServiceClient<_>, request| async move { client.add_items(request).await };
        let response = self.ask(Repeat::Always, request, send).await?;
        let pipeline = response.pipeline.unwrap_or_default();
        Ok(Taken { pipeline, items: response.added, ended: response.ended })
    }

    /// Says that these items are done, in such a pipeline. Idempotent.
    ///
    /// # Errors
    /// As [`Client::add_items`].
    pub async fn complete_items(&self, pipeline_id: &str, items: Vec<v1::DoneItem>) -> Result<Taken, Error> {
        let (pipeline_id, request_id) = (pipeline_id.to_owned(), made_up_request_id());
        let request = v1::CompleteItemsRequest { pipeline_id, items, request_id };
        let send = |mut client: PipelineServiceClient<_>, request| async move {
            client.complete_items(request).await
        };
        let response = self.ask(Repeat::Always, request, send).await?;
        let pipeline = response.pipeline.unwrap_or_default();
        Ok(Taken { pipeline, items: response.completed, ended: response.ended })
    }

    /// Says that these items could not be done, in such a pipeline. Idempotent.
    ///
    /// # Errors
    /// As [`Client::add_items`].
    pub async fn fail_items(&self, pipeline_id: &str, items: Vec<v1::FailedItem>) -> Result<Taken, Error> {
        let (pipeline_id, request_id) = (pipeline_id.to_owned(), made_up_request_id());
        let request = v1::FailItemsRequest { pipeline_id, items, request_id };
        let send =
            |mut client: PipelineServiceClient<_>, request| async move { client.fail_items(request).await };
        let response = self.ask(Repeat::Always, request, send).await?;
        let pipeline = response.pipeline.unwrap_or_default();
        Ok(Taken { pipeline, items: response.failed, ended: response.ended })
    }
}
