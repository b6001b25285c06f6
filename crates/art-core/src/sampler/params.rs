use super::{Bounds, BoundsParams};
use crate::{
    difficulty::{AbsentClass, Difficulty, OneMinusF1},
    distribution::BlendConstant,
    draw::DrawMode,
    error::ParamError,
};
use std::{num::NonZeroU32, sync::Arc};

/// When the distribution is computed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoostSchedule(Option<NonZeroU32>);

impl BoostSchedule {
    /// After every `n_epochs`-th epoch (the boost frequency bf).
    ///
    /// # Errors
    /// [`ParamError`] when `n_epochs` is 0.
    pub fn every(n_epochs: u32) -> Result<Self, ParamError> {
        NonZeroU32::new(n_epochs)
            .map(|n| Self(Some(n)))
            .ok_or_else(|| {
                ParamError::new(
                    "boost_frequency",
                    n_epochs,
                    "at least 1 epoch; a static blend never refreshes",
                )
            })
    }

    /// Never: the first draw stays (bf = ∞, the static blend).
    pub const fn never() -> Self {
        Self(None)
    }

    /// Whether a refresh follows epoch `epoch`, counted from 1; none follows 0, which is no epoch.
    pub fn is_due(self, epoch: u32) -> bool {
        epoch > 0 && self.0.is_some_and(|n| epoch.is_multiple_of(n.get()))
    }

    /// Whether a refresh follows epoch `epoch` where `last` was observed before it: one that a refresh is due after lies behind
    /// `last` and not behind `epoch`. A loop that observes every epoch refreshes at exactly those; one that validates seldom misses
    /// none, and two that fall between its validations are one.
    pub(super) fn is_due_since(self, last: u32, epoch: u32) -> bool {
        self.0.is_some_and(|n| epoch / n > last / n)
    }

    /// Epochs from one refresh to the next.
    pub(super) fn period(self) -> Option<u32> {
        self.0.map(NonZeroU32::get)
    }
}

impl std::fmt::Display for BoostSchedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(n_epochs) => write!(f, "{n_epochs}"),
            None => f.write_str("never"),
        }
    }
}

/// What the difficulty is blended with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BlendBase {
    /// The class prior π, as in ART.
    #[default]
    Prior,
    /// Every class alike, as in class-priority sampling.
    Uniform,
}

/// How the blending constant c is found at each refresh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BlendRule {
    /// It is given.
    Fixed,
    /// `c = 1 − κ · reliability`, no less than 0.05 and no more than 0.95: as far as the differences between classes are
    /// within the error of so few validation rows, the draw stays at the base. Before the first refresh c is the given one.
    Reliability {
        /// κ, 0 to 1.
        kappa: f64,
    },
    /// The smallest c for which no row is drawn more often than so many times, where the difficulty alone (equal classes at
    /// first) would draw some more often; else the given one. The base must be the prior.
    Copies {
        /// Most copies, at least 1.
        most: f64,
    },
}

/// Settings of ART, not yet checked.
///
/// The first five are the paper's; the others are there to try what it leaves open, and are off.
///
/// ```
/// use art_core::ArtParams;
/// let config = ArtParams::new().blend_constant(0.7).boost_frequency(2).check()?;
/// assert!(ArtParams::new().blend_constant(1.7).check().is_err());
/// # Ok::<(), art_core::ParamError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct ArtParams {
    blend_constant: f64,
    boost_frequency: Option<u32>,
    difficulty: Arc<dyn Difficulty>,
    mode: DrawMode,
    absent_class: AbsentClass,
    epsilon: f64,
    base: BlendBase,
    memory: f64,
    rule: BlendRule,
    bounds: Option<BoundsParams>,
}

impl Default for ArtParams {
    fn default() -> Self {
        Self::new()
    }
}

impl ArtParams {
    /// c = 0.5, a refresh every 5 epochs, difficulty 1 − F1, exact draws, absent classes at the
    /// mean difficulty, epsilon 0.
    pub fn new() -> Self {
        Self {
            blend_constant: 0.5,
            boost_frequency: Some(5),
            difficulty: Arc::new(OneMinusF1),
            mode: DrawMode::Exact,
            absent_class: AbsentClass::Mean,
            epsilon: 0.0,
            base: BlendBase::Prior,
            memory: 0.0,
            rule: BlendRule::Fixed,
            bounds: None,
        }
    }

    /// Blending constant c, 0 (difficulty alone) to 1 (the prior alone).
    pub fn blend_constant(mut self, c: f64) -> Self {
        self.blend_constant = c;
        self
    }

    /// Boost frequency bf: epochs between refreshes, at least 1. Where not every epoch is observed, a refresh follows the first one
    /// that is, after it was due.
    pub fn boost_frequency(mut self, n_epochs: u32) -> Self {
        self.boost_frequency = Some(n_epochs);
        self
    }

    /// Never refreshes: the static blend `c·π + (1 − c)/K`, the control that every claim about
    /// adaptivity needs.
    pub fn never_boost(mut self) -> Self {
        self.boost_frequency = None;
        self
    }

    /// How difficulty is read from validation.
    pub fn difficulty(mut self, difficulty: impl Difficulty + 'static) -> Self {
        self.difficulty = Arc::new(difficulty);
        self
    }

    /// How the distribution becomes rows.
    pub fn mode(mut self, mode: DrawMode) -> Self {
        self.mode = mode;
        self
    }

    /// What to believe about classes without validation rows.
    pub fn absent_class(mut self, policy: AbsentClass) -> Self {
        self.absent_class = policy;
        self
    }

    /// Added to every difficulty before normalizing: 0.01 keeps the adaptive mass from jumping to
    /// one class when all but it are perfect.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// What the difficulty is blended with; [`DrawMode::TwoPart`] and [`DrawMode::Package`] accept the prior only.
    pub fn base(mut self, base: BlendBase) -> Self {
        self.base = base;
        self
    }

    /// Reads difficulty from the counts of all refreshes, each weighing `memory` times the next one; at least 0 and below 1.
    pub fn memory(mut self, memory: f64) -> Self {
        self.memory = memory;
        self
    }

    /// How the blending constant is found.
    pub fn blend_rule(mut self, rule: BlendRule) -> Self {
        self.rule = rule;
        self
    }

    /// Keeps the blend within bounds, in the draw modes that draw from it as a whole.
    pub fn bounds(mut self, bounds: BoundsParams) -> Self {
        self.bounds = Some(bounds);
        self
    }

    /// The checked configuration.
    ///
    /// # Errors
    /// [`ParamError`] naming the first setting outside its range.
    pub fn check(self) -> Result<ArtConfig, ParamError> {
        if !(0.0..1.0).contains(&self.memory) {
            let expected = "at least 0 and below 1";
            return Err(ParamError::new("memory", self.memory, expected));
        }
        match self.rule {
            BlendRule::Reliability { kappa } if !(0.0..=1.0).contains(&kappa) => {
                return Err(ParamError::new("kappa", kappa, "a number from 0 to 1"));
            }
            BlendRule::Copies { most } if !(most >= 1.0 && most.is_finite()) => {
                return Err(ParamError::new(
                    "copies",
                    most,
                    "a finite number of at least 1",
                ));
            }
            _ => {}
        }
        if !self.epsilon.is_finite() || self.epsilon < 0.0 {
            return Err(ParamError::new(
                "epsilon",
                self.epsilon,
                "a finite number that is not negative",
            ));
        }
        let in_two_parts = matches!(self.mode, DrawMode::TwoPart | DrawMode::Package);
        if self.base == BlendBase::Uniform && in_two_parts {
            let expected = "the prior, where one part is drawn from all rows alike";
            return Err(ParamError::new("base", "uniform", expected));
        }
        if self.bounds.is_some() && in_two_parts {
            let expected = "none, where two parts are drawn for themselves";
            return Err(ParamError::new("bounds", "set", expected));
        }
        if self.base == BlendBase::Uniform && matches!(self.rule, BlendRule::Copies { .. }) {
            let expected = "another one on a uniform base, which copies rows itself";
            return Err(ParamError::new("blend_rule", "copies", expected));
        }
        Ok(ArtConfig {
            blend: BlendConstant::new(self.blend_constant)?,
            boost: match self.boost_frequency {
                Some(n_epochs) => BoostSchedule::every(n_epochs)?,
                None => BoostSchedule::never(),
            },
            difficulty: self.difficulty,
            mode: self.mode,
            absent_class: self.absent_class,
            epsilon: self.epsilon,
            base: self.base,
            memory: self.memory,
            rule: self.rule,
            bounds: self.bounds.map(BoundsParams::check).transpose()?,
        })
    }
}

/// Settings of ART that are known to be valid; made by [`ArtParams::check`].
#[derive(Clone)]
pub struct ArtConfig {
    pub(super) blend: BlendConstant,
    pub(super) boost: BoostSchedule,
    pub(super) difficulty: Arc<dyn Difficulty>,
    pub(super) mode: DrawMode,
    pub(super) absent_class: AbsentClass,
    pub(super) epsilon: f64,
    pub(super) base: BlendBase,
    pub(super) memory: f64,
    pub(super) rule: BlendRule,
    pub(super) bounds: Option<Bounds>,
}

impl ArtConfig {
    /// Makes sure that difficulties are all that the next distribution is made from.
    pub(super) fn check_needs_no_counts(&self) -> Result<(), ParamError> {
        match self.rule {
            BlendRule::Reliability { .. } => {
                let expected = "fixed or by copies, where no validation counts are seen";
                Err(ParamError::new("blend_rule", "reliability", expected))
            }
            _ => Ok(()),
        }
    }

    /// What of it the paper does not have, for descriptions; empty where there is nothing.
    pub(super) fn additions(&self) -> String {
        let memory = (self.memory > 0.0).then(|| format!(", memory={}", self.memory));
        let rule = (self.rule != BlendRule::Fixed).then(|| format!(", blend={:?}", self.rule));
        let bounds = self.bounds.map(|bounds| format!(", bounds={bounds:?}"));
        [memory, rule, bounds].into_iter().flatten().collect()
    }
}

impl std::fmt::Debug for ArtConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArtConfig")
            .field("blend", &self.blend)
            .field("boost", &self.boost)
            .field("difficulty", &self.difficulty.name())
            .field("mode", &self.mode)
            .field("absent_class", &self.absent_class)
            .field("epsilon", &self.epsilon)
            .field("base", &self.base)
            .field("memory", &self.memory)
            .field("rule", &self.rule)
            .field("bounds", &self.bounds)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boost_frequency_of_zero_is_refused() {
        let error = ArtParams::new().boost_frequency(0).check().unwrap_err();
        assert_eq!(error.field, "boost_frequency");
        assert!(error.to_string().contains("at least 1 epoch"), "{error}");
    }

    #[test]
    fn a_uniform_base_is_refused_where_a_part_is_drawn_from_all_rows() {
        for mode in [DrawMode::TwoPart, DrawMode::Package] {
            let params = ArtParams::new().mode(mode).base(BlendBase::Uniform);
            assert_eq!(params.check().unwrap_err().field, "base");
        }
    }

    #[test]
    fn what_could_not_hold_is_refused() {
        for mode in [DrawMode::TwoPart, DrawMode::Package] {
            let params = ArtParams::new().mode(mode).bounds(BoundsParams::new());
            assert_eq!(params.check().unwrap_err().field, "bounds");
        }
        let rule = BlendRule::Copies { most: 10.0 };
        let params = ArtParams::new().blend_rule(rule).base(BlendBase::Uniform);
        assert_eq!(params.check().unwrap_err().field, "blend_rule");
    }

    #[test]
    fn additions_out_of_range_are_refused() {
        let field = |params: ArtParams| params.check().unwrap_err().field;
        let new = ArtParams::new;
        assert_eq!(field(new().memory(1.0)), "memory");
        let kappa = BlendRule::Reliability { kappa: 1.5 };
        assert_eq!(field(new().blend_rule(kappa)), "kappa");
        let most = BlendRule::Copies { most: 0.5 };
        assert_eq!(field(new().blend_rule(most)), "copies");
        assert_eq!(field(new().bounds(BoundsParams::new().floor(2.0))), "floor");
    }

    #[test]
    fn a_negative_or_infinite_epsilon_is_refused() {
        for epsilon in [-0.1, f64::NAN, f64::INFINITY] {
            assert!(ArtParams::new().epsilon(epsilon).check().is_err());
        }
    }
}
