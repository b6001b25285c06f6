//! What the tests of the stages share.

use super::{
    ClassifierRetraining, Features, LearnableScaling, LinearHead, NearestClassMean, RetrainParams,
    SecondStage, StageContext, StageReport, TauNormalization,
};
use crate::config::TrainParams;
use art_core::{ClassCounts, ClassDistribution, ClassIndex, Seed};

/// Features of three clouds of 90, 20 and 6 rows, and a layer that prefers the large one.
pub(super) struct Fixture {
    pub(super) features: Features,
    pub(super) index: ClassIndex,
    natural: ClassDistribution,
    pub(super) layer: LinearHead,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let mut stream = Seed::new(5).stream("test", 0);
        let (mut values, mut labels) = (vec![], vec![]);
        for (class, n) in [90, 20, 6].into_iter().enumerate() {
            for _ in 0..n {
                for feature in 0..3 {
                    let center = if feature == class { 2.0 } else { 0.0 };
                    values.push((center + stream.normal()) as f32);
                }
                labels.push(class as u32);
            }
        }
        let mut layer = LinearHead::zeros(3, 3);
        let weights = [2.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.1, 1.0, 0.0, -1.0];
        layer.values_mut().copy_from_slice(&weights);
        let counts = ClassCounts::from_labels(&labels, 3).unwrap();
        Self {
            index: ClassIndex::new(&labels, 3).unwrap(),
            natural: counts.prior(),
            features: Features {
                width: 3,
                values,
                labels,
            },
            layer,
        }
    }

    pub(super) fn refit(&self, stage: &dyn SecondStage) -> (LinearHead, StageReport) {
        let config = TrainParams::new()
            .max_epochs(100)
            .batch_size(16)
            .learning_rate(1e-2)
            .check()
            .unwrap();
        let context = StageContext {
            train: &self.features,
            index: &self.index,
            valid: &self.features,
            logit_prior: &self.natural.clone().into(),
            natural: &self.natural,
            config: &config,
            seed: Seed::new(3),
        };
        let refit = stage.refit(self.layer.clone(), &context).unwrap();
        (refit.head, refit.report)
    }

    pub(super) fn macro_f1(&self, layer: &LinearHead) -> f64 {
        layer.predict(&self.features).confusion().macro_f1()
    }
}

#[test]
fn every_stage_betters_a_layer_that_prefers_the_large_class() {
    let fixture = Fixture::new();
    let before = fixture.macro_f1(&fixture.layer);
    let params = RetrainParams::new().share(0.3);
    let stages: [&dyn SecondStage; 4] = [
        &ClassifierRetraining::new(params).unwrap(),
        &LearnableScaling::new(params).unwrap(),
        &TauNormalization,
        &NearestClassMean,
    ];
    for stage in stages {
        let (layer, report) = fixture.refit(stage);
        let after = fixture.macro_f1(&layer);
        assert!(
            after > before + 0.05,
            "{}: {before} to {after}",
            stage.describe()
        );
        assert_eq!(
            fixture.refit(stage),
            (layer, report),
            "equal seeds give equal layers"
        );
    }
}
