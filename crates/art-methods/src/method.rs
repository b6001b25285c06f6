//! A method: what it is called, what it asks for, where it comes from, which settings it has, and what it makes of a run.

use crate::{
    decision::DecisionRule,
    error::{MethodError, UnknownName},
    name::MethodName,
    setting::Setting,
    training_space::common_settings,
    value::{Settings, Value},
};
use art_core::{ParamError, Seed};
use art_data::{GaussianClasses, Resampler, Split, SplitConfig};
use art_train::{FoldInputs, Recipe, RecipeRun, RunInputs, TrainError, Trainer, Training};
use std::sync::{Arc, LazyLock};

/// Id of plain training: what every method has to beat.
pub const PLAIN: &str = "baseline";

/// What a method changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing.
    Plain,
    /// The training rows, once before training.
    Resampler,
    /// The rows of each epoch.
    Sampler,
    /// The loss.
    Loss,
    /// The last layer, after training.
    SecondStage,
    /// The decision, after training.
    Decision,
    /// The network.
    Network,
}

impl Kind {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 7] = [
        Self::Plain,
        Self::Resampler,
        Self::Sampler,
        Self::Loss,
        Self::SecondStage,
        Self::Decision,
        Self::Network,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain training",
            Self::Resampler => "resampler",
            Self::Sampler => "sampler",
            Self::Loss => "loss",
            Self::SecondStage => "second stage",
            Self::Decision => "decision",
            Self::Network => "network",
        }
    }
}

/// What a method asks of whoever uses it, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asks {
    /// Nothing: plain training.
    Nothing,
    /// A decision that is moved after plain training.
    Decision,
    /// Other class proportions or weights, known before training.
    Shares,
    /// Class proportions that follow validation.
    Feedback,
    /// Rows that are made or left out, losses of other kinds, second stages.
    More,
}

impl Asks {
    /// All of them, least first.
    pub const ALL: [Self; 5] = [
        Self::Nothing,
        Self::Decision,
        Self::Shares,
        Self::Feedback,
        Self::More,
    ];
}

/// Who made a method known, when, and where to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Authors and year.
    pub by: &'static str,
    /// Its digital object identifier; empty where it has none.
    pub doi: &'static str,
}

impl Source {
    /// A work with its digital object identifier.
    pub const fn new(by: &'static str, doi: &'static str) -> Self {
        Self { by, doi }
    }
}

type MakeRecipe = dyn Fn(&Settings, &RunInputs<'_>) -> Result<Recipe, TrainError> + Send + Sync;
type MakeResampler = dyn Fn(&Settings) -> Result<Box<dyn Resampler>, ParamError> + Send + Sync;

#[derive(Clone)]
enum Make {
    Recipe(Arc<MakeRecipe>),
    Resampler(Arc<MakeResampler>),
}

impl Make {
    fn recipe(&self, settings: &Settings, inputs: &RunInputs<'_>) -> Result<Recipe, TrainError> {
        match self {
            Self::Recipe(make) => make(settings, inputs),
            Self::Resampler(make) => {
                let rows = make(settings)?.resample(inputs.train, inputs.seed)?;
                Ok(Recipe::resampled(inputs, rows))
            }
        }
    }
}

/// A method of a comparison.
///
/// ```
/// use art_core::Seed;
/// use art_data::GaussianClasses;
/// use art_methods::{Asks, Kind, Method, Real, Typed};
/// use art_losses::Focal;
/// use art_train::Recipe;
///
/// const GAMMA: Real = Real::real("gamma", 2.0, 0.0, 5.0).help("how much easy rows are down-weighted");
/// let focal = Method::new("mine", "My focal loss", Kind::Loss, |settings, inputs| {
///     Ok(Recipe::plain(inputs).loss(Focal::new(settings.of(GAMMA)?)?))
/// });
/// let focal = focal.settings([GAMMA.setting()]);
/// assert_eq!(focal.asks_for(), Asks::More);
/// assert_eq!(focal.typed_setting("gamma=1"), Some(("gamma", 1.0.into())));
/// ```
#[derive(Clone)]
#[must_use]
pub struct Method {
    id: String,
    title: String,
    about: &'static str,
    code: &'static str,
    kind: Kind,
    asks: Asks,
    has_feedback: bool,
    sources: Vec<Source>,
    missing: &'static str,
    settings: Vec<Setting>,
    common: [Setting; 1],
    make: Make,
    rule: Option<DecisionRule>,
}

impl Method {
    /// A method called `id` in records and `title` in reports, without settings, that asks for more than class shares.
    pub fn new(
        id: &str,
        title: &str,
        kind: Kind,
        recipe: impl Fn(&Settings, &RunInputs<'_>) -> Result<Recipe, TrainError> + Send + Sync + 'static,
    ) -> Self {
        Self::made(id, title, kind, Make::Recipe(Arc::new(recipe)))
    }

    /// One that trains plainly on the rows that a resampler makes.
    pub fn resampler(
        id: &str,
        title: &str,
        resampler: impl Fn(&Settings) -> Result<Box<dyn Resampler>, ParamError> + Send + Sync + 'static,
    ) -> Self {
        let make = Make::Resampler(Arc::new(resampler));
        Self::made(id, title, Kind::Resampler, make)
    }

    fn made(id: &str, title: &str, kind: Kind, make: Make) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            about: "",
            code: "",
            kind,
            asks: Asks::More,
            has_feedback: false,
            sources: vec![],
            missing: "",
            settings: vec![],
            common: common_settings(),
            make,
            rule: None,
        }
    }

    /// With these settings, in the order in which tuning goes through them.
    pub fn settings(mut self, settings: impl IntoIterator<Item = Setting>) -> Self {
        self.settings = settings.into_iter().collect();
        self
    }

    /// What it does, in a few words, and the path of what does it.
    pub fn about(mut self, about: &'static str, code: &'static str) -> Self {
        (self.about, self.code) = (about, code);
        self
    }

    /// What it asks of whoever uses it: more than class proportions, where this is left out.
    pub fn asks(mut self, asks: Asks) -> Self {
        self.asks = asks;
        self
    }

    /// Its class proportions follow what is learned of rows while training.
    pub fn with_feedback(mut self) -> Self {
        self.has_feedback = true;
        self
    }

    /// Where it comes from; left out for what is this project's.
    pub fn after(mut self, sources: impl IntoIterator<Item = Source>) -> Self {
        self.sources = sources.into_iter().collect();
        self
    }

    /// What of its source is not here.
    pub fn without(mut self, missing: &'static str) -> Self {
        self.missing = missing;
        self
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it does, in a few words.
    pub fn summary(&self) -> &'static str {
        self.about
    }

    /// Paths of what does it, with a comma between them.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What it changes.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What it asks of whoever uses it; a decision rule counts only behind plain training.
    pub fn asks_for(&self) -> Asks {
        match self.rule {
            Some(_) => self.asks.max(Asks::Decision),
            None => self.asks,
        }
    }

    /// Whether its class proportions follow what is learned of rows while training.
    pub fn has_feedback(&self) -> bool {
        self.has_feedback
    }

    /// Where it comes from; nothing for what is this project's.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What of its source is not here; empty where nothing is missing.
    pub fn missing(&self) -> &'static str {
        self.missing
    }

    /// Its settings, with their values when nothing is tuned and what tuning may try.
    pub fn declared(&self) -> &[Setting] {
        &self.settings
    }

    /// The setting that people call `name`.
    ///
    /// # Errors
    /// [`UnknownName`], listing those that the method has.
    pub fn setting(&self, name: &str) -> Result<&Setting, UnknownName> {
        let found = self.all_settings().find(|s| s.is_called(name));
        found.ok_or_else(|| {
            UnknownName::new("setting", name, self.all_settings().map(Setting::name))
        })
    }

    /// Its own settings and those that every method has.
    fn all_settings(&self) -> impl Iterator<Item = &Setting> {
        self.settings.iter().chain(&self.common)
    }

    /// `chosen` by the keys of its settings.
    ///
    /// # Errors
    /// [`UnknownName`] for a setting that the method does not have; [`MethodError::GivenTwice`] for one that is given by both of
    /// its names.
    pub fn keyed(&self, chosen: &Settings) -> Result<Settings, MethodError> {
        let mut settings = Settings::default();
        for (name, value) in chosen.iter() {
            let setting = self.setting(name)?;
            if settings.get(setting.key()).is_some() {
                return Err(MethodError::GivenTwice {
                    method: self.id.clone(),
                    setting: setting.name.to_owned(),
                });
            }
            settings.insert(setting.key(), value.clone());
        }
        Ok(settings)
    }

    /// `settings` by the names that people use; what is no setting of the method, such as the learning rate, stays.
    ///
    /// ```
    /// use art_methods::{Registry, Settings};
    /// let mut settings = Settings::default();
    /// settings.insert("c", 0.3);
    /// settings.insert("learning_rate", 0.01);
    /// let named = Registry::standard().get("art")?.named_settings(&settings);
    /// assert_eq!(named.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["blend", "learning_rate"]);
    /// # Ok::<(), art_methods::MethodError>(())
    /// ```
    #[must_use]
    pub fn named_settings(&self, settings: &Settings) -> Settings {
        let named = settings.iter().map(|(key, value)| {
            let name = self.setting(key).map_or(key, |setting| setting.name());
            (name.to_owned(), value.clone())
        });
        named.collect()
    }

    /// `chosen`, completed by the defaults of the settings that it leaves out, as records have them.
    ///
    /// # Errors
    /// As [`keyed`](Self::keyed).
    pub fn resolve(&self, chosen: &Settings) -> Result<Settings, MethodError> {
        let chosen = self.keyed(chosen)?;
        let value = |setting: &Setting| {
            let value = chosen.get(setting.key()).unwrap_or(setting.default());
            let is_written = !setting.is_implied() || value != setting.default();
            is_written.then(|| (setting.key().to_owned(), value.clone()))
        };
        Ok(self.all_settings().filter_map(value).collect())
    }

    /// The setting that was typed as `NAME=VALUE`, by its key: a number, or a word where the method's setting is one. None
    /// where there is no `=`.
    pub fn typed_setting<'t>(&self, text: &'t str) -> Option<(&'t str, Value)> {
        let (name, value) = text.split_once('=')?;
        let known = self.setting(name).ok();
        let is_word = known.is_some_and(|setting| matches!(setting.default(), Value::Word(_)));
        let number = value.parse().ok().filter(|_| !is_word);
        let value = number.map_or_else(|| Value::Word(value.to_owned()), Value::Number);
        Some((known.map_or(name, |setting| setting.key()), value))
    }

    /// The same under another name, with its decision moved where the name says so.
    pub(crate) fn named(self, name: &MethodName) -> Self {
        let variant = name.variant.iter().map(|variant| format!(" ({variant})"));
        let rule = name.decision_rule();
        let moved = rule.iter().map(|rule| format!(" + {}", rule.title));
        Self {
            title: std::iter::once(self.title.clone())
                .chain(variant)
                .chain(moved)
                .collect(),
            id: name.to_string(),
            rule,
            ..self
        }
    }

    /// Its resampler with these settings; none for a method that is none.
    ///
    /// # Errors
    /// [`ParamError`] naming a setting out of range.
    pub fn make_resampler(
        &self,
        settings: &Settings,
    ) -> Option<Result<Box<dyn Resampler>, ParamError>> {
        match &self.make {
            Make::Recipe(_) => None,
            Make::Resampler(make) => Some(make(settings)),
        }
    }

    /// What it makes of a run.
    ///
    /// # Errors
    /// Whatever its parts refuse.
    pub fn recipe(
        &self,
        settings: &Settings,
        inputs: &RunInputs<'_>,
    ) -> Result<Recipe, TrainError> {
        let recipe = self.make.recipe(settings, inputs);
        let recipe = recipe.map_err(|error| self.in_its_words(error))?;
        let Some(rule) = self.rule else {
            return Ok(recipe);
        };
        if recipe.decision.is_some() {
            let expected = "one that does not move its decision already";
            let field = "method of a decision rule";
            return Err(ParamError::new(field, &self.id, expected).into());
        }
        Ok(Recipe {
            decision: Some((rule.make)()),
            ..recipe
        })
    }

    /// The same error, with the setting called as people call it.
    fn in_its_words(&self, mut error: TrainError) -> TrainError {
        if let Some(param) = error.param_mut()
            && let Some(setting) = self.settings.iter().find(|s| s.field == param.field)
        {
            param.field = setting.name;
        }
        error
    }

    /// Makes its recipe for a few made rows of three classes, so that settings are known to be in range before anything is
    /// trained by them.
    ///
    /// ```
    /// # use art_methods::{Registry, Settings};
    /// let art = Registry::standard().get("art")?;
    /// let mut settings = Settings::default();
    /// settings.insert("blend", 7.0);
    /// let error = art.check(&art.resolve(&settings)?).unwrap_err();
    /// assert!(error.to_string().starts_with("blend is 7"), "{error}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ParamError`] naming a setting that is out of range.
    pub fn check(&self, settings: &Settings) -> Result<(), ParamError> {
        static SPLIT: LazyLock<Split> = LazyLock::new(|| {
            let seed = Seed::new(1);
            let data = GaussianClasses::new(vec![200, 80, 40], 3).generate(seed);
            let split =
                data.and_then(|data| Split::stratified(&data, &SplitConfig::default(), seed));
            split.expect("there are rows of each class")
        });
        settings.folds()?;
        let training = Training {
            hidden: vec![4],
            ..Training::default()
        };
        let inputs = RunInputs::new(&SPLIT.train, &SPLIT.valid, &training, Seed::new(1));
        match self.recipe(settings, &inputs) {
            // Anything else is about these rows.
            Err(mut error) => error.param_mut().map_or(Ok(()), |param| Err(param.clone())),
            Ok(_) => Ok(()),
        }
    }

    /// Trains what it makes of a run. `trainer` has callbacks and checkpoints.
    ///
    /// # Errors
    /// Whatever the method or training refuses; [`TrainError::Cancelled`] when training was given up before the run itself
    /// began.
    pub fn fit(
        &self,
        settings: &Settings,
        inputs: &RunInputs<'_>,
        trainer: Trainer<'_>,
    ) -> Result<RecipeRun, TrainError> {
        self.recipe(settings, inputs)?.fit(inputs, trainer)
    }

    /// The same, with a network for each fold ([`FOLDS`](crate::FOLDS)) of the training rows.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_folds(
        &self,
        settings: &Settings,
        inputs: &FoldInputs<'_>,
        trainer: Trainer<'_>,
    ) -> Result<RecipeRun, TrainError> {
        inputs.fit_by(&|inputs| self.recipe(settings, inputs), trainer)
    }
}
