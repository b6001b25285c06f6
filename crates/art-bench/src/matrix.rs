//! The matrix: which methods run on which data sets with which seeds.

use crate::{BenchError, CellSpec, Registry, Settings, Training, setting::resolve};
use art_train::StopCriterion;
use serde::{Deserialize, Serialize};

/// The twenty seeds of the paper.
pub const PAPER_SEEDS: [u64; 20] = [
    1834, 8993, 412, 4523, 182, 41921, 53178, 4536, 89, 101_172, 3812, 76459, 21734, 5601, 14923,
    32871, 982, 61435, 23490, 7711,
];

/// Which methods run on which data sets with which seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// Name for reports and folders.
    pub name: String,
    /// One sentence on what it is for.
    pub purpose: String,
    /// Ids of data sets.
    pub datasets: Vec<String>,
    /// Methods.
    pub methods: Vec<MatrixMethod>,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// How every method is trained.
    pub training: Training,
}

/// A method of a matrix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixMethod {
    /// Its id.
    pub id: String,
    /// Its settings; those left out have the method's defaults.
    #[serde(default)]
    pub settings: Settings,
}

impl Matrix {
    /// Fixed hyper-parameters, all twenty seeds of the paper, the three tables.
    pub fn fixed() -> Self {
        let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect();
        Self {
            name: "fixed".into(),
            purpose: "Fixed hyper-parameters for every method, the 20 seeds of the paper.".into(),
            datasets: names(&["pima", "yeast", "wine"]),
            methods: [
                "baseline",
                "ros",
                "rus",
                "smote",
                "msmote",
                "nearmiss",
                "cost",
                "focal",
                "ohem",
                "ldam-drw",
                "balanced-softmax",
                "balms",
                "art",
            ]
            .map(MatrixMethod::with_defaults)
            .to_vec(),
            seeds: PAPER_SEEDS.to_vec(),
            training: Training {
                hidden: vec![64, 64],
                dropout: 0.2,
                learning_rate: 1e-3,
                weight_decay: 1e-2,
                batch_size: 64,
                max_epochs: 150,
                patience: 10,
                criterion: StopCriterion::Native,
            },
        }
    }

    /// [`fixed`](Self::fixed) with the first five seeds: an answer within a minute.
    pub fn quick() -> Self {
        Self {
            name: "quick".into(),
            purpose: "Fixed hyper-parameters for every method, the first 5 seeds of the paper: a \
                      first look within a minute."
                .into(),
            seeds: PAPER_SEEDS[..5].to_vec(),
            ..Self::fixed()
        }
    }

    /// The matrix with every setting of every method written out, so that it means the same when
    /// defaults change.
    ///
    /// # Errors
    /// [`BenchError::Unknown`] for a method or setting that is not known.
    pub fn resolved(mut self, registry: &Registry) -> Result<Self, BenchError> {
        for method in &mut self.methods {
            let declared = registry.get(&method.id)?.settings();
            method.settings = resolve(declared, &method.settings)?;
        }
        Ok(self)
    }

    /// The cells of a resolved matrix: seed by seed, so that an interrupted run has every method on
    /// the seeds that it finished.
    pub fn cells(&self) -> Vec<CellSpec> {
        let mut cells = vec![];
        for &seed in &self.seeds {
            for dataset in &self.datasets {
                for method in &self.methods {
                    cells.push(CellSpec {
                        dataset: dataset.clone(),
                        method: method.id.clone(),
                        seed,
                        settings: method.settings.clone(),
                        training: self.training.clone(),
                    });
                }
            }
        }
        cells
    }
}

impl MatrixMethod {
    /// The method called `id` with its default settings.
    pub fn with_defaults(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            settings: Settings::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn the_quick_plan_is_this() {
        let matrix = Matrix::quick().resolved(&Registry::standard()).unwrap();
        let mut text = String::new();
        for cell in &matrix.cells() {
            let _ = writeln!(text, "{} {cell}", cell.id());
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn unknown_methods_and_settings_are_named_with_those_that_are_known() {
        let resolve = |method: MatrixMethod| {
            let mut matrix = Matrix::quick();
            matrix.methods.push(method);
            matrix
                .resolved(&Registry::standard())
                .unwrap_err()
                .to_string()
        };
        let error = resolve(MatrixMethod::with_defaults("artt"));
        assert_eq!(
            error,
            "unknown method \"artt\"; known are baseline, ros, rus, smote, \
             msmote, nearmiss, cost, focal, ohem, ldam-drw, balanced-softmax, balms, art"
        );
        let mut art = MatrixMethod::with_defaults("art");
        art.settings.insert("cc", 0.3);
        assert_eq!(resolve(art), "unknown setting \"cc\"; known are bf, c");
    }
}
