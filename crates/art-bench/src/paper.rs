//! What others measured, to stand beside our numbers.

/// Mean test macro F1 × 100 over the 20 seeds, from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reported {
    /// Id of the data set.
    pub(crate) dataset: &'static str,
    /// Id of the method.
    pub(crate) method: &'static str,
    /// Table 1 of the paper (arXiv 2509.00955), where every method was tuned.
    pub(crate) paper: f64,
    /// A `PyTorch` run of this protocol with the fixed hyper-parameters used here.
    pub(crate) reference: f64,
}

const fn reported(
    dataset: &'static str,
    method: &'static str,
    paper: f64,
    reference: f64,
) -> Reported {
    Reported {
        dataset,
        method,
        paper,
        reference,
    }
}

/// All reported values, to one decimal.
pub(crate) const REPORTED: [Reported; 12] = [
    reported("pima", "baseline", 73.7, 73.3),
    reported("pima", "ros", 74.8, 72.7),
    reported("pima", "rus", 75.3, 72.9),
    reported("pima", "art", 76.3, 72.6),
    reported("yeast", "baseline", 51.5, 52.0),
    reported("yeast", "ros", 47.3, 49.4),
    reported("yeast", "rus", 42.9, 45.8),
    reported("yeast", "art", 53.1, 51.8),
    reported("wine", "baseline", 31.3, 28.9),
    reported("wine", "ros", 33.0, 31.2),
    reported("wine", "rus", 19.3, 14.3),
    reported("wine", "art", 35.1, 31.4),
];
