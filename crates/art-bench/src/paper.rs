//! What others measured, to stand beside our numbers.

/// Mean test macro F1 × 100 over the 20 seeds, from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reported {
    /// Id of the data set.
    pub(crate) dataset: &'static str,
    /// Id of the method.
    pub(crate) method: &'static str,
    /// Table 1 of the paper (arXiv 2509.00955), where every method was tuned.
    pub(crate) paper: Option<f64>,
    /// A `PyTorch` run of this protocol with the fixed hyper-parameters used here.
    pub(crate) reference: Option<f64>,
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
        paper: Some(paper),
        reference: Some(reference),
    }
}

/// BALMS with its meta-sampler, which the reference run did not have.
const fn paper_alone(dataset: &'static str, method: &'static str, paper: f64) -> Reported {
    Reported {
        dataset,
        method,
        paper: Some(paper),
        reference: None,
    }
}

/// Balanced softmax without a meta-sampler, which the paper does not have.
const fn reference_alone(dataset: &'static str, method: &'static str, reference: f64) -> Reported {
    Reported {
        dataset,
        method,
        paper: None,
        reference: Some(reference),
    }
}

/// All reported values, to one decimal.
pub(crate) const REPORTED: [Reported; 39] = [
    reported("pima", "baseline", 73.7, 73.3),
    reported("pima", "ros", 74.8, 72.7),
    reported("pima", "rus", 75.3, 72.9),
    reported("pima", "smote", 75.0, 73.8),
    reported("pima", "msmote", 74.8, 72.7),
    reported("pima", "nearmiss", 75.7, 73.7),
    reported("pima", "cost", 74.4, 72.6),
    reported("pima", "focal", 74.1, 72.6),
    reported("pima", "ohem", 73.4, 72.9),
    reported("pima", "ldam-drw", 75.6, 72.1),
    reference_alone("pima", "balanced-softmax", 73.1),
    paper_alone("pima", "balms", 71.8),
    reported("pima", "art", 76.3, 72.6),
    reported("yeast", "baseline", 51.5, 52.0),
    reported("yeast", "ros", 47.3, 49.4),
    reported("yeast", "rus", 42.9, 45.8),
    reported("yeast", "smote", 48.3, 48.6),
    reported("yeast", "msmote", 50.1, 50.6),
    reported("yeast", "nearmiss", 37.7, 37.1),
    reported("yeast", "cost", 39.1, 49.6),
    reported("yeast", "focal", 50.9, 52.0),
    reported("yeast", "ohem", 50.1, 51.6),
    reported("yeast", "ldam-drw", 50.7, 50.4),
    reference_alone("yeast", "balanced-softmax", 50.6),
    paper_alone("yeast", "balms", 49.7),
    reported("yeast", "art", 53.1, 51.8),
    reported("wine", "baseline", 31.3, 28.9),
    reported("wine", "ros", 33.0, 31.2),
    reported("wine", "rus", 19.3, 14.3),
    reported("wine", "smote", 32.8, 30.9),
    reported("wine", "msmote", 29.9, 30.0),
    reported("wine", "nearmiss", 11.7, 10.4),
    reported("wine", "cost", 27.9, 25.6),
    reported("wine", "focal", 31.9, 29.1),
    reported("wine", "ohem", 27.0, 28.9),
    reported("wine", "ldam-drw", 28.8, 28.0),
    reference_alone("wine", "balanced-softmax", 25.2),
    paper_alone("wine", "balms", 32.6),
    reported("wine", "art", 35.1, 31.4),
];
