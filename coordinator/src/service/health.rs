//! grpc.health.v1, truthful: serving while this coordinator leads, not serving as a standby and while it stops.

use edgraph_proto::v1::admin_service_server::SERVICE_NAME as ADMIN;
use edgraph_proto::v1::pipeline_service_server::SERVICE_NAME as PIPELINES;
use edgraph_proto::v1::worker_service_server::SERVICE_NAME as WORKERS;
use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::engine::Seat;

/// The coordinator as a whole, and each service.
const SERVICES: [&str; 4] = ["", PIPELINES, WORKERS, ADMIN];

/// Says the truth of this moment.
pub(super) async fn say(reporter: &HealthReporter, seat: &Seat) {
    let status = if seat.engine().is_ok() { ServingStatus::Serving } else { ServingStatus::NotServing };
    say_of_all(reporter, status).await;
}

/// Says every change until `shutdown`, then that nothing is served any more.
pub(super) async fn follow(mut reporter: HealthReporter, mut seat: Seat, shutdown: CancellationToken) {
    loop {
        say(&reporter, &seat).await;
        match shutdown.run_until_cancelled(seat.changed()).await {
            Some(true) => {}
            Some(false) => shutdown.cancelled().await,
            None => break,
        }
    }
    say_of_all(&reporter, ServingStatus::NotServing).await;
    // Ends the watches, after their last message: they would hold up the shutdown.
    for service in SERVICES {
        reporter.clear_service_status(service).await;
    }
}

async fn say_of_all(reporter: &HealthReporter, status: ServingStatus) {
    for service in SERVICES {
        reporter.set_service_status(service, status).await;
    }
}
