//! Everything that the paper compares with or names, and what goes beyond it: what it is, whose, and what of it is here.

/// What a method changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The training rows, once before training.
    Resampler,
    /// The rows of each epoch.
    Sampler,
    /// The loss.
    Loss,
    /// The decision or the last layer, after training.
    PostHoc,
    /// How difficult a class is said to be.
    Signal,
    /// Which epoch is kept, and when training ends.
    Stopping,
}

impl Kind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resampler => "resampler",
            Self::Sampler => "sampler",
            Self::Loss => "loss",
            Self::PostHoc => "after training",
            Self::Signal => "difficulty",
            Self::Stopping => "stopping",
        }
    }
}

/// A work that the paper compares with or names, or one beyond it.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// Its number in the specification.
    pub number: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What it changes.
    pub kind: Kind,
    /// What it needs beside features and labels.
    pub needs: &'static str,
    /// Methods of the registry that are it.
    pub methods: &'static [&'static str],
    /// Who made it known, and when.
    pub source: &'static str,
    /// What of it is not here; empty where nothing is missing.
    pub missing: &'static str,
}

const fn work(
    number: &'static str,
    name: &'static str,
    (kind, needs): (Kind, &'static str),
    methods: &'static [&'static str],
    source: &'static str,
) -> Work {
    Work {
        number,
        name,
        kind,
        needs,
        methods,
        source,
        missing: "",
    }
}

impl Work {
    const fn without(self, missing: &'static str) -> Self {
        Self { missing, ..self }
    }
}

use Kind::{Loss, PostHoc, Resampler, Sampler, Signal, Stopping};

/// All of them, in the order of the specification.
#[rustfmt::skip]
pub const WORKS: [Work; 48] = [
    work("A1", "ART", (Sampler, "validation confusion matrix"), &["art", "static-blend", "frozen-art", "shuffled-art"], "arXiv 2509.00955 (2025)"),
    work("A2", "Baseline", (Loss, ""), &["baseline"], ""),
    work("A3", "ROS", (Resampler, ""), &["ros"], ""),
    work("A4", "RUS", (Resampler, ""), &["rus"], ""),
    work("A5", "SMOTE", (Resampler, ""), &["smote"], "Chawla et al. 2002"),
    work("A6", "MSMOTE", (Resampler, ""), &["msmote"], "Hu et al. 2009"),
    work("A7", "NearMiss", (Resampler, ""), &["nearmiss"], "Mani and Zhang 2003"),
    work("A8", "Cost-sensitive learning", (Loss, "class counts"), &["cost"], "Elkan 2001")
        .without("costs of one's own: art_losses::CostSensitive, ExpectedCost and CostMatrix take them, no method of the program does"),
    work("A9", "Focal loss", (Loss, ""), &["focal"], "Lin et al. 2017"),
    work("A10", "OHEM", (Loss, ""), &["ohem"], "Shrivastava et al. 2016"),
    work("A11", "LDAM + DRW", (Loss, "class counts, normalized head"), &["ldam-drw"], "Cao et al. 2019"),
    work("A12", "BALMS", (PostHoc, "class counts, features"), &["balms", "class-priority"], "Ren et al. 2020"),
    work("B1", "Borderline-SMOTE 1 and 2", (Resampler, ""), &["borderline-smote"], "Han et al. 2005"),
    work("B2", "ADASYN", (Resampler, ""), &["adasyn"], "He et al. 2008"),
    work("B3", "Safe-level-SMOTE", (Resampler, ""), &["safe-level-smote"], "Bunkhumpornpat et al. 2009"),
    work("B4", "k-means-SMOTE", (Resampler, ""), &["kmeans-smote"], "Douzas et al. 2018"),
    work("B5", "Edited nearest neighbors", (Resampler, ""), &["enn"], "Wilson 1972"),
    work("B6", "Tomek links", (Resampler, ""), &["tomek"], "Tomek 1976"),
    work("B7", "Condensed nearest neighbors, one-sided selection", (Resampler, ""), &["cnn", "oss"], "Hart 1968; Kubat and Matwin 1997"),
    work("B8", "SMOTE-ENN", (Resampler, ""), &["smote-enn"], "Batista et al. 2004"),
    work("B9", "SMOTE-Tomek", (Resampler, ""), &["smote-tomek"], "Batista et al. 2004"),
    work("B10", "Cluster-based under-sampling", (Resampler, ""), &["sbc"], "Yen and Lee 2006"),
    work("B11", "Class-balanced loss", (Loss, "class counts"), &["class-balanced"], "Cui et al. 2019"),
    work("B12", "Dynamic curriculum learning", (Sampler, "class counts, epoch"), &["dcl"], "Wang et al. 2019")
        .without("the weights inside a batch: its classes are drawn, in the same shares, for the whole epoch"),
    work("B13", "Self-paced learning", (Sampler, "losses of training rows"), &["self-paced"], "Kumar et al. 2010"),
    work("B14", "AdaSample; AdaSampling", (Sampler, "losses of training rows"), &["adasample", "adasampling"], "Zhang et al. 2019; Yang et al. 2017"),
    work("B15", "MSYN", (Resampler, ""), &["msyn"], "Fan et al. 2011"),
    work("B16", "Class-wise difficulty: CDB-CE, CDB-S", (Loss, "validation recalls"), &["cdb-ce", "cdb-s"], "Sinha et al. 2020, 2022"),
    work("B17", "Contrastive learning with hard negatives", (Loss, "features of a batch"), &["hard-negatives"], "Robinson et al. 2021"),
    work("B18", "Example forgetting", (Signal, "which training rows are right"), &["forgetting-art"], "Toneva et al. 2019"),
    work("B19", "Curriculum learning", (Sampler, "losses under a plainly trained network"), &["curriculum"], "Bengio et al. 2009"),
    work("B20", "Balanced softmax", (Loss, "class counts"), &["balanced-softmax"], "Ren et al. 2020"),
    work("B21", "Logit adjustment", (PostHoc, "class shares"), &["balanced-softmax", "baseline-la", "baseline-thresholds"], "Menon et al. 2021"),
    work("B22", "Decoupling: cRT, LWS, τ-normalization, NCM, samplers", (PostHoc, "features"), &["crt", "lws", "tau-norm", "ncm", "power-sampling", "progressive"], "Kang et al. 2020"),
    work("B23", "VS loss; Remix", (Loss, "class counts"), &["vs", "remix"], "Kini et al. 2021; Chou et al. 2020"),
    work("C1", "Difficulty from a part of the validation rows", (Signal, "some validation predictions"), &[], "Goutte and Gaussier 2005")
        .without("every cell has all validation predictions for early stopping, so there is nothing to save; it is art_core::ValidationSampling"),
    work("C2", "Difficulty from the counts of several refreshes", (Signal, "validation confusion matrix"), &["art-shrunk"], "this project")
        .without("means of difficulties, which pooled counts take the place of"),
    work("C3", "Difficulty shrunk towards that of all classes", (Signal, "validation confusion matrix"), &["art-shrunk"], "Goutte and Gaussier 2005")
        .without("its empirical-Bayes and Dirichlet forms"),
    work("C4", "Difficulty that allows for wrong labels", (Signal, "validation probabilities"), &[], "Northcutt et al. 2021")
        .without("all of it; AdaSampling (B14) leaves out rows that look wrong"),
    work("C5", "Hybrid sampling: how many rows by feedback, which by SMOTE", (Sampler, "validation confusion matrix"), &["hybrid-art", "hybrid-break-even"], "this project"),
    work("C6", "A blending constant that is found while training", (Sampler, "validation confusion matrix"), &[], "this project")
        .without("a method of the registry: by reliability and by copies it is art_core::BlendRule; by a schedule or a bandit it is not here"),
    work("C7", "Difficulty from folds of the training rows in turn", (Sampler, "training predictions"), &["rotating-art"], "this project"),
    work("C8", "Floors, caps and steps of class shares", (Sampler, ""), &["art-shrunk"], "this project"),
    work("C9", "Early stopping where other class shares are drawn", (Stopping, "validation predictions"), &[], "this project")
        .without("a method of the registry: it is a setting of training for all methods alike (art_train::StopCriterion); patience that waits for refreshes is not here"),
    work("C10", "ART and break-even feedback around logistic regression", (Sampler, "validation confusion matrix"), &["logistic", "logistic-art", "logistic-break-even"], "this project"),
    work("C11", "Controls of feedback", (Sampler, "validation confusion matrix"), &["shuffled-break-even", "stopped-break-even", "replayed-break-even", "average-break-even", "replayed-art"], "this project")
        .without("the prior drawn anew at each refresh; difficulty from a large set of further rows is in examples/rotating_hold_out.rs alone"),
    work("C12", "Break-even feedback", (Sampler, "validation confusion matrix"), &["break-even"], "this project"),
    work("C13", "Prior-corrected logit adjustment with a strength chosen on validation rows; it may follow any method", (PostHoc, "class shares"), &["baseline+tau-e", "power-sampling+tau-e"], "this project"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Registry;
    use std::collections::BTreeSet;

    #[test]
    fn every_number_of_the_specification_is_listed_once() {
        let expected = (1..=12).map(|n| format!("A{n}"));
        let expected = expected.chain((1..=23).map(|n| format!("B{n}")));
        let expected = expected.chain((1..=13).map(|n| format!("C{n}")));
        let found: Vec<&str> = WORKS.iter().map(|work| work.number).collect();
        assert_eq!(found, expected.collect::<Vec<_>>());
    }

    #[test]
    fn every_method_is_of_a_work_and_what_has_none_says_why() {
        let registry = Registry::standard();
        let listed: BTreeSet<&str> = WORKS.iter().flat_map(|w| w.methods).copied().collect();
        for id in &listed {
            assert!(registry.get(id).is_ok(), "{id}");
        }
        for method in registry.methods() {
            assert!(listed.contains(method.id()), "{}", method.id());
        }
        for work in &WORKS {
            assert!(
                !work.methods.is_empty() || !work.missing.is_empty(),
                "{}",
                work.number
            );
        }
    }
}
