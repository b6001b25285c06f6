//! Settings of methods, as they are typed.

use anyhow::{Context as _, Result, bail};
use art_methods::{Method, Settings, Value};

/// Sets a setting, once, by the key that records have.
pub(crate) fn set_once(
    settings: &mut Settings,
    method: &Method,
    name: &str,
    value: impl Into<Value>,
) -> Result<()> {
    let setting = method.setting(name)?;
    if settings.get(setting.key()).is_some() {
        bail!("the setting {} is given twice", setting.name());
    }
    settings.insert(setting.key(), value);
    Ok(())
}

/// Sets what `--set NAME=VALUE` was given.
pub(crate) fn set_typed(settings: &mut Settings, method: &Method, typed: &[String]) -> Result<()> {
    for text in typed {
        let (name, value) = method.typed_setting(text).with_context(|| {
            format!("--set {text}: expected NAME=VALUE, for example --set gamma=2")
        })?;
        set_once(settings, method, name, value)?;
    }
    Ok(())
}
