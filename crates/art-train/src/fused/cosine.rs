use super::{Done, Layer, Room, Sizes};
use art_linalg::{Mat, Onto, multiply};

/// Lengths are kept at least this long.
const SHORTEST: f32 = 1e-12;

/// The normalized head: cosines between a row and the weights `(outputs, inputs)` of each class.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CosineHead {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
}

impl Layer for CosineHead {
    fn sizes(&self) -> Sizes {
        Sizes {
            inputs: self.inputs,
            outputs: self.outputs,
            parameters: self.outputs * self.inputs,
            // Each row at length 1, then its length.
            kept: self.inputs + 1,
            // Each class's weights at length 1, their lengths, and the gradients with respect to them.
            scratch: self.outputs * (2 * self.inputs + 1),
            products: self.outputs * self.inputs,
            ..Sizes::default()
        }
    }

    fn forward(&self, parameters: &[f32], input: &[f32], output: &mut [f32], room: Room<'_>) {
        let rows = input.len() / self.inputs;
        let (units, lengths) = room.kept.split_at_mut(rows * self.inputs);
        to_unit_length(input, units, lengths);
        let (classes, rest) = room.scratch.split_at_mut(self.outputs * self.inputs);
        to_unit_length(parameters, classes, &mut rest[..self.outputs]);
        let classes = Mat::new(classes, self.outputs, self.inputs);
        multiply(
            output,
            Mat::new(units, rows, self.inputs),
            classes.transposed(),
            Onto::Fresh,
        );
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
        let (units, lengths) = room.kept.split_at(rows * self.inputs);
        let (classes, rest) = room.scratch.split_at_mut(self.outputs * self.inputs);
        let (class_lengths, class_gradients) = rest.split_at_mut(self.outputs);
        // Other parts may have used the scratch since the forward pass.
        to_unit_length(done.parameters, classes, class_lengths);
        let of_rows = Mat::new(gradients, rows, self.outputs);
        let unit_rows = Mat::new(units, rows, self.inputs);
        multiply(
            class_gradients,
            of_rows.transposed(),
            unit_rows,
            Onto::Fresh,
        );
        gradient.copy_from_slice(class_gradients);
        through_length(gradient, classes, class_lengths);
        if let Some(input_gradients) = input_gradients {
            let classes = Mat::new(classes, self.outputs, self.inputs);
            multiply(input_gradients, of_rows, classes, Onto::Fresh);
            through_length(input_gradients, units, lengths);
        }
    }
}

/// Divides each row by its length and notes the length; 0 stands for one that was too short to count.
fn to_unit_length(rows: &[f32], units: &mut [f32], lengths: &mut [f32]) {
    let width = rows.len() / lengths.len();
    let pairs = rows.chunks_exact(width).zip(units.chunks_exact_mut(width));
    for ((row, unit), length) in pairs.zip(lengths) {
        let squared: f32 = row.iter().map(|x| x * x).sum();
        *length = if squared > SHORTEST * SHORTEST {
            squared.sqrt()
        } else {
            0.0
        };
        let divisor = length.max(SHORTEST);
        for (unit, x) in unit.iter_mut().zip(row) {
            *unit = x / divisor;
        }
    }
}

/// Turns gradients by rows of length 1 into gradients with respect to the rows themselves, in place.
fn through_length(gradients: &mut [f32], units: &[f32], lengths: &[f32]) {
    let width = gradients.len() / lengths.len();
    let pairs = gradients
        .chunks_exact_mut(width)
        .zip(units.chunks_exact(width));
    for ((gradients, unit), &length) in pairs.zip(lengths) {
        // A row that is too short to count is divided by a constant.
        let along: f32 = if length > 0.0 {
            gradients.iter().zip(unit).map(|(s, u)| s * u).sum()
        } else {
            0.0
        };
        let divisor = length.max(SHORTEST);
        for (gradient, unit) in gradients.iter_mut().zip(unit) {
            *gradient = (*gradient - along * unit) / divisor;
        }
    }
}
