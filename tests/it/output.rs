//! The output as a contract with those who read it.

mod types;
mod tickers;
