//! Tables: columns of numbers, dates and words from arrays and frames.

use crate::error::Refused;
use art_data::{Column, ColumnKind, DateOrder, Frame, Values};
use numpy::PyReadonlyArray1;
use pyo3::{exceptions::PyValueError, prelude::*};

/// Columns on their way into a frame.
#[pyclass(module = "imbalanced_art._core")]
pub(crate) struct Table {
    columns: Vec<Column>,
}

impl Table {
    /// The columns as they are now.
    pub(crate) fn frame(&self) -> PyResult<Frame> {
        Ok(Frame::of_columns(self.columns.clone()).map_err(Refused::from)?)
    }
}

#[pymethods]
impl Table {
    #[new]
    fn new() -> Self {
        Self { columns: vec![] }
    }

    /// Adds a column of numbers; NaN where one is missing.
    fn numbers(&mut self, name: String, values: PyReadonlyArray1<'_, f64>) {
        let values = Values::Numbers(values.as_array().to_vec());
        self.columns.push(Column::new(name, values));
    }

    /// Adds a column of dates, as days since 1970-01-01; NaN where one is missing.
    fn dates(&mut self, name: String, days: PyReadonlyArray1<'_, f64>) {
        let values = Values::Numbers(days.as_array().to_vec());
        let mut column = Column::new(name, values);
        column.kind = ColumnKind::Dates(DateOrder::YearFirst);
        self.columns.push(column);
    }

    /// Adds the column of the classes, by the place of each row's class among `classes`.
    fn labels(
        &mut self,
        name: String,
        classes: Vec<String>,
        places: PyReadonlyArray1<'_, u32>,
    ) -> PyResult<()> {
        let places = places.as_array().to_vec();
        if let Some(place) = places.iter().find(|&&p| p as usize >= classes.len()) {
            return Err(PyValueError::new_err(format!(
                "there is no class {place} of {}",
                classes.len()
            )));
        }
        let values = Values::of_labels(&classes, &places);
        self.columns.push(Column::new(name, values));
        Ok(())
    }

    /// Adds a column of words, by the place of each row's word among `words`.
    fn words(
        &mut self,
        name: String,
        words: Vec<String>,
        places: PyReadonlyArray1<'_, u32>,
    ) -> PyResult<()> {
        let places = places.as_array().to_vec();
        let values = Values::of_words(&words, &places).map_err(Refused::from)?;
        self.columns.push(Column::new(name, values));
        Ok(())
    }
}
