//! Checks that any [`Loss`] can run on itself.
//!
//! ```
//! use art_losses::{CrossEntropy, conformance::check_loss};
//! check_loss(&CrossEntropy, 4).unwrap();
//! ```

use crate::loss::Loss;
use art_core::Seed;
use candle_core::{Device, Tensor, Var};

/// A rule of [`Loss`] that a loss breaks.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("loss breaks the rule '{rule}': {detail}")]
pub struct Violation {
    /// The rule.
    pub rule: &'static str,
    /// What was seen.
    pub detail: String,
}

/// Runs every check on random batches of `n_classes` classes.
///
/// # Errors
/// The first [`Violation`].
pub fn check_loss(loss: &dyn Loss, n_classes: usize) -> Result<(), Violation> {
    for (round, size) in [(0, 0.5), (1, 3.0), (2, 1e4)] {
        let batch = Batch::random(n_classes, size, round);
        let found = batch.value_and_gradient(loss)?;
        both_forms_agree(loss, &batch, &found)?;
        gradient_is_the_difference(loss, &batch, &found)?;
        order_of_rows_does_not_matter(loss, &batch, &found)?;
    }
    let empty = Batch {
        logits: vec![],
        targets: vec![],
        n_classes,
    };
    match empty.value_and_gradient(loss)? {
        (0.0, _) => Ok(()),
        (value, _) => fail("an empty batch costs nothing", value.to_string()),
    }
}

fn fail<T>(rule: &'static str, detail: impl Into<String>) -> Result<T, Violation> {
    Err(Violation {
        rule,
        detail: detail.into(),
    })
}

struct Batch {
    logits: Vec<f64>,
    targets: Vec<u32>,
    n_classes: usize,
}

impl Batch {
    fn random(n_classes: usize, size: f64, round: u64) -> Self {
        let mut stream = Seed::new(17).stream("conformance", round);
        let rows = 3 * n_classes;
        Self {
            logits: (0..rows * n_classes)
                .map(|_| size * (2.0 * stream.unit() - 1.0))
                .collect(),
            targets: (0..rows).map(|_| stream.below(n_classes) as u32).collect(),
            n_classes,
        }
    }

    fn value_and_gradient(&self, loss: &dyn Loss) -> Result<(f64, Vec<f64>), Violation> {
        let mut gradient = vec![f64::NAN; self.logits.len()];
        match loss.value_and_gradient(&self.logits, &self.targets, &mut gradient) {
            Err(error) => fail("finite logits are accepted", error.to_string()),
            Ok(value) if !value.is_finite() || gradient.iter().any(|g| !g.is_finite()) => fail(
                "finite logits give finite values and gradients",
                format!("{value}"),
            ),
            Ok(value) => Ok((value, gradient)),
        }
    }
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs()))
}

fn both_forms_agree(
    loss: &dyn Loss,
    batch: &Batch,
    (value, gradient): &(f64, Vec<f64>),
) -> Result<(), Violation> {
    let tensors = || {
        let shape = (batch.targets.len(), batch.n_classes);
        let logits = Var::from_slice(&batch.logits, shape, &Device::Cpu)?;
        let targets = Tensor::new(&*batch.targets, &Device::Cpu)?;
        let forward = loss.forward(&logits, &targets)?;
        let gradients = forward.backward()?;
        let gradient = match gradients.get(&logits) {
            Some(gradient) => gradient.flatten_all()?.to_vec1::<f64>()?,
            None => vec![0.0; batch.logits.len()],
        };
        Ok::<_, crate::error::LossError>((forward.to_scalar::<f64>()?, gradient))
    };
    let (other_value, other_gradient) = match tensors() {
        Ok(found) => found,
        Err(error) => return fail("the tensor form accepts the batch", error.to_string()),
    };
    if !close(*value, other_value, 1e-9) {
        return fail(
            "both forms give one value",
            format!("{value} and {other_value}"),
        );
    }
    for (place, (a, b)) in gradient.iter().zip(&other_gradient).enumerate() {
        if !close(*a, *b, 1e-9) {
            let (row, class) = (place / batch.n_classes, place % batch.n_classes);
            let detail = format!("row {row}, class {class}: {a} and {b}");
            return fail("both forms give one gradient", detail);
        }
    }
    Ok(())
}

fn gradient_is_the_difference(
    loss: &dyn Loss,
    batch: &Batch,
    (_, gradient): &(f64, Vec<f64>),
) -> Result<(), Violation> {
    const STEP: f64 = 1e-5;
    for (place, partial) in gradient.iter().enumerate() {
        let shifted = |by: f64| {
            let mut logits = batch.logits.clone();
            logits[place] += by;
            let shifted = Batch {
                logits,
                targets: batch.targets.clone(),
                n_classes: batch.n_classes,
            };
            shifted.value_and_gradient(loss).map(|(value, _)| value)
        };
        let difference = (shifted(STEP)? - shifted(-STEP)?) / (2.0 * STEP);
        if !close(*partial, difference, 1e-6) {
            let (row, class) = (place / batch.n_classes, place % batch.n_classes);
            let detail =
                format!("row {row}, class {class}: {partial}, central difference {difference}");
            return fail("the gradient is that of central differences", detail);
        }
    }
    Ok(())
}

fn order_of_rows_does_not_matter(
    loss: &dyn Loss,
    batch: &Batch,
    (value, gradient): &(f64, Vec<f64>),
) -> Result<(), Violation> {
    let k = batch.n_classes;
    let reversed = Batch {
        logits: batch.logits.chunks(k).rev().flatten().copied().collect(),
        targets: batch.targets.iter().rev().copied().collect(),
        n_classes: k,
    };
    let (other, other_gradient) = reversed.value_and_gradient(loss)?;
    let same = gradient.chunks(k).rev().flatten().zip(&other_gradient);
    if !close(*value, other, 1e-12) || !same.into_iter().all(|(a, b)| close(*a, *b, 1e-12)) {
        return fail(
            "the order of rows does not matter",
            format!("{value} and {other}"),
        );
    }
    Ok(())
}
