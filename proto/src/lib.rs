//! The `edgraph.v1` gRPC API: messages, clients (feature `client`) and servers (feature `server`).
//!
//! Generated from `proto/edgraph/v1/*.proto`, where every message says who sends it, when, and what the peer
//! may do. Nothing is written by hand here but [`json`]: conversions to the domain model live in `edgraph_shared::wire`.

pub mod json;

/// Package `edgraph.v1`.
pub mod v1 {
    tonic::include_proto!("edgraph.v1");
}

/// The encoded `FileDescriptorSet` of the API with everything it imports, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/edgraph.bin"));
