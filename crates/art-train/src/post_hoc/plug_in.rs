//! The decision that maximizes the macro F1 which probabilities expect.

use super::{Adjustment, PostHoc, TauE};
use crate::{calibration::softmax_at, evaluate::Predictions, logit_prior::LogitPrior};
use art_core::ClassDistribution;
use serde::{Deserialize, Serialize};

/// Rounds of the fixed point.
const ROUNDS: u32 = 40;
/// Rounds that go half of the way; later ones go less and less far.
const BOLD_ROUNDS: u32 = 4;

/// An affine decision: of probabilities η, the class with the largest `(2 η_k − F_k) / s_k`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AffineRule {
    /// What logits, moved by the offsets, are divided by before they become probabilities.
    pub temperature: f64,
    /// The F1 that is expected of each class, F.
    pub f1: Vec<f64>,
    /// True and decided rows of each class, s, as a share of all rows; a class with 0 is never decided for.
    pub sizes: Vec<f64>,
}

impl AffineRule {
    /// Whether it is a rule for `n_classes` classes.
    pub fn is_for(&self, n_classes: usize) -> bool {
        let all = self.f1.iter().chain(&self.sizes);
        let are_numbers = all.clone().all(|x| x.is_finite() && *x >= 0.0);
        let is_warm = self.temperature > 0.0 && self.temperature.is_finite();
        let lengths = [self.f1.len(), self.sizes.len()];
        lengths == [n_classes; 2] && are_numbers && is_warm
    }

    /// The class with the largest score; ties go to the lower class.
    pub(crate) fn decision(&self, probabilities: &[f64]) -> u32 {
        decision(probabilities, &self.f1, &self.sizes)
    }
}

/// The affine plug-in rule for the expected macro F1.
///
/// Logits are corrected to the natural proportions and a [`Temperature`](super::Temperature) is fitted to them. With the
/// probabilities η of n validation rows, `n_k = π_k n` true rows of each class, `m_k` rows decided for it and
/// `TP_k = Σ η_k` over those, the macro F1 that is expected is the mean of `F_k = 2 TP_k / (n_k + m_k)`. Where no single
/// row could be decided otherwise for the better, each is decided for the class with the largest
/// `(2 η_k − F_k) / (n_k + m_k)`. Both sides of that are sought by 40 damped rounds from the largest probability and from
/// [`TauE`]; the round with the largest expected macro F1 is kept. Of two classes this is the threshold F / 2 of Lipton, Elkan and
/// Narayanaswamy (2014), arXiv 1402.1892.
///
/// Labels have a say through the temperature and τ alone, so that classes of few rows cannot be over-fitted.
///
/// ```
/// use art_core::{ClassDistribution, elementary::ln};
/// use art_train::{PlugIn, PostHoc, Predictions};
/// // One row in five is of the second class, and none is likelier than not to be.
/// let logits = [[2.0, 0.0], [1.0, 0.7]].repeat(30).concat();
/// let labels = [0, 1, 0, 0, 0, 0, 0, 1, 0, 0].repeat(6);
/// let validation = Predictions::from_logits(2, logits, labels);
/// let natural = ClassDistribution::new(vec![0.8, 0.2])?;
/// let moved = PlugIn.adjust(&validation, &natural.clone().into(), &natural);
/// assert_eq!(validation.confusion().per_class_recall()[1], 0.0);
/// assert_eq!(validation.confusion_by(&moved).per_class_recall()[1], 1.0);
/// # Ok::<(), art_core::CoreError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct PlugIn;

impl PostHoc for PlugIn {
    fn describe(&self) -> String {
        format!("plug-in({ROUNDS} rounds)")
    }

    fn adjust(
        &self,
        validation: &Predictions,
        prior: &LogitPrior,
        natural: &ClassDistribution,
    ) -> Adjustment {
        let moved = TauE.adjust(validation, prior, natural);
        let temperature = moved.temperature.unwrap_or(1.0);
        let corrected = prior.offsets_to(natural);
        let probabilities: Vec<Vec<f64>> = validation
            .rows()
            .map(|(logits, _)| softmax_at(logits, &corrected, temperature))
            .collect();
        let n_rows = validation.n_rows() as f64;
        let true_rows: Vec<f64> = natural.as_slice().iter().map(|pi| pi * n_rows).collect();
        let starts = [
            probabilities.iter().map(|of| most_probable(of)).collect(),
            validation
                .rows()
                .map(|(logits, _)| moved.decision(logits))
                .collect(),
        ];
        let (f1, sizes) = fixed_point(&probabilities, &true_rows, &starts);
        Adjustment {
            offsets: corrected,
            temperature: Some(temperature),
            affine: Some(AffineRule {
                temperature,
                f1,
                sizes,
            }),
        }
    }
}

/// The decisions with the largest expected macro F1 for these rows, taken together, if rows belong to classes with these
/// probabilities: how many rows of each class there are is then what the probabilities expect of these very rows.
pub(crate) fn decisions_of_batch(probabilities: &[Vec<f64>], rule: &AffineRule) -> Vec<u32> {
    let Some(first) = probabilities.first() else {
        return vec![];
    };
    let mut true_rows = vec![0.0; first.len()];
    for of in probabilities {
        for (sum, p) in true_rows.iter_mut().zip(of) {
            *sum += p;
        }
    }
    let starts = [
        probabilities.iter().map(|of| most_probable(of)).collect(),
        probabilities.iter().map(|of| rule.decision(of)).collect(),
    ];
    let (f1, sizes) = fixed_point(probabilities, &true_rows, &starts);
    let decided = probabilities.iter().map(|of| decision(of, &f1, &sizes));
    decided.collect()
}

/// Expected F1 and size of each class at the best round.
fn fixed_point(
    probabilities: &[Vec<f64>],
    true_rows: &[f64],
    starts: &[Vec<u32>],
) -> (Vec<f64>, Vec<f64>) {
    let n_rows = probabilities.len() as f64;
    let mut best = (f64::NEG_INFINITY, vec![], vec![]);
    for start in starts {
        let Expected { mut f1, decided } = Expected::of(start, probabilities, true_rows);
        let mut decided_rows = decided;
        for round in 0..ROUNDS {
            let sizes: Vec<f64> = true_rows
                .iter()
                .zip(&decided_rows)
                .map(|(n, m)| n + m)
                .collect();
            let decisions = probabilities.iter().map(|of| decision(of, &f1, &sizes));
            let decisions: Vec<u32> = decisions.collect();
            let expected = Expected::of(&decisions, probabilities, true_rows);
            let score = expected.macro_f1();
            if score > best.0 {
                let shares = sizes.iter().map(|size| size / n_rows);
                best = (score, f1.clone(), shares.collect());
            }
            let step = if round < BOLD_ROUNDS {
                0.5
            } else {
                2.0 / f64::from(round + 2)
            };
            let towards = |from: &mut Vec<f64>, to: &[f64]| {
                for (from, to) in from.iter_mut().zip(to) {
                    *from = (1.0 - step) * *from + step * to;
                }
            };
            towards(&mut f1, &expected.f1);
            towards(&mut decided_rows, &expected.decided);
        }
    }
    (best.1, best.2)
}

/// What decisions make of each class, if rows belong to classes with these probabilities.
struct Expected {
    f1: Vec<f64>,
    decided: Vec<f64>,
}

impl Expected {
    fn of(decisions: &[u32], probabilities: &[Vec<f64>], true_rows: &[f64]) -> Self {
        let (mut right, mut decided) = (vec![0.0; true_rows.len()], vec![0.0; true_rows.len()]);
        for (&class, probabilities) in decisions.iter().zip(probabilities) {
            right[class as usize] += probabilities[class as usize];
            decided[class as usize] += 1.0;
        }
        let f1 = |class: usize| {
            let size = true_rows[class] + decided[class];
            if size > 0.0 {
                2.0 * right[class] / size
            } else {
                0.0
            }
        };
        Self {
            f1: (0..true_rows.len()).map(f1).collect(),
            decided,
        }
    }

    fn macro_f1(&self) -> f64 {
        self.f1.iter().sum::<f64>() / self.f1.len() as f64
    }
}

fn decision(probabilities: &[f64], f1: &[f64], sizes: &[f64]) -> u32 {
    let mut best = (f64::NEG_INFINITY, 0);
    for (class, &p) in (0..).zip(probabilities) {
        let size = sizes[class as usize];
        if size > 0.0 {
            let score = (2.0 * p - f1[class as usize]) / size;
            if score > best.0 {
                best = (score, class);
            }
        }
    }
    best.1
}

fn most_probable(probabilities: &[f64]) -> u32 {
    let mut best = 0;
    for class in 1..probabilities.len() {
        if probabilities[class] > probabilities[best] {
            best = class;
        }
    }
    best as u32
}

#[cfg(test)]
mod tests {
    use super::{super::tests::balanced_model, *};

    fn natural() -> ClassDistribution {
        ClassDistribution::new(vec![0.9, 0.1]).unwrap()
    }

    #[test]
    fn of_two_classes_it_is_as_good_as_the_best_threshold() {
        let equal = ClassDistribution::uniform(2).unwrap().into();
        let validation = balanced_model(1.0);
        let moved = PlugIn.adjust(&validation, &equal, &natural());
        let best = (-40..40).map(|tenths| {
            let offsets = [0.0, f64::from(tenths) / 10.0];
            validation.confusion_with(&offsets).macro_f1()
        });
        let best = best.fold(0.0, f64::max);
        let found = validation.confusion_by(&moved).macro_f1();
        assert!(found > best - 0.01, "{found} {best}");
    }

    #[test]
    fn no_single_row_is_better_decided_otherwise() {
        let mut stream = art_core::Seed::new(5).stream("rows", 0);
        let rows: Vec<Vec<f64>> = (0..40)
            .map(|_| {
                let z: Vec<f32> = (0..3).map(|_| stream.normal() as f32).collect();
                softmax_at(&z, &[2.0, 0.0, -1.0], 1.0)
            })
            .collect();
        let mut true_rows = vec![0.0; 3];
        for row in &rows {
            for (sum, p) in true_rows.iter_mut().zip(row) {
                *sum += p;
            }
        }
        let start: Vec<u32> = rows.iter().map(|of| most_probable(of)).collect();
        let (f1, sizes) = fixed_point(&rows, &true_rows, &[start]);
        let decided: Vec<u32> = rows.iter().map(|of| decision(of, &f1, &sizes)).collect();
        let score = |of: &[u32]| Expected::of(of, &rows, &true_rows).macro_f1();
        let found = score(&decided);
        for row in 0..rows.len() {
            for class in 0..3 {
                let mut other = decided.clone();
                other[row] = class;
                assert!(score(&other) < found + 2e-3, "row {row} to {class}");
            }
        }
    }

    #[test]
    fn a_class_that_no_row_is_of_is_never_decided_for() {
        let validation = Predictions::from_logits(3, [0.0, 0.0, 5.0].repeat(60), [0, 1].repeat(30));
        let natural = ClassDistribution::new(vec![0.5, 0.5, 0.0]).unwrap();
        let moved = PlugIn.adjust(&validation, &natural.clone().into(), &natural);
        let confusion = validation.confusion_by(&moved);
        assert_eq!(confusion.per_class_f1()[2], 0.0);
        let rule = moved.affine.unwrap();
        assert!(rule.f1.iter().chain(&rule.sizes).all(|x| x.is_finite()));
    }
}
