//! Which rows train, which steer, which judge, where columns of the table have a say in it.

use super::{Column, Frame, MISSING, Values};
use crate::{
    counted::counted,
    error::DataError,
    split::{SplitConfig, SplitRows},
};
use art_core::{ClassIndex, Seed};

/// How a labelled frame is divided.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Division {
    /// Row by row, so that every part has its share of each class.
    ByClass,
    /// Group by group: rows of one group stay together.
    ByGroup { name: String, groups: Vec<u32> },
    /// As the table says.
    Given { name: String, rows: SplitRows },
}

impl Division {
    /// The division by the groups of the column `name`.
    pub(super) fn by_group(frame: &Frame, name: &str) -> Result<Self, DataError> {
        let (_, codes) = words(frame, name)?;
        Ok(Self::ByGroup {
            name: name.to_owned(),
            groups: codes.to_vec(),
        })
    }

    /// The division that the column `name` gives.
    pub(super) fn given(frame: &Frame, name: &str) -> Result<Self, DataError> {
        let (levels, codes) = words(frame, name)?;
        let mut rows = SplitRows {
            train: vec![],
            valid: vec![],
            test: vec![],
        };
        for (row, &code) in codes.iter().enumerate() {
            let part = match levels[code as usize].to_lowercase().as_str() {
                "train" | "training" => &mut rows.train,
                "valid" | "validation" | "val" => &mut rows.valid,
                "test" => &mut rows.test,
                other => {
                    let problem = format!(
                        "holds {other:?} in data row {}; a split column says train, valid or test",
                        frame.row_number(row)
                    );
                    return Err(DataError::column(frame.path(), name, problem));
                }
            };
            part.push(row as u32);
        }
        for (part, rows) in [("train", &rows.train), ("valid", &rows.valid)] {
            if rows.is_empty() {
                let problem = format!(
                    "has no row that says {part}; every model needs both, so mark some of the others so"
                );
                return Err(DataError::column(frame.path(), name, problem));
            }
        }
        Ok(Self::Given {
            name: name.to_owned(),
            rows,
        })
    }

    /// The column that has a say, which is no feature.
    pub(super) fn column(&self) -> Option<&str> {
        match self {
            Self::ByClass => None,
            Self::ByGroup { name, .. } | Self::Given { name, .. } => Some(name),
        }
    }

    /// The group of each row, where rows of one group stay together.
    pub(super) fn groups(&self) -> Option<&[u32]> {
        match self {
            Self::ByGroup { groups, .. } => Some(groups),
            Self::ByClass | Self::Given { .. } => None,
        }
    }

    pub(super) fn rows(
        &self,
        frame: &Frame,
        index: &ClassIndex,
        class_names: &[String],
        config: &SplitConfig,
        seed: Seed,
    ) -> Result<SplitRows, DataError> {
        let rows = match self {
            Self::ByClass => return config.rows_of(index, class_names, seed),
            Self::ByGroup { groups, .. } => config.rows_of_groups(groups, index, seed),
            Self::Given { rows, .. } => rows.clone(),
        };
        let problem = |problem: String| {
            DataError::column(frame.path(), self.column().unwrap_or_default(), problem)
        };
        let wanted = [
            ("training", &rows.train, true),
            ("validation", &rows.valid, true),
            ("test", &rows.test, config.wants_test()),
        ];
        for (part, rows, is_wanted) in wanted {
            if is_wanted && rows.is_empty() {
                return Err(problem(format!("leaves no row for the {part} part")));
            }
        }
        let is_trained = |row: &u32| rows.train.binary_search(row).is_ok();
        let untrained = |&class: &usize| !index.rows(class).iter().any(is_trained);
        match (0..class_names.len()).find(untrained) {
            Some(class) => Err(problem(format!(
                "leaves no training row for the class {:?}",
                class_names[class]
            ))),
            None => Ok(rows),
        }
    }
}

/// The categories of a column without missing values.
fn words<'a>(frame: &'a Frame, name: &str) -> Result<(&'a [String], &'a [u32]), DataError> {
    let Column { values, gap, .. } = frame.column(name)?;
    let problem = |problem: String| DataError::column(frame.path(), name, problem);
    let Values::Words { levels, codes } = values else {
        return Err(problem("was read as numbers, not as words".into()));
    };
    match codes.iter().position(|&code| code == MISSING) {
        Some(row) => {
            let n = values.n_missing();
            let rows = counted(n, "row");
            let first = match gap {
                Some(at) => at.to_string(),
                None => format!("data row {}", frame.row_number(row)),
            };
            Err(problem(format!(
                "has no value in {rows} ({}{first}); write one into each, such as a name of its own where a row \
                 belongs to no other, or remove these rows",
                if n == 1 { "" } else { "the first is " }
            )))
        }
        None => Ok((levels, codes)),
    }
}
