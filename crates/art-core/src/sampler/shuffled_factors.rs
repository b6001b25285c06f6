use super::{Basics, BreakEven, EpochSampler, Feedback, Refresh};
use crate::{
    distribution::ClassDistribution,
    draw::{EpochDraw, RowList},
    error::CoreError,
    saved::Saved,
};
use std::sync::Arc;

/// Break-even feedback that reaches the wrong classes: the factors v that it found change places between the classes, anew at
/// each refresh (stream `shuffled factors`). The sizes of the changes stay; which class they belong to is lost.
///
/// If it does as well shuffled, any movement away from the base would have done.
///
/// *Choice.* Only classes with training rows take part. What is found goes on from the errors of this run, which shuffled
/// factors do not mend, so that factors may come to lie further apart than in a run with the right ones.
///
/// ```
/// use art_core::{BreakEven, BreakEvenParams, ClassIndex, ConfusionMatrix, EpochSampler, Seed, ShuffledFactors};
/// let labels: Vec<u32> = (0..100).map(|row| u32::from(row % 10 == 0)).collect();
/// let config = BreakEvenParams::new().check()?;
/// let inner = BreakEven::new(config, ClassIndex::new(&labels, 2)?, Seed::new(1834));
/// let mut sampler = ShuffledFactors::new(inner);
/// sampler.observe(1, &ConfusionMatrix::from_rows(&[vec![90, 0], vec![5, 5]])?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ShuffledFactors {
    inner: BreakEven,
    distribution: ClassDistribution,
    list: Arc<RowList>,
}

impl ShuffledFactors {
    /// `inner` with its factors in other places.
    pub fn new(inner: BreakEven) -> Self {
        let mut sampler = Self {
            distribution: inner.distribution().clone(),
            list: Arc::new(RowList::all(0)),
            inner,
        };
        sampler.redraw();
        sampler
    }

    /// Computes p and the row list from the factors of the sampler inside; returns them as they were placed.
    fn redraw(&mut self) -> Vec<f64> {
        let found = self.inner.factors();
        let present = self.inner.present();
        let mut from = present.to_vec();
        self.seed()
            .stream("shuffled factors", self.inner.refreshes())
            .shuffle(&mut from);
        let mut factors = vec![0.0; found.len()];
        for (&class, from) in present.iter().zip(from) {
            factors[class] = found[from];
        }
        (self.distribution, self.list) = self.inner.drawn_with(&factors);
        factors
    }
}

impl EpochSampler for ShuffledFactors {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn describe(&self) -> String {
        format!("shuffled-factors({})", self.inner.describe())
    }

    fn basics(&self) -> Basics<'_> {
        Basics {
            distribution: &self.distribution,
            ..self.inner.basics()
        }
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        EpochDraw::new(Arc::clone(&self.list), self.seed(), epoch)
    }

    fn learn(&mut self, epoch: u32, feedback: Feedback<'_>) -> Result<Option<Refresh>, CoreError> {
        let Some(refresh) = self.inner.learn(epoch, feedback)? else {
            return Ok(None);
        };
        let factors = self.redraw();
        Ok(Some(Refresh {
            weights: ClassDistribution::from_scores(&factors)?,
            distribution: self.distribution.clone(),
            ..refresh
        }))
    }

    fn refreshes(&self) -> u64 {
        self.inner.refreshes()
    }

    fn save(&self) -> Saved {
        self.inner.save()
    }

    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        self.inner.load(refreshes, saved)?;
        self.redraw();
        Ok(())
    }
}
