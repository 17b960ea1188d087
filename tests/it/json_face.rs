//! The API as JSON over HTTP: every call as a person with `curl` makes it, errors with their reasons, streams as events, and
//! who is not let in.

use std::time::Duration;

use edgraph_coordinator::engine::{Role, Seat};
use edgraph_coordinator::http;
use edgraph_coordinator::service::{Role as Holder, ServeConfig, Tls, Tokens};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::coordinator::RunningEngine;

/// A face over an engine, or over none.
struct Face {
    address: String,
    role: watch::Sender<Role>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    fn reason(&self) -> (u16, String) {
        (self.status, self.json()["error"]["reason"].as_str().unwrap_or_default().to_owned())
    }
}

impl Face {
    async fn over(role: Role, config: ServeConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let stop = CancellationToken::new();
        let (role, seat) = watch::channel(role);
        let serving = http::serve(listener, Seat::new(seat), config, stop.clone());
        let task = tokio::spawn(async move { serving.await.unwrap() });
        Self { address, role, stop, task }
    }

    async fn leading(engine: &RunningEngine) -> Self {
        Self::over(Role::Leading(engine.handle.clone()), ServeConfig::default()).await
    }

    /// Sends these bytes and reads to the end.
    async fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut bytes)).await.unwrap().unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    async fn ask(&self, verb: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let mut head =
            format!("{verb} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        if !headers.iter().any(|header| header.starts_with("host:")) {
            head.push_str(&format!("host: {}\r\n", self.address));
        }
        for header in headers {
            head.push_str(&format!("{header}\r\n"));
        }
        self.send(&format!("{head}\r\n{body}")).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", &format!("/api/v1/{path}"), &[], "").await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", &format!("/api/v1/{path}"), &["content-type: application/json"], &body.to_string())
            .await
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

#[tokio::test]
async fn pipelines_are_started_looked_at_and_steered() {
    let engine = RunningEngine::start().await;
    let face = Face::leading(&engine).await;
    let body = json!({"pipeline_id": "nightly", "sec_xbrl": {"tickers": ["AAPL"], "filings": {"max_filings_per_entity": 4}}});
    let started = face.post("pipelines", body.clone()).await;
    assert_eq!(started.status, 200, "{started:?}");
    assert_eq!((&started.json()["created"], &started.json()["pipeline"]["round"]), (&json!(true), &json!(1)));
    assert_eq!(face.post("pipelines", body).await.json()["created"], false);
    let status = face.get("pipelines/nightly").await.json();
    let pipeline = &status["pipeline"];
    // Zeros are there, 64-bit numbers are texts, parameters are objects.
    assert_eq!((&pipeline["progress_percent"], &pipeline["expected_tasks"]), (&json!(0), &json!("0")));
    assert_eq!(pipeline["params"]["filings"]["max_filings_per_entity"], 4.0);
    assert_eq!(pipeline["state"], "PIPELINE_STATE_RUNNING");
    assert_eq!(face.get("pipelines?page_size=5").await.json()["pipelines"].as_array().unwrap().len(), 1);
    let items = face
        .get("pipelines/nightly/items?filter.state=ITEM_STATE_READY&filter.kind=discover_companies")
        .await;
    assert_eq!(items.json()["items"][0]["key"], "discover_companies/all");
    let item = face.get("pipelines/nightly/items/discover_companies/all").await.json();
    assert_eq!(item["item"]["waiting_for"], "no worker takes `discover_companies`");
    let dry = face.post("pipelines/nightly/items/cancel", json!({"dry_run": true})).await.json();
    assert_eq!(dry["cancelled"], "1");
    assert_eq!(face.post("pipelines/nightly/pause", json!({})).await.json()["pipeline"]["paused"], true);
    assert_eq!(face.get("workers").await.json()["workers"], json!([]));
    assert_eq!(face.get("scaling").await.json()["ready_items"], "0", "paused");
    assert_eq!(face.post("pipelines/nightly/cancel", json!({})).await.status, 200);
    // To its end, which has come: one event, and the end of the stream.
    let watched = face.get("pipelines/nightly/watch").await;
    assert!(watched.head.contains("text/event-stream"), "{watched:?}");
    assert_eq!(watched.body.matches("data: ").count(), 1, "{watched:?}");
    assert!(watched.body.contains("PIPELINE_STATE_CANCELLED"), "{watched:?}");
    assert_eq!(face.ask("DELETE", "/api/v1/pipelines/nightly", &[], "").await.status, 200);
    assert_eq!(face.get("pipelines/nightly").await.reason(), (404, "PIPELINE_NOT_FOUND".into()));
    face.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn items_of_clients_are_settled_by_whoever_has_curl() {
    let engine = RunningEngine::start().await;
    let face = Face::leading(&engine).await;
    let spec = json!({"counted_kind": "letters", "client_items": {"expected": 2}});
    face.post("pipelines", json!({"pipeline_id": "own", "kind": "letters", "spec": spec})).await;
    let done = json!({"items": [{"key": "a/1", "result": {"pages": 3}}]});
    assert_eq!(face.post("pipelines/own/items/complete", done).await.json()["completed"], "1");
    let failed = json!({"items": [{"key": "a/2", "reason": "no stamp"}]});
    assert_eq!(face.post("pipelines/own/items/fail", failed).await.json()["ended"], true);
    let item = face.get("pipelines/own/items/a%2F1").await.json();
    assert_eq!(item["item"]["result"], json!({"pages": 3.0}));
    face.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_status_and_reason() {
    let engine = RunningEngine::start().await;
    let face = Face::leading(&engine).await;
    for (path, status, words) in [
        ("nowhere", 404, "there is no /api/v1/nowhere"),
        ("pipelines?what=1", 400, "what: there is no such parameter; there are page_size, page_token"),
        ("pipelines?page_size=many", 400, "page_size: give a number"),
        ("pipelines/p/items?filter.kind.more=1", 400, "no parts that a parameter can name"),
        ("pipelines/p/items?filter.state=ASLEEP", 400, "the request"),
        ("pipelines/UPPER", 400, "pipeline_id"),
        ("pipelines/%FF", 400, "pipeline_id: it is no text"),
    ] {
        let answer = face.get(path).await;
        assert!(answer.status == status && answer.body.contains(words), "{path}: {answer:?}");
    }
    let since = json!({"sec_xbrl": {"tickers": ["A"], "filings": {"since": "yesterday"}}});
    let bad = face.post("pipelines", since).await;
    assert_eq!(bad.reason(), (400, "INVALID_FIELD".into()));
    assert_eq!(bad.json()["error"]["field_violations"][0]["field"], "sec_xbrl.filings.since");
    let unknown = face.post("pipelines", json!({"sec_xbrl": {"ticker": "A"}})).await;
    assert!(unknown.status == 400 && unknown.body.contains("ticker"), "{unknown:?}");
    assert_eq!(face.post("pipelines", json!([1])).await.status, 400);
    assert_eq!(face.ask("PUT", "/api/v1/pipelines", &[], "").await.status, 405);

    // A standby names the leader, and is not ready.
    assert_eq!(face.ask("GET", "/readyz", &[], "").await.status, 200);
    face.role.send_replace(Role::Standby { leader: Some("other:1".into()) });
    let standby = face.get("pipelines").await;
    assert_eq!(standby.reason(), (503, "NOT_LEADER".into()));
    assert_eq!(standby.json()["error"]["metadata"]["leader"], "other:1");
    assert_eq!(face.ask("GET", "/readyz", &[], "").await.status, 503);
    assert_eq!(face.ask("GET", "/livez", &[], "").await.status, 200);
    face.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn tokens_count_as_they_do_for_grpc() {
    let engine = RunningEngine::start().await;
    let tokens = Tokens::fixed([(Holder::Viewer, "eyes"), (Holder::Client, "hands")]).unwrap();
    let config = ServeConfig { tokens, ..ServeConfig::default() };
    let face = Face::over(Role::Leading(engine.handle.clone()), config).await;
    let ask = async |verb: &str, path: &str, token: &str| {
        let headers = [&*format!("authorization: Bearer {token}"), "content-type: application/json"];
        face.ask(verb, &format!("/api/v1/{path}"), &headers, if verb == "POST" { "{}" } else { "" })
            .await
            .status
    };
    assert_eq!(face.get("pipelines").await.reason(), (401, "UNAUTHENTICATED".into()));
    assert_eq!(ask("GET", "pipelines", "eyes").await, 200);
    assert_eq!(ask("POST", "pipelines/p/cancel", "eyes").await, 403);
    assert_eq!(ask("POST", "pipelines/p/cancel", "hands").await, 404);
    assert_eq!(ask("GET", "workers", "hands").await, 403);
    face.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn pages_of_others_are_kept_out_and_nonsense_does_no_harm() {
    let engine = RunningEngine::start().await;
    let face = Face::leading(&engine).await;
    let own = format!("origin: http://{}", face.address);
    for (verb, headers, expected) in [
        ("GET", &["origin: http://evil.example"][..], 403),
        ("GET", &[&own], 200),
        ("GET", &["host: evil.example"], 403),
        // A page can say this, and nobody asks for tokens here.
        ("GET", &["host: evil.example", "origin: http://evil.example", "authorization: Bearer x"], 403),
        ("GET", &["host: localhost:80"], 200),
        ("GET", &["host: [::1]:80"], 200),
        ("POST", &["content-type: text/plain"], 415),
        ("POST", &[], 415),
    ] {
        let answer = face.ask(verb, "/api/v1/pipelines", headers, "").await;
        assert_eq!(answer.status, expected, "{verb} {headers:?} {answer:?}");
    }
    for nonsense in [
        "GET /api/v1/pipelines/../../etc HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        "GET /api/v1/pipelines/%00 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        "GET * HTTP/1.1\r\n\r\n",
        "\0\0\0",
        "GET /api/v1/pipelines?filter=1&filter.state=2&&&=%zz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(&face.address).await.unwrap();
        stream.write_all(nonsense.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await.unwrap();
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{nonsense}");
    }
    // As deep as an address can be.
    let deep = format!("pipelines?params.fields.value{}=1", ".list_value.values".repeat(1_500));
    let answer = face.post(&deep, json!({})).await;
    assert!(answer.status == 400 && answer.body.contains("give it in the body"), "{answer:?}");
    assert_eq!(face.get("pipelines").await.status, 200);
    face.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn who_only_connects_or_begins_to_ask_keeps_nobody_out() {
    let engine = RunningEngine::start().await;
    let config = ServeConfig { max_connections: Some(16), ..ServeConfig::default() };
    let face = Face::over(Role::Leading(engine.handle.clone()), config).await;
    let mut held = Vec::new();
    for n in 0..48 {
        let mut stream = TcpStream::connect(&face.address).await.unwrap();
        if n % 2 == 0 {
            stream.write_all(b"GET /api/v1/pipelines HTTP/1.1\r\nhost: loc").await.unwrap();
        }
        held.push(stream);
    }
    assert_eq!(face.get("pipelines").await.status, 200);
    // Those that are still there are ended before long.
    for mut stream in held {
        let mut rest = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut rest)).await.unwrap();
    }
    face.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn certificates_that_nobody_shows_keep_it_from_being_served() {
    let tls = Tls { certificate: Vec::new(), key: Vec::new(), client_ca: Some(Vec::new()) };
    let config = ServeConfig { tls: Some(tls), ..ServeConfig::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (_, seat) = watch::channel(Role::Standby { leader: None });
    let refused = http::serve(listener, Seat::new(seat), config, CancellationToken::new()).await;
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("is not encrypted") && error.contains("--tokens"), "{error}");
}
