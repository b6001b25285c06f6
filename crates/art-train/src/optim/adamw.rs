use crate::{error::TrainError, model::Parameter};
use art_core::elementary::powf;
use candle_core::{Tensor, backprop::GradStore};

pub(super) const BETA_1: f64 = 0.9;
pub(super) const BETA_2: f64 = 0.999;
pub(super) const EPSILON: f64 = 1e-8;

/// Running means of a parameter's gradient and of its square.
#[derive(Clone, Debug)]
pub struct Moments {
    /// Mean of the gradient.
    pub first: Tensor,
    /// Mean of the squared gradient.
    pub second: Tensor,
}

/// Adam with decoupled weight decay, betas 0.9 and 0.999, epsilon 1e-8.
///
/// `θ ← θ (1 − lr·λ) − lr · m̂ / (√v̂ + ε)`, with λ = 0 for parameters that do not decay.
///
/// # References
/// Loshchilov and Hutter (2019), "Decoupled weight decay regularization", arXiv 1711.05101.
#[derive(Clone, Debug)]
pub struct AdamW {
    weight_decay: f64,
    step: u64,
    moments: Vec<Moments>,
}

impl AdamW {
    /// An optimizer at its start.
    ///
    /// # Errors
    /// [`TrainError::Tensor`] when the device has no room.
    pub fn new(parameters: &[Parameter], weight_decay: f64) -> Result<Self, TrainError> {
        let zeros = |parameter: &Parameter| {
            Ok(Moments {
                first: parameter.var.zeros_like()?,
                second: parameter.var.zeros_like()?,
            })
        };
        Ok(Self {
            weight_decay,
            step: 0,
            moments: parameters
                .iter()
                .map(zeros)
                .collect::<Result<_, TrainError>>()?,
        })
    }

    /// An optimizer after `step` steps with these moments, one for each parameter in order.
    pub fn from_state(weight_decay: f64, step: u64, moments: Vec<Moments>) -> Self {
        Self {
            weight_decay,
            step,
            moments,
        }
    }

    /// Steps taken.
    pub fn step_count(&self) -> u64 {
        self.step
    }

    /// The moments of each parameter, in order.
    pub fn moments(&self) -> &[Moments] {
        &self.moments
    }

    /// Moves `parameters` one step against `gradients`; one without a gradient stays.
    ///
    /// # Errors
    /// [`TrainError::Tensor`] when shapes do not fit.
    pub fn step(
        &mut self,
        parameters: &[Parameter],
        gradients: &GradStore,
        learning_rate: f64,
    ) -> Result<(), TrainError> {
        self.step += 1;
        let t = self.step as f64;
        let first_scale = learning_rate / (1.0 - powf(BETA_1, t));
        let second_scale = 1.0 / (1.0 - powf(BETA_2, t));
        for (parameter, moments) in parameters.iter().zip(&mut self.moments) {
            let Some(gradient) = gradients.get(&parameter.var) else {
                continue;
            };
            let gradient = gradient.detach();
            let theta = parameter.var.as_detached_tensor();
            moments.first = ((&moments.first * BETA_1)? + gradient.affine(1.0 - BETA_1, 0.0)?)?;
            moments.second =
                ((&moments.second * BETA_2)? + gradient.sqr()?.affine(1.0 - BETA_2, 0.0)?)?;
            let spread = moments
                .second
                .affine(second_scale, 0.0)?
                .sqrt()?
                .affine(1.0, EPSILON)?;
            let update = (moments.first.affine(first_scale, 0.0)? / spread)?;
            let decay = if parameter.decays {
                1.0 - learning_rate * self.weight_decay
            } else {
                1.0
            };
            parameter.var.set(&(theta.affine(decay, 0.0)? - update)?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use art_core::elementary::powi;
    use candle_core::{Device, Var};

    /// Three steps on f(θ) = (θ − 3)² from θ = 1, computed by a hand-written scalar recursion.
    #[test]
    fn steps_equal_the_scalar_recursion() {
        let parameter = |decays| Parameter {
            name: "theta".into(),
            var: Var::new(&[1.0_f64], &Device::Cpu).unwrap(),
            decays,
        };
        for decays in [true, false] {
            let parameters = [parameter(decays)];
            let mut adamw = AdamW::new(&parameters, 0.1).unwrap();
            let (mut theta, mut m, mut v) = (1.0_f64, 0.0, 0.0);
            for t in 1..=3 {
                let loss = (parameters[0].var.as_tensor() - 3.0)
                    .unwrap()
                    .sqr()
                    .unwrap();
                let gradients = loss.backward().unwrap();
                adamw.step(&parameters, &gradients, 0.05).unwrap();

                let g = 2.0 * (theta - 3.0);
                m = 0.9 * m + 0.1 * g;
                v = 0.999 * v + 0.001 * g * g;
                let (m_hat, v_hat) = (m / (1.0 - powi(0.9_f64, t)), v / (1.0 - powi(0.999_f64, t)));
                let decay = if decays { 1.0 - 0.05 * 0.1 } else { 1.0 };
                theta = theta * decay - 0.05 * m_hat / (v_hat.sqrt() + 1e-8);
                let found = parameters[0].var.to_vec1::<f64>().unwrap()[0];
                assert_abs_diff_eq!(found, theta, epsilon = 1e-12);
            }
            assert_eq!(adamw.step_count(), 3);
        }
    }
}
