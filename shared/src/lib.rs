//! What coordinator and worker both need, and nothing that only one of them does.
//!
//! Ids and the data model below, the wire above them; storage, the graph's schema and the identifiers of its nodes
//! beside. No decision about leases is taken here, and no filing is parsed.

pub mod ids;
pub mod failure;
pub mod cell;
pub mod model;
pub mod wire;
pub mod kinds;
pub mod manifest;
pub mod blocking;
pub mod storage;
pub mod schema;
pub mod graph_id;
pub mod retry;
pub mod network;
pub mod secret;
pub mod console;
pub mod telemetry;
pub mod shutdown;
