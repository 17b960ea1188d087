//! Answers of the coordinator's own graph to whoever asks over the network, each in a process of its own.

use std::path::PathBuf;

use async_trait::async_trait;
use edgraph_coordinator::service::AnswerQueries;
use edgraph_graph::asking::{Asker, Which};
use edgraph_graph::query::Question;
use edgraph_graph::series::{self, Basis, StandardMap};
use edgraph_graph::statement::{self, Breakdown, Proof, Wanted};
use edgraph_shared::model::{GraphQuestion, QueryPart, QueryRefusal, SeriesQuestion, StatementQuestion};
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
    async fn answer(
        &self,
        question: GraphQuestion,
        parts: mpsc::Sender<QueryPart>,
    ) -> Result<(), QueryRefusal> {
        let which = match question {
            GraphQuestion::Query(query) => {
                let question = Question { graph: self.graph.clone(), query, narrows: false };
                return self.asker.stream(question, parts).await;
            }
            GraphQuestion::Statement(question) => Which::Statement(statement_of(question), Proof::None),
            GraphQuestion::Series(question) => Which::Series(series_of(question)),
            GraphQuestion::Find(question) => Which::Find(question),
        };
        self.asker.stream_of(&self.graph, which, parts).await
    }
}

fn statement_of(question: StatementQuestion) -> statement::Request {
    statement::Request {
        company: question.company,
        wanted: Wanted::parse(&question.statement),
        span: question.span,
        breakdown: if question.breakdown { Breakdown::Everywhere } else { Breakdown::WhereNeeded },
    }
}

fn series_of(question: SeriesQuestion) -> series::Request {
    series::Request {
        companies: question.companies,
        name: question.name,
        length: question.length,
        basis: if question.as_first_reported { Basis::First } else { Basis::Last },
        map: StandardMap::standard(),
    }
}
