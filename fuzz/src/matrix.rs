//! Matrices of the experiment.

use crate::{scratch::with_file, seed::Seed};
use art_bench::Matrix;
use art_methods::Registry;
use std::sync::LazyLock;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::standard);

pub(crate) fn run(bytes: &[u8]) {
    let read = with_file("m.toml", bytes, Matrix::read);
    let matrix = match read {
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains("m.toml"), "{text}");
            return;
        }
        Ok(matrix) => matrix,
    };
    let Ok(resolved) = matrix.resolved(&REGISTRY) else {
        return;
    };
    let mut ids = std::collections::BTreeSet::new();
    for pair in resolved.pairs() {
        for cell in resolved.cells(&pair).take(100) {
            assert!(ids.insert(cell.id()), "two cells are one: {cell:?}");
        }
    }
    // Completed by its defaults it says the same.
    let again = resolved.clone().resolved(&REGISTRY);
    assert_eq!(again.expect("it was resolved before"), resolved);
}

pub(crate) fn seeds() -> Vec<Seed> {
    let files = [
        ("fixed", &include_bytes!("../../crates/art-bench/matrices/fixed.toml")[..]),
        ("paper", &include_bytes!("../../crates/art-bench/matrices/paper.toml")[..]),
        ("small", b"name = \"small\"\npurpose = \"p\"\ndatasets = [\"pima\"]\nseeds = [1, 2]\n\n[[methods]]\nid = \"art\"\n"),
    ];
    files.map(|(name, bytes)| Seed::new(name, bytes)).into()
}
