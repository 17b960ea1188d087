//! The Model Context Protocol as its clients speak it: over pipes and over HTTP, to the real program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::RunningService;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{RoleClient, ServiceExt};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Run, command};

/// Tokens that clients take; of table rules and digits one is two bytes at least.
const MAX_BYTES: usize = 2 * 20_000;

type Client = RunningService<RoleClient, ()>;

async fn samples() -> TempDir {
    let out = tempfile::tempdir().unwrap();
    let path = out.path().to_owned();
    tokio::task::spawn_blocking(move || Run::samples(&path).ok()).await.unwrap();
    out
}

/// The server's command line over what a run wrote.
fn server(out: &Path, more: &[&str]) -> std::process::Command {
    let (graph, store) = (out.join("graph"), out.join("store"));
    let mut command =
        command(["mcp", "--graph", graph.to_str().unwrap(), "--store", store.to_str().unwrap()]);
    command.args(more).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn call(client: &Client, tool: &'static str, arguments: Value) -> CallToolResult {
    let Value::Object(arguments) = arguments else { panic!("{arguments}") };
    client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments)).await.unwrap()
}

fn text(result: &CallToolResult) -> String {
    let texts: Vec<&str> =
        result.content.iter().map(|block| block.as_text().unwrap().text.as_str()).collect();
    assert!(texts.concat().len() <= MAX_BYTES);
    texts.concat()
}

async fn answer(client: &Client, tool: &'static str, arguments: Value) -> String {
    let result = call(client, tool, arguments).await;
    assert_ne!(result.is_error, Some(true), "{tool}: {result:?}");
    text(&result)
}

async fn refusal(client: &Client, tool: &'static str, arguments: Value) -> String {
    let result = call(client, tool, arguments).await;
    assert_eq!(result.is_error, Some(true), "{tool}: {result:?}");
    text(&result)
}

/// What an assistant does to answer a question, step by step.
async fn a_conversation(client: &Client) {
    let tools: Vec<String> =
        client.list_all_tools().await.unwrap().into_iter().map(|tool| tool.name.into_owned()).collect();
    for tool in ["find", "statement", "series", "text", "query", "schema", "examples", "pipelines"] {
        assert!(tools.iter().any(|known| known == tool), "{tools:?}");
    }
    let found = answer(client, "find", json!({"text": "revenue recognition"})).await;
    assert!(found.contains("0009900001-25-000011") && found.contains("TextBlock"), "{found}");
    let concepts = answer(client, "find", json!({"text": "revenues", "kind": "concept", "limit": 1})).await;
    assert!(concepts.contains("gaap:Revenues"), "{concepts}");
    let statement = answer(client, "statement", json!({"company": "LKSP", "statement": "balance"})).await;
    assert!(statement.contains("Total assets") && statement.contains("0009900001-25-0000"), "{statement}");
    let series = answer(client, "series", json!({"companies": ["LKSP", "QUIL"], "name": "Revenues"})).await;
    for words in ["gaap:Revenues", "QUIL", "0009900002-24-000040#"] {
        assert!(series.contains(words), "{words}: {series}");
    }
    let note = json!({"accession": "0009900001-25-000011", "concept": "RevenueRecognitionPolicyTextBlock"});
    let text = answer(client, "text", note).await;
    assert!(text.starts_with("0009900001-25-000011") && text.contains("Revenue recognition"), "{text}");
    let cypher = "MATCH (r:Report {accession: $accession})-[:REPORT_HAS_FACT]->(f:Fact)
                  RETURN f.accession AS accession, count(*) AS facts, 331233000000.0 AS large";
    let asked = json!({"cypher": cypher, "parameters": {"accession": "0009900001-25-000011"}});
    let rows = answer(client, "query", asked).await;
    assert!(rows.starts_with("accession,facts,large\n0009900001-25-000011,"), "{rows}");
    assert!(rows.trim_end().ends_with(",331233000000.0"), "{rows}");

    // Bounded, and said to be.
    let many = answer(client, "query", json!({"cypher": "UNWIND range(1, 500) AS n RETURN n"})).await;
    assert!(many.lines().count() == 102 && many.ends_with("[there are more rows]\n"), "{many}");
    let wide = "UNWIND range(1, 900) AS n RETURN n, repeat('0123456789', 20) AS t";
    let wide = answer(client, "query", json!({"cypher": wide, "max_rows": 900})).await;
    assert!(wide.contains("[cut here: ") && wide.contains("of 901 lines"), "{}", &wide[wide.len() - 200..]);
    assert!(answer(client, "schema", json!({})).await.contains("## Fact"));
    let table = answer(client, "schema", json!({"name": "report"})).await;
    assert!(table.contains("## Report") && !table.contains("## Fact"), "{table}");
    assert!(answer(client, "examples", json!({"name": "summary"})).await.contains("MATCH"));

    // What cannot be answered says why, and the next question is answered.
    for (tool, arguments, words) in [
        ("query", json!({"cypher": "MATCH (n:Fact) SET n.value = ''"}), "SET"),
        ("query", json!({"cypher": "CALL read_parquet('x') RETURN *"}), "not for queries"),
        ("find", json!({"text": "revenuue"}), "revenue"),
        ("statement", json!({}), "company"),
        ("statement", json!({"company": "NONE"}), "not in this graph"),
        ("statement", json!({"company": "LKSP", "years": 1, "quarters": 1}), "not both"),
        ("series", json!({"companies": ["LKSP"], "name": "revenues_of_tomorrow"}), "revenue"),
        ("text", json!({"accession": "1", "concept": "x"}), "accession"),
        ("schema", json!({"name": "Nothing"}), "Nothing"),
        ("pipelines", json!({}), "no coordinator answers"),
    ] {
        let said = refusal(client, tool, arguments.clone()).await;
        assert!(said.contains(words), "{tool} {arguments}: {said}");
    }
    assert!(answer(client, "query", json!({"cypher": "RETURN 1 AS one"})).await.contains('1'));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assistant_asks_over_pipes() {
    let out = samples().await;
    let mut command =
        tokio::process::Command::from(server(out.path(), &["--coordinator", "http://127.0.0.1:1"]));
    let mut child = command.kill_on_drop(true).spawn().unwrap();
    let client = ().serve((child.stdout.take().unwrap(), child.stdin.take().unwrap())).await.unwrap();
    let info = client.peer_info().unwrap();
    assert!(info.instructions.as_deref().unwrap().contains("accession number"));
    a_conversation(&client).await;
    client.cancel().await.unwrap();
    let ended =
        tokio::time::timeout(Duration::from_secs(10), child.wait()).await.expect("it ends with its client");
    assert!(ended.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn assistants_ask_over_http_and_pages_of_strangers_do_not() {
    let out = samples().await;
    let mut child = server(out.path(), &["--http", "127.0.0.1:0", "--coordinator", "http://127.0.0.1:1"])
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    let (one, two) = tokio::join!(
        ().serve(StreamableHttpClientTransport::from_uri(url.clone())),
        ().serve(StreamableHttpClientTransport::from_uri(url.clone()))
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    tokio::join!(a_conversation(&one), a_conversation(&two));

    let address = url.trim_start_matches("http://").trim_end_matches("/mcp").to_owned();
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let status = |header: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        let request = format!(
            "POST /mcp HTTP/1.1\r\n{header}Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut said = [0; 12];
        stream.read_exact(&mut said).unwrap();
        String::from_utf8_lossy(&said[9..]).into_owned()
    };
    let host = format!("Host: {address}\r\n");
    assert_eq!(status(&format!("{host}Origin: https://evil.example\r\n")), "403");
    assert_eq!(status("Host: evil.example\r\n"), "403");
    for client in [one, two] {
        client.cancel().await.unwrap();
    }
    assert_eq!(terminated(child), Some(0));
}

/// The exit code of a process that is told to end, and does so at once.
fn terminated(mut child: Child) -> Option<i32> {
    let began = Instant::now();
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::TERM).unwrap();
    let code = child.wait().unwrap().code();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    code
}

#[test]
fn it_ends_when_told_to_though_its_client_says_nothing() {
    let out = tempfile::tempdir().unwrap();
    let mut child = server(out.path(), &[]).spawn().unwrap();
    let input = child.stdin.take().unwrap();
    let mut begin = &input;
    let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}});
    writeln!(begin, "{hello}").unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let welcome: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(welcome["result"]["serverInfo"]["name"], "edgraph");
    assert_eq!(terminated(child), Some(0));

    let refused = server(out.path(), &["--http", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("127.0.0.1:0"), "{refused:?}");
}
