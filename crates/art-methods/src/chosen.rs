//! A method with its settings.

use crate::{error::MethodError, method::Method, registry::Registry, value::Settings};
use art_core::ParamError;
use art_train::{MakeRecipe, Recipe, RunInputs, TrainError};

/// A method with all its settings, as a classifier takes it.
///
/// ```
/// use art_core::Seed;
/// use art_data::GaussianClasses;
/// use art_methods::Registry;
/// use art_train::ClassifierParams;
///
/// let data = GaussianClasses::new(vec![300, 30], 4).generate(Seed::new(1))?;
/// let method = Registry::standard().choose("power-sampling:power=0.5+tau-e")?;
/// let classifier = ClassifierParams::new().method(method).check()?.fit_dataset(&data)?;
/// assert_eq!(classifier.record().method, "Power sampling (power=0.5) + tauE");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ChosenMethod {
    method: Method,
    settings: Settings,
}

impl ChosenMethod {
    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// All its settings, as records have them.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

impl Method {
    /// The method with these settings, completed by its defaults.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub fn with(self, chosen: &Settings) -> Result<ChosenMethod, MethodError> {
        let settings = self.resolve(chosen)?;
        Ok(ChosenMethod {
            method: self,
            settings,
        })
    }
}

impl Registry {
    /// The method that was typed as `METHOD[:NAME=VALUE...][+RULE]`, with all its settings.
    ///
    /// # Errors
    /// As [`typed`](Self::typed) and [`Method::resolve`].
    pub fn choose(&self, text: &str) -> Result<ChosenMethod, MethodError> {
        let (method, settings) = self.typed(text)?;
        method.with(&settings)
    }
}

impl MakeRecipe for ChosenMethod {
    fn title(&self) -> &str {
        self.method.title()
    }

    fn settings(&self) -> serde_json::Map<String, serde_json::Value> {
        let value = |value| serde_json::to_value(value).expect("a number or a word");
        let settings = self.settings.iter();
        settings
            .map(|(key, of)| (key.to_owned(), value(of)))
            .collect()
    }

    fn folds(&self) -> Result<usize, ParamError> {
        self.settings.folds()
    }

    fn recipe(&self, inputs: &RunInputs<'_>) -> Result<Recipe, TrainError> {
        self.method.recipe(&self.settings, inputs)
    }
}
