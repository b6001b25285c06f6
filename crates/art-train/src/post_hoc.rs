//! Decisions moved after training: an offset for each class's logit, chosen on validation rows.

use crate::Predictions;
use art_core::ClassDistribution;

/// A rule that chooses what to add to each class's logit before the largest one is taken.
pub trait PostHoc: Send + Sync {
    /// The rule with every setting that decides its choice.
    fn describe(&self) -> String;

    /// One offset for each class, from predictions on validation rows and the class distribution that the
    /// model was trained under.
    fn offsets(&self, validation: &Predictions, trained: &ClassDistribution) -> Vec<f64>;
}

/// Offsets `−τ ln q_j` with the τ of {0, 0.1, …, 3} that has the highest macro F1 on validation rows; ties
/// go to the smaller τ. A class that was never trained on keeps its logit.
///
/// ```
/// use art_core::ClassDistribution;
/// use art_train::{LogitAdjustment, PostHoc, Predictions};
/// // The second class is right only once its logit is raised.
/// let logits = vec![2.0, 0.0, 2.0, 0.0, 1.0, 0.5];
/// let validation = Predictions::from_logits(2, logits, vec![0, 0, 1]);
/// let trained = ClassDistribution::new(vec![0.9, 0.1])?;
/// let offsets = LogitAdjustment.offsets(&validation, &trained);
/// assert_eq!(validation.confusion_with(&offsets).macro_f1(), 1.0);
/// # Ok::<(), art_core::CoreError>(())
/// ```
///
/// # References
/// Menon, Jayasumana, Rawat, Jain, Veit and Kumar (2021), "Long-tail learning via logit adjustment", ICLR,
/// arXiv 2007.07314.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogitAdjustment;

impl PostHoc for LogitAdjustment {
    fn describe(&self) -> String {
        "logit-adjustment(tau of 0 to 3 by 0.1)".into()
    }

    fn offsets(&self, validation: &Predictions, trained: &ClassDistribution) -> Vec<f64> {
        let log_prior = trained
            .as_slice()
            .iter()
            .map(|&q| if q > 0.0 { q.ln() } else { 0.0 });
        let log_prior: Vec<f64> = log_prior.collect();
        let candidates = (0..=30).map(|tenths| {
            let tau = f64::from(tenths) / 10.0;
            log_prior.iter().map(|ln_q| -tau * ln_q).collect()
        });
        best(validation, candidates)
    }
}

/// An offset for each class, searched class by class over {−3, −2.9, …, 3} for the highest macro F1 on
/// validation rows, twice through the classes; ties go to the offset nearest to that before. With few
/// validation rows it over-fits: that is what it is here to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClassThresholds;

impl PostHoc for ClassThresholds {
    fn describe(&self) -> String {
        "class-thresholds(-3 to 3 by 0.1, two passes)".into()
    }

    fn offsets(&self, validation: &Predictions, _: &ClassDistribution) -> Vec<f64> {
        let mut offsets = vec![0.0; validation.n_classes()];
        for _ in 0..2 {
            for class in 0..offsets.len() {
                let before: f64 = offsets[class];
                let mut places: Vec<f64> = (-30..=30).map(|t| f64::from(t) / 10.0).collect();
                places.sort_by(|a, b| (a - before).abs().total_cmp(&(b - before).abs()));
                let candidates = places.into_iter().map(|place| {
                    let mut moved = offsets.clone();
                    moved[class] = place;
                    moved
                });
                offsets = best(validation, candidates);
            }
        }
        offsets
    }
}

/// The first of the candidates with the highest macro F1.
fn best(validation: &Predictions, candidates: impl Iterator<Item = Vec<f64>>) -> Vec<f64> {
    let scored = candidates.map(|offsets| {
        let score = validation.confusion_with(&offsets).macro_f1();
        (score, offsets)
    });
    scored
        .reduce(|best, other| if other.0 > best.0 { other } else { best })
        .map(|(_, offsets)| offsets)
        .expect("there are candidates")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_moved_where_nothing_is_gained() {
        let validation = Predictions::from_logits(2, vec![2.0, 0.0, 0.0, 2.0], vec![0, 1]);
        let trained = ClassDistribution::new(vec![0.9, 0.1]).unwrap();
        assert_eq!(LogitAdjustment.offsets(&validation, &trained), [0.0, 0.0]);
        assert_eq!(ClassThresholds.offsets(&validation, &trained), [0.0, 0.0]);
    }

    #[test]
    fn each_class_finds_a_threshold_of_its_own() {
        // Class 1 must be raised by more than 0.5, class 2 lowered by more than 1.
        let logits = vec![3.0, 0.0, 0.0, 1.0, 0.5, 0.0, 0.0, 0.0, 3.0, 2.0, 0.0, 3.0];
        let validation = Predictions::from_logits(3, logits, vec![0, 1, 2, 0]);
        let trained = ClassDistribution::uniform(3).unwrap();
        let offsets = ClassThresholds.offsets(&validation, &trained);
        assert_eq!(validation.confusion_with(&offsets).macro_f1(), 1.0);
        assert!(validation.confusion().macro_f1() < 1.0);
    }

    #[test]
    fn a_class_never_trained_on_keeps_its_logit() {
        let validation = Predictions::from_logits(2, vec![1.0, 0.9, 1.0, 0.0], vec![1, 0]);
        let trained = ClassDistribution::new(vec![1.0, 0.0]).unwrap();
        let offsets = LogitAdjustment.offsets(&validation, &trained);
        assert!(offsets.iter().all(|offset| offset.is_finite()));
    }
}
