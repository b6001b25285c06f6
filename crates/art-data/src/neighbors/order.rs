//! Orders rows so that near ones stand together.

use rayon::prelude::*;

/// Rows whose features are looked at for the one that spreads the most.
const SAMPLE: usize = 32;
/// Fewer rows than this are not worth another thread.
const WORTH_SHARING: usize = 4096;

/// The rows of `values`, each of `n_features` values, halved again and again by the feature that spreads the most.
///
/// `cut` says how many of so many rows make the first half; `None` ends the halving. Rows of a half stay together.
pub(super) fn by_halves(
    values: &[f32],
    n_features: usize,
    n_rows: usize,
    cut: impl Fn(usize) -> Option<usize> + Sync,
) -> Vec<u32> {
    let mut items: Vec<(f32, u32)> = (0..n_rows as u32).map(|row| (0.0, row)).collect();
    if n_features > 0 {
        halve(values, n_features, &mut items, &cut);
    }
    items.into_iter().map(|(_, row)| row).collect()
}

fn halve(
    values: &[f32],
    n_features: usize,
    items: &mut [(f32, u32)],
    cut: &(impl Fn(usize) -> Option<usize> + Sync),
) {
    let Some(half) = cut(items.len()) else {
        return;
    };
    let row = |row: u32| &values[row as usize * n_features..][..n_features];
    let mut bounds = vec![[f32::INFINITY, f32::NEG_INFINITY]; n_features];
    for (_, of) in items.iter().step_by(items.len().div_ceil(SAMPLE)) {
        widen(&mut bounds, row(*of));
    }
    let width = |feature: &usize| bounds[*feature][1] - bounds[*feature][0];
    let widest = (0..n_features).max_by(|a, b| width(a).total_cmp(&width(b)));
    let feature = widest.expect("there are features");
    for (value, of) in &mut *items {
        *value = row(*of)[feature];
    }
    items.select_nth_unstable_by(half, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let n = items.len();
    let (first, second) = items.split_at_mut(half);
    let halves = [first, second];
    if n < WORTH_SHARING {
        for half in halves {
            halve(values, n_features, half, cut);
        }
    } else {
        halves
            .into_par_iter()
            .for_each(|half| halve(values, n_features, half, cut));
    }
}

/// Makes a box, the smallest and the largest value of each feature, hold a row.
pub(super) fn widen(bounds: &mut [[f32; 2]], row: &[f32]) {
    for ([low, high], &value) in bounds.iter_mut().zip(row) {
        *low = low.min(value);
        *high = high.max(value);
    }
}
