use super::flat::flat;
use crate::{
    error::TrainError,
    fused::{Network, Part},
    model::Model,
};
use art_data::Dataset;
use rayon::prelude::*;

/// Most rows of a part: nothing is kept for gradients, but a part should stay in the processor's cache.
const PART: usize = 256;

/// The buffers of evaluation, kept from epoch to epoch.
#[derive(Debug, Default)]
pub(crate) struct Evaluation {
    parts: Vec<Part>,
}

impl Evaluation {
    /// The logits of every row of `data`. The same buffers serve sets of one size.
    pub(super) fn logits(
        &mut self,
        network: &Network,
        parameters: &[f32],
        data: &Dataset,
    ) -> Vec<f32> {
        let (n, n_classes) = (data.n_rows(), data.n_classes());
        // Two parts at least, so that a second thread has work.
        let rows = PART.min(n.div_ceil(2));
        // Each thread takes a run of whole parts, one after the other.
        let n_runs = rayon::current_num_threads().min(n.div_ceil(rows));
        let of_run = n.div_ceil(rows).div_ceil(n_runs) * rows;
        self.parts
            .resize_with(n_runs, || Part::for_evaluation(network, rows));
        let mut logits = vec![0.0; n * n_classes];
        self.parts
            .par_iter_mut()
            .zip(logits.par_chunks_mut(of_run * n_classes))
            .enumerate()
            .for_each(|(index, (part, logits))| {
                let mut first = index * of_run;
                for logits in logits.chunks_mut(rows * n_classes) {
                    let numbers = first..first + logits.len() / n_classes;
                    first = numbers.end;
                    part.load(data.features_as_slice(), numbers, data.n_features());
                    logits.copy_from_slice(part.forward(network, parameters, |_| &[]));
                }
            });
        logits
    }
}

/// The logits of a model that has a fused form and lives on the CPU; `None` for any other.
pub(crate) fn fused_logits(
    model: &impl Model,
    data: &Dataset,
) -> Result<Option<Vec<f32>>, TrainError> {
    if !model.device().is_cpu() {
        return Ok(None);
    }
    let Some(network) = model.network() else {
        return Ok(None);
    };
    let parameters = flat(model.parameters().iter().map(|p| p.var.as_tensor()))?;
    Ok(Some(Evaluation::default().logits(
        &network,
        &parameters,
        data,
    )))
}
