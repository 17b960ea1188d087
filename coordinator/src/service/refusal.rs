//! Errors as gRPC statuses: one mapping for all services.

use edgraph_shared::wire::WireError;
use tonic::Status;

use crate::engine::{CommandError, EngineError};

/// The status for a request that breaks the API's rules.
pub(super) fn bad_request(error: WireError) -> Status {
    Status::invalid_argument(error.to_string())
}

/// The status for a command that was not done.
pub(super) fn refused(error: EngineError) -> Status {
    let message = error.to_string();
    match error {
        EngineError::Stopped => Status::unavailable(message),
        EngineError::Command(error) => match error {
            CommandError::NotFound { .. } | CommandError::ItemNotFound { .. } => Status::not_found(message),
            CommandError::Exists { .. } => Status::already_exists(message),
            CommandError::Illegal(_) => Status::failed_precondition(message),
            CommandError::Spec(_) => Status::invalid_argument(message),
            CommandError::TooMany { .. } => Status::resource_exhausted(message),
        },
    }
}
