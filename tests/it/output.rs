//! The output as a contract: its bytes with those who keep a store, its types with those who read it.

mod version;
mod types;
mod tickers;
