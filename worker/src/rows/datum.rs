//! A value as the code that builds rows says it, borrowed where it can be.

use std::borrow::Cow;
use std::sync::Arc;

use edgraph_shared::graph_id::NodeId;

/// A value on its way into a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Datum<'a> {
    /// Not said.
    Null,
    /// True or false.
    Boolean(bool),
    /// An integer.
    Int32(i32),
    /// A number.
    Double(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// A node's identifier, which is text in every file.
    Node(NodeId),
}

impl From<bool> for Datum<'_> {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i32> for Datum<'_> {
    fn from(value: i32) -> Self {
        Self::Int32(value)
    }
}

impl From<f64> for Datum<'_> {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl From<NodeId> for Datum<'_> {
    fn from(value: NodeId) -> Self {
        Self::Node(value)
    }
}

impl<'a> From<&'a str> for Datum<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Datum<'_> {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl<'a> From<&'a String> for Datum<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a Arc<str>> for Datum<'a> {
    fn from(value: &'a Arc<str>) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a Datum<'_>> for Datum<'a> {
    fn from(value: &'a Datum<'_>) -> Self {
        match value {
            Datum::Null => Self::Null,
            Datum::Boolean(value) => Self::Boolean(*value),
            Datum::Int32(value) => Self::Int32(*value),
            Datum::Double(value) => Self::Double(*value),
            Datum::Text(text) => Self::Text(Cow::Borrowed(text)),
            Datum::Node(node) => Self::Node(*node),
        }
    }
}

impl<'a, T: Into<Datum<'a>>> From<Option<T>> for Datum<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
