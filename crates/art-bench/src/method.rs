//! The methods that cells can name: a sampler, a static resampler and a loss, put together.

use crate::{
    BenchError, MethodName, Rehearsals, Setting, Settings, Value, beyond, compared, error::unknown,
    related, setting::resolve,
};
use art_core::{EpochSampler, ParamError, Seed, Shuffle};
use art_data::{ResampleWarning, Resampler, TrainSet};
use art_losses::{CrossEntropy, FeatureLoss, LossSchedule};
use art_train::{PostHoc, Remix, SecondStage};
use std::sync::{Arc, atomic::AtomicBool};

/// Makes the rows and their sampler with the help of networks that are trained before the run.
pub type Rehearsal =
    dyn Fn(&Rehearsals<'_>) -> Result<(TrainSet, Box<dyn EpochSampler>), BenchError>;

/// What a method makes of a training set: the rows, who draws from them, and the loss.
pub struct Prepared {
    /// The rows to train on, resampled where the method does that.
    pub train: TrainSet,
    /// Who draws each epoch's rows.
    pub sampler: Box<dyn EpochSampler>,
    /// What makes other rows and another sampler, for a method that has to train networks before the run.
    pub rehearsal: Option<Box<Rehearsal>>,
    /// The loss of each epoch.
    pub loss: Box<dyn LossSchedule>,
    /// Classes that a resampler could not bring to their target.
    pub warnings: Vec<ResampleWarning>,
    /// What makes a new last layer once training has ended, for a method in two stages.
    pub second_stage: Option<Box<dyn SecondStage>>,
    /// How the rows of each batch are mixed.
    pub mixing: Option<Remix>,
    /// A loss on the features of each batch, beside the one on its logits.
    pub feature_loss: Option<Box<dyn FeatureLoss>>,
    /// What moves the decision once training has ended, chosen on validation rows.
    pub post_hoc: Option<Box<dyn PostHoc>>,
    /// Whether the network has no hidden layers, whatever those of the run are. Its learning rate is then ten times that of the
    /// run: with one layer the rate of a deep network does not get anywhere.
    pub is_linear: bool,
}

impl Prepared {
    /// These rows, drawn by `sampler`, with cross-entropy in one stage.
    pub fn new(train: TrainSet, sampler: impl EpochSampler + 'static) -> Self {
        Self {
            train,
            sampler: Box::new(sampler),
            rehearsal: None,
            loss: Box::new(CrossEntropy),
            warnings: vec![],
            second_stage: None,
            mixing: None,
            feature_loss: None,
            post_hoc: None,
            is_linear: false,
        }
    }

    /// Every row once an epoch, with cross-entropy in one stage.
    pub fn plain(train: TrainSet, seed: Seed) -> Self {
        let sampler = Shuffle::new(train.data().class_counts(), seed);
        Self::new(train, sampler)
    }

    /// Plain training on the rows that `resampler` makes.
    pub(crate) fn resampled(
        resampler: &dyn Resampler,
        context: &Context<'_>,
    ) -> Result<Self, BenchError> {
        let rows = resampler.resample(context.train, context.seed)?;
        Ok(Self {
            warnings: rows.warnings,
            ..Self::plain(rows.train, context.seed)
        })
    }

    /// The same with another loss.
    #[must_use]
    pub fn loss(mut self, loss: impl LossSchedule + 'static) -> Self {
        self.loss = Box::new(loss);
        self
    }
}

/// What a method is given.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The training rows, scaled.
    pub train: &'a TrainSet,
    /// The cell's seed; a method draws from streams of its own.
    pub seed: Seed,
    /// Every setting of the method.
    pub settings: &'a Settings,
    /// Most epochs of the run, for schedules.
    pub max_epochs: u32,
    /// Set once the run is to be given up after the epoch in work; what is trained before it stops as well.
    pub cancel: Option<&'a AtomicBool>,
}

type Prepare = dyn Fn(&Context<'_>) -> Result<Prepared, BenchError> + Send + Sync;

/// A method of the comparison.
///
/// ```
/// use art_bench::{Method, Prepared, Registry};
/// use art_core::ClassBalanced;
///
/// let balanced = Method::new("balanced", "Class-balanced sampling", &[], |context| {
///     let index = context.train.data().class_index()?;
///     let sampler = ClassBalanced::new(index, context.seed);
///     Ok(Prepared::new(context.train.clone(), sampler))
/// });
/// let registry = Registry::standard().with(balanced)?;
/// assert!(registry.get("balanced").is_ok());
/// # Ok::<(), art_bench::BenchError>(())
/// ```
#[derive(Clone)]
pub struct Method {
    id: String,
    title: String,
    settings: Vec<Setting>,
    prepare: Arc<Prepare>,
}

impl Method {
    /// A method called `id` in records and `title` in reports, with these settings.
    pub fn new(
        id: &str,
        title: &str,
        settings: &[Setting],
        prepare: impl Fn(&Context<'_>) -> Result<Prepared, BenchError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            settings: settings.to_vec(),
            prepare: Arc::new(prepare),
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its settings, with their values when nothing is tuned and what tuning may try.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// `chosen`, completed by the defaults of the settings that it leaves out.
    ///
    /// # Errors
    /// [`BenchError::Unknown`] for a setting that the method does not have.
    pub fn resolve(&self, chosen: &Settings) -> Result<Settings, BenchError> {
        resolve(&self.settings, chosen)
    }

    /// The setting that was typed as `name=value`: a number, or a word where the method's setting is one. None where there is
    /// no `=`.
    pub fn typed_setting<'t>(&self, text: &'t str) -> Option<(&'t str, Value)> {
        let (name, value) = text.split_once('=')?;
        let known = self.settings.iter().find(|setting| setting.name() == name);
        let is_word = known.is_some_and(|setting| matches!(setting.default(), Value::Word(_)));
        let number = value.parse().ok().filter(|_| !is_word);
        let value = number.map_or_else(|| Value::Word(value.to_owned()), Value::Number);
        Some((name, value))
    }

    /// The same under another name, with its decision moved where the name says so.
    fn named(self, name: &MethodName) -> Self {
        let variant = name.variant.iter().map(|variant| format!(" ({variant})"));
        let rule = name.decision_rule();
        let moved = rule.iter().map(|rule| format!(" + {}", rule.title));
        let (id, prepare) = (name.base.clone(), self.prepare);
        Self {
            id: name.to_string(),
            title: std::iter::once(self.title)
                .chain(variant)
                .chain(moved)
                .collect(),
            settings: self.settings,
            prepare: Arc::new(move |context| {
                let mut prepared = prepare(context)?;
                if let Some(rule) = rule {
                    if prepared.post_hoc.is_some() {
                        let expected = "one that does not move its decision already";
                        return Err(
                            ParamError::new("method of a decision rule", &id, expected).into()
                        );
                    }
                    prepared.post_hoc = Some((rule.make)());
                }
                Ok(prepared)
            }),
        }
    }

    /// What it makes of a training set.
    ///
    /// # Errors
    /// Whatever its parts refuse.
    pub fn prepare(&self, context: &Context<'_>) -> Result<Prepared, BenchError> {
        (self.prepare)(context)
    }
}

/// The methods of a program, in report order.
pub struct Registry {
    methods: Vec<Method>,
}

impl Registry {
    /// The methods that come with the project.
    pub fn standard() -> Self {
        let baseline = Method::new("baseline", "Baseline", &[], |context| {
            Ok(Prepared::plain(context.train.clone(), context.seed))
        });
        let mut methods = vec![baseline];
        methods.extend(compared::static_resamplers());
        methods.extend(compared::losses());
        methods.extend(compared::learned_samplers());
        methods.extend(compared::controls());
        methods.extend(related::resamplers());
        methods.extend(related::losses());
        methods.extend(related::mixtures());
        methods.extend(related::samplers());
        methods.extend(related::row_samplers());
        methods.extend(related::second_stages());
        methods.extend(beyond::samplers());
        methods.extend(beyond::controls());
        methods.extend(beyond::logistic());
        Self { methods }
    }

    /// The same methods and one more.
    ///
    /// # Errors
    /// [`BenchError::Duplicate`] when its id is taken.
    pub fn with(mut self, method: Method) -> Result<Self, BenchError> {
        if self.methods.iter().any(|known| known.id == method.id) {
            return Err(BenchError::Duplicate { name: method.id });
        }
        self.methods.push(method);
        Ok(self)
    }

    /// The method called `name`, a [`MethodName`].
    ///
    /// # Errors
    /// [`BenchError::Unknown`], listing those that are known.
    pub fn get(&self, name: &str) -> Result<Method, BenchError> {
        let of = |id: &str| self.methods.iter().find(|method| method.id == id);
        if let Some(method) = of(name) {
            return Ok(method.clone());
        }
        let name: MethodName = name.parse()?;
        let known = || self.methods.iter().map(Method::id);
        let base = of(&name.base).ok_or_else(|| unknown("method", &name.base, known()))?;
        Ok(base.clone().named(&name))
    }

    /// The parts of a name; a method may have been registered under a name that looks like several.
    pub(crate) fn parsed(&self, name: &str) -> Result<MethodName, BenchError> {
        if self.methods.iter().any(|method| method.id == name) {
            return Ok(MethodName {
                base: name.to_owned(),
                variant: None,
                rule: None,
            });
        }
        name.parse()
    }

    /// The method called `name`, a [`MethodName`], and the settings that its name gives it.
    ///
    /// # Errors
    /// [`BenchError::Unknown`]; [`BenchError::NoSetting`] for a setting that the name gives twice.
    ///
    /// ```
    /// let registry = art_bench::Registry::standard();
    /// let (_, settings) = registry.with_settings("art:eager:c=0.3")?;
    /// assert_eq!(settings.number("c")?, 0.3);
    /// assert!(settings.get("eager").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_settings(&self, name: &str) -> Result<(Method, Settings), BenchError> {
        let method = self.get(name)?;
        let mut settings = Settings::default();
        for part in self.parsed(name)?.settings() {
            let typed = method.typed_setting(part);
            let (setting, value) = typed
                .filter(|(setting, _)| settings.get(setting).is_none())
                .ok_or_else(|| BenchError::NoSetting {
                    method: name.to_owned(),
                    setting: part.to_owned(),
                })?;
            settings.insert(setting, value);
        }
        Ok((method, settings))
    }

    /// The method that was typed as `METHOD[:NAME=VALUE...][+RULE]`, with the settings behind its name.
    ///
    /// # Errors
    /// [`BenchError::Unknown`]; [`BenchError::NoSetting`] where something else than a setting stands behind the name, or one
    /// twice.
    ///
    /// ```
    /// let registry = art_bench::Registry::standard();
    /// let (method, settings) = registry.typed("art:c=0.3:bf=2+tau-e")?;
    /// assert_eq!(method.id(), "art:c=0.3:bf=2+tau-e");
    /// assert_eq!(settings.whole("bf")?, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn typed(&self, text: &str) -> Result<(Method, Settings), BenchError> {
        // A word alone tells entries of a matrix apart whose settings stand beside it; here nothing does.
        if let Some(word) = self.parsed(text)?.words().next() {
            self.get(text)?;
            return Err(BenchError::NoSetting {
                method: text.to_owned(),
                setting: word.to_owned(),
            });
        }
        self.with_settings(text)
    }

    /// All methods.
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_may_be_tried_and_every_condition_names_a_setting_of_the_method() {
        for method in Registry::standard().methods() {
            for setting in method.settings() {
                let place = format!("{} {}", method.id(), setting.name());
                assert!(setting.domain().contains(setting.default()), "{place}");
                if let Some((name, value)) = setting.condition() {
                    let other = method.settings().iter().find(|s| s.name() == name);
                    let other = other.expect(&place);
                    assert!(other.domain().contains(value), "{place}");
                }
            }
        }
    }

    /// The rows of the table in `docs/methods.md`.
    #[test]
    fn the_index_of_methods_lists_every_setting_with_what_tuning_may_try() {
        let document = include_str!("../../../docs/methods.md");
        for method in Registry::standard().methods() {
            let line = document
                .lines()
                .find(|line| line.starts_with(&format!("| `{}` |", method.id())))
                .unwrap_or_else(|| panic!("docs/methods.md has no row for {}", method.id()));
            for setting in method.settings() {
                let condition = match setting.condition() {
                    Some((name, value)) => format!(", where {name} is {value}"),
                    None => String::new(),
                };
                let (name, default, domain) = (setting.name(), setting.default(), setting.domain());
                let text = if setting.is_tuned() {
                    format!("{name} {default} ({domain}{condition})")
                } else {
                    format!("{name} {default}")
                };
                assert!(
                    line.contains(&text),
                    "{}: {text:?} is not in {line:?}",
                    method.id()
                );
            }
        }
    }
}
