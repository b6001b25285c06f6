//! Parameters one after another in one list, and as the tensors of a model.

use crate::{error::TrainError, model::Model};
use candle_core::{Device, Tensor};
use std::ops::Range;

/// The values of tensors, one after another.
pub(super) fn flat<'t>(tensors: impl Iterator<Item = &'t Tensor>) -> Result<Vec<f32>, TrainError> {
    let mut values = vec![];
    for tensor in tensors {
        values.extend(tensor.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(values)
}

/// Where the parameters of a model lie in such a list.
fn places(model: &impl Model) -> Vec<Range<usize>> {
    let mut end = 0;
    let parameters = model.parameters().iter();
    let places = parameters.map(|parameter| {
        let start = end;
        end += parameter.var.elem_count();
        start..end
    });
    places.collect()
}

/// Where those lie that decay.
pub(super) fn decaying(model: &impl Model) -> Vec<Range<usize>> {
    let parameters = model.parameters().iter().zip(places(model));
    let decaying = parameters.filter(|(parameter, _)| parameter.decays);
    decaying.map(|(_, place)| place).collect()
}

/// A value for every parameter as tensors on the CPU, in the model's order.
pub(super) fn tensors(model: &impl Model, values: &[f32]) -> Result<Vec<Tensor>, TrainError> {
    let parameters = model.parameters().iter().zip(places(model));
    let tensors = parameters.map(|(parameter, place)| {
        let shape = parameter.var.shape();
        Tensor::from_slice(&values[place], shape, &Device::Cpu)
    });
    Ok(tensors.collect::<Result<_, _>>()?)
}
