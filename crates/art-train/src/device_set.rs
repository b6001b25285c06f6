//! A set on the device of a model, and how a model is shown it.

use crate::{error::TrainError, model::Model};
use art_data::Dataset;
use candle_core::Tensor;

/// A set's features and labels on the device of a model.
#[derive(Debug)]
pub struct DeviceSet {
    /// `(n_rows, n_features)`, f32.
    pub features: Tensor,
    /// `(n_rows)`, u32.
    pub labels: Tensor,
}

impl DeviceSet {
    /// The rows of `data` on the device of `model`.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] when the model was made for other columns or classes.
    pub fn new(data: &Dataset, model: &impl Model) -> Result<Self, TrainError> {
        check_columns(data, model)?;
        let shape = (data.n_rows(), data.n_features());
        let device = model.device();
        Ok(Self {
            features: Tensor::from_slice(data.features_as_slice(), shape, device)?,
            labels: Tensor::from_slice(data.labels(), data.n_rows(), device)?,
        })
    }
}

/// Makes sure that `model` was made for the columns and classes of `data`.
pub(crate) fn check_columns(data: &Dataset, model: &impl Model) -> Result<(), TrainError> {
    for (what, expected, found) in [
        ("number of features", model.n_features(), data.n_features()),
        ("number of classes", model.n_classes(), data.n_classes()),
    ] {
        if expected != found {
            return Err(TrainError::Mismatch {
                what,
                expected: format!("{expected} (the model's)"),
                found: found.to_string(),
            });
        }
    }
    Ok(())
}

/// What `forward` makes of the `n_rows` rows of `set`, row after row, `batch` rows at a time.
pub(crate) fn in_batches(
    set: &DeviceSet,
    n_rows: usize,
    batch: usize,
    forward: impl Fn(&Tensor) -> Result<Tensor, TrainError>,
) -> Result<Vec<f32>, TrainError> {
    let mut values = vec![];
    for start in (0..n_rows).step_by(batch) {
        let rows = set.features.narrow(0, start, batch.min(n_rows - start))?;
        let batch = forward(&rows)?.detach();
        values.extend(batch.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(values)
}
