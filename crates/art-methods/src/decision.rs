//! Rules that move the decision of any method.

use art_train::{
    ClassThresholds, LogitAdjustment, PlugIn, PostHoc, PriorCorrection, TauE, Temperature,
};

/// A rule that any method may be followed by, chosen on validation rows.
#[derive(Clone, Copy)]
pub struct DecisionRule {
    /// What stands behind the `+` of a method's name.
    pub id: &'static str,
    /// Its name in reports.
    pub title: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// The path of what does it.
    pub code: &'static str,
    /// Makes it.
    pub make: fn() -> Box<dyn PostHoc>,
}

/// Rules that any method may be followed by.
pub const DECISION_RULES: [DecisionRule; 6] = [
    DecisionRule {
        id: "prior",
        title: "prior correction",
        about: "logits corrected from the class proportions of training to the natural ones",
        code: "art_train::PriorCorrection",
        make: || Box::new(PriorCorrection),
    },
    DecisionRule {
        id: "tau-e",
        title: "tauE",
        about: "prior correction, then a logit offset −τ ln π; counts and calibrated probabilities choose τ together",
        code: "art_train::TauE",
        make: || Box::new(TauE),
    },
    DecisionRule {
        id: "plug-in",
        title: "plug-in",
        about: "the affine rule for the macro F1 that calibrated probabilities expect",
        code: "art_train::PlugIn",
        make: || Box::new(PlugIn),
    },
    DecisionRule {
        id: "logit-adjustment",
        title: "logit adjustment",
        about: "a logit offset −τ ln q, with τ chosen by macro F1",
        code: "art_train::LogitAdjustment",
        make: || Box::new(LogitAdjustment),
    },
    DecisionRule {
        id: "thresholds",
        title: "thresholds",
        about: "an offset for each class, searched class by class",
        code: "art_train::ClassThresholds",
        make: || Box::new(ClassThresholds),
    },
    DecisionRule {
        id: "temperature",
        title: "temperature",
        about: "probabilities alone, by a temperature",
        code: "art_train::Temperature",
        make: || Box::new(Temperature),
    },
];
