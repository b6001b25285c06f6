use super::{
    Basics, EpochSampler, Feedback, Refresh, check_order,
    loss::{counts_among, easiest},
};
use crate::{
    classes::ClassIndex,
    distribution::ClassDistribution,
    draw::{EpochDraw, RowList},
    error::{CoreError, ParamError},
    saved::Saved,
    seed::Seed,
};
use std::sync::Arc;

/// The easiest rows of each class first, by a difficulty that is known beforehand: all rows from half of the epochs on.
///
/// Epoch e of E has the share `min(1, g + (1 − g) · e / (E / 2))` of each class, at least one row.
///
/// ```
/// use art_core::{ClassIndex, Curriculum, EpochSampler, Seed};
/// let index = ClassIndex::new(&[0, 0, 0, 0, 1, 1], 2)?;
/// let sampler = Curriculum::new(vec![4.0, 3.0, 2.0, 1.0, 0.5, 9.0], 0.3, 10, index, Seed::new(1))?;
/// let mut rows = sampler.draw(1).to_vec();
/// rows.sort();
/// assert_eq!(rows, [2, 3, 4]);
/// assert_eq!(sampler.draw(5).len(), 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Bengio, Louradour, Collobert and Weston (2009), "Curriculum learning", ICML, 41-48, doi 10.1145/1553374.1553380.
#[derive(Clone, Debug)]
pub struct Curriculum {
    difficulty: Arc<[f64]>,
    start: f64,
    n_epochs: u32,
    seed: Seed,
    index: Arc<ClassIndex>,
    done: u32,
    distribution: ClassDistribution,
}

impl Curriculum {
    /// A sampler over the rows of `index`, `difficulty` of each of which is known.
    ///
    /// # Errors
    /// [`CoreError::Length`] for another number of difficulties than rows, [`CoreError::BadRow`] for one that is not
    /// finite, [`CoreError::Param`] for a first share outside (0, 1] or no epoch.
    pub fn new(
        difficulty: Vec<f64>,
        start: f64,
        n_epochs: u32,
        index: impl Into<Arc<ClassIndex>>,
        seed: Seed,
    ) -> Result<Self, CoreError> {
        let index = index.into();
        if difficulty.len() != index.n_rows() {
            return Err(CoreError::Length {
                what: "list of difficulties",
                expected: index.n_rows(),
                found: difficulty.len(),
            });
        }
        if let Some(row) = difficulty.iter().position(|d| !d.is_finite()) {
            return Err(CoreError::BadRow {
                what: "difficulty",
                row,
                value: difficulty[row],
                expected: "a finite number",
            });
        }
        if !(start > 0.0 && start <= 1.0) {
            return Err(ParamError::new("start", start, "above 0 and at most 1").into());
        }
        if n_epochs == 0 {
            return Err(ParamError::new("n_epochs", n_epochs, "at least 1").into());
        }
        let mut sampler = Self {
            difficulty: difficulty.into(),
            start,
            n_epochs,
            seed,
            distribution: index.counts().prior(),
            index,
            done: 0,
        };
        sampler.distribution = sampler.shares(1);
        Ok(sampler)
    }

    /// The rows of epoch `epoch`, ascending.
    fn rows(&self, epoch: u32) -> Vec<u32> {
        let progress = f64::from(epoch) / (0.5 * f64::from(self.n_epochs));
        let share = (self.start + (1.0 - self.start) * progress).min(1.0);
        easiest(&self.index, &self.difficulty, share)
    }

    fn shares(&self, epoch: u32) -> ClassDistribution {
        let counts = counts_among(&self.index, &self.rows(epoch));
        ClassDistribution::from_scores(&counts).expect("a class has rows")
    }
}

impl EpochSampler for Curriculum {
    fn name(&self) -> &'static str {
        "curriculum"
    }

    fn describe(&self) -> String {
        // The difficulties are a function of the run's own seed and rows, and too many to be named.
        let sum: f64 = self.difficulty.iter().sum();
        format!(
            "curriculum(start={}, epochs={}, difficulties={sum})",
            self.start, self.n_epochs
        )
    }

    fn basics(&self) -> Basics<'_> {
        Basics {
            seed: self.seed,
            class_counts: self.index.counts(),
            distribution: &self.distribution,
        }
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        let list = RowList::listed(self.rows(epoch.max(1)));
        EpochDraw::new(Arc::new(list), self.seed, epoch)
    }

    moves_with_the_epoch!();
}
