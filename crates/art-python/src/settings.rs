//! Settings by name, each read with its type.

use pyo3::{
    conversion::FromPyObjectOwned,
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::PyDict,
};

/// The settings that the package hands over: every one that a method has, since defaults are the package's.
pub(crate) struct Settings<'a, 'py>(pub(crate) &'a Bound<'py, PyDict>);

impl<'py> Settings<'_, 'py> {
    /// The setting with this name.
    pub(crate) fn get<T: FromPyObjectOwned<'py>>(&self, name: &str) -> PyResult<T> {
        let found = self.0.get_item(name)?;
        let value = found.ok_or_else(|| PyTypeError::new_err(format!("{name} is missing")))?;
        value
            .extract()
            .map_err(|error: <T as FromPyObject<'_, 'py>>::Error| {
                let error: PyErr = error.into();
                PyTypeError::new_err(format!("{name}: {}", error.value(self.0.py())))
            })
    }
}

/// That a setting is none of the words that it may be.
pub(crate) fn unknown(field: &str, value: &str, expected: &str) -> PyErr {
    PyValueError::new_err(format!("{field} is {value:?}, expected {expected}"))
}
