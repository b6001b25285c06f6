use super::{
    ArtConfig, ArtParams, Basics, BlendBase, BlendRule, EpochSampler, Feedback, LastEpoch, Refresh,
    is_due,
};
use crate::{
    classes::ClassIndex,
    distribution::{BlendConstant, ClassDistribution, check_not_negative},
    draw::{EpochDraw, RowList, Target},
    error::CoreError,
    saved::Saved,
    seed::Seed,
    shrinkage::reliability,
    tallies::Tallies,
};
use std::sync::Arc;

/// Adaptive resampling-based training.
///
/// Keeps one `u32` a row (the rows grouped by class) and O(K) besides. Before the first epoch the
/// normalized difficulty is uniform. After every bf-th epoch
///
/// - `d_c = 1 − F1_c` on validation, by the configured [`Difficulty`](crate::Difficulty),
/// - `w_c = d_c / Σ d`, uniform when every class is perfect,
/// - `p_c = c·π_c + (1 − c)·w_c`,
///
/// and the next N rows are drawn from p. Classes without training rows get `p_c = 0`, the others are
/// renormalized.
///
/// [`ArtParams`] can also pool the counts of refreshes, shrink difficulties ([`ShrunkF1`](crate::ShrunkF1)), find c anew
/// ([`BlendRule`]) and keep p within [`Bounds`](super::Bounds).
///
/// # References
/// ART: Adaptive Resampling-based Training for Imbalanced Classification (2025), arXiv 2509.00955,
/// section 3.
#[derive(Clone, Debug)]
pub struct ArtSampler {
    name: &'static str,
    config: ArtConfig,
    seed: Seed,
    index: Arc<ClassIndex>,
    refreshes: u64,
    observed: LastEpoch,
    /// Difficulty at the last refresh; none before it.
    difficulty: Option<Vec<f64>>,
    weights: ClassDistribution,
    /// Counts of the refreshes so far, fading by the memory.
    pooled: Tallies,
    /// The blending constant of the next draw.
    blend: BlendConstant,
    /// The distribution before the last refresh; none before the first.
    previous: Option<ClassDistribution>,
    distribution: ClassDistribution,
    list: Arc<RowList>,
}

impl ArtSampler {
    /// A sampler over the rows of `index`, at its initial draw.
    ///
    /// # Errors
    /// [`CoreError::TooManyRows`] when [`DrawMode::Package`](crate::DrawMode::Package) rounds an epoch up beyond what a row
    /// index can name.
    pub fn new(
        config: ArtConfig,
        index: impl Into<Arc<ClassIndex>>,
        seed: Seed,
    ) -> Result<Self, CoreError> {
        Self::named("art", config, index.into(), seed)
    }

    /// The fixed blend `c·π + (1 − c)/K`: ART without feedback.
    ///
    /// Draw for draw equal to [`ArtParams::never_boost`], under the name `static-blend` so that
    /// records tell them apart.
    ///
    /// # Errors
    /// [`CoreError::Param`] when `c` is outside 0 to 1.
    pub fn static_blend(
        c: f64,
        index: impl Into<Arc<ClassIndex>>,
        seed: Seed,
    ) -> Result<Self, CoreError> {
        let config = ArtParams::new().blend_constant(c).never_boost().check()?;
        Self::named("static-blend", config, index.into(), seed)
    }

    fn named(
        name: &'static str,
        config: ArtConfig,
        index: Arc<ClassIndex>,
        seed: Seed,
    ) -> Result<Self, CoreError> {
        let weights = ClassDistribution::uniform(index.n_classes())?;
        let mut sampler = Self {
            name,
            distribution: index.counts().prior(),
            list: Arc::new(RowList::all(0)),
            pooled: Tallies::none(index.n_classes()),
            blend: config.blend,
            previous: None,
            config,
            seed,
            index,
            refreshes: 0,
            observed: LastEpoch::default(),
            difficulty: None,
            weights,
        };
        sampler.blend = sampler.blend_by_weights()?;
        sampler.redraw()?;
        Ok(sampler)
    }

    /// The current draw as a [`Refresh`] after epoch `epoch`; number 0 right after construction.
    pub(super) fn current(&self, epoch: u32) -> Refresh {
        Refresh {
            number: self.refreshes,
            epoch,
            difficulty: self.difficulty.clone().unwrap_or_default(),
            weights: self.weights.clone(),
            distribution: self.distribution.clone(),
        }
    }

    fn learn_tallies(
        &mut self,
        epoch: u32,
        validation: &Tallies,
    ) -> Result<Option<Refresh>, CoreError> {
        self.observed.check(epoch)?;
        if !is_due(
            self.config.boost,
            (self.observed, epoch),
            self.index.counts(),
            validation,
        )? {
            self.observed.set(epoch);
            return Ok(None);
        }
        let mut pooled = self.pooled.clone();
        pooled.pool(self.config.memory, validation)?;
        let mut scores = self.config.difficulty.scores(&pooled);
        self.check_scores(&scores)?;
        self.config
            .absent_class
            .apply(&mut scores, &pooled, self.difficulty.as_deref());
        // Nothing can fail any more, so that a refused result changes nothing.
        self.pooled = pooled;
        self.refresh(epoch, scores).map(Some)
    }

    fn learn_difficulty(
        &mut self,
        epoch: u32,
        scores: &[f64],
    ) -> Result<Option<Refresh>, CoreError> {
        self.config.check_needs_no_counts()?;
        self.check_scores(scores)?;
        self.observed.check(epoch)?;
        if !self.observed.is_due(self.config.boost, epoch) {
            self.observed.set(epoch);
            return Ok(None);
        }
        self.refresh(epoch, scores.to_vec()).map(Some)
    }

    fn check_scores(&self, scores: &[f64]) -> Result<(), CoreError> {
        if scores.len() != self.index.n_classes() {
            return Err(CoreError::Length {
                what: "difficulty scores",
                expected: self.index.n_classes(),
                found: scores.len(),
            });
        }
        check_not_negative("difficulty", scores)
    }

    /// The last epoch that was observed.
    pub(super) fn observed(&mut self) -> &mut LastEpoch {
        &mut self.observed
    }

    pub(super) fn config(&self) -> &ArtConfig {
        &self.config
    }

    fn refresh(&mut self, epoch: u32, scores: Vec<f64>) -> Result<Refresh, CoreError> {
        let raised: Vec<f64> = scores.iter().map(|d| d + self.config.epsilon).collect();
        self.weights = ClassDistribution::from_scores(&raised)?;
        self.blend = self.blend_constant(&scores)?;
        self.difficulty = Some(scores);
        self.refreshes += 1;
        self.previous = Some(self.distribution.clone());
        self.redraw()?;
        self.observed.set(epoch);
        Ok(self.current(epoch))
    }

    /// The blending constant for these difficulties and the weights that they led to.
    fn blend_constant(&self, difficulty: &[f64]) -> Result<BlendConstant, CoreError> {
        match self.config.rule {
            BlendRule::Reliability { kappa } => {
                let c = 1.0 - kappa * reliability(difficulty, &self.pooled);
                Ok(BlendConstant::new(c.clamp(0.05, 0.95))?)
            }
            BlendRule::Fixed | BlendRule::Copies { .. } => self.blend_by_weights(),
        }
    }

    /// The given blending constant, or the one that spares copies with the weights as they are.
    fn blend_by_weights(&self) -> Result<BlendConstant, CoreError> {
        let given = self.config.blend;
        let BlendRule::Copies { most } = self.config.rule else {
            return Ok(given);
        };
        let counts = self.index.counts();
        let weights = self.weights.restricted_to(counts)?;
        let copies = weights.as_slice().iter().zip(counts.as_slice());
        let copies = copies.filter(|(_, n)| **n > 0);
        let copies = copies.map(|(w, &n)| w * counts.n_rows() as f64 / n as f64);
        let needed = copies.filter(|&copies| copies > most);
        let needed = needed.map(|copies| (copies - most) / (copies - 1.0));
        Ok(BlendConstant::new(
            needed.reduce(f64::max).unwrap_or(given.get()),
        )?)
    }

    /// Computes p and the row list from the weights and the refresh number.
    fn redraw(&mut self) -> Result<(), CoreError> {
        let counts = self.index.counts();
        let weights = self.weights.restricted_to(counts)?;
        let base = match self.config.base {
            BlendBase::Prior => counts.prior(),
            BlendBase::Uniform => ClassDistribution::uniform(counts.n_classes())?,
        };
        let blended = ClassDistribution::blend(&base, &self.weights, self.blend)?;
        let mut blended = blended.restricted_to(counts)?;
        if let Some(bounds) = &self.config.bounds {
            blended = bounds.apply(&blended, counts, self.previous.as_ref())?;
        }
        let target = Target {
            distribution: &blended,
            weights: &weights,
            blend: self.blend.get(),
        };
        let list = RowList::draw(
            &self.index,
            self.config.mode,
            &target,
            self.seed,
            self.refreshes,
        )?;
        self.list = Arc::new(list);
        self.distribution = blended;
        Ok(())
    }
}

impl EpochSampler for ArtSampler {
    fn name(&self) -> &str {
        self.name
    }

    fn describe(&self) -> String {
        let ArtConfig {
            blend,
            boost,
            difficulty,
            mode,
            absent_class,
            epsilon,
            base,
            ..
        } = &self.config;
        // States of samplers on the prior were written before there was another base.
        let base = match base {
            BlendBase::Prior => "",
            BlendBase::Uniform => ", base=uniform",
        };
        format!(
            "{}(c={}, bf={boost}, difficulty={}, mode={mode:?}, absent={absent_class:?}, epsilon={epsilon}{base}{})",
            self.name,
            blend.get(),
            difficulty.name(),
            self.config.additions()
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

    /// Learns from validation counts and tallies, and from difficulties where the blending constant is not found from counts
    /// ([`BlendRule::Reliability`]).
    fn learn(&mut self, epoch: u32, feedback: Feedback<'_>) -> Result<Option<Refresh>, CoreError> {
        match feedback {
            Feedback::Counts(validation) => self.learn_tallies(epoch, &validation.tallies()),
            Feedback::Tallies(validation) => self.learn_tallies(epoch, validation),
            Feedback::Difficulty(scores) => self.learn_difficulty(epoch, scores),
            Feedback::Rows(_) => Err(feedback.refused(self.name())),
        }
    }

    fn refreshes(&self) -> u64 {
        self.refreshes
    }

    fn save(&self) -> Saved {
        let Some(difficulty) = &self.difficulty else {
            return Saved::default();
        };
        let mut lists = vec![
            ("difficulty", difficulty.clone()),
            ("weights", self.weights.as_slice().to_vec()),
        ];
        if !self.config.additions().is_empty() {
            let previous = self.previous.as_ref().unwrap_or(&self.distribution);
            lists.extend(self.pooled.save(Tallies::NAMES));
            lists.push(("blend", vec![self.blend.get()]));
            lists.push(("previous_distribution", previous.as_slice().to_vec()));
        }
        Saved::new(lists)
    }

    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        let n_classes = self.index.n_classes();
        let mut loaded = self.clone();
        if saved.is_empty() {
            loaded.difficulty = None;
            loaded.weights = ClassDistribution::uniform(n_classes)?;
            loaded.pooled = Tallies::none(n_classes);
            (loaded.blend, loaded.previous) = (loaded.blend_by_weights()?, None);
        } else {
            let [difficulty, weights] = if self.config.additions().is_empty() {
                saved.lists(["difficulty", "weights"])?
            } else {
                let [
                    difficulty,
                    weights,
                    right,
                    missed,
                    mistaken,
                    blend,
                    previous,
                ] = saved.lists([
                    "difficulty",
                    "weights",
                    "true_positives",
                    "false_negatives",
                    "false_positives",
                    "blend",
                    "previous_distribution",
                ])?;
                loaded.pooled = Tallies::load([right, missed, mistaken], n_classes)?;
                loaded.blend = BlendConstant::new(blend.number()?)?;
                loaded.previous = Some(previous.distribution(n_classes)?);
                [difficulty, weights]
            };
            loaded.difficulty = Some(difficulty.numbers(n_classes)?.to_vec());
            loaded.weights = weights.distribution(n_classes)?;
        }
        loaded.refreshes = refreshes;
        loaded.observed = LastEpoch::after(refreshes, self.config.boost);
        loaded.redraw()?;
        *self = loaded;
        Ok(())
    }
}
