use super::{LinearHead, Refit, SecondStage, StageContext, untrained};
use crate::error::TrainError;
use art_core::elementary::{powf, powi};

/// τ-normalization: weights divided by their class's norm to the power τ, without biases; τ of {0, 0.1, …, 2} by the
/// highest macro F1 on validation rows, the smaller of equal ones.
///
/// # References
/// As [`ClassifierRetraining`](super::ClassifierRetraining).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TauNormalization;

impl SecondStage for TauNormalization {
    fn describe(&self) -> String {
        "tau-normalization(tau of 0 to 2 by 0.1)".into()
    }

    fn refit(&self, trained: LinearHead, context: &StageContext<'_>) -> Result<Refit, TrainError> {
        const SMALLEST_NORM: f64 = 1e-12;
        let (width, k) = (trained.n_features(), trained.n_classes());
        let norms = trained.values()[..k * width].chunks_exact(width).map(|w| {
            let squares = w.iter().map(|&x| powi(f64::from(x), 2));
            squares.sum::<f64>().sqrt().max(SMALLEST_NORM)
        });
        let norms: Vec<f64> = norms.collect();
        let mut best: Option<(f64, LinearHead)> = None;
        for tenths in 0..=20 {
            let tau = f64::from(tenths) / 10.0;
            let mut layer = trained.clone();
            layer.values_mut()[k * width..].fill(0.0);
            let factors = norms.iter().map(|&norm| powf(norm, -tau) as f32);
            layer.scale(&factors.collect::<Vec<_>>());
            let score = layer.predict(context.valid).confusion().macro_f1();
            if best.as_ref().is_none_or(|(known, _)| score > *known) {
                best = Some((score, layer));
            }
        }
        let (_, layer) = best.expect("there are candidates");
        Ok(untrained(layer, context.logit_prior.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::fixture::Fixture;
    use art_core::elementary::ln;

    #[test]
    fn normalized_weights_have_norms_to_the_power_that_is_left_and_no_bias() {
        let fixture = Fixture::new();
        let (layer, _) = fixture.refit(&TauNormalization);
        assert_eq!(layer.values()[9..], [0.0; 3]);
        // 2^(1−τ), 0.5^(1−τ) and 0.1^(1−τ) for one τ of the grid.
        let left = ln(f64::from(layer.values()[0])) / ln(2.0_f64);
        assert!((ln(f64::from(layer.values()[4])) / ln(0.5_f64) - left).abs() < 1e-4);
        assert!((ln(f64::from(layer.values()[8])) / ln(0.1_f64) - left).abs() < 1e-4);
        assert!((10.0 * left - (10.0 * left).round()).abs() < 1e-4);
    }
}
