//! What a classifier says about rows, and how that is decided.

use super::far::FarFields;
use crate::{
    calibration::softmax_at,
    error::TrainError,
    post_hoc::{Adjustment, decisions_of_batch},
};
use art_losses::CostMatrix;
use ndarray::{Array2, ArrayView1};

/// Which class proportions probabilities are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prior {
    /// Those of the training rows as they were, before any resampling ([`LogitPrior::offsets_to`](crate::LogitPrior::offsets_to)).
    #[default]
    Natural,
    /// Those that the network saw: its logits as they are.
    Trained,
}

/// What a classifier says about rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    pub(super) n_classes: usize,
    pub(super) logits: Vec<f32>,
    pub(super) adjustment: Adjustment,
    pub(super) to_natural: Vec<f64>,
    pub(super) temperature: f64,
    pub(super) logit_scale: f64,
    /// Fields with a word that no training row has.
    pub n_unseen: usize,
    /// Columns with numbers or dates far outside those of the training rows.
    pub far: Vec<FarFields>,
}

impl Answers {
    /// Number of classes.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// The answers for some of the rows, in this order; what was noticed about fields is not counted again.
    ///
    /// # Panics
    /// For a row that there is not.
    #[must_use]
    pub fn of_rows(&self, rows: &[u32]) -> Self {
        let of_row = |&row: &u32| {
            let start = row as usize * self.n_classes;
            &self.logits[start..start + self.n_classes]
        };
        Self {
            logits: rows.iter().flat_map(of_row).copied().collect(),
            n_unseen: 0,
            far: vec![],
            adjustment: self.adjustment.clone(),
            to_natural: self.to_natural.clone(),
            ..*self
        }
    }

    /// The class of each row: the largest logit, moved where the method moves its decision; ties go to the
    /// lower class. It need not be the most probable one: a method that favours rare classes means them to win
    /// earlier.
    pub fn classes(&self) -> Vec<u32> {
        let rows = self.logits.chunks_exact(self.n_classes);
        rows.map(|logits| self.adjustment.decision(logits))
            .collect()
    }

    /// The class of each row where all rows are decided together by the affine rule of [`PlugIn`](crate::PlugIn): how many rows of
    /// each class there are is then not what the training rows had but what the probabilities of these very rows expect.
    /// None where the classifier decides by another rule.
    pub fn classes_as_batch(&self) -> Option<Vec<u32>> {
        let rule = self.adjustment.affine.as_ref()?;
        let offsets = &self.adjustment.offsets;
        let rows = self.logits.chunks_exact(self.n_classes);
        let probabilities = rows.map(|logits| softmax_at(logits, offsets, rule.temperature));
        Some(decisions_of_batch(&probabilities.collect::<Vec<_>>(), rule))
    }

    /// The class of each row that costs the least, by the natural probabilities; ties go to the lower class.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] for costs of another number of classes.
    pub fn classes_by_costs(&self, costs: &CostMatrix) -> Result<Vec<u32>, TrainError> {
        if costs.n_classes() != self.n_classes {
            return Err(TrainError::Mismatch {
                what: "number of classes with costs",
                expected: self.n_classes.to_string(),
                found: costs.n_classes().to_string(),
            });
        }
        let probabilities = self.probabilities(Prior::Natural);
        let rows = probabilities.rows().into_iter();
        let decided = rows.map(|of| costs.decide(&of.to_vec()) as u32);
        Ok(decided.collect())
    }

    /// The class of each row where the `n` rows that are likeliest to be of `class` are taken for it and no others: they get the
    /// likeliest class besides. Of equally likely rows the first are taken.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] for a class that there is not.
    pub fn classes_at_most(&self, class: usize, n: usize) -> Result<Vec<u32>, TrainError> {
        if class >= self.n_classes {
            return Err(TrainError::Mismatch {
                what: "a class",
                expected: format!("below {}", self.n_classes),
                found: class.to_string(),
            });
        }
        let probabilities = self.probabilities(Prior::Natural);
        let likeliest_besides = |row: ArrayView1<'_, f64>| {
            let others = row.iter().enumerate().filter(|(other, _)| *other != class);
            // The first of the largest: `max_by` would take the last.
            let others = others.rev();
            let largest = others.max_by(|a, b| a.1.total_cmp(b.1));
            largest.map_or(class as u32, |(other, _)| other as u32)
        };
        let rows = probabilities.rows().into_iter();
        let mut classes: Vec<u32> = rows.map(likeliest_besides).collect();
        let mut order: Vec<usize> = (0..classes.len()).collect();
        let of_class = probabilities.column(class);
        order.sort_by(|&a, &b| of_class[b].total_cmp(&of_class[a]));
        for &row in order.iter().take(n) {
            classes[row] = class as u32;
        }
        Ok(classes)
    }

    /// The probability of each class in each row, `(rows, n_classes)`.
    ///
    /// Natural ones are divided by the temperature where one was fitted. Where a loss that validation decides weighs classes,
    /// its logits mean something else, and no prior corrects that.
    pub fn probabilities(&self, prior: Prior) -> Array2<f64> {
        let rows = self.logits.len() / self.n_classes;
        let mut all = Vec::with_capacity(self.logits.len());
        let as_they_are = vec![0.0; self.n_classes];
        let (offsets, temperature) = match prior {
            Prior::Natural => (&self.to_natural, self.temperature),
            Prior::Trained => (&as_they_are, 1.0),
        };
        let scale = self.logit_scale as f32;
        for logits in self.logits.chunks_exact(self.n_classes) {
            let logits: Vec<f32> = logits.iter().map(|z| scale * z).collect();
            all.extend(softmax_at(&logits, offsets, temperature));
        }
        Array2::from_shape_vec((rows, self.n_classes), all).expect("one row after the other")
    }
}
