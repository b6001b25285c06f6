//! Categories among numbers, as SMOTE-NC has them (Chawla et al. 2002, section 6.1).

use ndarray::Array2;
use std::ops::Range;

/// Multiplies the features of `categories` so that two rows with different values of one lie as far apart by it as
/// the median of the numbers' standard deviations (ddof 0); 1 where there is no number.
pub(super) fn scale(features: &mut Array2<f32>, categories: &[Range<usize>]) {
    if categories.is_empty() {
        return;
    }
    let is_number = |feature: usize| categories.iter().all(|range| !range.contains(&feature));
    let numbers = (0..features.ncols()).filter(|&feature| is_number(feature));
    let mut deviations: Vec<f64> = numbers
        .map(|feature| features.column(feature).mapv(f64::from).std(0.0))
        .collect();
    deviations.sort_by(f64::total_cmp);
    let middle = deviations.len() / 2;
    let median = match deviations.len() {
        0 => 1.0,
        n if n % 2 == 1 => deviations[middle],
        _ => f64::midpoint(deviations[middle - 1], deviations[middle]),
    };
    for range in categories {
        // Of one-hot features two differ, a single one differs by itself.
        let differing = range.len().min(2) as f64;
        let factor = (median / differing.sqrt()) as f32;
        for feature in range.clone() {
            features.column_mut(feature).mapv_inplace(|x| x * factor);
        }
    }
}

/// Writes to the features of `category` the value that most voters have; of equally many, that of the first.
pub(super) fn vote(slot: &mut [f32], category: &Range<usize>, voters: &[&[f32]]) {
    let value = |voter: &&[f32]| voter[category.clone()].to_vec();
    let count = |value: &[f32]| {
        let same = voters
            .iter()
            .filter(|voter| &voter[category.clone()] == value);
        same.count()
    };
    let most = voters
        .iter()
        .map(value)
        .rev()
        .max_by_key(|value| count(value));
    if let Some(most) = most {
        slot[category.clone()].copy_from_slice(&most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_differing_category_counts_as_the_median_deviation() {
        // Deviations 1, 3 and 5; one category of three values, one of two.
        let mut features = array![
            [1.0, 3.0, 5.0, 1.0, 0.0, 0.0, 0.0],
            [-1.0, -3.0, -5.0, 0.0, 0.0, 1.0, 1.0]
        ];
        scale(&mut features, &[3..6, 6..7]);
        let squared = |range: Range<usize>| -> f32 {
            let pairs = range.map(|f| features[[0, f]] - features[[1, f]]);
            pairs.map(|x| x * x).sum()
        };
        assert_eq!(squared(0..3), 140.0);
        assert!((squared(3..6) - 9.0).abs() < 1e-5);
        assert_eq!(squared(6..7), 9.0);
    }

    #[test]
    fn the_first_of_the_most_frequent_values_wins() {
        let voters: Vec<&[f32]> = vec![&[0.0, 1.0], &[1.0, 0.0], &[1.0, 0.0], &[0.0, 1.0]];
        let mut slot = [9.0, 9.0];
        vote(&mut slot, &(0..2), &voters);
        assert_eq!(slot, [0.0, 1.0]);
        vote(&mut slot, &(0..2), &voters[..3]);
        assert_eq!(slot, [1.0, 0.0]);
    }
}
