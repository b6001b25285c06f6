use super::{
    Done, Layer, Room, Sizes,
    pooling::{Pool, Unpool},
};
use art_linalg::{Mat, Onto, multiply};
use pulp::{Simd, WithSimd};

/// Rows and columns of a kernel.
const SIDE: usize = 3;
/// A 3 × 3 convolution with a border of zeros, biases, a rectifier, and the largest of each 2 × 2 pixels.
///
/// Weights `(outputs, inputs, 3, 3)`, then biases. Inside, images lie pixel by pixel with the channels of
/// a pixel together, so that what is done to each channel is done to many at once; the last convolution
/// writes channel by channel, as the layers after it expect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conv {
    pub(crate) input_channels: usize,
    pub(crate) output_channels: usize,
    /// Height of the input, even.
    pub(crate) height: usize,
    /// Width of the input, even.
    pub(crate) width: usize,
    /// Whether the outputs lie channel by channel.
    pub(crate) is_last: bool,
}

impl Conv {
    fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// Weights of an output channel: kernel rows, then kernel columns, then input channels.
    fn taps(&self) -> usize {
        SIDE * SIDE * self.input_channels
    }

    fn n_weights(&self) -> usize {
        self.output_channels * self.taps()
    }

    fn taps_are_few(&self) -> bool {
        self.taps() < self.output_channels
    }

    /// Where the weight of an output channel and a tap lies among the parameters.
    fn place(&self, output: usize, tap: usize) -> usize {
        let (kernel, input) = (tap / self.input_channels, tap % self.input_channels);
        (output * self.input_channels + input) * SIDE * SIDE + kernel
    }

    fn cut<'s>(&self, scratch: &'s mut [f32]) -> Cut<'s> {
        let (patches, rest) = scratch.split_at_mut(self.taps() * self.pixels());
        let (patch_gradients, rest) = rest.split_at_mut(self.taps() * self.pixels());
        let (sums, rest) = rest.split_at_mut(self.output_channels * self.pixels());
        let (pooled, rest) = rest.split_at_mut(self.output_channels * self.pixels() / 4);
        let (weight, weight_gradients) = rest.split_at_mut(self.n_weights());
        Cut {
            patches,
            patch_gradients,
            sums,
            pooled,
            weight,
            weight_gradients,
        }
    }
}

/// The scratch of a convolution.
struct Cut<'s> {
    /// The surroundings of each pixel: `(pixels, taps)`.
    patches: &'s mut [f32],
    /// The gradients with respect to them.
    patch_gradients: &'s mut [f32],
    /// The sums of each pixel, or the gradients with respect to them: `(pixels, outputs)`.
    sums: &'s mut [f32],
    /// A pooled image, pixel by pixel.
    pooled: &'s mut [f32],
    /// The weights in the order of the pass.
    weight: &'s mut [f32],
    /// The gradients with respect to the weights: `(outputs, taps)`, or `(taps, outputs)` where taps are few.
    weight_gradients: &'s mut [f32],
}

impl Layer for Conv {
    fn sizes(&self) -> Sizes {
        let pooled = self.output_channels * self.pixels() / 4;
        Sizes {
            inputs: self.input_channels * self.pixels(),
            outputs: pooled,
            parameters: self.output_channels * (self.taps() + 1),
            // Which pixel of the four was the largest.
            notes: pooled,
            kept: 0,
            scratch: (2 * self.taps() + self.output_channels) * self.pixels()
                + pooled
                + 2 * self.n_weights(),
            products: self.n_weights() * self.pixels(),
        }
    }

    fn on_card(&self) -> Option<art_cuda::Layer> {
        Some(art_cuda::Layer::Conv {
            inputs: self.input_channels,
            outputs: self.output_channels,
            height: self.height,
            width: self.width,
        })
    }

    fn forward(&self, parameters: &[f32], input: &[f32], output: &mut [f32], room: Room<'_>) {
        let Sizes {
            inputs, outputs, ..
        } = self.sizes();
        let taps = self.taps();
        let bias = &parameters[self.n_weights()..];
        let cut = self.cut(room.scratch);
        for (tap, slots) in cut
            .weight
            .chunks_exact_mut(self.output_channels)
            .enumerate()
        {
            for (channel, slot) in slots.iter_mut().enumerate() {
                *slot = parameters[self.place(channel, tap)];
            }
        }
        let weight = Mat::new(cut.weight, taps, self.output_channels);
        let simd = pulp::Arch::new();
        let images = input
            .chunks_exact(inputs)
            .zip(output.chunks_exact_mut(outputs));
        for ((image, output), notes) in images.zip(room.notes.chunks_exact_mut(outputs)) {
            let patches = self.lay_out(image, cut.patches);
            multiply(cut.sums, patches, weight, Onto::Fresh);
            let pooled = if self.is_last {
                &mut *cut.pooled
            } else {
                &mut *output
            };
            simd.dispatch(Pool {
                sums: cut.sums,
                bias,
                width: self.width,
                pooled,
                notes,
            });
            if self.is_last {
                transpose(cut.pooled, self.output_channels, output);
            }
            // The largest of four hides what is not a number; the loss must notice it.
            let sum = simd.dispatch(Total(cut.sums)) + simd.dispatch(Total(bias));
            if !sum.is_finite() {
                output.fill(f32::NAN);
            }
        }
    }

    fn backward(
        &self,
        done: Done<'_>,
        gradients: &mut [f32],
        gradient: &mut [f32],
        mut input_gradients: Option<&mut [f32]>,
        room: Room<'_>,
    ) {
        let Sizes {
            inputs, outputs, ..
        } = self.sizes();
        let (pixels, taps) = (self.pixels(), self.taps());
        let (weight_gradient, bias_gradient) = gradient.split_at_mut(self.n_weights());
        bias_gradient.fill(0.0);
        let cut = self.cut(room.scratch);
        for (channel, slots) in cut.weight.chunks_exact_mut(taps).enumerate() {
            for (tap, slot) in slots.iter_mut().enumerate() {
                *slot = done.parameters[self.place(channel, tap)];
            }
        }
        let weight = Mat::new(cut.weight, self.output_channels, taps);
        let simd = pulp::Arch::new();
        let images = done
            .input
            .chunks_exact(inputs)
            .zip(gradients.chunks_exact(outputs));
        for (index, (image, gradients)) in images.enumerate() {
            let gradients = if self.is_last {
                transpose(gradients, pixels / 4, cut.pooled);
                &*cut.pooled
            } else {
                gradients
            };
            simd.dispatch(Unpool {
                gradients,
                notes: &room.notes[index * outputs..][..outputs],
                width: self.width,
                sums: cut.sums,
                bias_gradients: bias_gradient,
            });
            // The patches are laid out again: keeping them would take nine times the image's room.
            let patches = self.lay_out(image, cut.patches);
            let of_sums = Mat::new(cut.sums, pixels, self.output_channels);
            let onto = if index == 0 { Onto::Fresh } else { Onto::Sum };
            // The longer side of the gradients with respect to the weights lies along their rows.
            if self.taps_are_few() {
                multiply(cut.weight_gradients, patches.transposed(), of_sums, onto);
            } else {
                multiply(cut.weight_gradients, of_sums.transposed(), patches, onto);
            }
            if let Some(all) = &mut input_gradients {
                multiply(cut.patch_gradients, of_sums, weight, Onto::Fresh);
                simd.dispatch(AddUp {
                    conv: self,
                    patches: cut.patch_gradients,
                    image: &mut all[index * inputs..][..inputs],
                });
            }
        }
        for (index, &gradient) in cut.weight_gradients.iter().enumerate() {
            let (channel, tap) = if self.taps_are_few() {
                (index % self.output_channels, index / self.output_channels)
            } else {
                (index / taps, index % taps)
            };
            weight_gradient[self.place(channel, tap)] = gradient;
        }
    }
}

/// Exchanges rows of `width` values and columns.
fn transpose(from: &[f32], width: usize, to: &mut [f32]) {
    let height = from.len() / width;
    for (column, slots) in to.chunks_exact_mut(height).enumerate() {
        for (slot, row) in slots.iter_mut().zip(from.chunks_exact(width)) {
            *slot = row[column];
        }
    }
}

impl Conv {
    /// Writes the surroundings of each pixel and returns them as `(pixels, taps)`.
    fn lay_out<'p>(&self, image: &[f32], patches: &'p mut [f32]) -> Mat<'p> {
        let (pixels, taps) = (self.pixels(), self.taps());
        if self.input_channels > 1 {
            pulp::Arch::new().dispatch(LayOut {
                conv: self,
                image,
                patches,
            });
            return Mat::new(patches, pixels, taps);
        }
        // The three pixels of a kernel's row are too few to copy one by one: tap by tap, whole rows are.
        let (height, width) = (self.height, self.width);
        for (tap, patch) in patches.chunks_exact_mut(pixels).enumerate() {
            let (dy, dx) = (tap / SIDE, tap % SIDE);
            for (y, row) in patch.chunks_exact_mut(width).enumerate() {
                if y + dy == 0 || y + dy > height {
                    row.fill(0.0);
                    continue;
                }
                let source = &image[(y + dy - 1) * width..][..width];
                match dx {
                    0 => {
                        row[0] = 0.0;
                        row[1..].copy_from_slice(&source[..width - 1]);
                    }
                    1 => row.copy_from_slice(source),
                    _ => {
                        row[..width - 1].copy_from_slice(&source[1..]);
                        row[width - 1] = 0.0;
                    }
                }
            }
        }
        Mat::new(patches, taps, pixels).transposed()
    }

    /// The kernel columns that lie inside the image around column `x`: the first of them, the pixel that
    /// it lies on, and how many.
    #[inline(always)]
    fn columns(&self, x: usize) -> (usize, usize, usize) {
        let first = usize::from(x == 0);
        let last = if x + 1 == self.width { SIDE - 1 } else { SIDE };
        (first, x + first - 1, last - first)
    }
}

/// Writes the surroundings of each pixel, pixel by pixel.
struct LayOut<'a> {
    conv: &'a Conv,
    image: &'a [f32],
    patches: &'a mut [f32],
}

impl WithSimd for LayOut<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Conv {
            input_channels,
            height,
            width,
            ..
        } = *self.conv;
        let of_row = SIDE * input_channels;
        let rows = self.patches.chunks_exact_mut(width * SIDE * of_row);
        for (y, patches) in rows.enumerate() {
            for (x, patch) in patches.chunks_exact_mut(SIDE * of_row).enumerate() {
                let (column, from, n) = self.conv.columns(x);
                for (dy, row) in patch.chunks_exact_mut(of_row).enumerate() {
                    // The source row is y + dy − 1.
                    if y + dy == 0 || y + dy > height {
                        row.fill(0.0);
                        continue;
                    }
                    if n < SIDE {
                        row.fill(0.0);
                    }
                    let source = &self.image[((y + dy - 1) * width + from) * input_channels..];
                    let slots = row[column * input_channels..][..n * input_channels].iter_mut();
                    for (slot, value) in slots.zip(source) {
                        *slot = *value;
                    }
                }
            }
        }
    }
}

/// The reverse of [`LayOut`]: adds each patch to the pixels it came from.
struct AddUp<'a> {
    conv: &'a Conv,
    patches: &'a [f32],
    image: &'a mut [f32],
}

impl WithSimd for AddUp<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Conv {
            input_channels,
            height,
            width,
            ..
        } = *self.conv;
        let of_row = SIDE * input_channels;
        self.image.fill(0.0);
        let rows = self.patches.chunks_exact(width * SIDE * of_row);
        for (y, patches) in rows.enumerate() {
            for (x, patch) in patches.chunks_exact(SIDE * of_row).enumerate() {
                let (column, from, n) = self.conv.columns(x);
                for (dy, row) in patch.chunks_exact(of_row).enumerate() {
                    if y + dy == 0 || y + dy > height {
                        continue;
                    }
                    let target = &mut self.image[((y + dy - 1) * width + from) * input_channels..];
                    let values = &row[column * input_channels..][..n * input_channels];
                    for (target, value) in target.iter_mut().zip(values) {
                        *target += value;
                    }
                }
            }
        }
    }
}

/// The sum of all values.
struct Total<'a>(&'a [f32]);

impl WithSimd for Total<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f32 {
        const LANES: usize = 64;
        let (groups, rest) = self.0.as_chunks::<LANES>();
        let mut sums = [0.0_f32; LANES];
        for group in groups {
            for (sum, value) in sums.iter_mut().zip(group) {
                *sum += value;
            }
        }
        sums.iter().sum::<f32>() + rest.iter().sum::<f32>()
    }
}
