//! Tests of the runtime that read more than its own code.

mod deployments;
