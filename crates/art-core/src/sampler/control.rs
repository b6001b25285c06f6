//! Controls: what is left of a sampler when its feedback is taken away.

use super::{Basics, EpochSampler, Feedback, LastEpoch, Refresh};
use crate::{
    confusion::ConfusionMatrix,
    draw::EpochDraw,
    error::{CoreError, ParamError},
    saved::Saved,
};

/// The name of the matrix that a frozen sampler saves, row by row; empty before the first refresh.
const FIRST: &str = "first_matrix";

/// A sampler whose feedback is taken away, wholly or in part. If a method does as well so, what was taken was not what helped.
#[derive(Clone, Debug)]
pub struct FeedbackControl<S> {
    inner: S,
    kind: Kind,
}

/// What becomes of the feedback.
#[derive(Clone, Debug)]
enum Kind {
    /// It is the matrix of the first refresh, once there was one.
    Frozen(Option<ConfusionMatrix>),
    /// There is none after the epoch `after`.
    Stopped { after: u32, observed: LastEpoch },
    /// It is about other classes.
    ShuffledClasses,
}

impl<S: EpochSampler> FeedbackControl<S> {
    /// Replays the first validation matrix that caused a refresh at every later one: the schedule and the fresh draws stay,
    /// what changes during training is gone.
    ///
    /// If a method does as well frozen, watching the model all along was not what helped.
    ///
    /// # Errors
    /// [`ParamError`] for a sampler that looks at training rows: that is feedback which a control cannot take away.
    pub fn frozen(inner: S) -> Result<Self, ParamError> {
        Self::new(inner, Kind::Frozen(None))
    }

    /// Lets a sampler learn from validation up to the epoch `after` and no longer: what is drawn from then stays.
    ///
    /// If a method does as well stopped early, its feedback was needed to find a distribution, not to follow the model.
    ///
    /// # Errors
    /// As [`frozen`](Self::frozen).
    pub fn stopped(after: u32, inner: S) -> Result<Self, ParamError> {
        let observed = LastEpoch::default();
        Self::new(inner, Kind::Stopped { after, observed })
    }

    /// Shows a sampler each validation matrix with the classes' names exchanged at random, anew for every epoch
    /// (stream `shuffled classes`): the amount of feedback stays, whom it is about is gone.
    ///
    /// If a method does as well shuffled, any restlessness of the class distribution would have done. A sampler that pools what
    /// it sees, or adds it up, averages exchanged names away, and of the amount little is left; for break-even feedback there is
    /// [`ShuffledFactors`](super::ShuffledFactors).
    ///
    /// # Errors
    /// As [`frozen`](Self::frozen).
    pub fn shuffled_classes(inner: S) -> Result<Self, ParamError> {
        Self::new(inner, Kind::ShuffledClasses)
    }

    fn new(inner: S, kind: Kind) -> Result<Self, ParamError> {
        if !inner.wants_rows() {
            return Ok(Self { inner, kind });
        }
        let expected = "one that learns from validation alone";
        Err(ParamError::new(
            "sampler of a control",
            inner.name(),
            expected,
        ))
    }
}

/// The matrix with the classes' names exchanged.
fn with_classes(matrix: &ConfusionMatrix, classes: &[usize]) -> Result<ConfusionMatrix, CoreError> {
    let row = |&truth: &usize| {
        let counts = classes.iter().map(|&p| matrix.count(truth, p));
        counts.collect()
    };
    let rows: Vec<Vec<u64>> = classes.iter().map(row).collect();
    ConfusionMatrix::from_rows(&rows)
}

impl<S: EpochSampler> EpochSampler for FeedbackControl<S> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn describe(&self) -> String {
        let inner = self.inner.describe();
        match self.kind {
            Kind::Frozen(_) => format!("frozen({inner})"),
            Kind::Stopped { after, .. } => format!("stopped(after={after}, {inner})"),
            Kind::ShuffledClasses => format!("shuffled({inner})"),
        }
    }

    fn basics(&self) -> Basics<'_> {
        self.inner.basics()
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        self.inner.draw(epoch)
    }

    fn row_weights(&self) -> Option<&[f64]> {
        self.inner.row_weights()
    }

    fn learn(&mut self, epoch: u32, feedback: Feedback<'_>) -> Result<Option<Refresh>, CoreError> {
        feedback.check(self.class_counts())?;
        match (&mut self.kind, feedback) {
            (Kind::Stopped { after, observed }, _) => {
                observed.check(epoch)?;
                let refresh = if epoch > *after {
                    None
                } else {
                    self.inner.learn(epoch, feedback)?
                };
                observed.set(epoch);
                Ok(refresh)
            }
            (Kind::Frozen(first), Feedback::Counts(validation)) => {
                let shown = first.as_ref().unwrap_or(validation);
                let refresh = self.inner.observe(epoch, shown)?;
                if refresh.is_some() && first.is_none() {
                    *first = Some(validation.clone());
                }
                Ok(refresh)
            }
            (Kind::ShuffledClasses, Feedback::Counts(validation)) => {
                let mut classes: Vec<usize> = (0..validation.n_classes()).collect();
                let mut stream = self.inner.seed().stream("shuffled classes", epoch.into());
                stream.shuffle(&mut classes);
                let shown = with_classes(validation, &classes)?;
                self.inner.observe(epoch, &shown)
            }
            (Kind::Frozen(_) | Kind::ShuffledClasses, _) => Err(feedback.refused(self.name())),
        }
    }

    fn refreshes(&self) -> u64 {
        self.inner.refreshes()
    }

    fn save(&self) -> Saved {
        let inner = self.inner.save();
        let Kind::Frozen(first) = &self.kind else {
            return inner;
        };
        let counts = first.iter().flat_map(ConfusionMatrix::rows).flatten();
        let counts = counts.map(|count| count as f64).collect();
        Saved::new([(FIRST, counts)]).around(inner)
    }

    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        match &mut self.kind {
            Kind::Frozen(first) => {
                let (inner, [matrix]) = saved.inner_and_lists([FIRST])?;
                let n_classes = self.inner.class_counts().n_classes();
                let most = f64::from(u32::MAX);
                let matrix = matrix.numbers_if_any(n_classes * n_classes, 0.0..=most)?;
                let matrix = matrix.map(|counts| {
                    let row = |row: &[f64]| row.iter().map(|&count| count as u64).collect();
                    let rows: Vec<Vec<u64>> = counts.chunks_exact(n_classes).map(row).collect();
                    ConfusionMatrix::from_rows(&rows)
                });
                let matrix = matrix.transpose()?;
                self.inner.load(refreshes, &inner)?;
                *first = matrix;
            }
            Kind::Stopped { observed, .. } => {
                self.inner.load(refreshes, saved)?;
                *observed = LastEpoch::default();
            }
            Kind::ShuffledClasses => self.inner.load(refreshes, saved)?,
        }
        Ok(())
    }
}
