//! See [`edgraph_fuzz::lists::tickers`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| edgraph_fuzz::lists::tickers(bytes));
