//! Calls as grpcurl makes them: what services and messages there are is asked of the server, requests and responses
//! are JSON.

use std::collections::BTreeSet;
use std::str::FromStr;

use axum::http::uri::PathAndQuery;
use edgraph_coordinator::http::DynamicCodec;
use prost_reflect::prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use serde_json::Value;
use tonic::transport::Channel;
use tonic::{Request, Status, Streaming};

/// The version of the reflection service that is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Version {
    V1,
    V1alpha,
}

/// A client that knows an address and nothing else.
pub(crate) struct Grpcurl {
    channel: Channel,
    token: Option<String>,
    services: Vec<String>,
    pool: DescriptorPool,
}

impl Grpcurl {
    pub(crate) async fn new(channel: Channel, version: Version) -> Self {
        Self::with_token(channel, version, None).await.unwrap()
    }

    pub(crate) async fn with_token(
        channel: Channel,
        version: Version,
        token: Option<&str>,
    ) -> Result<Self, Status> {
        let (services, files) = match version {
            Version::V1 => v1::ask(&channel, token).await?,
            Version::V1alpha => v1alpha::ask(&channel, token).await?,
        };
        let mut pool = DescriptorPool::new();
        let files = files
            .iter()
            .map(|file| prost_reflect::prost_types::FileDescriptorProto::decode(&**file).unwrap());
        // A file that several services are in comes once for each of them.
        let mut known = BTreeSet::new();
        pool.add_file_descriptor_protos(files.filter(|file| known.insert(file.name().to_owned()))).unwrap();
        Ok(Self { channel, token: token.map(str::to_owned), services, pool })
    }

    /// The same for somebody who has no token.
    pub(crate) fn without_token(self) -> Self {
        Self { token: None, ..self }
    }

    /// The names of all services.
    pub(crate) fn services(&self) -> &[String] {
        &self.services
    }

    /// What the server says of its services and messages.
    pub(crate) fn pool(&self) -> &DescriptorPool {
        &self.pool
    }

    /// Calls `package.Service/Method` and returns the only response.
    pub(crate) async fn call(&self, method: &str, request: Value) -> Result<Value, Status> {
        let (path, descriptor, request) = self.request(method, request);
        let mut grpc = tonic::client::Grpc::new(self.channel.clone());
        grpc.ready().await.unwrap();
        let response = grpc.unary(request, path, DynamicCodec(descriptor.output())).await?;
        Ok(serde_json::to_value(response.into_inner()).unwrap())
    }

    /// Calls a method that answers with a stream.
    pub(crate) async fn stream(&self, method: &str, request: Value) -> Result<Responses, Status> {
        let (path, descriptor, request) = self.request(method, request);
        let mut grpc = tonic::client::Grpc::new(self.channel.clone());
        grpc.ready().await.unwrap();
        let response = grpc.server_streaming(request, path, DynamicCodec(descriptor.output())).await?;
        Ok(Responses(response.into_inner()))
    }

    fn request(
        &self,
        name: &str,
        request: Value,
    ) -> (PathAndQuery, MethodDescriptor, Request<DynamicMessage>) {
        let (service, method) = name.split_once('/').unwrap();
        let service =
            self.pool.get_service_by_name(service).unwrap_or_else(|| panic!("no service {service}"));
        let method =
            service.methods().find(|known| known.name() == method).unwrap_or_else(|| panic!("no {name}"));
        let message = DynamicMessage::deserialize(method.input(), request).unwrap();
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        (PathAndQuery::from_str(&format!("/{name}")).unwrap(), method, request)
    }
}

/// The responses of a stream.
pub(crate) struct Responses(Streaming<DynamicMessage>);

impl Responses {
    pub(crate) async fn next(&mut self) -> Result<Option<Value>, Status> {
        let response = self.0.message().await?;
        Ok(response.map(|response| serde_json::to_value(response).unwrap()))
    }
}

/// The two versions have the same messages under two names.
macro_rules! reflection {
    ($version:ident) => {
        mod $version {
            use tonic::transport::Channel;
            use tonic::{Request, Status};
            use tonic_reflection::pb::$version::ServerReflectionRequest;
            use tonic_reflection::pb::$version::server_reflection_client::ServerReflectionClient;
            use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
            use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;

            /// The names of all services, and the files that describe them.
            pub(super) async fn ask(
                channel: &Channel,
                token: Option<&str>,
            ) -> Result<(Vec<String>, Vec<Vec<u8>>), Status> {
                let asked = vec![MessageRequest::ListServices(String::new())];
                let listed = responses(channel, token, asked).await?;
                let [MessageResponse::ListServicesResponse(listed)] = listed.as_slice() else {
                    panic!("{listed:?}");
                };
                let services: Vec<String> = listed.service.iter().map(|one| one.name.clone()).collect();
                let asked = services.iter().cloned().map(MessageRequest::FileContainingSymbol).collect();
                let mut files = Vec::new();
                let mut asked: Vec<MessageRequest> = asked;
                let mut known = std::collections::BTreeSet::new();
                while !asked.is_empty() {
                    let mut imports = Vec::new();
                    for response in responses(channel, token, std::mem::take(&mut asked)).await? {
                        let MessageResponse::FileDescriptorResponse(described) = response else {
                            panic!("{response:?}");
                        };
                        for file in described.file_descriptor_proto {
                            imports.extend(super::imports(&file));
                            files.push(file);
                        }
                    }
                    imports.retain(|import| known.insert(import.clone()));
                    asked = imports.into_iter().map(MessageRequest::FileByFilename).collect();
                }
                Ok((services, files))
            }

            async fn responses(
                channel: &Channel,
                token: Option<&str>,
                asked: Vec<MessageRequest>,
            ) -> Result<Vec<MessageResponse>, Status> {
                let asked = asked.into_iter().map(|request| ServerReflectionRequest {
                    host: String::new(),
                    message_request: Some(request),
                });
                let mut request = Request::new(tokio_stream::iter(asked.collect::<Vec<_>>()));
                if let Some(token) = token {
                    request
                        .metadata_mut()
                        .insert("authorization", format!("Bearer {token}").parse().unwrap());
                }
                let mut client = ServerReflectionClient::new(channel.clone());
                let mut stream = client.server_reflection_info(request).await?.into_inner();
                let mut responses = Vec::new();
                while let Some(response) = stream.message().await? {
                    responses.push(response.message_response.unwrap());
                }
                Ok(responses)
            }
        }
    };
}

reflection!(v1);
reflection!(v1alpha);

/// The files that a file imports.
fn imports(file: &[u8]) -> Vec<String> {
    prost_reflect::prost_types::FileDescriptorProto::decode(file).unwrap().dependency
}
