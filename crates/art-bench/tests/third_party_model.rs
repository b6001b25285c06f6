//! A model from outside: a method brings it, and the experiment trains it.

mod common;

use art_methods::{Kind, Method};
use art_train::{Device, Mode, Model, Parameter, Recipe, TrainError};
use candle_core::{DType, Tensor, Var};

/// Logits are linear in the features' signs.
struct Signs(Vec<Parameter>);

impl Model for Signs {
    fn parameters(&self) -> &[Parameter] {
        &self.0
    }
    fn describe(&self) -> String {
        "signs".into()
    }
    fn n_features(&self) -> usize {
        self.0[0].var.dims()[0]
    }
    fn n_classes(&self) -> usize {
        self.0[0].var.dims()[1]
    }
    fn device(&self) -> &Device {
        self.0[0].var.device()
    }
    fn forward(&self, rows: &Tensor, _: Mode) -> Result<Tensor, TrainError> {
        Ok(rows.sign()?.matmul(self.0[0].var.as_tensor())?)
    }
}

#[test]
fn it_runs_in_the_experiment() {
    let method = Method::new("signs", "Signs", Kind::Network, |_, inputs| {
        let data = inputs.train.data();
        let shape = (data.n_features(), data.n_classes());
        let var = Var::zeros(shape, DType::F32, inputs.device)?;
        let (name, decays) = ("weight".into(), true);
        Ok(Recipe::plain(inputs).model(Signs(vec![Parameter { name, var, decays }])))
    });
    common::runs_in_the_experiment(method);
}
