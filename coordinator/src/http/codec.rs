//! Messages whose type is known at run time only, and their JSON: the protos' own names of fields, 64-bit numbers as texts
//! because many readers know doubles alone, and every field that has a value, zero included.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prost_reflect::prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor, SerializeOptions};
use serde_json::{Value, json};
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

/// Writes requests, and reads responses of one type.
pub struct DynamicCodec(pub MessageDescriptor);

impl Codec for DynamicCodec {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self(self.0.clone())
    }

    fn decoder(&mut self) -> Self {
        Self(self.0.clone())
    }
}

impl Encoder for DynamicCodec {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, message: DynamicMessage, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        message.encode(buffer).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for DynamicCodec {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let message = DynamicMessage::decode(self.0.clone(), buffer);
        message.map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}

fn options() -> SerializeOptions {
    SerializeOptions::new().use_proto_field_name(true).skip_default_fields(false)
}

/// Of what a message may hold, times out of all bounds have no JSON; the coordinator makes none.
fn failed(error: &serde_json::Error) -> Value {
    json!({"error": {"code": "INTERNAL", "message": error.to_string()}})
}

/// A message as JSON.
pub(super) fn value(message: &DynamicMessage) -> Value {
    let value = message.serialize_with_options(serde_json::value::Serializer, &options());
    value.unwrap_or_else(|error| failed(&error))
}

/// The same as text, its fields in their order.
pub(super) fn text(message: &DynamicMessage) -> String {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut text);
    match message.serialize_with_options(&mut serializer, &options()) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        Err(error) => failed(&error).to_string(),
    }
}

/// A JSON text as an answer.
pub(super) fn answer(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], Body::from(text)).into_response()
}
