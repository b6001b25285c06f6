//! The targets, and how one is run.

use crate::{
    checkpoint, images, matrix, method, model, packed, records, sampler, seed::Seed, table,
};
use std::{
    cell::RefCell,
    panic::{self, AssertUnwindSafe},
    process::abort,
    sync::Once,
};

/// What takes any bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of its binary.
    pub name: &'static str,
    /// Panics when the bytes lead to something that must not be.
    pub run: fn(&[u8]),
    /// What a fuzzer begins with.
    pub seeds: fn() -> Vec<Seed>,
}

/// All targets.
pub const TARGETS: [Target; 9] = [
    Target {
        name: "table",
        run: table::run,
        seeds: table::seeds,
    },
    Target {
        name: "model",
        run: model::run,
        seeds: model::seeds,
    },
    Target {
        name: "checkpoint",
        run: checkpoint::run,
        seeds: checkpoint::seeds,
    },
    Target {
        name: "records",
        run: records::run,
        seeds: records::seeds,
    },
    Target {
        name: "packed",
        run: packed::run,
        seeds: packed::seeds,
    },
    Target {
        name: "matrix",
        run: matrix::run,
        seeds: matrix::seeds,
    },
    Target {
        name: "images",
        run: images::run,
        seeds: images::seeds,
    },
    Target {
        name: "method",
        run: method::run,
        seeds: method::seeds,
    },
    Target {
        name: "sampler",
        run: sampler::run,
        seeds: sampler::seeds,
    },
];

/// The target called `name`.
///
/// # Panics
/// If there is none.
pub fn target(name: &str) -> Target {
    let known = TARGETS.into_iter().find(|target| target.name == name);
    known.unwrap_or_else(|| panic!("there is no target called {name}"))
}

thread_local! {
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs a target for a fuzzer, which hears of a panic by the end of the process. The fuzzer's own hook ends it at every panic, even
/// where a library's is caught and becomes an error, as reading Parquet files does.
pub fn run_for_fuzzer(name: &str, bytes: &[u8]) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        panic::set_hook(Box::new(|info| {
            LAST_PANIC.with(|last| last.replace(info.to_string()));
        }));
    });
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| (target(name).run)(bytes)));
    if outcome.is_err() {
        LAST_PANIC.with(|last| eprintln!("{}", last.borrow()));
        abort();
    }
}
