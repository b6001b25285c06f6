//! Whole numbers of rows from fractional targets, without losing or gaining one.
//!
//! # References
//! Balinski and Young (2001), "Fair Representation", 2nd ed. (largest remainder); Madow (1949),
//! "On the theory of systematic sampling, II", doi 10.1214/aoms/1177729988.

use crate::{distribution::check_not_negative, error::CoreError};

/// Sum of `targets`, which must be finite, not negative, and whole in total.
fn whole_total(targets: &[f64]) -> Result<usize, CoreError> {
    check_not_negative("target", targets)?;
    let sum: f64 = targets.iter().sum();
    let total = sum.round_ties_even();
    if (sum - total).abs() > 1e-6 * total.max(1.0) {
        return Err(CoreError::FractionalTotal { sum });
    }
    Ok(total as usize)
}

/// Whole counts nearest to `targets`: floors, then one more for the largest fractions.
///
/// The counts sum to the targets' total exactly and each lies within 1 of its target. Fractions
/// are compared after rounding to 12 decimals; ties go to the lower index.
///
/// # Errors
/// [`CoreError::BadValue`] or [`CoreError::FractionalTotal`].
///
/// ```
/// use art_core::apportion::largest_remainder;
/// assert_eq!(largest_remainder(&[26.0, 32.5, 41.5])?, [26, 33, 41]);
/// # Ok::<(), art_core::CoreError>(())
/// ```
pub fn largest_remainder(targets: &[f64]) -> Result<Vec<usize>, CoreError> {
    let total = whole_total(targets)?;
    let mut quotas: Vec<usize> = targets
        .iter()
        .map(|t| (t + 1e-9).floor() as usize)
        .collect();
    let missing = total.saturating_sub(quotas.iter().sum());
    let fraction = |class: usize| {
        let exact = targets[class] - quotas[class] as f64;
        (exact * 1e12).round_ties_even()
    };
    let mut by_fraction: Vec<usize> = (0..targets.len()).collect();
    by_fraction.sort_by(|&a, &b| fraction(b).total_cmp(&fraction(a)));
    by_fraction.truncate(missing);
    for class in by_fraction {
        quotas[class] += 1;
    }
    Ok(quotas)
}

/// Whole counts whose expectation over a uniform `u` in [0, 1) is exactly `targets`.
///
/// The counts sum to the targets' total exactly and each lies within 1 of its target.
///
/// # Errors
/// [`CoreError::BadValue`] or [`CoreError::FractionalTotal`].
pub fn systematic(targets: &[f64], u: f64) -> Result<Vec<usize>, CoreError> {
    let total = whole_total(targets)?;
    // The sum may miss the total by a rounding error, so it is capped there, and is the total exactly
    // from the last class on that is to get any rows.
    let last = targets.iter().rposition(|&target| target > 0.0);
    let mut cumulative = 0.0_f64;
    let mut before = 0;
    let mut quotas = Vec::with_capacity(targets.len());
    for (class, target) in targets.iter().enumerate() {
        cumulative = (cumulative + target).min(total as f64);
        let up_to = match last {
            Some(last) if class < last => (cumulative - u).ceil().max(0.0) as usize,
            _ => total,
        };
        quotas.push(up_to - before);
        before = up_to;
    }
    Ok(quotas)
}

/// `total` in proportion to `weights`, by largest remainders, at most `caps` each.
///
/// What goes beyond a cap is dealt again to the others in proportion to their weights. Where the caps of those
/// with a weight are together below the total, each of these gets its cap.
///
/// # Errors
/// [`CoreError::BadValue`] for a weight that is not finite or negative.
///
/// # Panics
/// If there is not one cap a weight.
///
/// ```
/// use art_core::apportion::capped_remainder;
/// assert_eq!(capped_remainder(&[8.0, 1.0, 1.0], 10, &[4, 9, 9])?, [4, 3, 3]);
/// # Ok::<(), art_core::CoreError>(())
/// ```
pub fn capped_remainder(
    weights: &[f64],
    total: usize,
    caps: &[usize],
) -> Result<Vec<usize>, CoreError> {
    assert_eq!(weights.len(), caps.len(), "caps");
    check_not_negative("weight", weights)?;
    let mut quotas = vec![0; weights.len()];
    let mut is_open = vec![true; weights.len()];
    loop {
        let closed: usize = (0..quotas.len())
            .filter(|&cell| !is_open[cell])
            .map(|cell| quotas[cell])
            .sum();
        let open: Vec<usize> = (0..quotas.len()).filter(|&cell| is_open[cell]).collect();
        let sum: f64 = open.iter().map(|&cell| weights[cell]).sum();
        if open.is_empty() || sum == 0.0 {
            return Ok(quotas);
        }
        let left = (total - closed.min(total)) as f64;
        let share = |&cell: &usize| weights[cell] / sum * left;
        let dealt = largest_remainder(&open.iter().map(share).collect::<Vec<_>>())?;
        let mut is_done = true;
        for (&cell, quota) in open.iter().zip(dealt) {
            quotas[cell] = quota.min(caps[cell]);
            if quota > caps[cell] {
                is_open[cell] = false;
                is_done = false;
            }
        }
        if is_done {
            return Ok(quotas);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_to_the_lower_index() {
        assert_eq!(largest_remainder(&[2.6, 3.1, 4.3]).unwrap(), [3, 3, 4]);
        assert_eq!(largest_remainder(&[0.5, 0.5]).unwrap(), [1, 0]);
        assert_eq!(largest_remainder(&[1.0 / 3.0; 3]).unwrap(), [1, 0, 0]);
    }

    #[test]
    fn systematic_matches_the_published_vector() {
        assert_eq!(systematic(&[2.6, 3.25, 4.15], 0.3).unwrap(), [3, 3, 4]);
    }

    #[test]
    fn rounding_errors_give_no_rows_to_an_empty_last_class() {
        let share = [64_667.0 / 3.0, 2.0 * 64_667.0 / 3.0, 0.0];
        let tenths = [0.1; 10];
        for u in [0.0, f64::EPSILON, 0.5, 1.0 - f64::EPSILON / 2.0] {
            let quotas = systematic(&share, u).unwrap();
            assert_eq!(
                (quotas.iter().sum::<usize>(), quotas[2]),
                (64_667, 0),
                "u = {u}"
            );
            assert_eq!(
                systematic(&tenths, u).unwrap().iter().sum::<usize>(),
                1,
                "u = {u}"
            );
        }
    }

    #[test]
    fn a_fractional_total_is_refused() {
        assert_eq!(
            largest_remainder(&[0.5, 0.6]).unwrap_err(),
            CoreError::FractionalTotal { sum: 1.1 }
        );
        assert!(largest_remainder(&[1.0, -1.0]).is_err());
        assert!(systematic(&[f64::NAN], 0.0).is_err());
    }
}
