//! Errors as JSON: what gRPC says in its status, with the HTTP status that goes with it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::codec::answer;

/// `{"error": {"code", "message", "reason", "metadata", "field_violations", "retry_after"}}`, without what is empty.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: Map<String, Value>,
}

impl Refusal {
    /// One that no service said.
    pub(super) fn of(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let mut error = Map::new();
        error.insert("code".into(), code.into());
        error.insert("message".into(), message.into().into());
        Self { status, error }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// As text.
    pub(super) fn text(&self) -> String {
        json!({"error": self.error}).to_string()
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let (code, name) = of_code(status.code());
        let mut refusal = Self::of(code, name, status.message());
        let details = status.get_error_details();
        if let Some(info) = details.error_info() {
            refusal.error.insert("reason".into(), info.reason.as_str().into());
            if !info.metadata.is_empty() {
                refusal.error.insert("metadata".into(), json!(info.metadata));
            }
        }
        if let Some(bad) = details.bad_request() {
            let violation = |one: &tonic_types::FieldViolation| json!({"field": one.field, "description": one.description});
            let violations: Vec<Value> = bad.field_violations.iter().map(violation).collect();
            refusal.error.insert("field_violations".into(), violations.into());
        }
        if let Some(wait) = details.retry_info().and_then(|info| info.retry_delay) {
            refusal.error.insert("retry_after".into(), format!("{}s", wait.as_secs_f64()).into());
        }
        refusal
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        answer(self.status, self.text())
    }
}

/// The statuses that google.rpc.Code names.
fn of_code(code: Code) -> (StatusCode, &'static str) {
    match code {
        Code::Ok => (StatusCode::OK, "OK"),
        Code::InvalidArgument => (StatusCode::BAD_REQUEST, "INVALID_ARGUMENT"),
        Code::OutOfRange => (StatusCode::BAD_REQUEST, "OUT_OF_RANGE"),
        Code::Unauthenticated => (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
        Code::PermissionDenied => (StatusCode::FORBIDDEN, "PERMISSION_DENIED"),
        Code::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        Code::AlreadyExists => (StatusCode::CONFLICT, "ALREADY_EXISTS"),
        Code::Aborted => (StatusCode::CONFLICT, "ABORTED"),
        Code::FailedPrecondition => (StatusCode::PRECONDITION_FAILED, "FAILED_PRECONDITION"),
        Code::ResourceExhausted => (StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED"),
        Code::Unimplemented => (StatusCode::NOT_IMPLEMENTED, "UNIMPLEMENTED"),
        Code::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
        Code::DeadlineExceeded => (StatusCode::GATEWAY_TIMEOUT, "DEADLINE_EXCEEDED"),
        Code::Cancelled => (StatusCode::INTERNAL_SERVER_ERROR, "CANCELLED"),
        Code::Unknown | Code::Internal | Code::DataLoss => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
    }
}
