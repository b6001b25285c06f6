//! p-values of several tests at once.

use crate::error::StatsError;

/// Holm's step-down adjusted p-values, in the order given.
///
/// `p̃_(i) = max over j ≤ i of min(1, (m − j + 1) p_(j))`: comparing the adjusted values with a level
/// keeps the chance of any false finding among the m tests below that level.
///
/// # Errors
/// [`StatsError::OutOfRange`] for a value outside 0 to 1.
///
/// # References
/// Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
/// Statistics 6(2), 65-70.
///
/// ```
/// let adjusted = art_stats::holm(&[0.01, 0.04, 0.03, 0.005])?;
/// assert_eq!(adjusted, [0.03, 0.06, 0.06, 0.02]);
/// # Ok::<(), art_stats::StatsError>(())
/// ```
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>, StatsError> {
    check(p_values)?;
    let m = p_values.len();
    let mut adjusted = vec![0.0; m];
    let mut largest = 0.0_f64;
    for (rank, index) in ascending(p_values).into_iter().enumerate() {
        largest = largest.max(((m - rank) as f64 * p_values[index]).min(1.0));
        adjusted[index] = largest;
    }
    Ok(adjusted)
}

/// Benjamini and Hochberg's step-up adjusted p-values, in the order given.
///
/// Comparing them with a level keeps the expected share of false findings among the findings below that
/// level, for independent tests or such that depend on each other positively.
///
/// # Errors
/// [`StatsError::OutOfRange`] for a value outside 0 to 1.
///
/// # References
/// Benjamini and Hochberg (1995), "Controlling the false discovery rate", doi
/// 10.1111/j.2517-6161.1995.tb02031.x.
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, StatsError> {
    check(p_values)?;
    let m = p_values.len();
    let mut adjusted = vec![0.0; m];
    let mut smallest = 1.0_f64;
    for (rank, index) in ascending(p_values).into_iter().enumerate().rev() {
        smallest = smallest.min(m as f64 / (rank + 1) as f64 * p_values[index]);
        adjusted[index] = smallest;
    }
    Ok(adjusted)
}

/// Positions of the values, smallest first.
fn ascending(p_values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    order
}

fn check(p_values: &[f64]) -> Result<(), StatsError> {
    if let Some(&value) = p_values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(StatsError::OutOfRange {
            what: "p-value",
            value,
            expected: "a number from 0 to 1",
        });
    }
    Ok(())
}
