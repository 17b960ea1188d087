//! Answers of the coordinator's own graph to whoever asks over the network, each in a process of its own.

use std::path::PathBuf;

use async_trait::async_trait;
use edgraph_coordinator::service::AnswerQueries;
use edgraph_graph::asking::{Asker, Which};
use edgraph_graph::find::{self, Kind};
use edgraph_graph::query::Question;
use edgraph_graph::series::{self, Basis, Length, StandardMap};
use edgraph_graph::statement::{self, Breakdown, Proof, Span, Wanted};
use edgraph_shared::model::{
    FindKind, FindQuestion, GraphQuestion, QueryPart, QueryRefusal, SeriesLength, SeriesQuestion,
    StatementQuestion, StatementSpan,
};
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
            GraphQuestion::Find(question) => Which::Find(find_of(question)),
        };
        self.asker.stream_of(&self.graph, which, parts).await
    }
}

fn statement_of(question: StatementQuestion) -> statement::Request {
    statement::Request {
        company: question.company,
        wanted: Wanted::parse(&question.statement),
        span: match question.span {
            StatementSpan::Report => Span::Report,
            StatementSpan::Years(years) => Span::Years(years),
            StatementSpan::Quarters(quarters) => Span::Quarters(quarters),
        },
        breakdown: if question.breakdown { Breakdown::Everywhere } else { Breakdown::WhereNeeded },
    }
}

fn series_of(question: SeriesQuestion) -> series::Request {
    series::Request {
        companies: question.companies,
        name: question.name,
        length: match question.length {
            SeriesLength::Years => Length::Years,
            SeriesLength::Quarters => Length::Quarters,
            SeriesLength::TwelveMonths => Length::TwelveMonths,
        },
        basis: if question.as_first_reported { Basis::First } else { Basis::Last },
        map: StandardMap::standard(),
    }
}

fn find_of(question: FindQuestion) -> find::Request {
    let kind = question.kind.map(|kind| match kind {
        FindKind::Company => Kind::Company,
        FindKind::Concept => Kind::Concept,
        FindKind::Statement => Kind::Statement,
        FindKind::Text => Kind::Text,
    });
    find::Request { text: question.text, kind, limit: question.limit }
}
