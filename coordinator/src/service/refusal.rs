//! Errors as gRPC statuses: one mapping for all services.
//!
//! Every status carries an ErrorInfo whose reason a program can branch on; UNAVAILABLE says when to come back, and
//! INVALID_ARGUMENT which field is wrong.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use edgraph_shared::failure::shortened;
use edgraph_shared::model::QueryRefusal;
use edgraph_shared::wire::WireError;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::engine::{CommandError, EngineError, EngineHandle, NotLeader, Seat, SpecError};
use crate::kinds::BadParameter;

/// The ErrorInfo domain of all reasons here.
const DOMAIN: &str = "edgraph";
/// A command whose commit takes longer is answered with UNAVAILABLE: it may still take effect, and repeating it is
/// safe.
const COMMIT_PATIENCE: Duration = Duration::from_secs(2);
/// When to come back to a coordinator that does not lead, is stopping, or cannot reach its tracker: about the time
/// that another one takes to notice.
const COME_BACK_AFTER: Duration = Duration::from_millis(500);

/// Violations that one status lists. It travels in headers, and a peer ends the whole connection, with every other call
/// on it, when they are longer than it takes: 16 KiB, in which most characters may count three times.
const MAX_VIOLATIONS: usize = 5;
/// Characters of its message, for the same reason.
const MAX_MESSAGE_CHARS: usize = 500;
/// Characters of a value that belongs to its reason, for the same reason.
const MAX_VALUE_CHARS: usize = 300;

type Metadata = Vec<(&'static str, String)>;

fn status(code: Code, reason: &str, message: impl Into<String>, metadata: Metadata) -> Status {
    let metadata: HashMap<String, String> = metadata
        .into_iter()
        .map(|(key, value)| (key.to_owned(), shortened(&value, MAX_VALUE_CHARS)))
        .collect();
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, metadata);
    if code == Code::Unavailable {
        details.set_retry_info(Some(COME_BACK_AFTER));
    }
    Status::with_error_details(code, shortened(&message.into(), MAX_MESSAGE_CHARS), details)
}

fn invalid(field: &str, description: &str, message: String) -> Status {
    let metadata = HashMap::from([("field".to_owned(), field.to_owned())]);
    let mut details = ErrorDetails::with_error_info("INVALID_FIELD", DOMAIN, metadata);
    details.add_bad_request_violation(field, shortened(description, MAX_MESSAGE_CHARS));
    Status::with_error_details(Code::InvalidArgument, shortened(&message, MAX_MESSAGE_CHARS), details)
}

/// The status for a request that breaks the API's rules.
pub(super) fn bad_request(error: WireError) -> Status {
    let message = error.to_string();
    if let WireError::Protocol(mismatch) = error {
        let metadata = vec![("update", mismatch.older.name().to_owned())];
        return status(Code::FailedPrecondition, "PROTOCOL_MISMATCH", message, metadata);
    }
    let field = error.field();
    let description = message.strip_prefix(&format!("`{field}`")).unwrap_or(&message);
    invalid(field, description.trim_start_matches([':', ' ']), message.clone())
}

/// The status for parameters that cannot be taken: all of them, so that nobody mends one at a time.
pub(super) fn bad_parameters(bad: Vec<BadParameter>) -> Status {
    let named: Vec<String> = bad.iter().map(|bad| format!("`{}` {}", bad.field, bad.reason)).collect();
    let first = bad.first().map(|bad| bad.field.clone()).unwrap_or_default();
    let metadata = HashMap::from([("field".to_owned(), first)]);
    let mut details = ErrorDetails::with_error_info("INVALID_FIELD", DOMAIN, metadata);
    for bad in bad.into_iter().take(MAX_VIOLATIONS) {
        details.add_bad_request_violation(bad.field, bad.reason);
    }
    let message = shortened(&named.join("; "), MAX_MESSAGE_CHARS);
    Status::with_error_details(Code::InvalidArgument, message, details)
}

/// The status of a field that breaks a rule only this service knows.
pub(super) fn bad_field(field: &'static str, reason: impl Into<String>) -> Status {
    bad_request(WireError::Invalid { field, reason: reason.into() })
}

/// The status for a stream that does not begin as it must.
pub(super) fn no_hello() -> Status {
    invalid("hello", "must come first", "the first message of a stream must be Hello".to_owned())
}

/// The status of a coordinator that does not lead.
pub(super) fn not_leader(error: NotLeader) -> Status {
    let message = error.to_string();
    let leader = error.leader.map(|leader| ("leader", leader));
    let trouble = error.trouble.map(|trouble| ("trouble", trouble.to_string()));
    status(Code::Unavailable, "NOT_LEADER", message, leader.into_iter().chain(trouble).collect())
}

/// The status of what a stopping coordinator cuts off.
pub(super) fn stopping() -> Status {
    status(Code::Unavailable, "STOPPING", "the coordinator is stopping; try another one or again", Vec::new())
}

/// The status for a stream whose reader does not read, with what it may do.
pub(super) fn too_slow(patience: Duration, advice: &str) -> Status {
    let message = format!("nothing was read for {patience:?}; {advice}");
    status(Code::Aborted, "READER_TOO_SLOW", message, Vec::new())
}

/// The status of a question that is not answered.
pub(super) fn unanswered(refusal: QueryRefusal) -> Status {
    let message = refusal.to_string();
    let (code, reason) = match refusal {
        QueryRefusal::Invalid(_) => return invalid("cypher", &message, message.clone()),
        QueryRefusal::NoGraph(_) => (Code::FailedPrecondition, "NO_GRAPH"),
        QueryRefusal::TooLong(_) => (Code::DeadlineExceeded, "QUERY_TOO_LONG"),
        QueryRefusal::TooLarge(_) => (Code::ResourceExhausted, "QUERY_TOO_LARGE"),
        QueryRefusal::Crashed(_) => (Code::Aborted, "QUERY_CRASHED"),
        QueryRefusal::Failed(_) => (Code::Internal, "QUERY_FAILED"),
        QueryRefusal::Interrupted => return stopping(),
    };
    status(code, reason, message, Vec::new())
}

/// The status for a question that found no turn in time.
pub(super) fn busy(patience: Duration, limit: usize) -> Status {
    let message =
        format!("{limit} questions are being answered and none ended within {patience:?}; ask again later");
    status(Code::ResourceExhausted, "TOO_MANY_QUERIES", message, vec![("limit", limit.to_string())])
}

/// The status for a Work stream that the engine ended.
pub(super) fn replaced() -> Status {
    let message = "replaced by a newer stream, or the worker reads too slowly";
    status(Code::Aborted, "STREAM_REPLACED", message, Vec::new())
}

/// The status for a caller nobody knows.
pub(super) fn unauthenticated(message: &str) -> Status {
    status(Code::Unauthenticated, "UNAUTHENTICATED", message, Vec::new())
}

/// The status for a caller whose role does not suffice.
pub(super) fn forbidden(role: &str, needed: &str) -> Status {
    let message = format!("a {role} token may not do this; it takes one of role {needed}");
    status(Code::PermissionDenied, "ROLE_MISSING", message, vec![("role", role.to_owned())])
}

/// The status for a worker whose token is for other names.
pub(super) fn name_denied(worker: &str, names: &str) -> Status {
    let message = format!(
        "this token is for workers named `{names}`, not for `{worker}`; start the worker with such a --worker-id, or \
         bind a token to the name with a line `worker:{worker} TOKEN` in the tokens file"
    );
    let metadata = vec![("worker_id", worker.to_owned()), ("names", names.to_owned())];
    status(Code::PermissionDenied, "WORKER_NAME_DENIED", message, metadata)
}

/// The status for a command that was not done.
pub(super) fn refused(error: EngineError) -> Status {
    let message = error.to_string();
    match error {
        EngineError::Stopped => stopping(),
        EngineError::Slow { trouble } => {
            let metadata = trouble.map(|trouble| ("trouble", trouble.to_string()));
            status(Code::Unavailable, "TRACKER_UNAVAILABLE", message, metadata.into_iter().collect())
        }
        EngineError::Command(error) => refused_command(error, message),
    }
}

fn refused_command(error: CommandError, message: String) -> Status {
    let (code, reason, metadata) = match error {
        CommandError::NotFound { pipeline } => {
            (Code::NotFound, "PIPELINE_NOT_FOUND", vec![("pipeline_id", pipeline.to_string())])
        }
        CommandError::Damaged { pipeline, reason } => {
            let metadata = vec![("pipeline_id", pipeline.to_string()), ("damage", reason)];
            (Code::FailedPrecondition, "PIPELINE_DAMAGED", metadata)
        }
        CommandError::TooNew { pipeline, reason } => {
            let metadata = vec![("pipeline_id", pipeline.to_string()), ("needs", reason)];
            (Code::FailedPrecondition, "PIPELINE_TOO_NEW", metadata)
        }
        CommandError::ItemNotFound { pipeline, key } => {
            let metadata = vec![("pipeline_id", pipeline.to_string()), ("item_key", key.to_string())];
            (Code::NotFound, "ITEM_NOT_FOUND", metadata)
        }
        CommandError::WorkerNotFound { worker } => {
            (Code::NotFound, "WORKER_NOT_FOUND", vec![("worker_id", worker.to_string())])
        }
        CommandError::Exists { pipeline, difference } => {
            let metadata = vec![("pipeline_id", pipeline.to_string()), ("difference", difference)];
            (Code::AlreadyExists, "PIPELINE_EXISTS", metadata)
        }
        CommandError::Illegal(_) => (Code::FailedPrecondition, "ILLEGAL_STATE", Vec::new()),
        CommandError::Unfinished { pipeline, .. } => {
            (Code::FailedPrecondition, "ILLEGAL_STATE", vec![("pipeline_id", pipeline.to_string())])
        }
        CommandError::ItemsRefused { pipeline, .. } => {
            (Code::FailedPrecondition, "ITEMS_REFUSED", vec![("pipeline_id", pipeline.to_string())])
        }
        CommandError::Sweeping { pipeline } => {
            (Code::Unavailable, "PIPELINE_BUSY", vec![("pipeline_id", pipeline.to_string())])
        }
        CommandError::Unforgotten { pipeline, reason } => {
            let metadata = vec![("pipeline_id", pipeline.to_string()), ("trouble", reason)];
            (Code::Unavailable, "STORE_UNAVAILABLE", metadata)
        }
        CommandError::Unlisted { reason } => {
            (Code::Unavailable, "STORE_UNAVAILABLE", vec![("trouble", reason)])
        }
        CommandError::NoRecords => (Code::FailedPrecondition, "NO_RECORDS", Vec::new()),
        CommandError::TooMany { limit } => {
            (Code::ResourceExhausted, "TOO_MANY_PIPELINES", vec![("limit", limit.to_string())])
        }
        CommandError::Spec(error) => {
            let field = match error {
                SpecError::NoRoots | SpecError::Root { .. } => "spec.roots",
                SpecError::NoCountedKind => "spec.counted_kind",
                SpecError::TooManyKinds { .. } => "spec",
            };
            return invalid(field, &message, message.clone());
        }
    };
    status(code, reason, message, metadata)
}

/// The engine, for calls that do not wait for ever.
pub(super) fn patient_engine(seat: &Seat) -> Result<EngineHandle, Status> {
    seat.engine().map(|engine| engine.patient_for(COMMIT_PATIENCE)).map_err(not_leader)
}

/// Waits for the answer of a [`patient_engine`].
pub(super) async fn patiently<T>(call: impl Future<Output = Result<T, EngineError>>) -> Result<T, Status> {
    call.await.map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_fits_into_headers_whatever_it_quotes() {
        let long = "é".repeat(1 << 20);
        let bad = BadParameter { field: "f".repeat(200), reason: "é".repeat(200) };
        for status in [
            bad_field("field", long.clone()),
            bad_parameters(vec![bad; 100]),
            status(Code::NotFound, "REASON", long.clone(), vec![("key", long.clone())]),
            not_leader(NotLeader { leader: Some(long), trouble: None }),
        ] {
            let (message, details) = (status.message().len(), status.details().len());
            // Percent-encoded the one, in base64 the other.
            assert!(3 * message + details * 4 / 3 < 14 * 1024, "{message} and {details} bytes");
        }
    }

    #[test]
    fn every_reason_is_listed_in_the_api() {
        let (own, _) = include_str!("refusal.rs").split_once("#[cfg(test)]").unwrap();
        let is_reason = |text: &&str| {
            text.len() > 4 && text.bytes().all(|byte| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_".contains(&byte))
        };
        let reasons: Vec<&str> = own.split('"').skip(1).step_by(2).filter(is_reason).collect();
        assert!(reasons.len() > 10, "{reasons:?}");
        let listed = include_str!("../../../proto/edgraph/v1/pipeline.proto");
        for reason in reasons {
            assert!(listed.contains(reason), "{reason}");
        }
    }
}
