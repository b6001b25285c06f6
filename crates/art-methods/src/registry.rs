//! The methods of a program, by name.

use crate::{
    catalog,
    error::{MethodError, UnknownName},
    key::Typed as _,
    method::{Asks, Method},
    name::MethodName,
    training_space::FOLDS,
    value::Settings,
};

/// The methods of a program, in the order of lists.
pub struct Registry {
    methods: Vec<Method>,
}

impl Registry {
    /// The methods that come with the project.
    pub fn standard() -> Self {
        Self {
            methods: catalog::methods(),
        }
    }

    /// The same methods and one more.
    ///
    /// # Errors
    /// [`MethodError::Duplicate`] when its id is taken.
    pub fn with(mut self, method: Method) -> Result<Self, MethodError> {
        if self.methods.iter().any(|known| known.id() == method.id()) {
            return Err(MethodError::Duplicate {
                name: method.id().to_owned(),
            });
        }
        self.methods.push(method);
        Ok(self)
    }

    /// All methods.
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    fn by_id(&self, id: &str) -> Option<&Method> {
        self.methods.iter().find(|method| method.id() == id)
    }

    /// The method called `name`, a [`MethodName`].
    ///
    /// # Errors
    /// [`MethodError::Unknown`], listing those that are known.
    pub fn get(&self, name: &str) -> Result<Method, MethodError> {
        if let Some(method) = self.by_id(name) {
            return Ok(method.clone());
        }
        let name: MethodName = name.parse()?;
        let known = || self.methods.iter().map(Method::id);
        let base = self.by_id(&name.base);
        let base = base.ok_or_else(|| UnknownName::new("method", &name.base, known()))?;
        Ok(base.clone().named(&name))
    }

    /// The parts of a name; a method may have been registered under a name that looks like several.
    ///
    /// # Errors
    /// [`MethodError::Unknown`] for a decision rule that is not known.
    pub fn parsed(&self, name: &str) -> Result<MethodName, MethodError> {
        if self.by_id(name).is_some() {
            return Ok(MethodName {
                base: name.to_owned(),
                variant: None,
                rule: None,
            });
        }
        name.parse()
    }

    /// The method called `name`, a [`MethodName`], and the settings that its name gives it, by their keys.
    ///
    /// # Errors
    /// [`MethodError::Unknown`]; [`MethodError::GivenTwice`] for a setting that the name gives twice.
    ///
    /// ```
    /// # use art_methods::{Registry, Value};
    /// let registry = Registry::standard();
    /// let (_, settings) = registry.with_settings("art:eager:blend=0.3")?;
    /// assert_eq!(settings.get("c"), Some(&Value::Number(0.3)));
    /// assert!(settings.get("eager").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_settings(&self, name: &str) -> Result<(Method, Settings), MethodError> {
        let method = self.get(name)?;
        let mut settings = Settings::default();
        for part in self.parsed(name)?.settings() {
            let typed = method.typed_setting(part);
            let (setting, value) = typed.ok_or_else(|| MethodError::NoSetting {
                method: name.to_owned(),
                setting: part.to_owned(),
            })?;
            if settings.get(setting).is_some() {
                return Err(MethodError::GivenTwice {
                    method: name.to_owned(),
                    setting: method.setting(setting)?.name().to_owned(),
                });
            }
            settings.insert(setting, value);
        }
        Ok((method, settings))
    }

    /// The method that was typed as `METHOD[:NAME=VALUE...][+RULE]`, with the settings behind its name.
    ///
    /// # Errors
    /// As [`with_settings`](Self::with_settings); [`MethodError::NoSetting`] where something else than a setting stands behind the
    /// name.
    ///
    /// ```
    /// # use art_methods::{Registry, Value};
    /// let registry = Registry::standard();
    /// let (method, settings) = registry.typed("art:c=0.3:boost_frequency=2+tau-e")?;
    /// assert_eq!(method.id(), "art:c=0.3:boost_frequency=2+tau-e");
    /// assert_eq!(settings.get("bf"), Some(&Value::Number(2.0)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn typed(&self, text: &str) -> Result<(Method, Settings), MethodError> {
        // A word alone tells entries of a matrix apart whose settings stand beside it; here nothing does.
        if let Some(word) = self.parsed(text)?.words().next() {
            self.get(text).map(drop)?;
            return Err(MethodError::NoSetting {
                method: text.to_owned(),
                setting: word.to_owned(),
            });
        }
        self.with_settings(text)
    }

    /// The name of the method called `name` with a network for each of `n` folds; the same name for one network, and where it says
    /// how many folds itself.
    ///
    /// ```
    /// # use art_methods::Registry;
    /// let registry = Registry::standard();
    /// assert_eq!(registry.in_folds("smote:k=3+tau-e", 5)?, "smote:k=3:folds=5+tau-e");
    /// assert_eq!(registry.in_folds("smote:folds=3", 5)?, "smote:folds=3");
    /// # Ok::<(), art_methods::MethodError>(())
    /// ```
    ///
    /// # Errors
    /// As [`typed`](Self::typed).
    pub fn in_folds(&self, name: &str, n: u32) -> Result<String, MethodError> {
        let (method, settings) = self.typed(name)?;
        let setting = FOLDS.setting();
        if n == 1 || settings.get(setting.key()).is_some() {
            return Ok(name.to_owned());
        }
        // A method may call something of its own so.
        let is_folds = method.setting(setting.name())?.key() == setting.key();
        let called = if is_folds {
            setting.name()
        } else {
            setting.key()
        };
        let mut parsed = self.parsed(name)?;
        let added = format!("{called}={n}");
        parsed.variant = Some(match parsed.variant {
            Some(variant) => format!("{variant}:{added}"),
            None => added,
        });
        Ok(parsed.to_string())
    }

    /// What the method called `name` asks of whoever uses it; more than the others for one that is not known.
    ///
    /// ```
    /// # use art_methods::{Asks, Registry};
    /// let registry = Registry::standard();
    /// assert_eq!(registry.asks_of("baseline+tau-e"), Asks::Decision);
    /// assert_eq!(registry.asks_of("power-sampling:flat+tau-e"), Asks::Shares);
    /// assert_eq!(registry.asks_of("one-that-was-renamed"), Asks::More);
    /// ```
    pub fn asks_of(&self, name: &str) -> Asks {
        self.get(name)
            .map_or(Asks::More, |method| method.asks_for())
    }

    /// Whether the class shares of the method called `name` follow what its runs learn of rows; not of one that is not known.
    pub fn has_feedback(&self, name: &str) -> bool {
        self.get(name).is_ok_and(|method| method.has_feedback())
    }
}
