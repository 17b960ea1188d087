//! The form of a registry.

use crate::inline::transform::rule::Transform;

/// Names and what they stand for, sorted by name.
pub(super) type Table = &'static [(&'static str, Transform)];
