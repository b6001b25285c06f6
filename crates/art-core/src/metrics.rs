//! Scores of a confusion matrix.
//!
//! Every 0/0 is 0. A macro mean runs over all **declared** classes, so a class that is absent from
//! truth and prediction counts as 0; [`ConfusionMatrix::absent_classes`] says how many are. Balanced
//! accuracy, the geometric mean and the scores called `present` run over the classes present in truth.
//!
//! # References
//! Sokolova and Lapalme (2009), "A systematic analysis of performance measures for classification
//! tasks", doi 10.1016/j.ipm.2009.03.002; Gorodkin (2004), "Comparing two K-category assignments by
//! a K-category correlation coefficient", doi 10.1016/j.compbiolchem.2004.09.006 (MCC).

use crate::{
    confusion::ConfusionMatrix,
    elementary::{exp, ln},
};

fn ratio(numerator: u64, denominator: u64) -> f64 {
    if denominator == 0 {
        0.0
    } else {
        numerator as f64 / denominator as f64
    }
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() {
        0.0
    } else {
        values.iter().sum::<f64>() / values.len() as f64
    }
}

impl ConfusionMatrix {
    fn per_class(&self, score: impl Fn(usize) -> f64) -> Vec<f64> {
        (0..self.n_classes()).map(score).collect()
    }

    /// TP / (TP + FP) of each class.
    pub fn per_class_precision(&self) -> Vec<f64> {
        self.per_class(|c| ratio(self.count(c, c), self.predicted(c)))
    }

    /// TP / (TP + FN) of each class.
    pub fn per_class_recall(&self) -> Vec<f64> {
        self.per_class(|c| ratio(self.count(c, c), self.support(c)))
    }

    /// 2 TP / (2 TP + FP + FN) of each class.
    pub fn per_class_f1(&self) -> Vec<f64> {
        // What a file may say, beyond what can be counted, stays at the largest number.
        let twice = |n: u64| n.saturating_mul(2);
        let union = |c: usize| self.predicted(c).saturating_add(self.support(c));
        self.per_class(|c| ratio(twice(self.count(c, c)), union(c)))
    }

    /// Mean precision over the declared classes.
    pub fn macro_precision(&self) -> f64 {
        mean(&self.per_class_precision())
    }

    /// Mean recall over the declared classes.
    pub fn macro_recall(&self) -> f64 {
        mean(&self.per_class_recall())
    }

    /// Mean F1 over the declared classes; not the harmonic mean of macro precision and recall.
    pub fn macro_f1(&self) -> f64 {
        mean(&self.per_class_f1())
    }

    /// Mean F1 over the classes present in truth, as balanced accuracy runs over them; [`macro_f1`](Self::macro_f1) where
    /// truth has every class. A class without a row cannot be found, so that a 0 for it would say nothing of the model.
    ///
    /// ```
    /// let rows = [vec![8, 2, 0], vec![1, 9, 0], vec![0, 0, 0]];
    /// let matrix = art_core::ConfusionMatrix::from_rows(&rows)?;
    /// assert_eq!(matrix.classes_without_rows(), [2]);
    /// assert!((matrix.present_macro_f1() - 1.5 * matrix.macro_f1()).abs() < 1e-12);
    /// # Ok::<(), art_core::CoreError>(())
    /// ```
    pub fn present_macro_f1(&self) -> f64 {
        mean(&self.of_present(self.per_class_f1()))
    }

    /// Mean precision over the classes present in truth.
    pub fn present_macro_precision(&self) -> f64 {
        mean(&self.of_present(self.per_class_precision()))
    }

    /// Classes that truth has no row of, ascending.
    pub fn classes_without_rows(&self) -> Vec<usize> {
        (0..self.n_classes())
            .filter(|&c| self.support(c) == 0)
            .collect()
    }

    /// Share of rows predicted correctly.
    pub fn accuracy(&self) -> f64 {
        ratio(self.trace(), self.total())
    }

    /// Mean recall over the classes present in truth.
    pub fn balanced_accuracy(&self) -> f64 {
        mean(&self.present_recalls())
    }

    /// Geometric mean of the recalls of the classes present in truth; 0 if any of them is 0.
    pub fn g_mean(&self) -> f64 {
        self.g_mean_corrected(0.0)
    }

    /// [`g_mean`](Self::g_mean) with each recall of 0 replaced by `correction` (usually 0.001).
    pub fn g_mean_corrected(&self, correction: f64) -> f64 {
        let recalls = self.present_recalls();
        if recalls.is_empty() {
            return 0.0;
        }
        let logs = recalls
            .iter()
            .map(|&r| ln(if r == 0.0 { correction } else { r }));
        exp(logs.sum::<f64>() / recalls.len() as f64)
    }

    /// Matthews correlation coefficient for K classes, from −1 to 1; 0 for a constant predictor.
    pub fn mcc(&self) -> f64 {
        let n = self.total() as f64;
        let truth = self.per_class(|c| self.support(c) as f64);
        let predicted = self.per_class(|c| self.predicted(c) as f64);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let covariance = self.trace() as f64 * n - dot(&truth, &predicted);
        let spread = (n * n - dot(&predicted, &predicted)) * (n * n - dot(&truth, &truth));
        if spread <= 0.0 {
            0.0
        } else {
            covariance / spread.sqrt()
        }
    }

    /// Declared classes that appear neither in truth nor in prediction, and so count as 0.
    pub fn absent_classes(&self) -> usize {
        (0..self.n_classes())
            .filter(|&c| self.support(c) == 0 && self.predicted(c) == 0)
            .count()
    }

    fn trace(&self) -> u64 {
        let counts = (0..self.n_classes()).map(|c| self.count(c, c));
        counts.fold(0, u64::saturating_add)
    }

    fn present_recalls(&self) -> Vec<f64> {
        self.of_present(self.per_class_recall())
    }

    /// The scores of the classes present in truth.
    fn of_present(&self, scores: Vec<f64>) -> Vec<f64> {
        let scores = scores.into_iter().enumerate();
        scores
            .filter(|&(c, _)| self.support(c) > 0)
            .map(|(_, score)| score)
            .collect()
    }
}
