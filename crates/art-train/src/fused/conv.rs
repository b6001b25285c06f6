use super::{Done, Layer, Room, Sizes};
use art_linalg::{Mat, Onto, multiply};
use pulp::{Simd, WithSimd};

/// Pixels of a kernel: 3 × 3.
const KERNEL: usize = 9;
/// The note of a pooled pixel that the rectifier stopped.
const STOPPED: u8 = 4;

/// A 3 × 3 convolution with a border of zeros, biases, a rectifier, and the largest of each 2 × 2 pixels.
///
/// Pictures lie channel by channel, row after row. Weights `(outputs, inputs, 3, 3)`, then biases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conv {
    pub(crate) input_channels: usize,
    pub(crate) output_channels: usize,
    /// Height of the input, even.
    pub(crate) height: usize,
    /// Width of the input, even.
    pub(crate) width: usize,
}

impl Conv {
    fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// Weights of an output channel.
    fn taps(&self) -> usize {
        self.input_channels * KERNEL
    }
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
            // The patches of one picture, the sums of its pixels, and the slopes by its patches.
            scratch: (2 * self.taps() + self.output_channels) * self.pixels(),
            products: self.output_channels * self.taps() * self.pixels(),
        }
    }

    fn forward(&self, parameters: &[f32], input: &[f32], output: &mut [f32], room: Room<'_>) {
        let Sizes {
            inputs, outputs, ..
        } = self.sizes();
        let (pixels, taps) = (self.pixels(), self.taps());
        let (weight, bias) = parameters.split_at(self.output_channels * taps);
        let weight = Mat::new(weight, self.output_channels, taps);
        let (patches, rest) = room.scratch.split_at_mut(taps * pixels);
        let sums = &mut rest[..self.output_channels * pixels];
        let simd = pulp::Arch::new();
        let pictures = input
            .chunks_exact(inputs)
            .zip(output.chunks_exact_mut(outputs));
        for ((picture, pooled), notes) in pictures.zip(room.notes.chunks_exact_mut(outputs)) {
            self.lay_out(picture, patches);
            multiply(sums, weight, Mat::new(patches, taps, pixels), Onto::Fresh);
            simd.dispatch(Pool {
                sums,
                bias,
                width: self.width,
                pooled,
                notes,
            });
        }
    }

    fn backward(
        &self,
        done: Done<'_>,
        slopes: &mut [f32],
        gradient: &mut [f32],
        mut input_slopes: Option<&mut [f32]>,
        room: Room<'_>,
    ) {
        let Sizes {
            inputs, outputs, ..
        } = self.sizes();
        let (pixels, taps) = (self.pixels(), self.taps());
        let weight = &done.parameters[..self.output_channels * taps];
        let weight = Mat::new(weight, self.output_channels, taps);
        let (weight_slopes, bias_slopes) = gradient.split_at_mut(self.output_channels * taps);
        bias_slopes.fill(0.0);
        let (patches, rest) = room.scratch.split_at_mut(taps * pixels);
        let (sum_slopes, patch_slopes) = rest.split_at_mut(self.output_channels * pixels);
        let simd = pulp::Arch::new();
        let pictures = done
            .input
            .chunks_exact(inputs)
            .zip(slopes.chunks_exact(outputs));
        for (index, (picture, slopes)) in pictures.enumerate() {
            simd.dispatch(Unpool {
                slopes,
                notes: &room.notes[index * outputs..][..outputs],
                width: self.width,
                sum_slopes,
                bias_slopes,
            });
            // The patches are laid out again: keeping them would take nine times the picture's room.
            self.lay_out(picture, patches);
            let sum_slopes = Mat::new(sum_slopes, self.output_channels, pixels);
            let onto = if index == 0 { Onto::Fresh } else { Onto::Sum };
            let of_patches = Mat::new(patches, taps, pixels);
            multiply(weight_slopes, sum_slopes, of_patches.transposed(), onto);
            if let Some(all) = &mut input_slopes {
                multiply(patch_slopes, weight.transposed(), sum_slopes, Onto::Fresh);
                self.add_up(patch_slopes, &mut all[index * inputs..][..inputs]);
            }
        }
    }
}

impl Conv {
    /// Writes the patch around each pixel: row (channel, dy, dx), column pixel.
    fn lay_out(&self, picture: &[f32], patches: &mut [f32]) {
        let (height, width) = (self.height, self.width);
        for (tap, patch) in patches.chunks_exact_mut(height * width).enumerate() {
            let (channel, dy, dx) = (tap / KERNEL, tap % KERNEL / 3, tap % 3);
            let channel = &picture[channel * height * width..][..height * width];
            for (y, row) in patch.chunks_exact_mut(width).enumerate() {
                // The source row is y + dy − 1.
                if y + dy == 0 || y + dy > height {
                    row.fill(0.0);
                    continue;
                }
                let source = &channel[(y + dy - 1) * width..][..width];
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
    }

    /// The reverse of [`lay_out`](Self::lay_out): adds each patch's values to the pixels they came from.
    fn add_up(&self, patches: &[f32], picture: &mut [f32]) {
        let (height, width) = (self.height, self.width);
        picture.fill(0.0);
        for (tap, patch) in patches.chunks_exact(height * width).enumerate() {
            let (channel, dy, dx) = (tap / KERNEL, tap % KERNEL / 3, tap % 3);
            let channel = &mut picture[channel * height * width..][..height * width];
            for (y, row) in patch.chunks_exact(width).enumerate() {
                if y + dy == 0 || y + dy > height {
                    continue;
                }
                let target = &mut channel[(y + dy - 1) * width..][..width];
                let (target, row) = match dx {
                    0 => (&mut target[..width - 1], &row[1..]),
                    1 => (target, row),
                    _ => (&mut target[1..], &row[..width - 1]),
                };
                for (target, value) in target.iter_mut().zip(row) {
                    *target += value;
                }
            }
        }
    }
}

/// The largest of each 2 × 2 sums with the bias added, rectified; ties go to the first in reading order.
struct Pool<'a> {
    sums: &'a [f32],
    bias: &'a [f32],
    width: usize,
    pooled: &'a mut [f32],
    notes: &'a mut [u8],
}

impl WithSimd for Pool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let channels = self.bias.len();
        let (of_channel, pooled_of_channel) =
            (self.sums.len() / channels, self.pooled.len() / channels);
        let channels = self.sums.chunks_exact(of_channel).zip(self.bias).zip(
            self.pooled
                .chunks_exact_mut(pooled_of_channel)
                .zip(self.notes.chunks_exact_mut(pooled_of_channel)),
        );
        for ((sums, &bias), (pooled, notes)) in channels {
            let half = self.width / 2;
            let rows = pooled
                .chunks_exact_mut(half)
                .zip(notes.chunks_exact_mut(half));
            for (pair, (pooled, notes)) in sums.chunks_exact(2 * self.width).zip(rows) {
                let (above, below) = pair.split_at(self.width);
                let (above, _) = above.as_chunks::<2>();
                let (below, _) = below.as_chunks::<2>();
                let pixels = above.iter().zip(below).zip(pooled.iter_mut().zip(notes));
                for ((&[a, b], &[c, d]), (pooled, note)) in pixels {
                    let (top, top_note) = if b > a { (b, 1) } else { (a, 0) };
                    let (low, low_note) = if d > c { (d, 3) } else { (c, 2) };
                    let (largest, place) = if low > top {
                        (low, low_note)
                    } else {
                        (top, top_note)
                    };
                    let largest = largest + bias;
                    *pooled = if largest > 0.0 { largest } else { 0.0 };
                    *note = if largest > 0.0 { place } else { STOPPED };
                }
            }
        }
    }
}

/// The reverse of [`Pool`]: each slope goes to the sum that was the largest, and to its channel's bias.
struct Unpool<'a> {
    slopes: &'a [f32],
    notes: &'a [u8],
    width: usize,
    sum_slopes: &'a mut [f32],
    bias_slopes: &'a mut [f32],
}

impl WithSimd for Unpool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let channels = self.bias_slopes.len();
        let (of_channel, pooled_of_channel) = (
            self.sum_slopes.len() / channels,
            self.slopes.len() / channels,
        );
        let slopes = self.slopes.chunks_exact(pooled_of_channel);
        let channels = slopes.zip(self.notes.chunks_exact(pooled_of_channel));
        let targets = self
            .sum_slopes
            .chunks_exact_mut(of_channel)
            .zip(self.bias_slopes);
        for ((slopes, notes), (targets, bias_slope)) in channels.zip(targets) {
            let half = self.width / 2;
            let rows = slopes.chunks_exact(half).zip(notes.chunks_exact(half));
            for ((slopes, notes), pair) in rows.zip(targets.chunks_exact_mut(2 * self.width)) {
                let (above, below) = pair.split_at_mut(self.width);
                let (above, _) = above.as_chunks_mut::<2>();
                let (below, _) = below.as_chunks_mut::<2>();
                let pixels = above.iter_mut().zip(below).zip(slopes.iter().zip(notes));
                for ((above, below), (&slope, &note)) in pixels {
                    let at = |place: u8| if note == place { slope } else { 0.0 };
                    *above = [at(0), at(1)];
                    *below = [at(2), at(3)];
                }
            }
            let passed = slopes
                .iter()
                .zip(notes)
                .filter(|&(_, &note)| note != STOPPED);
            *bias_slope += passed.map(|(slope, _)| slope).sum::<f32>();
        }
    }
}
