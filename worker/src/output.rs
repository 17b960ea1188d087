//! Rows become files: Parquet, one file per table and filing.

pub mod parquet;
