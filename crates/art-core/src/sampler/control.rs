//! Controls: what is left of a sampler when its feedback is taken away.

use super::{EpochSampler, Feedback, LastEpoch, Refresh};
use crate::{
    classes::ClassCounts,
    confusion::ConfusionMatrix,
    distribution::ClassDistribution,
    draw::EpochDraw,
    error::{CoreError, ParamError},
    saved::Saved,
    seed::Seed,
};

/// The name of the matrix that a frozen sampler saves, row by row; empty before the first refresh.
const FIRST: &str = "first_matrix";

/// Makes sure that a sampler does not look at training rows: that is feedback which these controls cannot take away.
fn check_learns_from_validation(inner: &impl EpochSampler) -> Result<(), ParamError> {
    if !inner.wants_rows() {
        return Ok(());
    }
    let expected = "one that learns from validation alone";
    Err(ParamError::new(
        "sampler of a control",
        inner.name(),
        expected,
    ))
}

/// What a control leaves to the sampler that it wraps.
macro_rules! as_the_inner_sampler {
    () => {
        fn name(&self) -> &str {
            self.inner.name()
        }

        fn seed(&self) -> Seed {
            self.inner.seed()
        }

        fn class_counts(&self) -> &ClassCounts {
            self.inner.class_counts()
        }

        fn distribution(&self) -> &ClassDistribution {
            self.inner.distribution()
        }

        fn draw(&self, epoch: u32) -> EpochDraw {
            self.inner.draw(epoch)
        }

        fn row_weights(&self) -> Option<&[f64]> {
            self.inner.row_weights()
        }

        fn refreshes(&self) -> u64 {
            self.inner.refreshes()
        }
    };
}

/// Replays the first validation matrix that caused a refresh at every later one: the schedule and the fresh draws stay,
/// what changes during training is gone.
///
/// If a method does as well frozen, watching the model all along was not what helped.
#[derive(Clone, Debug)]
pub struct Frozen<S> {
    inner: S,
    first: Option<ConfusionMatrix>,
}

impl<S: EpochSampler> Frozen<S> {
    /// `inner` without anything new to see.
    ///
    /// # Errors
    /// [`ParamError`] for a sampler that looks at training rows.
    pub fn new(inner: S) -> Result<Self, ParamError> {
        check_learns_from_validation(&inner)?;
        Ok(Self { inner, first: None })
    }
}

impl<S: EpochSampler> EpochSampler for Frozen<S> {
    fn describe(&self) -> String {
        format!("frozen({})", self.inner.describe())
    }

    as_the_inner_sampler!();

    fn learn(&mut self, epoch: u32, feedback: Feedback<'_>) -> Result<Option<Refresh>, CoreError> {
        feedback.check(self.class_counts())?;
        let Feedback::Counts(validation) = feedback else {
            return Err(feedback.refused(self.name()));
        };
        let shown = self.first.as_ref().unwrap_or(validation);
        let refresh = self.inner.observe(epoch, shown)?;
        if refresh.is_some() && self.first.is_none() {
            self.first = Some(validation.clone());
        }
        Ok(refresh)
    }

    fn save(&self) -> Saved {
        let first = self.first.as_ref().map_or_else(Vec::new, |matrix| {
            matrix.rows().flatten().map(|n| n as f64).collect()
        });
        Saved::new([(FIRST, first)]).around(self.inner.save())
    }

    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        let (inner, [first]) = saved.inner_and_lists([FIRST])?;
        let n_classes = self.class_counts().n_classes();
        let first = first.numbers_if_any(n_classes * n_classes)?;
        let first = first.map(|first| {
            let row = |row: &[f64]| row.iter().map(|&count| count as u64).collect();
            let rows: Vec<Vec<u64>> = first.chunks_exact(n_classes).map(row).collect();
            ConfusionMatrix::from_rows(&rows)
        });
        let first = first.transpose()?;
        self.inner.load(refreshes, &inner)?;
        self.first = first;
        Ok(())
    }
}

/// Lets a sampler learn from validation up to an epoch and no longer: what is drawn from then stays.
///
/// If a method does as well stopped early, its feedback was needed to find a distribution, not to follow the model.
#[derive(Clone, Debug)]
pub struct Stopped<S> {
    inner: S,
    last: u32,
    observed: LastEpoch,
}

impl<S: EpochSampler> Stopped<S> {
    /// `inner`, which sees nothing after epoch `last`.
    ///
    /// # Errors
    /// [`ParamError`] for a sampler that looks at training rows.
    pub fn after(last: u32, inner: S) -> Result<Self, ParamError> {
        check_learns_from_validation(&inner)?;
        let observed = LastEpoch::default();
        Ok(Self {
            inner,
            last,
            observed,
        })
    }
}

impl<S: EpochSampler> EpochSampler for Stopped<S> {
    fn describe(&self) -> String {
        format!("stopped(after={}, {})", self.last, self.inner.describe())
    }

    as_the_inner_sampler!();

    fn learn(&mut self, epoch: u32, feedback: Feedback<'_>) -> Result<Option<Refresh>, CoreError> {
        feedback.check(self.class_counts())?;
        self.observed.check(epoch)?;
        let refresh = if epoch > self.last {
            None
        } else {
            self.inner.learn(epoch, feedback)?
        };
        self.observed.set(epoch);
        Ok(refresh)
    }

    fn save(&self) -> Saved {
        self.inner.save()
    }

    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        self.inner.load(refreshes, saved)?;
        self.observed = LastEpoch::default();
        Ok(())
    }
}

/// Shows a sampler each validation matrix with the classes' names exchanged at random, anew for every epoch
/// (stream `shuffled classes`): the amount of feedback stays, whom it is about is gone.
///
/// If a method does as well shuffled, any restlessness of the class distribution would have done. A sampler that pools what it
/// sees, or adds it up, averages exchanged names away, and of the amount little is left; for break-even feedback there is
/// [`ShuffledFactors`](super::ShuffledFactors).
#[derive(Clone, Debug)]
pub struct ShuffledClasses<S> {
    inner: S,
}

impl<S: EpochSampler> ShuffledClasses<S> {
    /// `inner` with feedback about the wrong classes.
    ///
    /// # Errors
    /// [`ParamError`] for a sampler that looks at training rows.
    pub fn new(inner: S) -> Result<Self, ParamError> {
        check_learns_from_validation(&inner)?;
        Ok(Self { inner })
    }
}

impl<S: EpochSampler> EpochSampler for ShuffledClasses<S> {
    fn describe(&self) -> String {
        format!("shuffled({})", self.inner.describe())
    }

    as_the_inner_sampler!();

    fn learn(&mut self, epoch: u32, feedback: Feedback<'_>) -> Result<Option<Refresh>, CoreError> {
        feedback.check(self.class_counts())?;
        let Feedback::Counts(validation) = feedback else {
            return Err(feedback.refused(self.name()));
        };
        let mut classes: Vec<usize> = (0..validation.n_classes()).collect();
        self.seed()
            .stream("shuffled classes", u64::from(epoch))
            .shuffle(&mut classes);
        let row = |&truth: &usize| {
            let counts = classes.iter().map(|&p| validation.count(truth, p));
            counts.collect()
        };
        let rows: Vec<Vec<u64>> = classes.iter().map(row).collect();
        self.inner
            .observe(epoch, &ConfusionMatrix::from_rows(&rows)?)
    }

    fn save(&self) -> Saved {
        self.inner.save()
    }

    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        self.inner.load(refreshes, saved)
    }
}
