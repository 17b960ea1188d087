//! The roles that tokens give, and what each of them may call.

use edgraph_proto::v1::admin_service_server::SERVICE_NAME as ADMIN;
use edgraph_proto::v1::graph_service_server::SERVICE_NAME as GRAPHS;
use edgraph_proto::v1::pipeline_service_server::SERVICE_NAME as PIPELINES;
use edgraph_proto::v1::worker_service_server::SERVICE_NAME as WORKERS;

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Looks at pipelines, items and workers, asks the graph, and changes nothing.
    Viewer,
    /// Starts, watches and steers pipelines.
    Client,
    /// Takes leases.
    Worker,
    /// Everything.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Client, Self::Worker, Self::Admin];

    /// The role's name, as the tokens file has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Client => "client",
            Self::Worker => "worker",
            Self::Admin => "admin",
        }
    }
}

/// The roles that may call a method, by its path `/package.Service/Method`. What is not named here changes something,
/// or may one day: it takes the higher role of its service, and a service that is not named takes the highest.
pub(super) fn allowed(path: &str) -> &'static [Role] {
    let (service, method) = path.trim_start_matches('/').split_once('/').unwrap_or((path, ""));
    match (service, method) {
        (PIPELINES, "GetPipeline" | "ListPipelines" | "WatchPipeline" | "ListItems" | "GetItem") => {
            &[Role::Viewer, Role::Client, Role::Admin]
        }
        (PIPELINES, _) => &[Role::Client, Role::Admin],
        (GRAPHS, "Query" | "GetStatement" | "GetSeries" | "Find") => {
            &[Role::Viewer, Role::Client, Role::Admin]
        }
        (WORKERS, _) => &[Role::Worker, Role::Admin],
        (ADMIN, "ListWorkers" | "GetScalingSignal") => &[Role::Viewer, Role::Admin],
        // It says what the API looks like, to everybody who may use a part of it.
        (other, _) if other.starts_with("grpc.reflection.") => &Role::ALL,
        _ => &[Role::Admin],
    }
}
