//! Answers of the coordinator's own graph to whoever asks over the network, each in a process of its own.

use std::path::PathBuf;

use async_trait::async_trait;
use edgraph_coordinator::service::AnswerQueries;
use edgraph_graph::asking::Asker;
use edgraph_graph::query::Question;
use edgraph_shared::model::{GraphQuery, QueryPart, QueryRefusal};
use tokio::sync::mpsc;

/// The graph in a folder.
#[derive(Debug)]
pub struct OwnGraph {
    /// The folder.
    pub graph: PathBuf,
    /// What asks it.
    pub asker: Asker,
}

#[async_trait]
impl AnswerQueries for OwnGraph {
    async fn answer(&self, query: GraphQuery, parts: mpsc::Sender<QueryPart>) -> Result<(), QueryRefusal> {
        self.asker.stream(Question { graph: self.graph.clone(), query, narrows: false }, parts).await
    }
}
