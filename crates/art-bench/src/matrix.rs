//! The matrix: which methods run on which data sets with which seeds.

use crate::Training;
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
    /// Ids of methods.
    pub methods: Vec<String>,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// How every method is trained.
    pub training: Training,
}

impl Matrix {
    /// Fixed hyper-parameters, all twenty seeds of the paper, the three tables.
    pub fn fixed() -> Self {
        let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect();
        Self {
            name: "fixed".into(),
            purpose: "Fixed hyper-parameters for every method, the 20 seeds of the paper.".into(),
            datasets: names(&["pima", "yeast", "wine"]),
            methods: names(&["baseline", "ros", "rus", "art"]),
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
}
