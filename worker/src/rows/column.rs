//! One column while rows are added to it, by its type.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::types::Date32Type;
use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::OffsetBuffer;
use edgraph_shared::graph_id::NodeId;
use edgraph_shared::schema::ColumnType;

use super::arrow_types::UTC;
use super::datum::Datum;

/// What a text is expected to have; longer ones make their column grow.
const SHORT_BYTES: usize = 16;

/// A column that rows are added to.
#[derive(Debug)]
pub(super) enum Column {
    /// A key: nodes' identifiers.
    Nodes(Vec<NodeId>),
    /// The same cell in every row, which no row need name.
    Same(ColumnType, Datum<'static>),
    String(StringBuilder),
    Boolean(BooleanBuilder),
    Int32(Int32Builder),
    Double(Float64Builder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
}

impl Column {
    /// With room for so many rows, if they are short.
    pub(super) fn with_capacity(column_type: ColumnType, rows: usize) -> Self {
        match column_type {
            ColumnType::String => Self::String(StringBuilder::with_capacity(rows, rows * SHORT_BYTES)),
            ColumnType::Boolean => Self::Boolean(BooleanBuilder::with_capacity(rows)),
            ColumnType::Int32 => Self::Int32(Int32Builder::with_capacity(rows)),
            ColumnType::Double => Self::Double(Float64Builder::with_capacity(rows)),
            ColumnType::Date => Self::Date(Date32Builder::with_capacity(rows)),
            ColumnType::Timestamp => {
                Self::Timestamp(TimestampMicrosecondBuilder::with_capacity(rows).with_timezone(UTC))
            }
        }
    }

    /// Sets the cell of a row, NULL in those before it that have none; `false` when it is of another type.
    #[inline]
    pub(super) fn set(&mut self, row: usize, cell: &Datum<'_>) -> bool {
        if matches!(cell, Datum::Null) {
            return true;
        }
        self.fill(row);
        match (self, cell) {
            (Self::Nodes(nodes), Datum::Node(node)) => nodes.push(*node),
            (Self::String(texts), Datum::Node(node)) => {
                texts.append_value(node.encode(&mut [0; NodeId::TEXT_BYTES]));
            }
            (Self::String(texts), Datum::Text(text)) => texts.append_value(text),
            (Self::Boolean(values), Datum::Boolean(value)) => values.append_value(*value),
            (Self::Int32(values), Datum::Int32(value)) => values.append_value(*value),
            (Self::Double(values), Datum::Double(value)) => values.append_value(*value),
            (Self::Date(days), Datum::Date(day)) => days.append_value(Date32Type::from_naive_date(*day)),
            (Self::Timestamp(times), Datum::Timestamp(time)) => times.append_value(time.timestamp_micros()),
            _ => return false,
        }
        true
    }

    /// Appends the NULLs of rows before this one that have no cell.
    #[inline]
    fn fill(&mut self, row: usize) {
        match self {
            // A key is never NULL, and what is the same in every row is not missing in one.
            Self::Nodes(_) | Self::Same(..) => {}
            Self::String(texts) => append_missing(texts.len(), row, |missing| texts.append_nulls(missing)),
            Self::Boolean(values) => {
                append_missing(values.len(), row, |missing| values.append_nulls(missing))
            }
            Self::Int32(values) => append_missing(values.len(), row, |missing| values.append_nulls(missing)),
            Self::Double(values) => append_missing(values.len(), row, |missing| values.append_nulls(missing)),
            Self::Date(days) => append_missing(days.len(), row, |missing| days.append_nulls(missing)),
            Self::Timestamp(times) => append_missing(times.len(), row, |missing| times.append_nulls(missing)),
        }
    }

    pub(super) fn finish(mut self, rows: usize) -> ArrayRef {
        self.fill(rows);
        match self {
            Self::Nodes(nodes) => texts_of(nodes.iter()),
            Self::Same(_, Datum::Text(text)) => Arc::new(StringArray::new_repeated(text, rows)),
            Self::Same(column_type, cell) => {
                let mut column = Self::with_capacity(column_type, rows);
                for row in 0..rows {
                    let is_taken = column.set(row, &cell);
                    debug_assert!(is_taken, "it was tried when it was said");
                }
                column.finish(rows)
            }
            Self::String(mut texts) => Arc::new(texts.finish()),
            Self::Boolean(mut values) => Arc::new(values.finish()),
            Self::Int32(mut values) => Arc::new(values.finish()),
            Self::Double(mut values) => Arc::new(values.finish()),
            Self::Date(mut days) => Arc::new(days.finish()),
            Self::Timestamp(mut times) => Arc::new(times.finish()),
        }
    }
}

/// A builder that is told to append no NULLs at all makes itself a bitmap of them: it is not told.
#[inline]
fn append_missing(cells: usize, row: usize, append_nulls: impl FnOnce(usize)) {
    let missing = row.checked_sub(cells).expect("a row has one cell of a column");
    if missing > 0 {
        append_nulls(missing);
    }
}

/// Identifiers as files have them. Those of relationships come in runs: a report's facts, a structure's arcs.
pub(super) fn texts_of<'a>(nodes: impl ExactSizeIterator<Item = &'a NodeId>) -> ArrayRef {
    let length = nodes.len();
    let mut texts = Vec::with_capacity(length * NodeId::TEXT_BYTES);
    let mut buffer = [0; NodeId::TEXT_BYTES];
    let mut last = None;
    for node in nodes {
        if last != Some(node) {
            node.encode(&mut buffer);
            last = Some(node);
        }
        texts.extend_from_slice(&buffer);
    }
    let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(NodeId::TEXT_BYTES, length));
    Arc::new(StringArray::new(offsets, texts.into(), None))
}
