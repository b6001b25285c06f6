use crate::{
    error::LossError,
    feature::{FeatureBatch, FeatureLoss, UnitRows, dot},
    kernel::softmax_in_place,
};
use art_core::{
    ParamError,
    elementary::{cos, exp},
};
use std::f64::consts::PI;

/// Rows of the same class that an anchor is compared with, and as many of others.
const HARDEST: usize = 2;
/// The probability of its class from which on a row is an easy anchor.
const SURE: f64 = 0.9;
/// The rarest classes of a batch with at most this share of its rows together have anchors.
const MINORITY: f64 = 0.4;
/// The share of the epochs over which the factor falls.
const FALLING: f64 = 0.3;
/// What is left of the factor afterwards.
const REST: f64 = 0.1;

/// The triplet loss of dynamic curriculum learning, with easy anchors of the rare classes, and its schedule.
///
/// Rows are scaled to length 1. Anchors are the rows of a batch's rare classes (the smallest ones, as long as they have at most
/// 40 % of the rows together) that are classified rightly with a probability above 0.9. Each is compared with the two
/// farthest rows of its class and the two nearest rows of others: `max(0, margin + d(a, p) − d(a, n))`, averaged over pairs
/// and anchors; 0 without any. The factor in epoch e of E, counted from 0, is `½ cos(π e / E) + ½ + 0.1` for e below
/// 0.3 E, then 0.1.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `margin` | 1.25 | 0.2 to 2 |
///
/// *Choices.* The proportions, the two hardest rows and the schedule's constants are those of a reimplementation, the article's
/// being unknown here; that one measures distances between scores of classes, here they are between features.
///
/// # References
/// Wang, Gan, Yang, Wu and Yan (2019), "Dynamic curriculum learning for imbalanced data classification", ICCV, arXiv
/// 1901.06783.
#[derive(Clone, Copy, Debug)]
pub struct Triplets {
    margin: f64,
    n_epochs: u32,
}

impl Triplets {
    /// The loss of a run of at most `n_epochs` epochs.
    ///
    /// # Errors
    /// [`ParamError`] when the margin is negative or not finite, or there is no epoch.
    pub fn new(margin: f64, n_epochs: u32) -> Result<Self, ParamError> {
        if !(margin >= 0.0 && margin.is_finite()) {
            let expected = "a finite number that is not negative, usually 0.2 to 2";
            return Err(ParamError::new("margin", margin, expected));
        }
        if n_epochs == 0 {
            return Err(ParamError::new("n_epochs", 0, "at least 1"));
        }
        Ok(Self { margin, n_epochs })
    }

    /// The easy rows of the rare classes.
    fn anchors(batch: &FeatureBatch<'_>) -> Vec<usize> {
        let mut counts = vec![0_usize; batch.n_classes()];
        for &target in batch.targets() {
            counts[target as usize] += 1;
        }
        let mut classes: Vec<usize> = (0..counts.len()).filter(|&c| counts[c] > 0).collect();
        classes.sort_by_key(|&class| counts[class]);
        let most = MINORITY * batch.n_rows() as f64;
        let mut sum = 0;
        let rare = classes.into_iter().take_while(|&class| {
            sum += counts[class];
            sum as f64 <= most
        });
        let mut is_rare = vec![false; counts.len()];
        for class in rare {
            is_rare[class] = true;
        }
        let is_anchor = |&row: &usize| {
            let target = batch.targets()[row] as usize;
            let mut probabilities = batch.logits(row).to_vec();
            // More than nine tenths are more than any other class has.
            is_rare[target] && exp(softmax_in_place(&mut probabilities, target)) > SURE
        };
        (0..batch.n_rows()).filter(is_anchor).collect()
    }
}

impl FeatureLoss for Triplets {
    fn describe(&self) -> String {
        format!("{self:?}")
    }

    fn factor_at(&self, epoch: u32) -> f64 {
        let done = f64::from(epoch.max(1) - 1) / f64::from(self.n_epochs);
        if done < FALLING {
            0.5 * cos(PI * done) + 0.5 + REST
        } else {
            REST
        }
    }

    fn value_and_gradient(
        &self,
        batch: &FeatureBatch<'_>,
        gradient: &mut [f64],
    ) -> Result<f64, LossError> {
        let units = UnitRows::new(batch, gradient)?;
        gradient.fill(0.0);
        let (width, targets) = (batch.width(), batch.targets());
        let distance = |a: usize, b: usize| {
            let (a, b) = (units.row(a), units.row(b));
            let difference: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
            dot(&difference, &difference).sqrt()
        };
        let mut triplets = vec![];
        for anchor in Self::anchors(batch) {
            let others = (0..batch.n_rows()).filter(|&row| row != anchor);
            let others = others.map(|row| (distance(anchor, row), row));
            let (mut same, mut foreign): (Vec<_>, Vec<_>) =
                others.partition(|&(_, row)| targets[row] == targets[anchor]);
            same.sort_by(|a, b| b.0.total_cmp(&a.0));
            foreign.sort_by(|a, b| a.0.total_cmp(&b.0));
            for &positive in same.iter().take(HARDEST) {
                let nearest = foreign.iter().take(HARDEST);
                triplets.extend(nearest.map(|&negative| (anchor, positive, negative)));
            }
        }
        if triplets.is_empty() {
            return Ok(0.0);
        }
        let n = triplets.len() as f64;
        let mut total = 0.0;
        for (anchor, (to_positive, positive), (to_negative, negative)) in triplets {
            let value = self.margin + to_positive - to_negative;
            if value <= 0.0 {
                continue;
            }
            total += value / n;
            let pairs = [(positive, to_positive, 1.0), (negative, to_negative, -1.0)];
            for (other, distance, sign) in pairs {
                if distance == 0.0 {
                    continue;
                }
                for feature in 0..width {
                    let difference = units.row(anchor)[feature] - units.row(other)[feature];
                    let partial = sign * difference / (distance * n);
                    gradient[anchor * width + feature] += partial;
                    gradient[other * width + feature] -= partial;
                }
            }
        }
        units.pull_back(gradient);
        Ok(total)
    }
}
