//! Weights of rows as copies of them, for trainers that know rows alone.

use crate::error::DataError;
use art_core::Seed;

/// The most copies of the average row, where weights are no whole numbers or are larger.
const MOST_COPIES: f64 = 4.0;

/// How often each row stands for its weight.
///
/// Whole numbers stand as they are, up to four in the mean. Other weights are scaled so that the smallest one above 0 is a copy,
/// again up to four in the mean, and what is no whole number then is rounded by systematic sampling (stream `weights`): each
/// number of copies is off by less than one, is right in expectation, and so is every sum of them. A weight of 0 is no copy, and
/// equal weights are one copy each.
///
/// # Errors
/// [`DataError::Weight`] for a weight that is negative or not finite; [`DataError::NoWeight`] where all are 0.
///
/// ```
/// use art_core::Seed;
/// use art_data::copies_of_weights;
/// assert_eq!(copies_of_weights(&[1.0, 3.0, 0.0], Seed::new(1))?, [1, 3, 0]);
/// assert_eq!(copies_of_weights(&[0.5, 1.5, 0.5], Seed::new(1))?, [1, 3, 1]);
/// assert_eq!(copies_of_weights(&[7.0, 7.0], Seed::new(1))?, [1, 1]);
/// # Ok::<(), art_data::DataError>(())
/// ```
///
/// # References
/// Systematic sampling: Madow and Madow (1944), "On the theory of systematic sampling, I", Annals of Mathematical
/// Statistics 15(1), doi 10.1214/aoms/1177731312.
pub fn copies_of_weights(weights: &[f64], seed: Seed) -> Result<Vec<u32>, DataError> {
    let is_bad = |w: &f64| !(*w >= 0.0 && w.is_finite());
    if let Some(row) = weights.iter().position(is_bad) {
        let weight = weights[row];
        return Err(DataError::Weight { row, weight });
    }
    let sum: f64 = weights.iter().sum();
    let present = || weights.iter().copied().filter(|&w| w > 0.0);
    let smallest = present().fold(f64::INFINITY, f64::min);
    if smallest.is_infinite() {
        return Err(DataError::NoWeight {
            n_rows: weights.len(),
        });
    }
    let largest = present().fold(0.0, f64::max);
    let mean = sum / present().count() as f64;
    let scale = if smallest == largest {
        smallest.recip()
    } else if present().all(|w| w.fract() == 0.0) && mean <= MOST_COPIES {
        1.0
    } else {
        smallest.recip().min(MOST_COPIES / mean)
    };
    // In random order, so that rows beside each other are not rounded together.
    let mut random = seed.stream("weights", 0);
    let mut order: Vec<usize> = (0..weights.len()).collect();
    random.shuffle(&mut order);
    let start = random.unit();
    let mut copies = vec![0; weights.len()];
    let mut part = start;
    for row in order {
        let scaled = scale * weights[row];
        part += scaled.fract();
        let carried = part.floor();
        part -= carried;
        copies[row] = (scaled.floor() + carried) as u32;
    }
    Ok(copies)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn weights_that_are_none_are_refused() {
        let refused = |weights: &[f64]| copies_of_weights(weights, Seed::new(1)).unwrap_err();
        for weight in [-1.0, f64::NAN, f64::INFINITY] {
            let text = refused(&[1.0, weight]).to_string();
            assert!(text.contains("row 1"), "{text}");
        }
        assert!(refused(&[0.0; 3]).to_string().contains("all 3"));
    }

    #[test]
    fn very_uneven_weights_do_not_make_a_table_much_longer() {
        let mut weights = vec![1e-6; 1000];
        weights.extend([1.0; 10]);
        let copies = copies_of_weights(&weights, Seed::new(3)).unwrap();
        let n: u32 = copies.iter().sum();
        assert!((4039..=4041).contains(&n), "{n}");
    }

    proptest! {
        #[test]
        fn copies_are_within_one_of_what_weights_say(
            weights in proptest::collection::vec(0.0_f64..5.0, 2..200), seed: u64
        ) {
            prop_assume!(weights.iter().sum::<f64>() > 0.0);
            let copies = copies_of_weights(&weights, Seed::new(seed)).unwrap();
            let (n, sum) = (copies.iter().sum::<u32>(), weights.iter().sum::<f64>());
            // The scale is hidden in the total, which is off by less than one.
            for (weight, n_copies) in weights.iter().zip(&copies) {
                let share = weight / sum;
                let (low, high) = (share * f64::from(n.max(1) - 1), share * f64::from(n + 1));
                prop_assert!(f64::from(*n_copies) > low - 1.0 && f64::from(*n_copies) < high + 1.0);
                prop_assert!(*weight > 0.0 || *n_copies == 0);
            }
        }
    }
}
