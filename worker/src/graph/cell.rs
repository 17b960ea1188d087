//! A value as the code that builds rows says it, borrowed where it can be.

use std::borrow::Cow;
use std::sync::Arc;

use edgraph_shared::graph_id::NodeId;

/// A value on its way into a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'a> {
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

impl From<bool> for Cell<'_> {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i32> for Cell<'_> {
    fn from(value: i32) -> Self {
        Self::Int32(value)
    }
}

impl From<f64> for Cell<'_> {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl From<NodeId> for Cell<'_> {
    fn from(value: NodeId) -> Self {
        Self::Node(value)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Cell<'_> {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a Arc<str>> for Cell<'a> {
    fn from(value: &'a Arc<str>) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a Cell<'_>> for Cell<'a> {
    fn from(value: &'a Cell<'_>) -> Self {
        match value {
            Cell::Null => Self::Null,
            Cell::Boolean(value) => Self::Boolean(*value),
            Cell::Int32(value) => Self::Int32(*value),
            Cell::Double(value) => Self::Double(*value),
            Cell::Text(text) => Self::Text(Cow::Borrowed(text)),
            Cell::Node(node) => Self::Node(*node),
        }
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
