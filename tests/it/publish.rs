//! Accepted filings become tables: the same stories on a directory and on S3 over HTTP.
//!
//! What the tables hold is read back by [`reader`], which knows the log's format and nothing of the program.

mod kit;
mod reader;
mod story;
mod meeting;
mod cuts;
mod many;
mod samples;
mod market;
mod closed;
mod compact;
mod kills;
