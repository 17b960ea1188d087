//! grpc.health.v1, truthful: serving while this coordinator leads, not serving as a standby and while it stops. A
//! leader whose tracker does not answer goes on serving workers, and cannot serve clients.

use std::time::Duration;

use edgraph_proto::v1::admin_service_server::SERVICE_NAME as ADMIN;
use edgraph_proto::v1::graph_service_server::SERVICE_NAME as GRAPHS;
use edgraph_proto::v1::pipeline_service_server::SERVICE_NAME as PIPELINES;
use edgraph_proto::v1::worker_service_server::SERVICE_NAME as WORKERS;
use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::engine::Seat;

/// The coordinator as a whole, and what needs the tracker.
const WITH_TRACKER: [&str; 2] = ["", PIPELINES];
/// What goes on without it for a while.
const WITHOUT_TRACKER: [&str; 2] = [WORKERS, ADMIN];
/// What goes on without it too, where there is a graph.
const WITH_GRAPH: [&str; 1] = [GRAPHS];
/// How often a leader's tracker is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is served at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Serving {
    Everything,
    WorkersOnly,
    Nothing,
}

impl Serving {
    fn now(seat: &Seat) -> Self {
        match seat.engine() {
            Ok(engine) if engine.tracker_answers() => Self::Everything,
            Ok(_) => Self::WorkersOnly,
            Err(_) => Self::Nothing,
        }
    }

    async fn say(self, reporter: &HealthReporter, has_graph: bool) {
        let status = |serves| if serves { ServingStatus::Serving } else { ServingStatus::NotServing };
        for service in WITH_TRACKER {
            reporter.set_service_status(service, status(self == Self::Everything)).await;
        }
        for service in WITHOUT_TRACKER {
            reporter.set_service_status(service, status(self != Self::Nothing)).await;
        }
        for service in WITH_GRAPH {
            reporter.set_service_status(service, status(has_graph && self != Self::Nothing)).await;
        }
    }
}

/// Says the truth of this moment.
pub(super) async fn say(reporter: &HealthReporter, seat: &Seat, has_graph: bool) {
    Serving::now(seat).say(reporter, has_graph).await;
}

/// Says every change until `shutdown`, then that nothing is served any more.
pub(super) async fn follow(
    mut reporter: HealthReporter,
    mut seat: Seat,
    has_graph: bool,
    shutdown: CancellationToken,
) {
    let mut said = None;
    loop {
        let serving = Serving::now(&seat);
        // Whoever watches is told of changes only.
        if said.replace(serving) != Some(serving) {
            serving.say(&reporter, has_graph).await;
        }
        let change = async {
            if !seat.changed().await {
                std::future::pending::<()>().await;
            }
        };
        match shutdown.run_until_cancelled(tokio::time::timeout(LOOK_EVERY, change)).await {
            Some(Ok(()) | Err(_)) => {}
            None => break,
        }
    }
    Serving::Nothing.say(&reporter, has_graph).await;
    // Ends the watches, after their last message: they would hold up the shutdown.
    for service in WITH_TRACKER.into_iter().chain(WITHOUT_TRACKER).chain(WITH_GRAPH) {
        reporter.clear_service_status(service).await;
    }
}
