//! See [`edgraph_fuzz::documents::instance`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| edgraph_fuzz::documents::instance(bytes));
