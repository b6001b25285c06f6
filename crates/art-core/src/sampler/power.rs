//! Class proportions by a power of the counts, fixed or moving with the epoch: no feedback at all.

use super::{Basics, EpochSampler, Feedback, Refresh, check_order};
use crate::{
    classes::{ClassCounts, ClassIndex},
    distribution::ClassDistribution,
    draw::{EpochDraw, RowList},
    elementary::{cos, powf, powi},
    error::{CoreError, ParamError},
    saved::Saved,
    seed::Seed,
};
use std::{f64::consts::PI, sync::Arc};

/// How class proportions move from those of the training set towards equal ones over L epochs.
///
/// L is the most epochs of the run, since nobody knows beforehand when early stopping ends it: what moves late may hardly have
/// moved in the weights that are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PowerSchedule {
    /// `p_c ∝ n_c^q` throughout: 1 the training set's own shares, ½ square-root sampling, 0 equal classes.
    Constant(f64),
    /// `p_c ∝ n_c^g` with `g = cos(π l / 2L)` in epoch l, counted from 0: late and then fast (the default of dynamic
    /// curriculum learning).
    Convex,
    /// The same with `g = 1 − l / L`, which ends one step before 0.
    Linear,
    /// The same with `g = λ^l`: early and then slow.
    Concave(f64),
    /// The same with `g = ½ cos(π l / L) + ½`.
    Composite,
    /// `(1 − e / L) π + (e / L) u` in epoch e, counted from 1, with equal shares u of the classes that have rows:
    /// progressively balanced sampling.
    Progressive,
}

impl PowerSchedule {
    fn check(self) -> Result<Self, ParamError> {
        match self {
            Self::Constant(q) if !(0.0..=2.0).contains(&q) => {
                Err(ParamError::new("power", q, "a number from 0 to 2"))
            }
            Self::Concave(rate) if !(rate > 0.0 && rate < 1.0) => {
                Err(ParamError::new("lambda", rate, "above 0 and below 1"))
            }
            valid => Ok(valid),
        }
    }

    /// Shares in epoch `epoch`, counted from 1, of `n_epochs`.
    fn shares(self, counts: &ClassCounts, epoch: u32, n_epochs: u32) -> Vec<f64> {
        let progress = f64::from(epoch.saturating_sub(1)) / f64::from(n_epochs);
        let power = match self {
            Self::Constant(q) => q,
            Self::Convex => cos(PI * progress / 2.0),
            Self::Linear => 1.0 - progress,
            Self::Concave(rate) => powi(rate, epoch.saturating_sub(1) as i32),
            Self::Composite => 0.5 * cos(PI * progress) + 0.5,
            Self::Progressive => {
                // Epochs counted from 1: the last one has equal classes.
                let progress = f64::from(epoch) / f64::from(n_epochs);
                let present = counts.as_slice().iter().filter(|&&n| n > 0).count() as f64;
                let total = counts.n_rows() as f64;
                let share = |&n: &usize| {
                    let equal = if n == 0 { 0.0 } else { 1.0 / present };
                    (1.0 - progress) * n as f64 / total + progress * equal
                };
                return counts.as_slice().iter().map(share).collect();
            }
        };
        let share = |&n: &usize| if n == 0 { 0.0 } else { powf(n as f64, power) };
        counts.as_slice().iter().map(share).collect()
    }
}

/// N rows an epoch, drawn anew each epoch, with class proportions `p_c ∝ n_c^q`. A [`PowerSchedule`] gives the power q, the
/// same throughout or by epoch: 1 is the training set's own proportions, 0 equal classes.
///
/// Rows of an epoch come from the streams that ART uses for the refresh of that number.
///
/// ```
/// use art_core::{ClassIndex, EpochSampler, PowerSampler, PowerSchedule, Seed};
/// let labels: Vec<u32> = (0..100).map(|row| u32::from(row % 10 == 0)).collect();
/// let index = ClassIndex::new(&labels, 2)?;
/// // From the natural shares to nearly equal ones.
/// let sampler = PowerSampler::new(PowerSchedule::Linear, 50, index, Seed::new(1834))?;
/// let shares = [1, 50].map(|epoch| sampler.shares(epoch).as_slice()[0]);
/// assert!((shares[0] - 0.9).abs() < 1e-12 && shares[1] < 0.52, "{shares:?}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Kang et al. (2020), "Decoupling representation and classifier for long-tailed recognition", ICLR, arXiv 1910.09217
/// (powers and progressive balance); Wang, Gan, Yang, Wu and Yan (2019), "Dynamic curriculum learning for imbalanced
/// data classification", ICCV, arXiv 1901.06783 (schedules).
#[derive(Clone, Debug)]
pub struct PowerSampler {
    schedule: PowerSchedule,
    n_epochs: u32,
    seed: Seed,
    index: Arc<ClassIndex>,
    /// Epochs that were trained.
    done: u32,
    /// Of the next one.
    distribution: ClassDistribution,
}

impl PowerSampler {
    /// A sampler over the rows of `index` whose schedule ends with epoch `n_epochs`.
    ///
    /// # Errors
    /// [`ParamError`] for a power outside 0 to 2, a λ outside 0 to 1, no epoch.
    pub fn new(
        schedule: PowerSchedule,
        n_epochs: u32,
        index: impl Into<Arc<ClassIndex>>,
        seed: Seed,
    ) -> Result<Self, ParamError> {
        if n_epochs == 0 {
            return Err(ParamError::new("n_epochs", n_epochs, "at least 1"));
        }
        let (schedule, index) = (schedule.check()?, index.into());
        Ok(Self {
            distribution: shares(schedule, index.counts(), 1, n_epochs),
            schedule,
            n_epochs,
            seed,
            index,
            done: 0,
        })
    }

    /// A sampler whose class shares are in proportion to a power of the classes' rows, the same in every epoch, however many
    /// there are: 0.5 is square-root sampling, 0 equal shares, 1 the natural ones.
    ///
    /// ```
    /// use art_core::{ClassIndex, EpochSampler, PowerSampler, Seed};
    /// let labels: Vec<u32> = (0..100).map(|row| u32::from(row % 10 == 0)).collect();
    /// let sampler = PowerSampler::constant(0.5, ClassIndex::new(&labels, 2)?, Seed::new(1834))?;
    /// // √90 to √10 is 3 to 1.
    /// assert!((sampler.distribution().as_slice()[0] - 0.75).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ParamError`] for a power outside 0 to 2.
    pub fn constant(
        power: f64,
        index: impl Into<Arc<ClassIndex>>,
        seed: Seed,
    ) -> Result<Self, ParamError> {
        Self::new(PowerSchedule::Constant(power), 1, index, seed)
    }

    /// The class shares of epoch `epoch`, counted from 1.
    pub fn shares(&self, epoch: u32) -> ClassDistribution {
        shares(self.schedule, self.index.counts(), epoch, self.n_epochs)
    }
}

fn shares(
    schedule: PowerSchedule,
    counts: &ClassCounts,
    epoch: u32,
    n_epochs: u32,
) -> ClassDistribution {
    let shares = schedule.shares(counts, epoch.min(n_epochs), n_epochs);
    ClassDistribution::from_scores(&shares).expect("an index has a class with rows")
}

impl EpochSampler for PowerSampler {
    fn name(&self) -> &'static str {
        "power"
    }

    fn describe(&self) -> String {
        format!("power({:?}, epochs={})", self.schedule, self.n_epochs)
    }

    fn basics(&self) -> Basics<'_> {
        Basics {
            seed: self.seed,
            class_counts: self.index.counts(),
            distribution: &self.distribution,
        }
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        let epoch = epoch.max(1);
        let shares = self.shares(epoch);
        let (seed, refresh) = (self.seed, u64::from(epoch));
        let list = RowList::of_shares(&self.index, &shares, seed, refresh);
        EpochDraw::new(Arc::new(list), seed, epoch)
    }

    moves_with_the_epoch!();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> ClassIndex {
        let labels: Vec<u32> = (0..111)
            .map(|row| u32::from(row >= 100) + 2 * u32::from(row == 110))
            .collect();
        ClassIndex::new(&labels, 4).unwrap()
    }

    #[test]
    fn schedules_move_from_the_training_set_to_equal_classes() {
        use PowerSchedule as P;
        let prior = index().counts().prior();
        for schedule in [P::Convex, P::Linear, P::Composite, P::Progressive] {
            let sampler = PowerSampler::new(schedule, 40, index(), Seed::new(1)).unwrap();
            let first = sampler.shares(u32::from(schedule != P::Progressive));
            for (p, pi) in first.as_slice().iter().zip(prior.as_slice()) {
                assert!((p - pi).abs() < 1e-12, "{schedule:?}");
            }
            // The rarest class gains in every epoch, and nearly has its third at the end.
            let rarest: Vec<f64> = (1..=40).map(|e| sampler.shares(e).as_slice()[3]).collect();
            assert!(
                rarest.windows(2).all(|pair| pair[0] < pair[1]),
                "{schedule:?}"
            );
            assert!(rarest[39] > 0.25, "{schedule:?} {}", rarest[39]);
            assert_eq!(sampler.shares(40), sampler.shares(99), "the schedule ends");
            assert_eq!(sampler.shares(7).as_slice()[2], 0.0, "a class without rows");
        }
    }

    #[test]
    fn powers_are_those_of_the_counts() {
        let of = |q| {
            let sampler = PowerSampler::new(PowerSchedule::Constant(q), 9, index(), Seed::new(1));
            sampler.unwrap().shares(1).as_slice().to_vec()
        };
        assert_eq!(of(0.0), [1.0 / 3.0, 1.0 / 3.0, 0.0, 1.0 / 3.0]);
        let roots = of(0.5);
        assert!((roots[0] / roots[1] - 10.0_f64.sqrt()).abs() < 1e-12);
        for bad in [-0.1, 2.1, f64::NAN] {
            let schedule = PowerSchedule::Constant(bad);
            assert!(PowerSampler::new(schedule, 9, index(), Seed::new(1)).is_err());
        }
        let concave = PowerSchedule::Concave(1.0);
        assert!(PowerSampler::new(concave, 9, index(), Seed::new(1)).is_err());
        assert!(PowerSampler::new(PowerSchedule::Linear, 0, index(), Seed::new(1)).is_err());
    }
}
