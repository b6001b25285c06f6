use super::{Features, LinearHead, Refit, SecondStage, StageContext, equal_shares, untrained};
use crate::error::TrainError;

/// Nearest class mean (NCM): the class whose training rows' mean features are nearest.
///
/// The squared distance to a mean is linear in the features but for a term that all classes share, so that it is a
/// linear layer: weights m, bias −½ ‖m‖². A class without rows is never predicted.
///
/// # References
/// As [`ClassifierRetraining`](super::ClassifierRetraining).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NearestClassMean;

impl SecondStage for NearestClassMean {
    fn describe(&self) -> String {
        "nearest-class-mean".into()
    }

    fn refit(&self, trained: LinearHead, context: &StageContext<'_>) -> Result<Refit, TrainError> {
        let (width, k) = (trained.n_features(), trained.n_classes());
        let mut layer = LinearHead::zeros(width, k);
        for class in 0..k {
            let members = context.index.rows(class);
            let (weights, bias) = layer.values_mut().split_at_mut(k * width);
            if members.is_empty() {
                bias[class] = f32::MIN;
                continue;
            }
            let mean = mean(context.train, members);
            let squares: f64 = mean.iter().map(|m| m * m).sum();
            bias[class] = (-0.5 * squares) as f32;
            for (weight, m) in weights[class * width..].iter_mut().zip(mean) {
                *weight = m as f32;
            }
        }
        Ok(untrained(layer, equal_shares(context.index)?.into()))
    }
}

/// The mean features of these rows.
fn mean(features: &Features, rows: &[u32]) -> Vec<f64> {
    let mut sums = vec![0.0; features.width()];
    for &row in rows {
        for (sum, &x) in sums.iter_mut().zip(features.row(row as usize)) {
            *sum += f64::from(x);
        }
    }
    sums.into_iter()
        .map(|sum| sum / rows.len() as f64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::fixture::Fixture;
    use art_core::elementary::powi;

    #[test]
    fn the_nearest_mean_is_the_largest_logit() {
        let fixture = Fixture::new();
        let (layer, _) = fixture.refit(&NearestClassMean);
        let means: Vec<Vec<f64>> = (0..3)
            .map(|class| mean(&fixture.features, fixture.index.rows(class)))
            .collect();
        let logits = layer.logits(fixture.features.values());
        for (row, logits) in logits.chunks_exact(3).enumerate() {
            let distance = |class: usize| -> f64 {
                let pairs = fixture.features.row(row).iter().zip(&means[class]);
                pairs.map(|(&x, m)| powi(f64::from(x) - m, 2)).sum()
            };
            let nearest = (0..3).min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
            let largest = (0..3).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
            assert_eq!(nearest, largest);
        }
    }
}
