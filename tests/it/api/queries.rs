//! Questions over the network: rows with their exact values, limits that hold, and refusals that programs can branch on.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use edgraph::answers::OwnGraph;
use edgraph_client::{Client, Error, prost_types, v1};
use edgraph_coordinator::engine::Role as Seated;
use edgraph_coordinator::service::{Queries, Role, ServeConfig, Tokens};
use edgraph_graph::asking::Asker;
use edgraph_tests::eventually::eventually_blocking;
use tempfile::TempDir;
use v1::graph_value::Kind;

use crate::coordinator::{RunningEngine, Services};
use crate::program::{Run, binary, edgraph};

/// Runs for minutes.
const ENDLESS: &str = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b % 7) AS s";

/// A coordinator that keeps the graph of the sample filings.
struct Kept {
    folder: TempDir,
    engine: RunningEngine,
    services: Services,
}

impl Kept {
    async fn start(tokens: Tokens) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().to_owned();
        tokio::task::spawn_blocking(move || Run::samples(&out).ok()).await.unwrap();
        let engine = RunningEngine::start().await;
        let own = OwnGraph { graph: folder.path().join("graph"), asker: Asker::new(binary(), "answer") };
        let config = ServeConfig { tokens, graph: Some(Queries::new(own)), ..ServeConfig::default() };
        let services = Services::start(Seated::Leading(engine.handle.clone()), config).await;
        Self { folder, engine, services }
    }

    async fn client(&self) -> Client {
        self.services.client().await
    }

    /// Where the processes that answer have their graph open.
    fn database(&self) -> PathBuf {
        self.folder.path().join("graph/graph")
    }

    async fn stop(self) {
        self.services.stop().await;
        self.engine.stop().await;
    }
}

fn asked(cypher: &str) -> v1::QueryRequest {
    v1::QueryRequest { cypher: cypher.to_owned(), ..Default::default() }
}

async fn rows(client: &Client, request: v1::QueryRequest) -> Result<(Vec<Vec<Kind>>, bool), Error> {
    let mut answer = client.query(request).await?;
    let mut rows = Vec::new();
    while let Some(row) = answer.next().await? {
        rows.push(row.into_iter().map(|value| value.kind.expect("every value is of a kind")).collect());
    }
    Ok((rows, answer.is_truncated()))
}

fn number(number: f64, decimal: &str) -> Kind {
    Kind::Number(v1::GraphNumber { number, decimal: decimal.to_owned() })
}

/// Whether any process has a file open.
fn is_open(file: &PathBuf) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let files = processes.filter_map(|process| std::fs::read_dir(process.path().join("fd")).ok());
    files
        .flatten()
        .flatten()
        .filter_map(|open| std::fs::read_link(open.path()).ok())
        .any(|open| open == *file)
}

#[tokio::test(flavor = "multi_thread")]
async fn values_come_exactly_and_in_order() {
    let kept = Kept::start(Tokens::open()).await;
    let client = kept.client().await;
    let parameters = [("list", serde_json::json!([1, 2])), ("text", "a".into())];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), to_value(value)));
    let request = v1::QueryRequest {
        parameters: parameters.into(),
        ..asked(
            "RETURN 331233000000.0 AS z, 9007199254740993 AS large, 0.1 AS tenth, NULL AS nothing, true AS yes,
                    $text AS text, $list AS list, {b: 1, a: 'x'} AS map, date('2024-01-31') AS day",
        )
    };
    let mut answer = client.query(request).await.unwrap();
    assert_eq!(answer.columns(), ["z", "large", "tenth", "nothing", "yes", "text", "list", "map", "day"]);
    let row = answer.next().await.unwrap().unwrap();
    let row: Vec<Kind> = row.into_iter().map(|value| value.kind.unwrap()).collect();
    let value = |kind: Kind| v1::GraphValue { kind: Some(kind) };
    let field = |name: &str, kind| v1::GraphField { name: name.to_owned(), value: Some(value(kind)) };
    let fields = vec![field("b", number(1.0, "1")), field("a", Kind::Text("x".into()))];
    let expected = [
        number(331_233_000_000.0, "331233000000"),
        number(9_007_199_254_740_992.0, "9007199254740993"),
        number(0.1, "0.1"),
        Kind::Null(0),
        Kind::Boolean(true),
        Kind::Text("a".into()),
        Kind::List(v1::GraphList { values: vec![value(number(1.0, "1")), value(number(2.0, "2"))] }),
        Kind::Object(v1::GraphObject { label: String::new(), fields }),
        Kind::Text("2024-01-31".into()),
    ];
    assert_eq!(row, expected);
    assert!(answer.next().await.unwrap().is_none() && !answer.is_truncated());

    let node =
        rows(&client, asked("MATCH (r:Report) RETURN r ORDER BY r.accession LIMIT 1")).await.unwrap().0;
    let [Kind::Object(report)] = node[0].as_slice() else { panic!("{node:?}") };
    assert_eq!((report.label.as_str(), report.fields[0].name.as_str()), ("Report", "identifier"));

    // Some 9 MiB, in messages that every client takes.
    let many = v1::QueryRequest { max_rows: 300_000, ..asked("UNWIND range(1, 200000) AS n RETURN n") };
    let (all, truncated) = rows(&client, many).await.unwrap();
    assert!(all.len() == 200_000 && !truncated && all[199_999] == [number(200_000.0, "200000")]);
    kept.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_series_and_search_come_as_the_commands_give_them() {
    let kept = Kept::start(Tokens::open()).await;
    let client = kept.client().await;
    let graph = kept.folder.path().join("graph");
    let company = "LKSP".to_owned();
    let span = Some(v1::get_statement_request::Span::Years(2));
    let statement = v1::GetStatementRequest { company: company.clone(), span, ..Default::default() };
    let length = v1::SeriesLength::Quarters.into();
    let series = v1::GetSeriesRequest {
        companies: vec![company],
        name: "gaap:Assets".into(),
        length,
        as_first_reported: false,
    };
    let find = v1::FindRequest { text: "revenue".into(), kind: v1::FindKind::Concept.into(), limit: 3 };
    for (answer, command) in [
        (client.statement(statement).await.unwrap(), &["statement", "LKSP", "--years", "2"][..]),
        (client.series(series).await.unwrap(), &["series", "LKSP", "gaap:Assets", "--quarterly"]),
        (client.find(find).await.unwrap(), &["find", "revenue", "--kind", "concept", "--limit", "3"]),
    ] {
        let graph = graph.to_str().unwrap().to_owned();
        let arguments: Vec<String> = command.iter().map(|&word| word.to_owned()).collect();
        let printed = tokio::task::spawn_blocking(move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            edgraph([&arguments[..], &["--graph", &graph, "--format", "csv"]].concat()).ok().stdout
        });
        let printed = printed.await.unwrap();
        let mut expected = csv::Reader::from_reader(printed.as_bytes());
        let columns: Vec<String> = expected.headers().unwrap().iter().map(str::to_owned).collect();
        assert_eq!(answer.columns(), columns);
        let cell = |cell: &str| match cell.strip_suffix(".0") {
            Some(whole) => whole.to_owned(),
            None => if cell.starts_with(['{', '[']) { PARTS } else { cell }.to_owned(),
        };
        let expected: Vec<Vec<String>> =
            expected.records().map(|row| row.unwrap().iter().map(cell).collect()).collect();
        assert_eq!(texts(answer).await, expected, "{command:?}");
    }
    for (refused, expected) in [
        (client.statement(v1::GetStatementRequest::default()).await, "`company` is missing"),
        (
            client
                .statement(v1::GetStatementRequest { company: "NOBODY".into(), ..Default::default() })
                .await,
            "NOBODY",
        ),
        (
            client.find(v1::FindRequest { text: "zzzz".into(), ..Default::default() }).await,
            "nothing in this graph",
        ),
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }) && error.to_string().contains(expected), "{error}");
    }
    kept.stop().await;
}

/// What stands for a value that has parts.
const PARTS: &str = "parts";

/// Rows as CSV has them.
async fn texts(mut answer: edgraph_client::Rows) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    while let Some(row) = answer.next().await.unwrap() {
        let text = |value: v1::GraphValue| match value.kind.unwrap() {
            Kind::Null(_) => String::new(),
            Kind::Boolean(value) => value.to_string(),
            Kind::Number(number) => number.decimal,
            Kind::Text(text) => text,
            Kind::List(_) | Kind::Object(_) => PARTS.to_owned(),
        };
        rows.push(row.into_iter().map(text).collect());
    }
    rows
}

fn to_value(json: serde_json::Value) -> prost_types::Value {
    use prost_types::value::Kind;
    let kind = match json {
        serde_json::Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap()),
        serde_json::Value::String(text) => Kind::StringValue(text),
        serde_json::Value::Array(values) => {
            Kind::ListValue(prost_types::ListValue { values: values.into_iter().map(to_value).collect() })
        }
        other => panic!("{other}"),
    };
    prost_types::Value { kind: Some(kind) }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_and_a_call_that_ends_ends_its_statement() {
    let kept = Kept::start(Tokens::open()).await;
    let client = kept.client().await;
    let few = v1::QueryRequest { max_rows: 3, ..asked("UNWIND range(1, 9) AS n RETURN n") };
    let (some, truncated) = rows(&client, few).await.unwrap();
    assert!(some.len() == 3 && truncated);
    let small = v1::QueryRequest { max_bytes: 64, ..asked("UNWIND range(1, 9000) AS n RETURN n") };
    let (some, truncated) = rows(&client, small).await.unwrap();
    assert!(some.len() == 8 && truncated, "{}", some.len());
    let wide = "UNWIND range(1, 2) AS n RETURN repeat('0123456789', 400000) AS t";
    let error = rows(&client, asked(wide)).await.unwrap_err();
    assert!(error.reason() == "QUERY_TOO_LARGE" && error.to_string().contains("return less"), "{error}");

    let began = Instant::now();
    let timeout = Some(prost_types::Duration { seconds: 1, nanos: 0 });
    let error = rows(&client, v1::QueryRequest { timeout, ..asked(ENDLESS) }).await.unwrap_err();
    assert_eq!(error.reason(), "QUERY_TOO_LONG");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());

    // More than are answered at one time: all end with their callers.
    let database = kept.database();
    let asking: Vec<_> = (0..6)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { rows(&client, asked(ENDLESS)).await })
        })
        .collect();
    let within = Duration::from_secs(20);
    let open = database.clone();
    let is_open_in_time = move |wanted: bool| {
        eventually_blocking("processes", within, || (is_open(&open) == wanted).then_some(()));
    };
    let wait = is_open_in_time.clone();
    tokio::task::spawn_blocking(move || wait(true)).await.unwrap();
    asking.iter().for_each(tokio::task::JoinHandle::abort);
    tokio::task::spawn_blocking(move || is_open_in_time(false)).await.unwrap();
    let (one, _) = rows(&client, asked("RETURN 1 AS one")).await.unwrap();
    assert_eq!(one, [[number(1.0, "1")]]);
    kept.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_what_is_wrong() {
    let kept = Kept::start(Tokens::open()).await;
    let client = kept.client().await;
    let cases = "MATCH (f:Fact) RETURN sum(CASE WHEN f.is_primary THEN 1 ELSE 0 END)";
    let text = |text: &str| [("p".to_owned(), to_value(text.into()))].into();
    for (request, field, words) in [
        (asked(" "), "cypher", "missing"),
        (asked("MATCH (n:Fact) SET n.value = ''"), "cypher", "SET"),
        (asked("MATCH (n:Nothing) RETURN n"), "cypher", "Nothing"),
        (asked("CALL read_parquet('x') RETURN *"), "cypher", "not for queries"),
        (asked(cases), "cypher", "= true THEN"),
        (asked("RETURN $p"), "cypher", "missing parameters: p"),
        (v1::QueryRequest { parameters: text("a"), ..asked("RETURN 1") }, "cypher", "p"),
        (v1::QueryRequest { max_rows: 1_000_001, ..asked("RETURN 1") }, "max_rows", "at most 1000000"),
        (v1::QueryRequest { max_bytes: 1 << 40, ..asked("RETURN 1") }, "max_bytes", "at most"),
        (
            v1::QueryRequest {
                timeout: Some(prost_types::Duration { seconds: 0, nanos: 0 }),
                ..asked("RETURN 1")
            },
            "timeout",
            "at most 600 s",
        ),
    ] {
        let error = rows(&client, request).await.unwrap_err();
        let Error::Invalid(refusal) = &error else { panic!("{error:?}") };
        assert!(refusal.violations[0].0 == field && refusal.message.contains(words), "{refusal:?}");
    }
    std::fs::remove_dir_all(kept.folder.path().join("graph")).unwrap();
    let error = rows(&client, asked("RETURN 1")).await.unwrap_err();
    assert!(matches!(&error, Error::IllegalState(_)) && error.reason() == "NO_GRAPH", "{error:?}");
    kept.services.become_(Seated::Standby { leader: None });
    let impatient = Client::builder().endpoints([kept.services.url()]).retry_for(Duration::ZERO);
    let error = rows(&impatient.connect().await.unwrap(), asked("RETURN 1")).await.unwrap_err();
    assert_eq!(error.reason(), "NOT_LEADER");
    kept.stop().await;

    let engine = RunningEngine::start().await;
    let without = Services::leading(&engine).await;
    let error = rows(&without.client().await, asked("RETURN 1")).await.unwrap_err();
    assert!(error.reason() == "NO_GRAPH" && error.to_string().contains("--graph"), "{error}");
    without.stop().await;
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_look_may_ask() {
    let roles = [(Role::Viewer, "v"), (Role::Client, "c"), (Role::Worker, "w"), (Role::Admin, "a")];
    let kept = Kept::start(Tokens::fixed(roles).unwrap()).await;
    for (role, token) in roles {
        let client = Client::builder().endpoints([kept.services.url()]).token(token).connect().await.unwrap();
        let answered = rows(&client, asked("RETURN 1 AS one")).await;
        match role {
            Role::Worker => assert!(matches!(answered, Err(Error::PermissionDenied(_))), "{answered:?}"),
            _ => assert_eq!(answered.unwrap().0.len(), 1),
        }
    }
    kept.stop().await;
}
