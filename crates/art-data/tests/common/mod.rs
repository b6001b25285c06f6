//! What the tests of resamplers share.

use art_data::{Dataset, Origin, Resampled, TrainSet};
use ndarray::Array2;

/// Rows of `width` features each with these labels.
pub(crate) fn table(
    features: Vec<f32>,
    labels: Vec<u32>,
    width: usize,
    n_classes: usize,
) -> TrainSet {
    let features = Array2::from_shape_vec((labels.len(), width), features).unwrap();
    let names = |n: usize| (0..n).map(|i| i.to_string()).collect();
    TrainSet::new(Dataset::new(features, labels, names(width), names(n_classes)).unwrap())
}

/// The original rows that are left.
pub(crate) fn kept(resampled: &Resampled) -> Vec<u32> {
    let original = |origin: &Origin| match *origin {
        Origin::Original { row } => Some(row),
        _ => None,
    };
    resampled.origins.iter().filter_map(original).collect()
}
