//! Parts: files of a table with the rows of many filings, one filing after the other.
//!
//! Whose rows are in a part, and how many, stands in the table's log and not in the part, so that a filing's rows can be
//! found and left out without asking what the columns mean. No store here.

use std::ops::Range;
use std::slice;
use std::sync::Arc;

use arrow_array::RecordBatch;
use bytes::Bytes;
use edgraph_shared::schema::Table;
use edgraph_worker::output::parquet::{Error as RowsError, arrow_schema, check_columns};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::error::Error;

/// Rows that are compressed together: readers skip such groups by what is in them.
const GROUP_ROWS: usize = 256 << 10;
/// Rows in memory at a time.
const BATCH_ROWS: usize = 16 << 10;

/// The rows of one filing in a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Share {
    /// What tells the filing's version from others.
    pub stem: String,
    pub rows: u64,
}

/// A part in the making.
pub(super) struct PartWriter {
    table: &'static Table,
    writer: ArrowWriter<Vec<u8>>,
    shares: Vec<Share>,
}

/// A part, not yet in a store.
pub(super) struct Part {
    pub bytes: Bytes,
    /// Whose rows are in it, in their order.
    pub shares: Vec<Share>,
}

impl PartWriter {
    pub(super) fn new(table: &'static Table) -> Result<Self, Error> {
        Ok(Self { table, writer: writer(table)?, shares: Vec::new() })
    }

    /// Appends rows of a file as those of these filings, which stand there one after the other from row `first` on.
    ///
    /// # Errors
    /// [`RowsError::Columns`] if the file has others; nothing was appended then. After any other the part is to be thrown
    /// away.
    pub(super) fn append(&mut self, file: &Bytes, first: u64, shares: Vec<Share>) -> Result<(), RowsError> {
        let rows: u64 = shares.iter().map(|share| share.rows).sum();
        let (table, writer, range) = (self.table, &mut self.writer, first..first + rows);
        read(table, file, slice::from_ref(&range), |_, batch| {
            writer.write(&batch).map_err(|source| RowsError::Parquet { table: table.name, source })
        })?;
        self.shares.extend(shares);
        Ok(())
    }

    /// Its size, should it end here; about that.
    pub(super) fn bytes(&self) -> u64 {
        (self.writer.bytes_written() + self.writer.in_progress_size()) as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shares.is_empty()
    }

    pub(super) fn finish(self) -> Result<Part, Error> {
        let bytes = self.writer.into_inner().map_err(|source| failed(self.table, source))?;
        Ok(Part { bytes: bytes.into(), shares: self.shares })
    }
}

/// Reads ranges of a file's rows, which follow each other, and hands them over with the number of their range.
///
/// # Errors
/// [`RowsError`] if the file is damaged, has other columns or fewer rows.
pub(super) fn read(
    table: &'static Table,
    file: &Bytes,
    ranges: &[Range<u64>],
    mut take: impl FnMut(usize, RecordBatch) -> Result<(), RowsError>,
) -> Result<(), RowsError> {
    let parquet = |source| RowsError::Parquet { table: table.name, source };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file.clone()).map_err(parquet)?;
    check_columns(table, builder.schema())?;
    let total = builder.metadata().file_metadata().num_rows().unsigned_abs();
    if ranges.last().is_some_and(|last| last.end > total) {
        let problem = format!("it has {total} rows, and its table's log says more");
        return Err(parquet(ParquetError::General(problem)));
    }
    let place = |row: u64| usize::try_from(row).expect("rows of a file in memory");
    let selected = ranges.iter().map(|range| place(range.start)..place(range.end));
    let selection = RowSelection::from_consecutive_ranges(selected, place(total));
    let reader =
        builder.with_row_selection(selection).with_batch_size(BATCH_ROWS).build().map_err(parquet)?;
    let lengths = ranges.iter().map(|range| place(range.end - range.start));
    let mut open = lengths.enumerate().filter(|(_, length)| *length > 0).peekable();
    let mut taken = 0;
    for batch in reader {
        let batch = batch.map_err(|source| RowsError::Arrow { table: table.name, source })?;
        let mut from = 0;
        while from < batch.num_rows() {
            let Some((number, length)) = open.peek().copied() else { break };
            let rows = (length - taken).min(batch.num_rows() - from);
            take(number, batch.slice(from, rows))?;
            from += rows;
            taken += rows;
            if taken == length {
                open.next();
                taken = 0;
            }
        }
    }
    Ok(())
}

/// Takes ranges of a part's rows, which follow each other, as files of their own, and hands each over with its number.
///
/// # Errors
/// The outer one is the taker's, the inner one says what is wrong with the part.
pub(super) fn extract(
    table: &'static Table,
    part: &Bytes,
    ranges: &[Range<u64>],
    mut take: impl FnMut(usize, Bytes) -> Result<(), Error>,
) -> Result<Result<(), RowsError>, Error> {
    let mut open: Option<(usize, ArrowWriter<Vec<u8>>)> = None;
    let mut close = |open: Option<(usize, ArrowWriter<Vec<u8>>)>| {
        let Some((number, writer)) = open else { return Ok(()) };
        take(number, writer.into_inner().map_err(|source| failed(table, source))?.into())
    };
    let mut append = |number: usize, batch: &RecordBatch| {
        if open.as_ref().is_none_or(|(at, _)| *at != number) {
            close(open.take())?;
            open = Some((number, writer(table)?));
        }
        let (_, writer) = open.as_mut().expect("it was just made");
        writer.write(batch).map_err(|source| failed(table, source))
    };
    let mut broken = None;
    let outcome = read(table, part, ranges, |number, batch| {
        // The taker's trouble is not the part's.
        if broken.is_none() {
            broken = append(number, &batch).err();
        }
        Ok(())
    });
    match (broken, outcome) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Ok(Err(error)),
        (None, Ok(())) => close(open).map(Ok),
    }
}

fn writer(table: &'static Table) -> Result<ArrowWriter<Vec<u8>>, Error> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("edgraph".to_owned())
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .build();
    ArrowWriter::try_new(Vec::new(), Arc::new(arrow_schema(table)), Some(properties))
        .map_err(|source| failed(table, source))
}

fn failed(table: &Table, source: ParquetError) -> Error {
    Error::invalid(format!("a file of {}", table.folder()), source)
}
