//! Peers that say whatever comes to their mind.

use std::str::FromStr;
use std::time::{Duration, Instant};

use axum::http::uri::PathAndQuery;
use edgraph_coordinator::http::DynamicCodec;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use super::message::{message, set_text};
use crate::chance::Chance;

/// A stream is left after so many messages, if the coordinator has not ended it.
const MESSAGES_PER_STREAM: u64 = 200;
/// How long answers of a stream are waited for.
const LISTEN: Duration = Duration::from_millis(5);

/// The same request with a bearer token.
pub(super) fn with_token<T>(mut request: Request<T>, token: Option<&str>) -> Request<T> {
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    request
}

fn path(method: &MethodDescriptor) -> PathAndQuery {
    let name = format!("/{}/{}", method.parent_service().full_name(), method.name());
    PathAndQuery::from_str(&name).unwrap()
}

/// Whether the coordinator gave an answer, and not up: what it does not know, refuses or has not is an answer.
fn is_answer(status: &Status) -> bool {
    !matches!(status.code(), Code::Unknown | Code::Internal | Code::DataLoss | Code::Unimplemented)
}

/// Whether the connection of somebody without a token was ended: strangers that say nothing for 10 s are, and on a busy
/// machine a peer may be as slow as that.
fn is_shown_the_door(role: Option<&str>, status: &Status) -> bool {
    role.is_none() && format!("{status:?}").contains("GoAway(b\"\", NO_ERROR, Remote)")
}

/// Calls every method of every service but the stream of workers, until the time is up. Returns how often.
pub(super) async fn call_everything(
    channel: Channel,
    pool: DescriptorPool,
    role: Option<&'static str>,
    mut chance: Chance,
    until: Instant,
) -> u64 {
    let all = pool.services().filter(|service| service.package_name() == "edgraph.v1");
    let methods: Vec<MethodDescriptor> = all
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .filter(|m| !m.is_client_streaming())
        .collect();
    let mut calls = 0;
    while Instant::now() < until {
        let method = &methods[chance.below(methods.len() as u64) as usize];
        let request = with_token(Request::new(message(&method.input(), &mut chance)), role);
        let mut grpc = tonic::client::Grpc::new(channel.clone());
        grpc.ready().await.expect("the server is there");
        let codec = DynamicCodec(method.output());
        let answer = match method.is_server_streaming() {
            false => grpc.unary(request, path(method), codec).await.map(drop),
            true => match grpc.server_streaming(request, path(method), codec).await {
                Ok(responses) => {
                    let mut responses = responses.into_inner();
                    let _ = tokio::time::timeout(LISTEN, responses.message()).await;
                    Ok(())
                }
                Err(status) => Err(status),
            },
        };
        calls += 1;
        if let Err(status) = answer {
            let is_well = is_answer(&status) || is_shown_the_door(role, &status);
            assert!(is_well, "{} was answered with {status:?} to {role:?}", method.full_name());
        }
    }
    calls
}

/// Opens streams of workers, most of which begin as they should, and says anything. Returns how much.
pub(super) async fn work(
    channel: Channel,
    pool: DescriptorPool,
    role: Option<&'static str>,
    mut chance: Chance,
    until: Instant,
) -> u64 {
    let method = pool.get_service_by_name("edgraph.v1.WorkerService").unwrap().methods().next().unwrap();
    let name = role.unwrap_or("nobody");
    let mut said = 0;
    while Instant::now() < until {
        let (requests, stream) = mpsc::channel(64);
        if !chance.one_in(10) {
            requests.send(hello(&method, name, &mut chance)).await.unwrap();
        }
        let request = with_token(Request::new(ReceiverStream::new(stream)), role);
        let mut grpc = tonic::client::Grpc::new(channel.clone());
        grpc.ready().await.expect("the server is there");
        said += 1;
        let Ok(responses) = grpc.streaming(request, path(&method), DynamicCodec(method.output())).await
        else {
            // Whoever may not come in is told so at once; others are not asked more often for it.
            tokio::time::sleep(LISTEN).await;
            continue;
        };
        let mut responses = responses.into_inner();
        for _ in 0..chance.below(MESSAGES_PER_STREAM) {
            if requests.send(message(&method.input(), &mut chance)).await.is_err() || Instant::now() > until {
                break;
            }
            said += 1;
            match tokio::time::timeout(Duration::from_micros(200), responses.message()).await {
                Ok(Ok(Some(_))) | Err(_) => {}
                Ok(Ok(None)) => break,
                Ok(Err(status)) => {
                    assert!(is_answer(&status), "a stream ended with {status:?}");
                    break;
                }
            }
        }
    }
    said
}

/// A first message that opens a stream, with random contents otherwise.
fn hello(method: &MethodDescriptor, name: &str, chance: &mut Chance) -> DynamicMessage {
    let mut request = DynamicMessage::new(method.input());
    let field = method.input().get_field_by_name("hello").unwrap();
    let prost_reflect::Kind::Message(descriptor) = field.kind() else { unreachable!("a message") };
    let mut hello = message(&descriptor, chance);
    set_text(&mut hello, "worker_id", name);
    set_text(&mut hello, "incarnation", if chance.one_in(3) { "one" } else { "two" });
    if chance.one_in(2) {
        let field = descriptor.get_field_by_name("held").unwrap();
        hello.set_field(&field, Value::List(Vec::new()));
    }
    if !chance.one_in(10) {
        // Whoever speaks another version is refused before anything else that it says is read.
        hello.clear_field_by_name("protocol");
    }
    request.set_field(&field, Value::Message(hello));
    request
}
