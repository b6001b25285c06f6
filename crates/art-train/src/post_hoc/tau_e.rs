//! How strongly a decision is moved, chosen by what validation rows count and what probabilities expect.

use super::{Adjustment, PostHoc, temperature};
use crate::{
    calibration::softmax_at,
    evaluate::{Predictions, decision},
    logit_prior::LogitPrior,
};
use art_core::{ClassDistribution, elementary::ln};

/// Prior-corrected logit adjustment with the strength chosen on validation rows (tauE).
///
/// Logits are first corrected to the natural proportions, `z' = z + ln π − ln q`, and a [`Temperature`](super::Temperature) T is fitted to them. Then,
/// for τ in {0, 0.1, …, 1.5} and decisions by `z' − τ ln π`:
///
/// - a(τ) is the macro F1 on validation rows, smoothed over neighboring τ with weights (1, 2, 3, 2, 1) / 9, ends repeated;
/// - b(τ) is the macro F1 that the probabilities `η = softmax(z' / T)` expect: with `TP_k` the sum of `η_k` over rows decided
///   for k, `m_k` their number and `n_k = π_k |V|`, the mean of `2 TP_k / (n_k + m_k)`.
///
/// The τ with the largest (a + b) / 2 is taken, the smaller of equal ones; 0.4 where there are fewer than 50 validation
/// rows. Half of what decides is thus no count of few rows, which keeps it from over-fitting where thresholds searched class
/// by class do ([`ClassThresholds`](super::ClassThresholds)).
///
/// ```
/// use art_core::{ClassDistribution, elementary::ln};
/// use art_train::{PostHoc, Predictions, TauE};
/// let natural = ClassDistribution::new(vec![0.9, 0.1])?;
/// let equal = ClassDistribution::uniform(2)?.into();
/// let few = Predictions::from_logits(2, vec![0.0, 0.0], vec![0]);
/// let moved = TauE.adjust(&few, &equal, &natural);
/// // Corrected from equal to natural proportions, then 0.4 of the way back.
/// let expected = 0.6 * (0.9_f64 / 0.1).ln();
/// assert!((moved.offsets[0] - moved.offsets[1] - expected).abs() < 1e-12);
/// # Ok::<(), art_core::CoreError>(())
/// ```
///
/// # References
/// The rule is this project's; it builds on Menon, Jayasumana, Rawat, Jain, Veit and Kumar (2021), "Long-tail learning via
/// logit adjustment", ICLR, arXiv 2007.07314.
#[derive(Clone, Copy, Debug, Default)]
pub struct TauE;

impl TauE {
    /// Fewest validation rows that τ is chosen on.
    const FEWEST: usize = 50;
    /// The τ where there are fewer.
    const UNCHOSEN: f64 = 0.4;
}

impl PostHoc for TauE {
    fn describe(&self) -> String {
        "tau-e(tau of 0 to 1.5 by 0.1)".into()
    }

    fn adjust(
        &self,
        validation: &Predictions,
        prior: &LogitPrior,
        natural: &ClassDistribution,
    ) -> Adjustment {
        let corrected = prior.offsets_to(natural);
        let temperature = temperature(validation, &corrected);
        let natural = natural.as_slice();
        let log_natural = natural.iter();
        let log_natural: Vec<f64> = log_natural.map(|&pi| ln_share(pi)).collect();
        let offsets = |tau: f64| -> Vec<f64> {
            let pairs = corrected.iter().zip(&log_natural);
            pairs.map(|(offset, ln_pi)| offset - tau * ln_pi).collect()
        };
        let tau = if validation.n_rows() < Self::FEWEST {
            Self::UNCHOSEN
        } else {
            let probabilities: Vec<Vec<f64>> = validation
                .rows()
                .map(|(logits, _)| softmax_at(logits, &corrected, temperature))
                .collect();
            let taus: Vec<f64> = (0..=15).map(|tenths| f64::from(tenths) / 10.0).collect();
            let (counted, expected): (Vec<f64>, Vec<f64>) = taus
                .iter()
                .map(|&tau| {
                    let offsets = offsets(tau);
                    let decisions = validation.rows().map(|(z, _)| decision(z, &offsets));
                    let decisions: Vec<u32> = decisions.collect();
                    (
                        validation.confusion_with(&offsets).macro_f1(),
                        expected_macro_f1(&decisions, &probabilities, natural),
                    )
                })
                .unzip();
            let score = |place: usize| f64::midpoint(smoothed(&counted, place), expected[place]);
            let better = |best: usize, place: usize| {
                if score(place) > score(best) {
                    place
                } else {
                    best
                }
            };
            taus[(0..taus.len())
                .reduce(better)
                .expect("there are candidates")]
        };
        Adjustment {
            offsets: offsets(tau),
            temperature: Some(temperature),
            affine: None,
        }
    }
}

/// ln π, floored as in the correction of priors; 0 for a class without rows, which is not to win by having none.
fn ln_share(share: f64) -> f64 {
    if share > 0.0 {
        ln(share.max(1e-4))
    } else {
        0.0
    }
}

/// The value in a place among its neighbors, weighing (1, 2, 3, 2, 1) / 9; ends are repeated.
fn smoothed(values: &[f64], place: usize) -> f64 {
    let last = values.len() as i64 - 1;
    let value = |offset: i64| values[(place as i64 + offset).clamp(0, last) as usize];
    (value(-2) + 2.0 * value(-1) + 3.0 * value(0) + 2.0 * value(1) + value(2)) / 9.0
}

/// The macro F1 of these decisions if rows belong to classes with these probabilities.
fn expected_macro_f1(decisions: &[u32], probabilities: &[Vec<f64>], natural: &[f64]) -> f64 {
    let (mut right, mut decided) = (vec![0.0; natural.len()], vec![0.0; natural.len()]);
    for (&class, probabilities) in decisions.iter().zip(probabilities) {
        right[class as usize] += probabilities[class as usize];
        decided[class as usize] += 1.0;
    }
    let n_rows = decisions.len() as f64;
    let f1 = |class: usize| {
        let all = natural[class] * n_rows + decided[class];
        if all > 0.0 {
            2.0 * right[class] / all
        } else {
            0.0
        }
    };
    (0..natural.len()).map(f1).sum::<f64>() / natural.len() as f64
}

#[cfg(test)]
mod tests {
    use super::{
        super::{PriorCorrection, tests::balanced_model},
        *,
    };

    #[test]
    fn tau_e_finds_the_threshold_of_the_best_f1() {
        let natural = ClassDistribution::new(vec![0.9, 0.1]).unwrap();
        let equal = ClassDistribution::uniform(2).unwrap().into();
        let validation = balanced_model(1.0);
        let moved = TauE.adjust(&validation, &equal, &natural);
        let score = |offsets: &[f64]| validation.confusion_with(offsets).macro_f1();
        let prior = PriorCorrection.adjust(&validation, &equal, &natural);
        let best = (0..=15).map(|tenths| {
            let tau = f64::from(tenths) / 10.0;
            score(&[
                prior.offsets[0] - tau * ln(0.9_f64),
                prior.offsets[1] - tau * ln(0.1_f64),
            ])
        });
        let best = best.fold(0.0, f64::max);
        assert!(score(&moved.offsets) > best - 0.005);
        assert!(
            score(&moved.offsets) > score(&[0.0, 0.0]),
            "equal shares expect too many"
        );
        assert!(
            score(&moved.offsets) > score(&prior.offsets),
            "natural ones too few"
        );
    }

    #[test]
    fn expected_and_counted_macro_f1_agree_where_probabilities_are_right() {
        let validation = balanced_model(1.0);
        let offsets = [ln(0.9_f64), ln(0.1_f64)];
        let rows: Vec<Vec<f64>> = validation
            .rows()
            .map(|(logits, _)| softmax_at(logits, &offsets, 1.0))
            .collect();
        let decisions: Vec<u32> = validation
            .rows()
            .map(|(z, _)| decision(z, &offsets))
            .collect();
        let expected = expected_macro_f1(&decisions, &rows, &[0.9, 0.1]);
        let counted = validation.confusion_with(&offsets).macro_f1();
        assert!((expected - counted).abs() < 0.02, "{expected} {counted}");
    }

    #[test]
    fn smoothing_repeats_the_ends() {
        let values = [1.0, 0.0, 0.0, 9.0];
        assert!((smoothed(&values, 0) - (1.0 + 2.0 + 3.0) / 9.0).abs() < 1e-15);
        assert!((smoothed(&values, 3) - (27.0 + 18.0 + 9.0) / 9.0).abs() < 1e-15);
    }
}
