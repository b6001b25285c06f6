//! Several networks as one: the mean of their probabilities.

use crate::{
    error::TrainError,
    evaluate::Predictions,
    model::{Mode, Model, Parameter},
};
use art_core::elementary::{exp, ln};
use art_data::Dataset;
use candle_core::{D, Device, Tensor};
use serde::{Deserialize, Serialize};

/// One network, or several whose probabilities are averaged: the logits of several are the logarithms of the mean. One network
/// answers as it is.
#[derive(Clone, Debug)]
pub struct Ensemble<M> {
    members: Vec<Member<M>>,
    parameters: Vec<Parameter>,
}

/// A network of an ensemble.
#[derive(Clone, Debug)]
pub struct Member<M> {
    /// The network.
    pub model: M,
    /// How its logits become those that are averaged.
    pub shift: Shift,
}

/// How the logits of a network become those of probabilities for class proportions that it has in common with others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// What they are multiplied by first.
    pub scale: f64,
    /// What is then added to the logit of each class.
    pub offsets: Vec<f64>,
}

impl Shift {
    /// None.
    pub fn none(n_classes: usize) -> Self {
        Self {
            scale: 1.0,
            offsets: vec![0.0; n_classes],
        }
    }
}

impl<M: Model> Ensemble<M> {
    /// One network, whose logits stay as they are.
    pub fn of_one(model: M) -> Self {
        let shift = Shift::none(model.n_classes());
        Self::of_members(vec![Member { model, shift }])
    }

    /// These networks.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] when there is none, or they differ in features, classes or where they live.
    pub fn new(members: Vec<Member<M>>) -> Result<Self, TrainError> {
        let facts = |member: &Member<M>| {
            let Member { model, shift } = member;
            (model.n_features(), model.n_classes(), shift.offsets.len())
        };
        let first = members.first().map(facts);
        let fits = |member: &Member<M>| {
            let (_, n_classes, n_offsets) = facts(member);
            Some(facts(member)) == first && n_classes == n_offsets
        };
        if first.is_none() || !members.iter().all(fits) {
            return Err(TrainError::Mismatch {
                what: "networks of an ensemble",
                expected: "at least one, all for the same features and classes".into(),
                found: format!("{:?}", members.iter().map(facts).collect::<Vec<_>>()),
            });
        }
        Ok(Self::of_members(members))
    }

    fn of_members(members: Vec<Member<M>>) -> Self {
        let is_alone = members.len() == 1;
        let mut parameters = vec![];
        for (place, member) in members.iter().enumerate() {
            for parameter in member.model.parameters() {
                let mut parameter = parameter.clone();
                if !is_alone {
                    parameter.name = format!("{place}/{}", parameter.name);
                }
                parameters.push(parameter);
            }
        }
        Self {
            members,
            parameters,
        }
    }

    /// The networks.
    pub fn members(&self) -> &[Member<M>] {
        &self.members
    }

    /// The only network, where there is one alone.
    fn only(&self) -> Option<&M> {
        match &*self.members {
            [Member { model, .. }] => Some(model),
            _ => None,
        }
    }

    fn first(&self) -> &M {
        &self.members[0].model
    }
}

impl<M: Model> Model for Ensemble<M> {
    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn describe(&self) -> String {
        let members = self.members.iter().map(|member| member.model.describe());
        match self.only() {
            Some(model) => model.describe(),
            None => format!("mean({})", members.collect::<Vec<_>>().join(", ")),
        }
    }

    fn head(&self) -> art_losses::Head {
        self.first().head()
    }

    fn n_features(&self) -> usize {
        self.first().n_features()
    }

    fn n_classes(&self) -> usize {
        self.first().n_classes()
    }

    fn device(&self) -> &Device {
        self.first().device()
    }

    fn evaluation_batch(&self) -> usize {
        self.first().evaluation_batch()
    }

    fn forward(&self, rows: &Tensor, mode: Mode) -> Result<Tensor, TrainError> {
        if let Some(model) = self.only() {
            return model.forward(rows, mode);
        }
        let mut logs = vec![];
        for Member { model, shift } in &self.members {
            let offsets = shift.offsets.iter().map(|&offset| offset as f32);
            let offsets = Tensor::from_iter(offsets, rows.device())?;
            let logits = (model.forward(rows, mode)? * shift.scale)?.broadcast_add(&offsets)?;
            let of_all = logits.log_sum_exp(D::Minus1)?.unsqueeze(1)?;
            logs.push(logits.broadcast_sub(&of_all)?);
        }
        let sum = Tensor::stack(&logs, 0)?.log_sum_exp(0)?;
        Ok((sum - ln(self.members.len() as f64))?)
    }

    fn answers(&self, data: &Dataset) -> Result<Option<Vec<f32>>, TrainError> {
        if let Some(model) = self.only() {
            return model.answers(data);
        }
        let n_classes = self.n_classes();
        // The logarithms of probabilities of each network in turn.
        let mut logs: Vec<Vec<f64>> = vec![];
        for Member { model, shift } in &self.members {
            let predictions = Predictions::of(model, data)?;
            let mut of_model = Vec::with_capacity(predictions.logits().len());
            for logits in predictions.logits().chunks_exact(n_classes) {
                let moved = logits.iter().zip(&shift.offsets);
                let moved = moved.map(|(&z, offset)| shift.scale * f64::from(z) + offset);
                let moved: Vec<f64> = moved.collect();
                let of_all = log_sum_exp(moved.iter().copied());
                of_model.extend(moved.iter().map(|z| z - of_all));
            }
            logs.push(of_model);
        }
        let n_members = ln(self.members.len() as f64);
        let mean = |place| log_sum_exp(logs.iter().map(|of| of[place])) - n_members;
        let means = (0..data.n_rows() * n_classes).map(|place| mean(place) as f32);
        Ok(Some(means.collect()))
    }

    fn network(&self) -> Option<crate::fused::Network> {
        self.only().and_then(Model::network)
    }

    fn features(&self, rows: &Tensor, mode: Mode) -> Result<Tensor, TrainError> {
        self.only_for_features()?.features(rows, mode)
    }

    fn logits(&self, features: &Tensor) -> Result<Tensor, TrainError> {
        self.only_for_features()?.logits(features)
    }
}

impl<M: Model> Ensemble<M> {
    fn only_for_features(&self) -> Result<&M, TrainError> {
        self.only().ok_or_else(|| TrainError::Mismatch {
            what: "the model",
            expected: "one network, which gives its features".into(),
            found: self.describe(),
        })
    }
}

/// `ln Σ exp z`; that of nothing finite is what it is.
fn log_sum_exp(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = values.clone().fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return largest;
    }
    largest + ln(values.map(|z| exp(z - largest)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Mlp, MlpParams};
    use art_core::Seed;
    use art_data::GaussianClasses;

    fn rows() -> Dataset {
        let classes = GaussianClasses::new(vec![40, 30, 20], 4);
        classes.generate(Seed::new(1)).unwrap()
    }

    fn network(seed: u64) -> Mlp {
        let shape = MlpParams::new(4, 3).hidden([5]).check().unwrap();
        Mlp::new(shape, Seed::new(seed), &Device::Cpu).unwrap()
    }

    fn three() -> Ensemble<Mlp> {
        let member = |seed| Member {
            model: network(seed),
            shift: Shift {
                scale: 1.0 + seed as f64,
                offsets: vec![0.3 * seed as f64, 0.0, -1.0],
            },
        };
        Ensemble::new([1, 2, 3].map(member).to_vec()).unwrap()
    }

    #[test]
    fn one_network_answers_as_it_is() {
        let (alone, data) = (Ensemble::of_one(network(1)), rows());
        let of = |model: &dyn Fn() -> Result<Predictions, TrainError>| model().unwrap();
        let alone_says = of(&|| Predictions::of(&alone, &data));
        assert_eq!(alone_says, of(&|| Predictions::of(&network(1), &data)));
        assert_eq!(alone.parameters()[0].name, "0.weight");
    }

    #[test]
    fn probabilities_are_averaged() {
        let data = rows();
        let found = Predictions::of(&three(), &data).unwrap();
        let mut expected = vec![0.0; 3];
        for Member { model, shift } in three().members() {
            let own = Predictions::of(model, &data).unwrap();
            let z = own.logits()[..3].iter().zip(&shift.offsets);
            let z: Vec<f64> = z.map(|(&z, o)| shift.scale * f64::from(z) + o).collect();
            let sum: f64 = z.iter().map(|&z| exp(z)).sum();
            for (mean, z) in expected.iter_mut().zip(z) {
                *mean += exp(z) / sum / 3.0;
            }
        }
        for (z, p) in found.logits().iter().zip(expected) {
            assert!((exp(f64::from(*z)) - p).abs() < 1e-6);
        }
    }

    #[test]
    fn both_forms_are_equal() {
        let data = rows();
        let tensors = Tensor::from_slice(data.features_as_slice(), (90, 4), &Device::Cpu).unwrap();
        let by_tensors = three().forward(&tensors, Mode::Eval).unwrap();
        let by_tensors: Vec<f32> = by_tensors.flatten_all().unwrap().to_vec1().unwrap();
        let found = Predictions::of(&three(), &data).unwrap();
        for (a, b) in found.logits().iter().zip(by_tensors) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }

    #[test]
    fn impossible_logits_are_no_numbers_that_look_well() {
        assert_eq!(
            log_sum_exp([f64::NEG_INFINITY; 2].into_iter()),
            f64::NEG_INFINITY
        );
        assert!((log_sum_exp([-2000.0, -2000.0].into_iter()) + 2000.0 - ln(2.0_f64)).abs() < 1e-9);
    }

    #[test]
    fn networks_that_do_not_belong_together_are_refused() {
        assert!(Ensemble::<Mlp>::new(vec![]).is_err());
        let shift = Shift::none(2);
        let member = Member {
            model: network(1),
            shift,
        };
        assert!(Ensemble::new(vec![member]).is_err());
    }
}
