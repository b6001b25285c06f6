//! What a matrix varies beside the comparison: one thing or two, each method with its default settings.

use super::{Matrix, MatrixMethod, Pair};
use crate::{
    cell::CellSpec,
    datasets::{DatasetName, Thinning},
    error::BenchError,
};
use art_methods::Registry;
use serde::{Deserialize, Serialize};

/// What is varied beside the comparison: every combination of the values, each method with its default
/// settings otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ablation {
    /// Short name, for `--only` and files.
    pub name: String,
    /// Title for reports.
    pub title: String,
    /// Id of the data set.
    pub dataset: String,
    /// Ids of methods, whose names may give settings that are not varied. One that lacks a setting that is varied is run without it, as a line to compare with.
    pub methods: Vec<String>,
    /// What is varied.
    pub vary: Vec<Vary>,
    /// What others found, to stand beside the numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// A thing that an ablation varies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vary {
    /// A setting of the methods; or `width`, units of each hidden layer; or `ratio` and `train-ratio`, the
    /// imbalance ratio that rows are left out for, before the split or of the training rows alone.
    pub setting: String,
    /// Its values.
    pub values: Vec<f64>,
}

/// What an ablation can vary beside the settings of methods and the scopes of a [`Thinning`].
pub(super) const WIDTH: &str = "width";

/// A point of an ablation: a method, the values of what is varied that it knows, and its cells.
#[derive(Clone, Debug, PartialEq)]
pub struct AblationPoint {
    /// Id of the method.
    pub method: String,
    /// Values of what is varied, in the order of the ablation; `None` where the method does not know it.
    pub values: Vec<Option<f64>>,
    /// One cell a seed.
    pub cells: Vec<CellSpec>,
}

impl Matrix {
    /// The points of `ablation`, one of this matrix.
    ///
    /// # Errors
    /// [`BenchError::Unknown`] for a method or setting that is not known.
    pub fn points(
        &self,
        ablation: &Ablation,
        registry: &Registry,
    ) -> Result<Vec<AblationPoint>, BenchError> {
        let mut points: Vec<AblationPoint> = vec![];
        for id in &ablation.methods {
            let (declared, named) = registry.with_settings(id)?;
            let method = MatrixMethod {
                settings: declared.resolve(&named)?,
                ..MatrixMethod::with_defaults(id)
            };
            let pair = Pair {
                dataset: &ablation.dataset,
                method: &method,
                training: self.training_on(&ablation.dataset),
            };
            for values in combinations(&ablation.vary) {
                let mut point = AblationPoint {
                    method: id.clone(),
                    values: vec![],
                    cells: self.seeds.iter().map(|&seed| pair.cell(seed)).collect(),
                };
                for (vary, value) in ablation.vary.iter().zip(values) {
                    let setting = declared.setting(&vary.setting);
                    let key = setting.map_or(&*vary.setting, |setting| setting.key());
                    let known = point.cells.iter_mut().all(|cell| set(cell, key, value));
                    point.values.push(known.then_some(value));
                }
                if !points.contains(&point) {
                    points.push(point);
                }
            }
        }
        Ok(points)
    }
}

/// Gives a cell a value of what is varied; whether the cell knows such a thing.
fn set(cell: &mut CellSpec, setting: &str, value: f64) -> bool {
    if setting == WIDTH {
        cell.training.hidden.fill(value as usize);
    } else if let Some(thinning) = Thinning::in_scope(setting, value) {
        cell.dataset = DatasetName {
            base: cell.dataset.clone(),
            thinning: Some(thinning),
        }
        .to_string();
    } else if cell.settings.get(setting).is_some() {
        cell.settings.insert(setting, value);
    } else {
        return false;
    }
    true
}

/// Every combination of values, the last thing varied fastest.
fn combinations(vary: &[Vary]) -> Vec<Vec<f64>> {
    vary.iter().fold(vec![vec![]], |before, vary| {
        let extend = |values: &Vec<f64>| {
            let values = values.clone();
            let with = move |&value: &f64| [&values[..], &[value]].concat();
            vary.values.iter().map(with).collect::<Vec<_>>()
        };
        before.iter().flat_map(extend).collect()
    })
}
