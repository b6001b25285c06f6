//! Pooling of 2 × 2 pixels behind a rectifier, forwards and backwards.

use pulp::{Simd, WithSimd};

/// The note of a pooled pixel that the rectifier stopped.
const STOPPED: u8 = 4;

/// The four pixels that are pooled into one, in reading order: where each lies among the pixels.
#[inline(always)]
fn window(pooled: usize, width: usize) -> [usize; 4] {
    let (y, x) = (pooled / (width / 2), pooled % (width / 2));
    let first = 2 * y * width + 2 * x;
    [first, first + 1, first + width, first + width + 1]
}

/// The largest of each 2 × 2 sums with the bias added, rectified; ties go to the first in reading order.
pub(super) struct Pool<'a> {
    pub(super) sums: &'a [f32],
    pub(super) bias: &'a [f32],
    pub(super) width: usize,
    pub(super) pooled: &'a mut [f32],
    pub(super) notes: &'a mut [u8],
}

impl WithSimd for Pool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let channels = self.bias.len();
        let pixels = self
            .pooled
            .chunks_exact_mut(channels)
            .zip(self.notes.chunks_exact_mut(channels));
        for (pixel, (pooled, notes)) in pixels.enumerate() {
            let four = window(pixel, self.width).map(|p| &self.sums[p * channels..][..channels]);
            // Arrays of a known length, so that all lanes of the processor are used.
            let groups = four.map(|sums| sums.as_chunks::<POOLED>().0);
            let slots = pooled.as_chunks_mut::<POOLED>().0.iter_mut();
            let slots = slots.zip(notes.as_chunks_mut::<POOLED>().0);
            let biases = self.bias.as_chunks::<POOLED>().0;
            for (group, ((pooled, notes), bias)) in slots.zip(biases).enumerate() {
                let [a, b, c, d] = groups.map(|groups| &groups[group]);
                let mut places = [0; POOLED];
                for lane in 0..POOLED {
                    let four = [a[lane], b[lane], c[lane], d[lane]];
                    (pooled[lane], places[lane]) = largest(four, bias[lane]);
                }
                *notes = places.map(|place| place as u8);
            }
            for channel in channels - channels % POOLED..channels {
                let (value, place) = largest(four.map(|sums| sums[channel]), self.bias[channel]);
                (pooled[channel], notes[channel]) = (value, place as u8);
            }
        }
    }
}

/// Channels that are pooled at once.
const POOLED: usize = 16;

/// The largest of four sums with the bias added, rectified, and the note of where it was.
#[inline(always)]
fn largest(four: [f32; 4], bias: f32) -> (f32, u32) {
    let (mut largest, mut place) = (four[0], 0);
    for (index, value) in (0..).zip(four).skip(1) {
        let larger = value > largest;
        largest = if larger { value } else { largest };
        place = if larger { index } else { place };
    }
    let largest = largest + bias;
    if largest > 0.0 {
        (largest, place)
    } else {
        (0.0, u32::from(STOPPED))
    }
}

/// The reverse of [`Pool`]: each gradient goes to the sum that was the largest, and to its channel's bias.
pub(super) struct Unpool<'a> {
    pub(super) gradients: &'a [f32],
    pub(super) notes: &'a [u8],
    pub(super) width: usize,
    pub(super) sums: &'a mut [f32],
    pub(super) bias_gradients: &'a mut [f32],
}

impl WithSimd for Unpool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let channels = self.bias_gradients.len();
        let pixels = self
            .gradients
            .chunks_exact(channels)
            .zip(self.notes.chunks_exact(channels));
        for (pixel, (gradients, notes)) in pixels.enumerate() {
            for (place, target) in window(pixel, self.width).into_iter().enumerate() {
                let targets = &mut self.sums[target * channels..][..channels];
                for ((target, &gradient), &note) in targets.iter_mut().zip(gradients).zip(notes) {
                    *target = if note == place as u8 { gradient } else { 0.0 };
                }
            }
            for ((sum, &gradient), &note) in
                self.bias_gradients.iter_mut().zip(gradients).zip(notes)
            {
                *sum += if note == STOPPED { 0.0 } else { gradient };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use art_core::Seed;

    #[test]
    fn pooling_takes_the_first_of_the_largest_whatever_the_number_of_channels() {
        const WIDTH: usize = 6;
        for channels in [1, 5, 16, 21, 32] {
            let mut stream = Seed::new(3).stream("sums", channels as u64);
            // Few values, so that ties abound; both zeros among them.
            let mut values = |n: usize| -> Vec<f32> {
                let value = |_| [-1.0, -0.0, 0.0, 0.5, 2.0][stream.below(5)];
                (0..n).map(value).collect()
            };
            let (sums, bias) = (values(4 * WIDTH * channels), values(channels));
            let pooled_pixels = 4 * WIDTH / 4;
            let mut pooled = vec![9.0; pooled_pixels * channels];
            let mut notes = vec![9; pooled_pixels * channels];
            pulp::Arch::new().dispatch(Pool {
                sums: &sums,
                bias: &bias,
                width: WIDTH,
                pooled: &mut pooled,
                notes: &mut notes,
            });
            for pixel in 0..pooled_pixels {
                for channel in 0..channels {
                    let four = window(pixel, WIDTH).map(|p| sums[p * channels + channel]);
                    let most = four.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                    let first = four.iter().position(|&value| value == most).unwrap() as u8;
                    let value = most + bias[channel];
                    let expected = if value > 0.0 {
                        (value, first)
                    } else {
                        (0.0, STOPPED)
                    };
                    let place = pixel * channels + channel;
                    assert_eq!((pooled[place], notes[place]), expected);
                }
            }
        }
    }
}
