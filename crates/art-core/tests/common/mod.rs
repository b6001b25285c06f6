//! Rows, samplers and validation results that the tests of this folder share.

use art_core::{ArtParams, ArtSampler, ClassIndex, ConfusionMatrix, DrawMode, Seed};

pub(crate) const MODES: [DrawMode; 5] = [
    DrawMode::Exact,
    DrawMode::Systematic,
    DrawMode::Iid,
    DrawMode::TwoPart,
    DrawMode::Package,
];

pub(crate) fn labels(counts: &[usize]) -> Vec<u32> {
    let classes = counts.iter().zip(0..);
    classes.flat_map(|(&n, class)| vec![class; n]).collect()
}

pub(crate) fn index(counts: &[usize]) -> ClassIndex {
    ClassIndex::new(&labels(counts), counts.len()).unwrap()
}

pub(crate) fn art(params: ArtParams, counts: &[usize], seed: u64) -> ArtSampler {
    ArtSampler::new(params.check().unwrap(), index(counts), Seed::new(seed)).unwrap()
}

/// A validation result in which class `c` is right in `right[c]` of 10 rows; the rest goes to the
/// next class.
pub(crate) fn validation(right: &[u64]) -> ConfusionMatrix {
    let k = right.len();
    let rows = (0..k).map(|c| {
        let mut row = vec![0; k];
        row[c] += right[c];
        row[(c + 1) % k] += 10 - right[c];
        row
    });
    ConfusionMatrix::from_rows(&rows.collect::<Vec<_>>()).unwrap()
}
