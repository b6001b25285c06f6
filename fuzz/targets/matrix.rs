//! Fuzzes `matrix`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| art_fuzz::run_for_fuzzer("matrix", bytes));
