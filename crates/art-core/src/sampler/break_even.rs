use super::{Basics, BoostSchedule, EpochSampler, Feedback, LastEpoch, Refresh, is_due};
use crate::{
    classes::ClassIndex,
    distribution::ClassDistribution,
    draw::{EpochDraw, RowList},
    elementary::{exp, powf},
    error::{CoreError, ParamError},
    saved::Saved,
    seed::Seed,
    tallies::Tallies,
};
use std::sync::Arc;

/// Largest size of u.
const FURTHEST: f64 = 1.5;
/// Range of the factors on the base distribution.
const FACTORS: (f64, f64) = (0.05, 20.0);

/// Settings of break-even feedback, not yet checked.
///
/// ```
/// use art_core::BreakEvenParams;
/// assert!(BreakEvenParams::new().step(0.1).check().is_ok());
/// assert!(BreakEvenParams::new().power(2.5).check().is_err());
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct BreakEvenParams {
    power: f64,
    step: f64,
    memory: f64,
    smoothing: f64,
    refresh_every: u32,
}

impl Default for BreakEvenParams {
    fn default() -> Self {
        Self::new()
    }
}

impl BreakEvenParams {
    /// Base `π^0.5`, step 0.05, memory 0.8, smoothing 4, a refresh every epoch.
    pub fn new() -> Self {
        Self {
            power: 0.5,
            step: 0.05,
            memory: 0.8,
            smoothing: 4.0,
            refresh_every: 1,
        }
    }

    /// The power q of the base `π^q`, 0 (equal classes) to 2; with 1 tiny classes are never predicted and learn nothing.
    pub fn power(mut self, q: f64) -> Self {
        self.power = q;
        self
    }

    /// The step η, above 0 and at most 1. Unstable from 0.3 on; 0.2 every fifth epoch does as well as 0.05 every epoch.
    pub fn step(mut self, eta: f64) -> Self {
        self.step = eta;
        self
    }

    /// The memory λ of the pooled counts, at least 0 and below 1.
    pub fn memory(mut self, lambda: f64) -> Self {
        self.memory = lambda;
        self
    }

    /// Pseudo-rows s that draw the errors of classes with few validation rows to 0.
    pub fn smoothing(mut self, rows: f64) -> Self {
        self.smoothing = rows;
        self
    }

    /// Epochs between refreshes, at least 1.
    pub fn refresh_every(mut self, n_epochs: u32) -> Self {
        self.refresh_every = n_epochs;
        self
    }

    /// The checked configuration.
    ///
    /// # Errors
    /// [`ParamError`] naming the first setting outside its range.
    pub fn check(self) -> Result<BreakEvenConfig, ParamError> {
        if !(0.0..=2.0).contains(&self.power) {
            return Err(ParamError::new("power", self.power, "a number from 0 to 2"));
        }
        if !(self.step > 0.0 && self.step <= 1.0) {
            let expected = "above 0 and at most 1, usually 0.02 to 0.15";
            return Err(ParamError::new("step", self.step, expected));
        }
        if !(0.0..1.0).contains(&self.memory) {
            let expected = "at least 0 and below 1";
            return Err(ParamError::new("memory", self.memory, expected));
        }
        if !(self.smoothing >= 0.0 && self.smoothing.is_finite()) {
            let expected = "a finite number of rows that is not negative";
            return Err(ParamError::new("smoothing", self.smoothing, expected));
        }
        let schedule = BoostSchedule::every(self.refresh_every).map_err(|_| {
            ParamError::new("refresh_every", self.refresh_every, "at least 1 epoch")
        })?;
        Ok(BreakEvenConfig {
            params: self,
            schedule,
        })
    }
}

/// Settings of break-even feedback that are known to be valid; made by [`BreakEvenParams::check`].
#[derive(Clone, Debug)]
pub struct BreakEvenConfig {
    params: BreakEvenParams,
    schedule: BoostSchedule,
}

/// Break-even feedback: a class that is missed more often than others are taken for it is drawn more, one that is
/// over-predicted less, until both errors of each class are even.
///
/// ART draws a class with a low F1 more often, whatever it is low for; where others are taken for the class, that makes
/// it lower. Here the sign of the error decides. After every refresh, with counts pooled as `C ← λ C + M`:
///
/// - `e_c = (FN_c − FP_c) / (TP_c + FN_c + FP_c + s)`; 0 for a class without validation rows,
/// - `u ← clip(u + η e, −1.5, 1.5)`, less its mean,
/// - `p_c ∝ π_c^q v_c` with `v = clip(K softmax(u), 0.05, 20)`,
///
/// and the next N rows are drawn from p as in [`ArtSampler`](super::ArtSampler). Where every FN equals its FP,
/// precision, recall and F1 of each class are the same number, and nothing moves.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `power` (q) | 0.5 | 0.25 to 1 |
/// | `step` (η) | 0.05 | 0.02 to 0.15, logarithmic |
/// | `memory` (λ) | 0.8 | |
/// | `smoothing` (s) | 4 | |
/// | `refresh_every` | 1 | |
///
/// *Choices.* K counts the classes with training rows; the others have no part in u. A refresh's `difficulty` is e, which
/// may be negative, its `weights` are v, normalized.
///
/// Keeps one `u32` a row and O(K) besides; a refresh costs O(K) and the pairs of classes that were confused.
///
/// ```
/// use art_core::{BreakEven, BreakEvenParams, ClassIndex, ConfusionMatrix, EpochSampler, Seed};
/// let labels: Vec<u32> = (0..100).map(|row| u32::from(row % 10 == 0)).collect();
/// let config = BreakEvenParams::new().check()?;
/// let mut sampler = BreakEven::new(config, ClassIndex::new(&labels, 2)?, Seed::new(1834));
/// let before = sampler.distribution().as_slice()[1];
/// // Half of the rare class is missed, and nothing is taken for it.
/// sampler.observe(1, &ConfusionMatrix::from_rows(&[vec![90, 0], vec![5, 5]])?)?;
/// assert!(sampler.distribution().as_slice()[1] > before);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// The rule is this project's. Related: Tan et al. (2021), "Equalization loss v2", CVPR, arXiv 2012.08548 (the ratio of
/// positive to negative gradients); Wang et al. (2021), "Seesaw loss for long-tailed instance segmentation", CVPR, arXiv
/// 2008.10032 (factors for classes that are taken for others).
#[derive(Clone, Debug)]
pub struct BreakEven {
    config: BreakEvenConfig,
    seed: Seed,
    index: Arc<ClassIndex>,
    /// Classes with training rows.
    present: Vec<usize>,
    /// `π^q` of each class, 0 for one without training rows.
    base: Vec<f64>,
    refreshes: u64,
    observed: LastEpoch,
    /// The logarithm of each class's factor, up to a constant.
    u: Vec<f64>,
    pooled: Tallies,
    distribution: ClassDistribution,
    list: Arc<RowList>,
}

impl BreakEven {
    /// A sampler over the rows of `index` at its base distribution.
    pub fn new(config: BreakEvenConfig, index: impl Into<Arc<ClassIndex>>, seed: Seed) -> Self {
        let index = index.into();
        let prior = index.counts().prior();
        let power = config.params.power;
        let base = |&pi: &f64| if pi > 0.0 { powf(pi, power) } else { 0.0 };
        let counts = index.counts().as_slice();
        let mut sampler = Self {
            present: (0..counts.len()).filter(|&c| counts[c] > 0).collect(),
            base: prior.as_slice().iter().map(base).collect(),
            u: vec![0.0; index.n_classes()],
            pooled: Tallies::none(index.n_classes()),
            distribution: prior,
            list: Arc::new(RowList::all(0)),
            config,
            seed,
            index,
            refreshes: 0,
            observed: LastEpoch::default(),
        };
        sampler.redraw();
        sampler
    }

    fn learn_tallies(
        &mut self,
        epoch: u32,
        validation: &Tallies,
    ) -> Result<Option<Refresh>, CoreError> {
        let counts = self.index.counts();
        self.observed.check(epoch)?;
        if !is_due(
            self.config.schedule,
            (self.observed, epoch),
            counts,
            validation,
        )? {
            self.observed.set(epoch);
            return Ok(None);
        }
        self.pooled.pool(self.config.params.memory, validation)?;
        self.observed.set(epoch);
        let errors = self.errors();
        for &class in &self.present {
            let moved = self.u[class] + self.config.params.step * errors[class];
            self.u[class] = moved.clamp(-FURTHEST, FURTHEST);
        }
        let sum: f64 = self.present.iter().map(|&c| self.u[c]).sum();
        let mean = sum / self.present.len() as f64;
        for &class in &self.present {
            self.u[class] -= mean;
        }
        self.refreshes += 1;
        let factors = self.redraw();
        Ok(Some(Refresh {
            number: self.refreshes,
            epoch,
            difficulty: errors,
            weights: ClassDistribution::from_scores(&factors)?,
            distribution: self.distribution.clone(),
        }))
    }

    /// The logarithm u of each class's factor, with mean 0 over the classes that have training rows.
    pub fn log_factors(&self) -> &[f64] {
        &self.u
    }

    /// The signed error of each class by the pooled counts.
    fn errors(&self) -> Vec<f64> {
        let pooled = &self.pooled;
        let mut errors = vec![0.0; self.u.len()];
        for &class in &self.present {
            if pooled.support(class) > 0.0 {
                let balance = pooled.false_negatives(class) - pooled.false_positives(class);
                errors[class] = balance / (pooled.union(class) + self.config.params.smoothing);
            }
        }
        errors
    }

    /// The factor v on each class's base share.
    pub(super) fn factors(&self) -> Vec<f64> {
        let present = &self.present;
        let largest = present
            .iter()
            .fold(f64::NEG_INFINITY, |most, &c| self.u[c].max(most));
        let powers = present.iter().map(|&c| exp(self.u[c] - largest));
        let powers: Vec<f64> = powers.collect();
        let sum: f64 = powers.iter().sum();
        let mut factors = vec![0.0; self.u.len()];
        for (&class, power) in present.iter().zip(&powers) {
            let factor = present.len() as f64 * power / sum;
            factors[class] = factor.clamp(FACTORS.0, FACTORS.1);
        }
        factors
    }

    /// Computes p and the row list from u and the refresh number; returns the factors on the base.
    fn redraw(&mut self) -> Vec<f64> {
        let factors = self.factors();
        (self.distribution, self.list) = self.drawn_with(&factors);
        factors
    }

    /// The class distribution with these factors on the base, and the row list of this refresh from it.
    pub(super) fn drawn_with(&self, factors: &[f64]) -> (ClassDistribution, Arc<RowList>) {
        let shares = self.base.iter().zip(factors).map(|(base, v)| base * v);
        let shares: Vec<f64> = shares.collect();
        let distribution = ClassDistribution::from_scores(&shares).expect("shares are finite");
        let list = RowList::of_shares(&self.index, &distribution, self.seed, self.refreshes);
        (distribution, Arc::new(list))
    }

    /// Classes with training rows.
    pub(super) fn present(&self) -> &[usize] {
        &self.present
    }
}

impl EpochSampler for BreakEven {
    fn name(&self) -> &'static str {
        "break-even"
    }

    fn describe(&self) -> String {
        let BreakEvenParams {
            power,
            step,
            memory,
            smoothing,
            refresh_every,
        } = &self.config.params;
        format!(
            "break-even(power={power}, step={step}, memory={memory}, smoothing={smoothing}, every={refresh_every})"
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
        EpochDraw::new(Arc::clone(&self.list), self.seed, epoch)
    }

    /// Learns from validation counts and tallies.
    fn learn(&mut self, epoch: u32, feedback: Feedback<'_>) -> Result<Option<Refresh>, CoreError> {
        match feedback {
            Feedback::Counts(validation) => self.learn_tallies(epoch, &validation.tallies()),
            Feedback::Tallies(validation) => self.learn_tallies(epoch, validation),
            Feedback::Difficulty(_) | Feedback::Rows(_) => Err(feedback.refused(self.name())),
        }
    }

    fn refreshes(&self) -> u64 {
        self.refreshes
    }

    fn save(&self) -> Saved {
        let u = [("log_factors", self.u.clone())];
        Saved::new(u.into_iter().chain(self.pooled.save(Tallies::NAMES)))
    }

    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        let [u, right, missed, mistaken] = saved.lists([
            "log_factors",
            "true_positives",
            "false_negatives",
            "false_positives",
        ])?;
        let n_classes = self.index.n_classes();
        let u = u.numbers_within(n_classes, -2.0 * FURTHEST..=2.0 * FURTHEST)?;
        self.pooled = Tallies::load([right, missed, mistaken], n_classes)?;
        self.u = u.to_vec();
        self.refreshes = refreshes;
        self.observed = LastEpoch::after(refreshes, self.config.schedule);
        self.redraw();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ConfusionMatrix;

    fn sampler(params: BreakEvenParams) -> BreakEven {
        let labels: Vec<u32> = (0..200)
            .map(|row| u32::from(row >= 120) + u32::from(row >= 170))
            .collect();
        let index = ClassIndex::new(&labels, 4).unwrap();
        BreakEven::new(params.check().unwrap(), index, Seed::new(5))
    }

    fn matrix(rows: [[u64; 4]; 4]) -> ConfusionMatrix {
        ConfusionMatrix::from_rows(&rows.map(|row| row.to_vec())).unwrap()
    }

    #[test]
    fn it_starts_at_a_power_of_the_prior() {
        let found = sampler(BreakEvenParams::new().power(1.0));
        assert_eq!(found.distribution(), &found.index.counts().prior());
        let found = sampler(BreakEvenParams::new().power(0.0));
        let third = 1.0 / 3.0;
        for (p, expected) in found
            .distribution()
            .as_slice()
            .iter()
            .zip([third, third, third, 0.0])
        {
            assert!(
                (p - expected).abs() < 1e-15,
                "a class without rows has no share"
            );
        }
    }

    #[test]
    fn even_errors_leave_everything_as_it_is() {
        let mut sampler = sampler(BreakEvenParams::new());
        let before = sampler.distribution().clone();
        // Each class is missed as often as it is falsely seen, however bad it is.
        let even = matrix([[3, 5, 1, 0], [5, 2, 1, 0], [1, 1, 0, 0], [0; 4]]);
        let refresh = sampler.observe(1, &even).unwrap().unwrap();
        assert_eq!(refresh.difficulty, [0.0; 4]);
        assert_eq!(sampler.log_factors(), [0.0; 4]);
        assert_eq!(sampler.distribution(), &before);
    }

    #[test]
    fn the_sign_of_the_error_decides() {
        let mut sampler = sampler(BreakEvenParams::new().memory(0.0));
        let before = sampler.distribution().as_slice().to_vec();
        // Class 1 is missed, class 2 is over-predicted; both have the same F1 and ART would draw both more.
        let validation = matrix([[20, 0, 5, 0], [5, 5, 0, 0], [0, 0, 5, 0], [0; 4]]);
        let f1 = validation.per_class_f1();
        assert_eq!(f1[1], f1[2]);
        let refresh = sampler.observe(1, &validation).unwrap().unwrap();
        assert!(refresh.difficulty[1] > 0.0 && refresh.difficulty[2] < 0.0);
        let after = sampler.distribution().as_slice();
        assert!(
            after[1] > before[1] && after[2] < before[2],
            "{before:?} {after:?}"
        );
        // By hand: e = (0/34, 5/14, −5/14, 0) and a step of 0.05, which has mean 0.
        let u = 0.05 * 5.0 / 14.0;
        for (found, expected) in sampler.log_factors().iter().zip([0.0, u, -u, 0.0]) {
            assert!((found - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn counts_are_pooled_with_their_memory() {
        let mut sampler = sampler(BreakEvenParams::new().memory(0.5).smoothing(0.0));
        let missed = matrix([[10, 0, 0, 0], [8, 2, 0, 0], [0, 0, 5, 0], [0; 4]]);
        let even = matrix([[10, 0, 0, 0], [0, 10, 0, 0], [0, 0, 5, 0], [0; 4]]);
        sampler.observe(1, &missed).unwrap();
        let refresh = sampler.observe(2, &even).unwrap().unwrap();
        // Class 1: FN 4, TP 11.
        assert!((refresh.difficulty[1] - 4.0 / 15.0).abs() < 1e-15);
    }

    #[test]
    fn a_class_that_validation_lacks_or_that_is_never_predicted_follows_the_rule() {
        let mut sampler = sampler(BreakEvenParams::new());
        let refresh = sampler
            .observe(
                1,
                &matrix([[10, 0, 3, 0], [4, 0, 0, 0], [0; 4], [2, 0, 0, 0]]),
            )
            .unwrap()
            .unwrap();
        assert_eq!(
            refresh.difficulty[2], 0.0,
            "no validation row, though 3 are taken for it"
        );
        assert!(
            (refresh.difficulty[1] - 0.5).abs() < 1e-15,
            "4 missed of 4, 4 pseudo-rows"
        );
        assert_eq!(refresh.difficulty[3], 0.0, "no training row");
        assert_eq!(refresh.distribution.as_slice()[3], 0.0);
        let empty = ConfusionMatrix::new(4).unwrap();
        assert_eq!(
            sampler.observe(2, &empty).unwrap_err(),
            CoreError::NoObservations
        );
    }

    #[test]
    fn one_class_is_always_itself() {
        let index = ClassIndex::new(&[0, 0, 0], 1).unwrap();
        let config = BreakEvenParams::new().check().unwrap();
        let mut one = BreakEven::new(config, index, Seed::new(1));
        one.observe(1, &ConfusionMatrix::from_rows(&[vec![5]]).unwrap())
            .unwrap();
        assert_eq!(one.distribution().as_slice(), [1.0]);
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let field = |params: BreakEvenParams| params.check().unwrap_err().field;
        let new = BreakEvenParams::new;
        for q in [-0.1, 2.1, f64::NAN] {
            assert_eq!(field(new().power(q)), "power");
        }
        for eta in [0.0, -0.1, 1.1, f64::NAN] {
            assert_eq!(field(new().step(eta)), "step");
        }
        for lambda in [-0.1, 1.0, f64::NAN] {
            assert_eq!(field(new().memory(lambda)), "memory");
        }
        assert_eq!(field(new().smoothing(-1.0)), "smoothing");
        assert_eq!(field(new().refresh_every(0)), "refresh_every");
    }

    #[test]
    fn broken_states_are_refused_and_change_nothing() {
        let mut sampler = sampler(BreakEvenParams::new());
        let before = sampler.state();
        let zeros = vec![0.0; 4];
        let not_finite = vec![0.0, 0.0, f64::NAN, 0.0];
        let saved = |u: &[f64], missed: &[f64], mistaken: &[f64]| {
            let lists = [u, &[0.0; 4], missed, mistaken].map(<[f64]>::to_vec);
            let names = ["log_factors"].into_iter().chain(Tallies::NAMES);
            Saved::new(names.zip(lists))
        };
        for (broken, part) in [
            (Saved::default(), "set of lists is []"),
            (
                saved(&[9.0; 4], &zeros, &zeros),
                "log_factors is a list with 9",
            ),
            (
                saved(&zeros, &not_finite, &zeros),
                "false_negatives is a list with NaN",
            ),
            (
                saved(&zeros, &zeros, &[0.0; 3]),
                "false_positives is 3 numbers, here it is 4",
            ),
        ] {
            let error = sampler.load(1, &broken).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
            assert_eq!(sampler.state(), before);
        }
    }
}
