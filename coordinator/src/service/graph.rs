//! GraphService: questions to the graph, some at a time, told to readers of any speed.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use edgraph_proto::v1;
use edgraph_proto::v1::graph_service_server::GraphService;
use edgraph_shared::model::{GraphQuestion, QueryPart, QueryRefusal};
use edgraph_shared::wire::{WireError, answers, graph};
use futures::Stream;
use prost::Message;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::pages::{MAX_PAGE_LEN, fitting};
use super::refusal::{bad_request, busy, not_leader, too_slow, unanswered};
use super::stream_life::StreamLife;
use super::told::{PATIENCE, Reader, Unread, told};
use crate::engine::Seat;

/// Questions that are answered at one time: each may take a core and some gigabytes.
const MAX_AT_ONCE: usize = 4;
/// How long one waits for its turn.
const TURN_PATIENCE: Duration = Duration::from_secs(30);

/// Answers questions to a graph. Where it lies and what keeps a statement within its limits is not this crate's.
#[tonic::async_trait]
pub trait AnswerQueries: Send + Sync + 'static {
    /// Hands the parts of an answer on as they come. Dropping the future ends the statement.
    ///
    /// # Errors
    /// [`QueryRefusal`]; parts may have been given before.
    async fn answer(
        &self,
        question: GraphQuestion,
        parts: mpsc::Sender<QueryPart>,
    ) -> Result<(), QueryRefusal>;
}

/// What answers questions, some at a time, shared by all who ask, over whatever listener.
#[derive(Clone)]
pub struct Queries {
    answers: Arc<dyn AnswerQueries>,
    turns: Arc<Semaphore>,
}

impl Queries {
    /// Answers of this kind.
    pub fn new(answers: impl AnswerQueries) -> Self {
        Self { answers: Arc::new(answers), turns: Arc::new(Semaphore::new(MAX_AT_ONCE)) }
    }
}

impl fmt::Debug for Queries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queries")
    }
}

pub(super) struct Graph {
    queries: Option<Queries>,
    seat: Seat,
    shutdown: CancellationToken,
}

impl Graph {
    pub(super) fn new(queries: Option<Queries>, seat: Seat, shutdown: CancellationToken) -> Self {
        Self { queries, seat, shutdown }
    }
}

type Parts = Pin<Box<dyn Stream<Item = Result<v1::QueryResponse, Status>> + Send>>;

#[tonic::async_trait]
impl GraphService for Graph {
    type QueryStream = Parts;
    type GetStatementStream = Parts;
    type GetSeriesStream = Parts;
    type FindStream = Parts;

    async fn query(&self, request: Request<v1::QueryRequest>) -> Result<Response<Parts>, Status> {
        self.ask(request, |request| graph::query_from(request).map(GraphQuestion::Query))
    }

    async fn get_statement(
        &self,
        request: Request<v1::GetStatementRequest>,
    ) -> Result<Response<Parts>, Status> {
        self.ask(request, |request| answers::statement_from(request).map(GraphQuestion::Statement))
    }

    async fn get_series(&self, request: Request<v1::GetSeriesRequest>) -> Result<Response<Parts>, Status> {
        self.ask(request, |request| answers::series_from(request).map(GraphQuestion::Series))
    }

    async fn find(&self, request: Request<v1::FindRequest>) -> Result<Response<Parts>, Status> {
        self.ask(request, |request| answers::find_from(request).map(GraphQuestion::Find))
    }
}

impl Graph {
    fn ask<T>(
        &self,
        request: Request<T>,
        read: impl FnOnce(T) -> Result<GraphQuestion, WireError>,
    ) -> Result<Response<Parts>, Status> {
        // A standby's graph, if it has one, is as old as its last time as the leader.
        self.seat.engine().map_err(not_leader)?;
        let mut life = StreamLife::of(&request, &self.seat, &self.shutdown);
        let question = read(request.into_inner()).map_err(bad_request)?;
        let absent = || {
            let what = "this coordinator keeps no graph; start it with --graph, or ask with `edgraph query` where \
                        the ingester keeps it";
            unanswered(QueryRefusal::NoGraph(what.to_owned()))
        };
        let queries = self.queries.clone().ok_or_else(absent)?;
        let responses = told(PATIENCE, move |reader| async move {
            tokio::select! {
                answered = answer(queries, question, &reader) => answered,
                reason = life.ended() => Err(reason),
                () = reader.gone() => Ok(()),
            }
        });
        Ok(Response::new(Box::pin(responses)))
    }
}

async fn answer(
    queries: Queries,
    question: GraphQuestion,
    reader: &Reader<v1::QueryResponse>,
) -> Result<(), Status> {
    let turn = tokio::time::timeout(TURN_PATIENCE, queries.turns.acquire()).await;
    let _turn = turn.map_err(|_| busy(TURN_PATIENCE, MAX_AT_ONCE))?;
    let (sender, mut parts) = mpsc::channel(1);
    let asking = async { queries.answers.answer(question, sender).await.map_err(unanswered) };
    let telling = async {
        while let Some(part) = parts.recv().await {
            for message in messages(part)? {
                match reader.tell(message).await {
                    Ok(()) => {}
                    Err(Unread::Slow(patience)) => return Err(too_slow(patience, "ask again")),
                    Err(Unread::Gone) => return Ok(()),
                }
            }
        }
        Ok(())
    };
    tokio::try_join!(asking, telling).map(|_| ())
}

/// A part of an answer in as many messages as it takes for each to fit.
fn messages(part: QueryPart) -> Result<Vec<v1::QueryResponse>, Status> {
    let QueryPart::Rows(rows) = part else { return Ok(vec![graph::part_to(part)]) };
    let mut rows: Vec<v1::QueryRow> = rows.into_iter().map(graph::row_to).collect();
    let mut messages = Vec::new();
    while !rows.is_empty() {
        let rest = rows.split_off(fitting(&rows, Message::encoded_len));
        let len = rows.iter().map(Message::encoded_len).sum::<usize>();
        if len > MAX_PAGE_LEN {
            let what =
                format!("a row of the answer has {len} bytes, at most {MAX_PAGE_LEN} fit; return less of it");
            return Err(unanswered(QueryRefusal::TooLarge(what)));
        }
        messages.push(graph::rows_to(std::mem::replace(&mut rows, rest)));
    }
    Ok(messages)
}
