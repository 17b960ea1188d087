//! See [`edgraph_fuzz::lists::archive`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| edgraph_fuzz::lists::archive(bytes));
