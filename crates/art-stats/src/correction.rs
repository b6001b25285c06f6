//! p-values of several tests at once.

use crate::StatsError;

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
    if let Some(&value) = p_values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(StatsError::OutOfRange {
            what: "p-value",
            value,
            expected: "a number from 0 to 1",
        });
    }
    let m = p_values.len();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![0.0; m];
    let mut largest = 0.0_f64;
    for (rank, index) in order.into_iter().enumerate() {
        largest = largest.max(((m - rank) as f64 * p_values[index]).min(1.0));
        adjusted[index] = largest;
    }
    Ok(adjusted)
}
