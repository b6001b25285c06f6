//! What a matrix varies beside the comparison: one thing or two, each method with its default settings.

use super::{Matrix, MatrixMethod, Pair, Tuning, tuning_space, varied::Varied};
use crate::{cell::CellSpec, error::BenchError};
use art_methods::{Registry, Value};
use serde::{Deserialize, Serialize};

/// What is varied beside the comparison: every combination of the values, each method with its default
/// settings otherwise, or with tuned ones where the number of trials is varied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ablation {
    /// Short name, for `--only` and files.
    pub name: String,
    /// Title for reports.
    pub title: String,
    /// Id of the data set.
    pub dataset: String,
    /// Ids of methods, whose names may give settings that are not varied. One that lacks a setting that is varied is run
    /// without it, as a line to compare with.
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
    /// A setting of the methods; `width`, units of each hidden layer; `criterion`, what stops training early; `ratio` and
    /// `train-ratio`, the imbalance ratio that rows are left out for, before the split or of the training rows alone;
    /// `equal-rows`, `together` in a part or `apart`; `draw`, the seed of one draw of rows for all seeds or `each-seed`;
    /// `trials`, a number of trials that choose the settings, or as many as the matrix gives the method, its `own`.
    pub setting: String,
    /// Its values.
    pub values: Vec<Value>,
}

/// A point of an ablation: a method, the values of what is varied that it knows, and its cells.
#[derive(Clone, Debug, PartialEq)]
pub struct AblationPoint {
    /// Id of the method.
    pub method: String,
    /// Values of what is varied, in the order of the ablation; `None` where the method does not know it.
    pub values: Vec<Option<Value>>,
    /// One cell a seed; with the settings of the matrix while trials are to choose others.
    pub cells: Vec<CellSpec>,
    /// How trials choose the settings, where they do.
    pub tuned: Option<TunedPoint>,
}

/// How the settings of a point are chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct TunedPoint {
    /// The method.
    pub method: MatrixMethod,
    /// By which trials.
    pub tuning: Tuning,
}

impl AblationPoint {
    /// The pair that its cells are of.
    pub(crate) fn pair(&self) -> Option<(Pair<'_>, &Tuning)> {
        let (tuned, cell) = (self.tuned.as_ref()?, self.cells.first()?);
        let pair = Pair {
            dataset: &cell.dataset,
            method: &tuned.method,
            training: &cell.training,
        };
        Some((pair, &tuned.tuning))
    }
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
                n_settings: Some(tuning_space(declared.declared()).len()),
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
                    tuned: None,
                };
                for (vary, value) in ablation.vary.iter().zip(values) {
                    let varied = Varied::named(&vary.setting);
                    let setting = declared.setting(&vary.setting);
                    let key = setting.map_or(&*vary.setting, |setting| setting.key());
                    let mut cells = point.cells.iter_mut();
                    let known = cells.all(|cell| varied.set(cell, key, &value));
                    let tuning = self.tuning.as_ref();
                    if let Some(tuning) = tuning.and_then(|tuning| varied.tuning(&value, tuning)) {
                        let method = method.clone();
                        point.tuned = Some(TunedPoint { method, tuning });
                    }
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

/// Every combination of values, the last thing varied fastest.
fn combinations(vary: &[Vary]) -> Vec<Vec<Value>> {
    vary.iter().fold(vec![vec![]], |before, vary| {
        let extend = |values: &Vec<Value>| {
            let values = values.clone();
            let with = move |value: &Value| [&values[..], std::slice::from_ref(value)].concat();
            vary.values.iter().map(with).collect::<Vec<_>>()
        };
        before.iter().flat_map(extend).collect()
    })
}
