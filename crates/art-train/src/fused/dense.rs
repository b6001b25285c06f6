use super::{Done, Layer, Room, Sizes};
use art_linalg::{Mat, Onto, multiply};
use pulp::{Simd, WithSimd};

/// What follows the sums of a dense layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum After {
    /// Nothing: the sums are logits.
    Nothing,
    /// A rectifier, then dropout at this rate.
    Rectifier {
        /// Share of units dropped in training.
        dropout: f64,
    },
}

/// `x Wᵀ + b`: weights `(outputs, inputs)`, then biases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dense {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) after: After,
}

impl Layer for Dense {
    fn sizes(&self) -> Sizes {
        Sizes {
            inputs: self.inputs,
            outputs: self.outputs,
            parameters: self.outputs * (self.inputs + 1),
            products: self.outputs * self.inputs,
            ..Sizes::default()
        }
    }

    fn dropout(&self) -> f64 {
        match self.after {
            After::Nothing => 0.0,
            After::Rectifier { dropout } => dropout,
        }
    }

    fn on_card(&self) -> Option<art_cuda::Layer> {
        Some(art_cuda::Layer::Dense {
            inputs: self.inputs,
            outputs: self.outputs,
            rectifier: match self.after {
                After::Nothing => None,
                After::Rectifier { dropout } => Some(dropout),
            },
        })
    }

    fn forward(&self, parameters: &[f32], input: &[f32], output: &mut [f32], room: Room<'_>) {
        let (weight, bias) = parameters.split_at(self.outputs * self.inputs);
        let rows = input.len() / self.inputs;
        for row in output.chunks_exact_mut(self.outputs) {
            row.copy_from_slice(bias);
        }
        let weight = Mat::new(weight, self.outputs, self.inputs);
        multiply(
            output,
            Mat::new(input, rows, self.inputs),
            weight.transposed(),
            Onto::Sum,
        );
        if self.after != After::Nothing {
            pulp::Arch::new().dispatch(Rectify {
                values: output,
                mask: room.mask,
            });
        }
    }

    fn backward(
        &self,
        done: Done<'_>,
        gradients: &mut [f32],
        gradient: &mut [f32],
        input_gradients: Option<&mut [f32]>,
        room: Room<'_>,
    ) {
        let rows = gradients.len() / self.outputs;
        let (weight_gradients, bias_gradients) = gradient.split_at_mut(self.outputs * self.inputs);
        let simd = pulp::Arch::new();
        if self.after != After::Nothing {
            simd.dispatch(Derectify {
                gradients,
                output: done.output,
                mask: room.mask,
            });
        }
        let gradients = &*gradients;
        let of_rows = Mat::new(gradients, rows, self.outputs);
        let input = Mat::new(done.input, rows, self.inputs);
        multiply(weight_gradients, of_rows.transposed(), input, Onto::Fresh);
        bias_gradients.fill(0.0);
        simd.dispatch(AddRows {
            sums: bias_gradients,
            rows: gradients,
        });
        if let Some(input_gradients) = input_gradients {
            let weight = &done.parameters[..self.outputs * self.inputs];
            multiply(
                input_gradients,
                of_rows,
                Mat::new(weight, self.outputs, self.inputs),
                Onto::Fresh,
            );
        }
    }
}

/// `max(x, 0)` times its factor, where there are any. What is not a number stays so, for the loss to notice.
struct Rectify<'a> {
    values: &'a mut [f32],
    mask: &'a [f32],
}

impl WithSimd for Rectify<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        if self.mask.is_empty() {
            for value in self.values {
                *value = if *value <= 0.0 { 0.0 } else { *value };
            }
        } else {
            for (value, factor) in self.values.iter_mut().zip(self.mask) {
                *value = if *value <= 0.0 { 0.0 } else { *value * factor };
            }
        }
    }
}

/// The gradients with respect to the sums of a layer, from those by its outputs: nothing passes where the output is 0.
struct Derectify<'a> {
    gradients: &'a mut [f32],
    output: &'a [f32],
    mask: &'a [f32],
}

impl WithSimd for Derectify<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let gradients = self.gradients.iter_mut().zip(self.output);
        if self.mask.is_empty() {
            for (gradient, &output) in gradients {
                *gradient = if output > 0.0 { *gradient } else { 0.0 };
            }
        } else {
            for ((gradient, &output), factor) in gradients.zip(self.mask) {
                *gradient = if output > 0.0 {
                    *gradient * factor
                } else {
                    0.0
                };
            }
        }
    }
}

/// Adds each row to the sums.
struct AddRows<'a> {
    sums: &'a mut [f32],
    rows: &'a [f32],
}

impl WithSimd for AddRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for row in self.rows.chunks_exact(self.sums.len()) {
            for (sum, value) in self.sums.iter_mut().zip(row) {
                *sum += value;
            }
        }
    }
}
