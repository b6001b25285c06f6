//! Errors of the libraries as exceptions, with the libraries' texts.

use art_core::{CoreError, ParamError};
use art_data::DataError;
use art_methods::MethodError;
use art_stats::StatsError;
use art_train::TrainError;
use pyo3::{create_exception, exceptions::PyValueError, prelude::*};

create_exception!(
    imbalanced_art,
    ArtError,
    PyValueError,
    "Something that the library refuses; the text says what was found and what was expected."
);
create_exception!(
    imbalanced_art,
    StateError,
    ArtError,
    "A saved state of another sampler, or of a newer version."
);

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("ArtError", py.get_type::<ArtError>())?;
    module.add("StateError", py.get_type::<StateError>())
}

/// An error of one of the libraries, on its way to an exception.
pub(crate) enum Refused {
    Core(CoreError),
    Data(DataError),
    Stats(StatsError),
    Train(TrainError),
    Method(MethodError),
    /// Settings that contradict each other.
    Value(String),
}

impl From<CoreError> for Refused {
    fn from(error: CoreError) -> Self {
        Self::Core(error)
    }
}

impl From<ParamError> for Refused {
    fn from(error: ParamError) -> Self {
        Self::Core(error.into())
    }
}

impl From<DataError> for Refused {
    fn from(error: DataError) -> Self {
        Self::Data(error)
    }
}

impl From<StatsError> for Refused {
    fn from(error: StatsError) -> Self {
        Self::Stats(error)
    }
}

impl From<TrainError> for Refused {
    fn from(error: TrainError) -> Self {
        Self::Train(error)
    }
}

impl From<MethodError> for Refused {
    fn from(error: MethodError) -> Self {
        Self::Method(error)
    }
}

impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Self {
        Self::Value(error.to_string())
    }
}

impl From<Refused> for PyErr {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Core(
                error @ (CoreError::StateVersion { .. } | CoreError::StateMismatch { .. }),
            ) => StateError::new_err(error.to_string()),
            Refused::Core(error) => ArtError::new_err(error.to_string()),
            Refused::Data(error) => ArtError::new_err(error.to_string()),
            Refused::Stats(error) => ArtError::new_err(error.to_string()),
            Refused::Train(error) => ArtError::new_err(error.to_string()),
            Refused::Method(error) => ArtError::new_err(error.to_string()),
            Refused::Value(problem) => ArtError::new_err(problem),
        }
    }
}
