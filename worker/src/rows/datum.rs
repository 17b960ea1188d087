//! A value as the code that builds rows says it, borrowed where it can be.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
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
    /// A day.
    Date(NaiveDate),
    /// A point in time.
    Timestamp(DateTime<Utc>),
    /// Text.
    Text(Cow<'a, str>),
    /// A node's identifier, which is text in every file.
    Node(NodeId),
}

impl Datum<'_> {
    /// The same, to be kept.
    pub(super) fn into_owned(self) -> Datum<'static> {
        match self {
            Datum::Null => Datum::Null,
            Datum::Boolean(value) => Datum::Boolean(value),
            Datum::Int32(value) => Datum::Int32(value),
            Datum::Double(value) => Datum::Double(value),
            Datum::Date(value) => Datum::Date(value),
            Datum::Timestamp(value) => Datum::Timestamp(value),
            Datum::Text(text) => Datum::Text(text.into_owned().into()),
            Datum::Node(node) => Datum::Node(node),
        }
    }
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

impl From<NaiveDate> for Datum<'_> {
    fn from(value: NaiveDate) -> Self {
        Self::Date(value)
    }
}

impl From<DateTime<Utc>> for Datum<'_> {
    fn from(value: DateTime<Utc>) -> Self {
        Self::Timestamp(value)
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
            Datum::Date(value) => Self::Date(*value),
            Datum::Timestamp(value) => Self::Timestamp(*value),
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
