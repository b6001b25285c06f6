//! Rows by their own losses: self-paced learning and adaptive sampling.

use super::{Basics, EpochSampler, Feedback, Refresh, check_order, epoch_of};
use crate::{
    classes::ClassIndex,
    distribution::ClassDistribution,
    draw::{EpochDraw, RowList},
    elementary::{powf, powi},
    error::{CoreError, ParamError},
    saved::Saved,
    seed::Seed,
};
use std::sync::Arc;

/// How losses become rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LossRule {
    /// The easiest rows, more of them each epoch: the share `start · growth^(e − 1)` of epoch e, at most 1; of each class
    /// where `by_class`, else of all. At least a tenth of each class stays, and at least one row.
    SelfPaced {
        /// Share of the first epochs, above 0 and at most 1.
        start: f64,
        /// Factor from epoch to epoch, at least 1.
        growth: f64,
        /// Whether each class has its own share.
        by_class: bool,
    },
    /// As many rows as there are, drawn with replacement in proportion to `(l + 0.05 · mean l)^κ`: l is an exponential
    /// average of the row's losses (0.9 of the old one), and κ is `power` times `min(5, L₁ / L_t)` for the mean losses of
    /// the first and the last epoch, so that hard rows are sought more as the model gets better.
    Adaptive {
        /// The exponent at the start, 0 to 5; 0 draws rows uniformly.
        power: f64,
        /// How far the loss makes up for the draw, 0 (not at all) to 1 (wholly): a row drawn with probability p counts
        /// `1 / (N p)^correction`.
        correction: f64,
    },
}

impl LossRule {
    fn check(self) -> Result<Self, ParamError> {
        match self {
            Self::SelfPaced { start, .. } if !(start > 0.0 && start <= 1.0) => {
                Err(ParamError::new("start", start, "above 0 and at most 1"))
            }
            Self::SelfPaced { growth, .. } if !(growth >= 1.0 && growth.is_finite()) => Err(
                ParamError::new("growth", growth, "a finite number of at least 1"),
            ),
            Self::Adaptive { power, .. } if !(0.0..=5.0).contains(&power) => {
                Err(ParamError::new("power", power, "a number from 0 to 5"))
            }
            Self::Adaptive { correction, .. } if !(0.0..=1.0).contains(&correction) => Err(
                ParamError::new("correction", correction, "a number from 0 to 1"),
            ),
            valid => Ok(valid),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::SelfPaced { .. } => "self-paced",
            Self::Adaptive { .. } => "adaptive",
        }
    }
}

/// Draws rows by their losses under the model as it was after the epoch before. The first epoch has every row.
///
/// *Choice.* The originals remember a row's loss from the last batch that it was in, and evaluate rows that were left out
/// now and then. Here all rows are evaluated after every epoch, which costs a forward pass and treats all rows alike.
///
/// # References
/// Kumar, Packer and Koller (2010), "Self-paced learning for latent variable models", `NeurIPS` 23, 1189-1197; Zhang et
/// al. (2019), "`AdaSample`: adaptive sampling of hard positives for descriptor learning", arXiv 1911.12110, of which
/// [`LossRule::Adaptive`] is a form for classification.
#[derive(Clone, Debug)]
pub struct LossSampler {
    rule: LossRule,
    seed: Seed,
    index: Arc<ClassIndex>,
    /// Epochs that were observed.
    done: u32,
    /// The loss of each row, as the rule remembers it; empty before the first observation.
    memory: Vec<f64>,
    /// Mean loss of the first and the last epoch observed.
    means: [f64; 2],
    list: Arc<RowList>,
    distribution: ClassDistribution,
    /// How much the loss of each row counts; empty where all count alike.
    row_weights: Vec<f64>,
}

impl LossSampler {
    /// A sampler over the rows of `index`.
    ///
    /// # Errors
    /// [`ParamError`] for a number of the rule outside its range.
    pub fn new(
        rule: LossRule,
        index: impl Into<Arc<ClassIndex>>,
        seed: Seed,
    ) -> Result<Self, ParamError> {
        let (rule, index) = (rule.check()?, index.into());
        Ok(Self {
            rule,
            seed,
            done: 0,
            memory: vec![],
            means: [0.0; 2],
            list: Arc::new(RowList::all(index.n_rows() as u32)),
            distribution: index.counts().prior(),
            row_weights: vec![],
            index,
        })
    }

    /// Makes the next epoch's rows of what is remembered.
    fn redraw(&mut self) -> Result<(), CoreError> {
        self.row_weights.clear();
        if self.memory.is_empty() {
            self.list = Arc::new(RowList::all(self.index.n_rows() as u32));
            self.distribution = self.index.counts().prior();
            return Ok(());
        }
        let (rows, shares) = match self.rule {
            LossRule::SelfPaced {
                start,
                growth,
                by_class,
            } => {
                let share = (start * powi(growth, self.done as i32)).min(1.0);
                let rows = self.easiest(share, by_class);
                let counts = counts_among(&self.index, &rows);
                (rows, counts)
            }
            LossRule::Adaptive { power, correction } => {
                let weights = self.weights_of_losses(power);
                let mean = weights.iter().sum::<f64>() / weights.len() as f64;
                if correction > 0.0 {
                    let count = |weight: &f64| powf(mean / weight, correction);
                    self.row_weights = weights.iter().map(count).collect();
                }
                self.by_weights(&weights)
            }
        };
        self.distribution = ClassDistribution::from_scores(&shares)?;
        self.list = Arc::new(RowList::listed(rows));
        Ok(())
    }

    /// The rows with the least losses, ascending.
    fn easiest(&self, share: f64, by_class: bool) -> Vec<u32> {
        // A tenth of each class stays in any case.
        let mut rows = easiest(
            &self.index,
            &self.memory,
            if by_class { share.max(0.1) } else { 0.1 },
        );
        if !by_class {
            let all: Vec<u32> = (0..self.memory.len() as u32).collect();
            rows.extend(least(&all, &self.memory, share));
            rows.sort_unstable();
            rows.dedup();
        }
        rows
    }

    /// A power of each row's loss, up to a factor.
    fn weights_of_losses(&self, power: f64) -> Vec<f64> {
        let [first, last] = self.means;
        let kappa = power
            * if last > 0.0 {
                (first / last).min(5.0)
            } else {
                5.0
            };
        let n = self.memory.len();
        let floor = 0.05 * self.memory.iter().sum::<f64>() / n as f64;
        // In relation to the largest, so that no power of them all is 0 or infinite.
        let largest = self.memory.iter().copied().fold(0.0, f64::max) + floor;
        if floor > 0.0 && largest.is_finite() {
            let weight = |loss: &f64| powf((loss + floor) / largest, kappa);
            self.memory.iter().map(weight).collect()
        } else {
            vec![1.0; n]
        }
    }

    /// Rows in proportion to these weights, and the share of each class.
    fn by_weights(&self, weights: &[f64]) -> (Vec<u32>, Vec<f64>) {
        let n = weights.len();
        let sums = weights.iter().scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        let sums: Vec<f64> = sums.collect();
        let total = sums[n - 1];
        let mut stream = self.seed.stream("adasample", u64::from(self.done));
        let row = |_| {
            let u = stream.unit() * total;
            sums.partition_point(|&sum| sum <= u).min(n - 1) as u32
        };
        let rows = (0..n).map(row).collect();
        let share = |class: usize| {
            let members = self.index.rows(class).iter();
            members.map(|&row| weights[row as usize] / total).sum()
        };
        (rows, (0..self.index.n_classes()).map(share).collect())
    }
}

/// This share of each class's rows, rounded, at least one of a class that has rows: those with the least of `values`,
/// ascending.
pub(super) fn easiest(index: &ClassIndex, values: &[f64], share: f64) -> Vec<u32> {
    let classes = 0..index.n_classes();
    let mut rows: Vec<u32> = classes
        .flat_map(|class| least(index.rows(class), values, share))
        .collect();
    rows.sort_unstable();
    rows
}

/// How many of `rows`, which are ascending, are of each class.
pub(super) fn counts_among(index: &ClassIndex, rows: &[u32]) -> Vec<f64> {
    let count = |class: usize| {
        let members = index.rows(class).iter();
        let chosen = members.filter(|row| rows.binary_search(row).is_ok());
        chosen.count() as f64
    };
    (0..index.n_classes()).map(count).collect()
}

/// This share of `rows`, rounded, at least one if there is one: those with the least of `values`, the lower row of equal
/// ones.
fn least(rows: &[u32], values: &[f64], share: f64) -> Vec<u32> {
    let n = ((share * rows.len() as f64).round_ties_even() as usize).max(1);
    let mut rows = rows.to_vec();
    rows.sort_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
    rows.truncate(n);
    rows
}

impl EpochSampler for LossSampler {
    fn name(&self) -> &str {
        self.rule.name()
    }

    fn describe(&self) -> String {
        match self.rule {
            // States were written before there was a correction.
            LossRule::Adaptive {
                power,
                correction: 0.0,
            } => format!("Adaptive {{ power: {power:?} }}"),
            rule => format!("{rule:?}"),
        }
    }

    fn basics(&self) -> Basics<'_> {
        Basics {
            seed: self.seed,
            class_counts: self.index.counts(),
            distribution: &self.distribution,
        }
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        EpochDraw::new(Arc::clone(&self.list), self.seed, epoch)
    }

    fn row_weights(&self) -> Option<&[f64]> {
        (!self.row_weights.is_empty()).then_some(&self.row_weights)
    }

    fn wants_rows(&self) -> bool {
        true
    }

    /// Learns from training rows; takes note of nothing else.
    fn learn(&mut self, epoch: u32, feedback: Feedback<'_>) -> Result<Option<Refresh>, CoreError> {
        feedback.check(self.class_counts())?;
        let Feedback::Rows(rows) = feedback else {
            return check_order(epoch, 0).map(|()| None);
        };
        check_order(epoch, self.done)?;
        let losses = rows.losses();
        let mean = losses.iter().sum::<f64>() / losses.len() as f64;
        if self.memory.is_empty() {
            self.memory = losses.to_vec();
            self.means = [mean, mean];
        } else {
            let kept = match self.rule {
                LossRule::SelfPaced { .. } => 0.0,
                LossRule::Adaptive { .. } => 0.9,
            };
            for (memory, loss) in self.memory.iter_mut().zip(losses) {
                *memory = kept * *memory + (1.0 - kept) * loss;
            }
            self.means[1] = mean;
        }
        self.done = epoch;
        self.redraw()?;
        Ok(Some(Refresh::of_shares(epoch, &self.distribution)))
    }

    fn refreshes(&self) -> u64 {
        u64::from(self.done)
    }

    fn save(&self) -> Saved {
        Saved::new([
            ("losses", self.memory.clone()),
            ("first_and_last_mean", self.means.to_vec()),
        ])
    }

    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        let [losses, means] = saved.lists(["losses", "first_and_last_mean"])?;
        let losses = losses.numbers_if_any(self.index.n_rows(), 0.0..=f64::MAX)?;
        let means = means.numbers_within(2, 0.0..=f64::MAX)?;
        let mut loaded = Self {
            memory: losses.unwrap_or_default().to_vec(),
            means: [means[0], means[1]],
            done: epoch_of(refreshes)?,
            ..self.clone()
        };
        loaded.redraw()?;
        *self = loaded;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RowSignals;

    /// 20 rows of class 0 and 4 of class 1; the loss of a row is its number.
    fn sampler(rule: LossRule) -> LossSampler {
        let labels: Vec<u32> = (0..24).map(|row| u32::from(row >= 20)).collect();
        let index = ClassIndex::new(&labels, 2).unwrap();
        LossSampler::new(rule, index, Seed::new(5)).unwrap()
    }

    fn observe(sampler: &mut LossSampler, epoch: u32, losses: &[f64]) -> Vec<u32> {
        let predicted = vec![0; losses.len()];
        let signals = RowSignals::new(losses, &predicted).unwrap();
        sampler.learn(epoch, Feedback::Rows(signals)).unwrap();
        let mut rows = sampler.draw(epoch + 1).to_vec();
        rows.sort_unstable();
        rows
    }

    #[test]
    fn the_easiest_rows_of_each_class_come_first() {
        let losses: Vec<f64> = (0..24).map(f64::from).collect();
        let rule = |by_class| LossRule::SelfPaced {
            start: 0.25,
            growth: 2.0,
            by_class,
        };
        let mut of_classes = sampler(rule(true));
        assert_eq!(of_classes.draw(1).len(), 24);
        let expected: Vec<u32> = (0..10).chain(20..22).collect();
        assert_eq!(observe(&mut of_classes, 1, &losses), expected);
        assert_eq!(observe(&mut of_classes, 2, &losses).len(), 24);
        // By losses alone the small class would be gone but for a tenth of it.
        let mut of_all = sampler(rule(false));
        let expected: Vec<u32> = (0..12).chain(20..21).collect();
        assert_eq!(observe(&mut of_all, 1, &losses), expected);
        let shares = of_all.distribution().as_slice();
        assert!((shares[1] - 1.0 / 13.0).abs() < 1e-12);
    }

    #[test]
    fn rows_are_drawn_in_proportion_to_a_power_of_their_losses() {
        let mut sampler = sampler(LossRule::Adaptive {
            power: 1.0,
            correction: 0.0,
        });
        let losses: Vec<f64> = (0..24)
            .map(|row| if row < 20 { 1.0 } else { 9.0 })
            .collect();
        let mut counts = [0; 24];
        for epoch in 1..=400 {
            for row in observe(&mut sampler, epoch, &losses) {
                counts[row as usize] += 1;
            }
        }
        // Mean 56/24, floor 0.11667; the large losses have 4 · 9.11667 of 58.8.
        let share = f64::from(counts[20..].iter().sum::<i32>()) / (400.0 * 24.0);
        let floor = 0.05 * 56.0 / 24.0;
        let expected = 4.0 * (9.0 + floor) / (56.0 + 24.0 * floor);
        assert!((share - expected).abs() < 0.02, "{share} {expected}");
        assert!((sampler.distribution().as_slice()[1] - expected).abs() < 1e-12);
        // However small losses get, and for however long.
        for epoch in 401..2_000 {
            assert_eq!(observe(&mut sampler, epoch, &[0.0; 24]).len(), 24);
        }
    }

    #[test]
    fn a_correction_makes_up_for_the_draw() {
        let losses: Vec<f64> = (0..24).map(|row| f64::from(row % 5) + 0.5).collect();
        let rule = |correction| LossRule::Adaptive {
            power: 1.0,
            correction,
        };
        let mut wholly = sampler(rule(1.0));
        assert_eq!(
            wholly.row_weights(),
            None,
            "the first epoch has every row once"
        );
        observe(&mut wholly, 1, &losses);
        let weights = wholly.row_weights().unwrap().to_vec();
        // A row's probability times its weight is 1/N.
        let probabilities = wholly.weights_of_losses(1.0);
        let total: f64 = probabilities.iter().sum();
        for (p, weight) in probabilities.iter().zip(&weights) {
            assert!((24.0 * p / total * weight - 1.0).abs() < 1e-12);
        }
        let mut by_half = sampler(rule(0.5));
        observe(&mut by_half, 1, &losses);
        for (half, whole) in by_half.row_weights().unwrap().iter().zip(&weights) {
            assert!((half * half / whole - 1.0).abs() < 1e-12);
        }
        let mut resumed = sampler(rule(0.5));
        resumed.restore(&by_half.state()).unwrap();
        assert_eq!(resumed.row_weights(), by_half.row_weights());
        let mut plain = sampler(rule(0.0));
        observe(&mut plain, 1, &losses);
        assert_eq!(plain.row_weights(), None);
        assert_eq!(plain.describe(), "Adaptive { power: 1.0 }");
    }

    #[test]
    fn wrong_numbers_are_refused() {
        let labels = [0, 1];
        let make =
            |rule| LossSampler::new(rule, ClassIndex::new(&labels, 2).unwrap(), Seed::new(1));
        for (start, growth) in [(0.0, 1.3), (1.1, 1.3), (0.5, 0.9), (f64::NAN, 1.3)] {
            let rule = LossRule::SelfPaced {
                start,
                growth,
                by_class: true,
            };
            assert!(make(rule).is_err());
        }
        let overcorrected = LossRule::Adaptive {
            power: 1.0,
            correction: 1.5,
        };
        assert!(make(overcorrected).is_err());
        assert!(
            make(LossRule::Adaptive {
                power: -1.0,
                correction: 0.0
            })
            .is_err()
        );
        let mut sampler = make(LossRule::Adaptive {
            power: 1.0,
            correction: 0.0,
        })
        .unwrap();
        let signals = RowSignals::new(&[1.0], &[0]).unwrap();
        assert!(sampler.learn(1, Feedback::Rows(signals)).is_err());
        assert!(RowSignals::new(&[1.0], &[]).is_err());
        assert!(RowSignals::new(&[f64::NAN], &[0]).is_err());
    }
}
