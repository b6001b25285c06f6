use super::adamw::{BETA_1, BETA_2, EPSILON};
use art_core::elementary::powf;
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// [`AdamW`](super::AdamW) for parameters that lie in one slice on the CPU: one pass, in place.
#[derive(Clone, Debug, PartialEq)]
pub struct FlatAdamW {
    weight_decay: f64,
    /// The parameters that decay.
    decaying: Vec<Range<usize>>,
    step: u64,
    first: Vec<f32>,
    second: Vec<f32>,
}

impl FlatAdamW {
    /// An optimizer of `n` parameters at its start; weight decay applies to those in `decaying`,
    /// ascending ranges that do not overlap.
    ///
    /// # Panics
    /// If the ranges are not so.
    pub fn new(n: usize, weight_decay: f64, decaying: Vec<Range<usize>>) -> Self {
        let ends = decaying.iter().flat_map(|range| [range.start, range.end]);
        assert!(
            ends.chain([n]).is_sorted(),
            "ascending ranges within {n} parameters"
        );
        Self {
            weight_decay,
            decaying,
            step: 0,
            first: vec![0.0; n],
            second: vec![0.0; n],
        }
    }

    /// Steps taken.
    pub fn step_count(&self) -> u64 {
        self.step
    }

    /// The running means of the gradient and of its square.
    pub fn moments(&self) -> (&[f32], &[f32]) {
        (&self.first, &self.second)
    }

    /// Goes on after `step` steps with these moments.
    ///
    /// # Panics
    /// If there is not one of each for every parameter.
    pub fn restore(&mut self, step: u64, first: Vec<f32>, second: Vec<f32>) {
        assert_eq!(first.len(), self.first.len(), "first moments");
        assert_eq!(second.len(), self.second.len(), "second moments");
        (self.step, self.first, self.second) = (step, first, second);
    }

    /// Moves `parameters` one step against `gradient`.
    ///
    /// # Panics
    /// If there is not one of each for every parameter.
    pub fn step(&mut self, parameters: &mut [f32], gradient: &[f32], learning_rate: f64) {
        let n = self.first.len();
        assert!(
            parameters.len() == n && gradient.len() == n,
            "{n} parameters"
        );
        self.step += 1;
        let decaying = Scales::new(self.step, learning_rate, self.weight_decay);
        let scales = Scales {
            decay: 1.0,
            ..decaying
        };
        let simd = pulp::Arch::new();
        let mut update = |part: Range<usize>, scales| {
            simd.dispatch(Update {
                scales,
                theta: &mut parameters[part.clone()],
                gradient: &gradient[part.clone()],
                first: &mut self.first[part.clone()],
                second: &mut self.second[part],
            });
        };
        let mut done = 0;
        for range in &self.decaying {
            update(done..range.start, scales);
            update(range.clone(), decaying);
            done = range.end;
        }
        update(done..n, scales);
    }
}

/// What a step multiplies parameters and moments by.
#[derive(Clone, Copy)]
pub(crate) struct Scales {
    pub(crate) decay: f32,
    pub(crate) first: f32,
    pub(crate) second: f32,
}

impl Scales {
    /// Those of the `step`-th step, counted from 1, for parameters that decay.
    pub(crate) fn new(step: u64, learning_rate: f64, weight_decay: f64) -> Self {
        let t = step as f64;
        Self {
            decay: (1.0 - learning_rate * weight_decay) as f32,
            first: (learning_rate / (1.0 - powf(BETA_1, t))) as f32,
            second: (1.0 / (1.0 - powf(BETA_2, t))) as f32,
        }
    }
}

/// One step of parameters that share their scales.
struct Update<'a> {
    scales: Scales,
    theta: &'a mut [f32],
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl WithSimd for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (b1, b2, epsilon) = (BETA_1 as f32, BETA_2 as f32, EPSILON as f32);
        let (c1, c2) = ((1.0 - BETA_1) as f32, (1.0 - BETA_2) as f32);
        let scales = self.scales;
        let moments = self.first.iter_mut().zip(self.second.iter_mut());
        for ((theta, &g), (m, v)) in self.theta.iter_mut().zip(self.gradient).zip(moments) {
            *m = *m * b1 + g * c1;
            *v = *v * b2 + g * g * c2;
            let spread = (*v * scales.second).sqrt() + epsilon;
            *theta = *theta * scales.decay - *m * scales.first / spread;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AdamW, Parameter};
    use candle_core::{Device, Tensor, Var};

    /// Ten steps on `Σ (θ − i)²` beside the tensor form, part of the parameters decaying.
    #[test]
    fn steps_equal_those_of_the_tensor_form() {
        let n = 37;
        let start: Vec<f32> = (0..n).map(|i| (i as f32 * 0.7) % 1.0 - 0.5).collect();
        let goal: Vec<f32> = (0..n).map(|i| i as f32 * 0.1).collect();
        let parameter = |name: &str, values: &[f32], decays| Parameter {
            name: name.into(),
            var: Var::new(values, &Device::Cpu).unwrap(),
            decays,
        };
        let parameters = [
            parameter("weight", &start[..20], true),
            parameter("bias", &start[20..], false),
        ];
        let mut tensors = AdamW::new(&parameters, 0.1).unwrap();
        let mut flat = start.clone();
        #[allow(clippy::single_range_in_vec_init, reason = "a list of ranges is meant")]
        let mut optimizer = FlatAdamW::new(n, 0.1, vec![0..20]);
        for _ in 0..10 {
            let of = |p: &Parameter, goal: &[f32]| {
                let goal = Tensor::new(goal, &Device::Cpu).unwrap();
                (p.var.as_tensor() - goal)
                    .unwrap()
                    .sqr()
                    .unwrap()
                    .sum_all()
                    .unwrap()
            };
            let loss = (of(&parameters[0], &goal[..20]) + of(&parameters[1], &goal[20..])).unwrap();
            tensors
                .step(&parameters, &loss.backward().unwrap(), 0.05)
                .unwrap();
            let gradient: Vec<f32> = flat.iter().zip(&goal).map(|(t, g)| 2.0 * (t - g)).collect();
            optimizer.step(&mut flat, &gradient, 0.05);
        }
        let expected = parameters
            .iter()
            .flat_map(|p| p.var.to_vec1::<f32>().unwrap());
        for (found, expected) in flat.iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-6 * expected.abs().max(1.0));
        }
        assert_eq!(optimizer.step_count(), 10);
    }
}
