//! Fuzzes `packed`.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    art_fuzz::mutate_json(data, size, max_size, seed, fuzzer_mutate)
});
fuzz_target!(|bytes: &[u8]| art_fuzz::run_for_fuzzer("packed", bytes));
