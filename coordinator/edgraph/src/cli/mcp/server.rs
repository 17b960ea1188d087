//! The tools: each asks what a command of the same name asks, and answers with text.

use std::path::PathBuf;
use std::sync::Arc;

use edgraph_graph::asking::{Asker, Which};
use edgraph_graph::database::ddl::{self, SchemaFormat};
use edgraph_graph::find::{self, Kind};
use edgraph_graph::query::{self, Format, Question, examples};
use edgraph_graph::series::{self, Basis, Length, StandardMap};
use edgraph_graph::statement::{self, Breakdown, Proof, Span, Wanted};
use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::model::GraphQuery;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{Implementation, ServerCapabilities, ServerConfig};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler, tool, tool_handler, tool_router};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::super::describe;
use super::super::place::StoreArgs;
use super::super::remote::RemoteArgs;
use super::bounds;
use super::requests::{Cypher, Finding, Named, Periods, SeriesOf, Sort, StatementOf, TextOf};
use crate::text::{self, Text};

/// Questions to the graph at one time: each is a process.
const MAX_AT_ONCE: usize = 4;
/// Rows that a query answers with unless more are asked for, and at most.
const ROWS: (u32, u32) = (100, 1_000);
/// Hits of each kind that are found unless more are asked for, and at most.
const HITS: (u32, u32) = (10, 100);
/// Periods of a statement at most: columns of a table.
const MAX_PERIODS: u32 = 12;

const INSTRUCTIONS: &str = "Company filings (10-K, 10-Q) of the SEC's EDGAR as a graph of facts, exactly as filed. \
Begin with `find` when you do not know a company, a concept or a note by name. `statement` shows a statement as the \
company filed it, `series` one amount over time with the concept that stands for it in every row, `text` a note or \
policy as plain text. What these cannot say, `query` answers in Cypher (`schema` and `examples` first). Every number \
comes with the accession number of its filing and the id of its fact there: quote them. A number that is absent or \
disputed is so for the reason given; do not fill it in.";

/// Where answers are from.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) graph: PathBuf,
    pub(super) store: StoreArgs,
    pub(super) asker: Asker,
    pub(super) remote: RemoteArgs,
}

/// One for all clients.
#[derive(Clone)]
pub(super) struct Server {
    sources: Arc<Sources>,
    turns: Arc<Semaphore>,
}

type Answer = Result<String, String>;

impl Server {
    pub(super) fn new(sources: Sources) -> Self {
        Self { sources: Arc::new(sources), turns: Arc::new(Semaphore::new(MAX_AT_ONCE)) }
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, String> {
        self.turns.acquire().await.map_err(|error| error.to_string())
    }

    async fn ask(&self, which: Which, advice: &str, context: &RequestContext<RoleServer>) -> Answer {
        let _turn = self.turn().await?;
        let Sources { graph, asker, .. } = &*self.sources;
        let text = asker.text(graph, which, Format::Table { width: None }, &context.ct).await;
        text.map(|text| bounds::lines(&text, advice)).map_err(|refusal| refusal.to_string())
    }
}

#[tool_router]
impl Server {
    /// Looks up companies, concepts, statements and notes by a few words; each hit has what the other tools ask for.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn find(
        &self,
        Parameters(asked): Parameters<Finding>,
        context: RequestContext<RoleServer>,
    ) -> Answer {
        let kind = asked.kind.map(|kind| match kind {
            Sort::Company => Kind::Company,
            Sort::Concept => Kind::Concept,
            Sort::Statement => Kind::Statement,
            Sort::Text => Kind::Text,
        });
        let (usual, most) = HITS;
        let limit = asked.limit.unwrap_or(usual).clamp(1, most) as usize;
        let request = find::Request { text: asked.text, kind, limit };
        self.ask(Which::Find(request), "ask for one kind, or fewer hits", &context).await
    }

    /// A financial statement as the company filed it: lines in order, labels, signs and columns of the filing; below each
    /// number its filing's accession number and, after #, the id of the fact in it.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn statement(
        &self,
        Parameters(asked): Parameters<StatementOf>,
        context: RequestContext<RoleServer>,
    ) -> Answer {
        let span = match (asked.years, asked.quarters) {
            (Some(_), Some(_)) => return Err("give `years` or `quarters`, not both".to_owned()),
            (Some(0), _) | (_, Some(0)) => return Err("at least one period".to_owned()),
            (Some(years), None) => Span::Years(years.min(MAX_PERIODS) as usize),
            (None, Some(quarters)) => Span::Quarters(quarters.min(MAX_PERIODS) as usize),
            (None, None) => Span::Report,
        };
        let request = statement::Request {
            company: asked.company,
            wanted: Wanted::parse(asked.statement.as_deref().unwrap_or("income")),
            span,
            breakdown: if asked.breakdown { Breakdown::Everywhere } else { Breakdown::WhereNeeded },
        };
        let advice = "ask for fewer periods, or without `breakdown`";
        self.ask(Which::Statement(request, Proof::Below), advice, &context).await
    }

    /// One amount over time, for one company or several. Every row names the concept taken and the fact it is from, or
    /// the facts it is derived from; candidates that disagree are all shown, and what cannot be proven is absent.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn series(
        &self,
        Parameters(asked): Parameters<SeriesOf>,
        context: RequestContext<RoleServer>,
    ) -> Answer {
        let request = series::Request {
            companies: asked.companies,
            name: asked.name,
            length: match asked.periods {
                None | Some(Periods::Annual) => Length::Years,
                Some(Periods::Quarterly) => Length::Quarters,
                Some(Periods::Ttm) => Length::TwelveMonths,
            },
            basis: if asked.as_first_reported { Basis::First } else { Basis::Last },
            map: StandardMap::standard(),
        };
        self.ask(Which::Series(request), "ask for fewer companies at a time", &context).await
    }

    /// The text of a note, a policy or another fact of a filing, as plain text.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn text(&self, Parameters(asked): Parameters<TextOf>) -> Answer {
        let accession: AccessionNumber =
            asked.accession.parse().map_err(|error| format!("accession: {error}"))?;
        let store = self.sources.store.read().await.map_err(|error| error.message)?;
        let texts = text::text(&store, accession, &asked.concept).await;
        let texts = texts.map_err(|error| error.to_string())?;
        let told = |text: &Text| format!("==> {} <==\n{}\n", text.which(), text.plain());
        let texts: Vec<String> = texts.iter().map(told).collect();
        Ok(format!("{accession}\n") + &bounds::part(&texts.join("\n"), asked.from))
    }

    /// Any question to the graph in Cypher, read-only; the answer is CSV with exact numbers.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn query(
        &self,
        Parameters(asked): Parameters<Cypher>,
        context: RequestContext<RoleServer>,
    ) -> Answer {
        let named = |(name, value): (String, serde_json::Value)| {
            query::parameter_from(&name, value).map(|value| (name, value)).map_err(|error| error.to_string())
        };
        let parameters = asked.parameters.into_iter().map(named).collect::<Result<_, _>>()?;
        let mut question = Question::new(&self.sources.graph, asked.cypher);
        let (usual, most) = ROWS;
        let GraphQuery { limits, parameters: own, .. } = &mut question.query;
        *own = parameters;
        limits.max_rows = asked.max_rows.unwrap_or(usual).min(most) as usize;
        let _turn = self.turn().await?;
        let table = self.sources.asker.query(question, &context.ct).await;
        let table = table.map_err(|refusal| refusal.to_string())?;
        let more = if table.truncated { "[there are more rows]\n" } else { "" };
        let text = query::render(&table, Format::Csv) + more;
        Ok(bounds::lines(&text, "return fewer columns or rows"))
    }

    /// The graph's tables with their columns, and the relationships between them; one table by name.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn schema(&self, Parameters(Named { name }): Parameters<Named>) -> Answer {
        let text = match name {
            None => ddl::print(SchemaFormat::Markdown),
            Some(name) => ddl::describe(&name).ok_or_else(|| format!("no table is called {name:?}"))?,
        };
        Ok(bounds::lines(&text, "name one table"))
    }

    /// Cypher statements to begin with; one by name.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn examples(&self, Parameters(Named { name }): Parameters<Named>) -> Answer {
        let listed = |example: &examples::Example| format!("{}: {}\n", example.name, example.doc);
        match name {
            None => Ok(examples::all().map(listed).collect()),
            Some(name) => {
                let example =
                    examples::find(&name).ok_or_else(|| format!("no example is called {name:?}"))?;
                Ok(format!("{}\n", example.cypher))
            }
        }
    }

    /// Where pipelines stand that load filings, at the coordinator that this server was given; one by its id.
    #[tool(annotations(read_only_hint = true, open_world_hint = false))]
    async fn pipelines(&self, Parameters(Named { name }): Parameters<Named>) -> Answer {
        let told = async {
            let client = self.sources.remote.connect().await?;
            let text = match name {
                Some(id) => describe::pipeline(&client.get(&id).await?),
                None => describe::pipelines(&client.list().all().await?),
            };
            Ok::<_, super::super::CommandError>(text)
        };
        let text = told.await.map_err(|error| error.message)?;
        Ok(bounds::lines(&text, "name one pipeline"))
    }
}

#[tool_handler(router = Self::tool_router())]
impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let own = Implementation::new("edgraph", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(own)
            .with_instructions(INSTRUCTIONS)
    }
}
