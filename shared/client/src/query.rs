//! Questions to the graph, and their rows as they come.

use std::collections::VecDeque;

use edgraph_proto::v1;
use edgraph_proto::v1::query_response::Part;
use tonic::{Status, Streaming};

use crate::{Client, Error};

type Graph = v1::graph_service_client::GraphServiceClient<tonic::transport::Channel>;

impl Client {
    /// Asks the graph in Cypher, read-only and within limits.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a statement that is refused, which says how to write it; [`Error::IllegalState`] where
    /// there is no graph. A statement that meets a limit or crashes the database is [`Error::Other`], with the reason.
    pub async fn query(&self, request: v1::QueryRequest) -> Result<Rows, Error> {
        let send = |mut client: Graph, request| async move { client.query(request).await };
        Rows::of(self.ask_graph(request, send).await?).await
    }

    /// A financial statement as filed: a row for each number.
    ///
    /// # Errors
    /// As [`Client::query`]; [`Error::Invalid`] names the companies or statements that there are.
    pub async fn statement(&self, request: v1::GetStatementRequest) -> Result<Rows, Error> {
        let send = |mut client: Graph, request| async move { client.get_statement(request).await };
        Rows::of(self.ask_graph(request, send).await?).await
    }

    /// One amount over time: a row for each period.
    ///
    /// # Errors
    /// As [`Client::query`]; [`Error::Invalid`] for what is neither a name nor a concept.
    pub async fn series(&self, request: v1::GetSeriesRequest) -> Result<Rows, Error> {
        let send = |mut client: Graph, request| async move { client.get_series(request).await };
        Rows::of(self.ask_graph(request, send).await?).await
    }

    /// What has some words: a row for each company, concept, statement and text.
    ///
    /// # Errors
    /// As [`Client::query`]; [`Error::Invalid`] where nothing has them, naming what is near.
    pub async fn find(&self, request: v1::FindRequest) -> Result<Rows, Error> {
        let send = |mut client: Graph, request| async move { client.find(request).await };
        Rows::of(self.ask_graph(request, send).await?).await
    }
}

/// The rows of an answer. Dropping them ends the statement.
pub struct Rows {
    stream: Streaming<v1::QueryResponse>,
    columns: Vec<String>,
    read: VecDeque<v1::QueryRow>,
    /// Known once all were read.
    is_truncated: Option<bool>,
}

impl Rows {
    async fn of(stream: Streaming<v1::QueryResponse>) -> Result<Self, Error> {
        let mut rows = Self { stream, columns: Vec::new(), read: VecDeque::new(), is_truncated: None };
        if let Part::Columns(columns) = rows.part().await? {
            rows.columns = columns.names;
        }
        Ok(rows)
    }

    /// Names of the columns, in the order of RETURN.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Whether rows beyond a limit were left out. Known after the last row.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated.unwrap_or_default()
    }

    /// The next row, with as many values as there are columns; `None` after the last one.
    ///
    /// # Errors
    /// As [`Client::query`]; rows that came before are as good as any, but not all.
    pub async fn next(&mut self) -> Result<Option<Vec<v1::GraphValue>>, Error> {
        while self.read.is_empty() && self.is_truncated.is_none() {
            match self.part().await? {
                Part::Columns(columns) => self.columns = columns.names,
                Part::Rows(rows) => self.read.extend(rows.rows),
                Part::End(end) => self.is_truncated = Some(end.truncated),
            }
        }
        Ok(self.read.pop_front().map(|row| row.values))
    }

    async fn part(&mut self) -> Result<Part, Error> {
        let message = self.stream.message().await.map_err(Error::from)?;
        let cut = || Error::from(Status::unavailable("the coordinator ended the answer before its end"));
        message.and_then(|response| response.part).ok_or_else(cut)
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("columns", &self.columns).finish_non_exhaustive()
    }
}
