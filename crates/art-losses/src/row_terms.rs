use crate::{error::LossError, kernel, loss::Loss};
use candle_core::Tensor;

/// Rows that count in parts: each term gives every row a label and how much its loss under that label counts.
///
/// One term weighs the rows; two terms are rows with two labels each.
#[derive(Clone, Copy, Debug)]
pub struct RowTerms<'a> {
    terms: &'a [(&'a [u32], &'a [f64])],
}

impl<'a> RowTerms<'a> {
    /// Labels and weights of all rows, term by term.
    ///
    /// # Errors
    /// [`LossError::Length`] unless all lists have one entry a row, [`LossError::RowWeight`] for a weight that is negative or
    /// not finite.
    pub fn new(terms: &'a [(&'a [u32], &'a [f64])]) -> Result<Self, LossError> {
        let n_rows = terms.first().map_or(0, |(labels, _)| labels.len());
        for (labels, weights) in terms {
            for found in [labels.len(), weights.len()] {
                if found != n_rows {
                    let (what, expected) = ("list of labels or weights of rows", n_rows);
                    return Err(LossError::Length {
                        what,
                        expected,
                        found,
                    });
                }
            }
            let bad = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0));
            if let Some(row) = bad {
                let value = weights[row];
                return Err(LossError::RowWeight { row, value });
            }
        }
        Ok(Self { terms })
    }

    fn n_rows(&self) -> usize {
        self.terms.first().map_or(0, |(labels, _)| labels.len())
    }

    /// The mean over rows of `Σ weight · ℓ(label)` over the terms as a scalar to differentiate, without weights of
    /// classes and without selection.
    ///
    /// # Errors
    /// As [`Loss::per_sample`].
    pub fn forward(&self, loss: &dyn Loss, logits: &Tensor) -> Result<Tensor, LossError> {
        let n = self.n_rows();
        let mut sum = Tensor::zeros(n, logits.dtype(), logits.device())?;
        for (labels, weights) in self.terms {
            let labels = Tensor::from_slice(labels, n, logits.device())?;
            let weights = Tensor::from_slice(weights, n, logits.device())?;
            let weights = weights.to_dtype(logits.dtype())?;
            sum = (sum + (loss.per_sample(logits, &labels)? * weights)?)?;
        }
        Ok(sum.mean_all()?)
    }

    /// The same on the CPU in f64, with its gradient with respect to the logits.
    ///
    /// # Errors
    /// As [`Loss::value_and_gradient`].
    pub fn value_and_gradient(
        &self,
        loss: &dyn Loss,
        logits: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, LossError> {
        let mut n_classes = 0;
        for (labels, _) in self.terms {
            n_classes = kernel::check(logits, labels, gradient, loss.n_classes())?;
        }
        if self.n_rows() == 0 {
            return Ok(0.0);
        }
        let Some(rows) = loss.kernel() else {
            let forward = |logits: &Tensor, _: &Tensor| self.forward(loss, logits);
            let labels = self.terms[0].0;
            return kernel::differentiate(&forward, logits, labels, n_classes, gradient);
        };
        let n = self.n_rows() as f64;
        let (mut total, mut of_term) = (0.0, vec![0.0; n_classes]);
        for (row, (logits, gradient)) in logits
            .chunks_exact(n_classes)
            .zip(gradient.chunks_exact_mut(n_classes))
            .enumerate()
        {
            gradient.fill(0.0);
            let mut value = 0.0;
            for (labels, weights) in self.terms {
                value += weights[row] * rows.row(logits, labels[row] as usize, &mut of_term);
                for (slot, partial) in gradient.iter_mut().zip(&of_term) {
                    *slot += weights[row] * partial;
                }
            }
            total += value;
            for slot in gradient {
                *slot /= n;
            }
        }
        Ok(total / n)
    }
}
