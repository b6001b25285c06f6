//! Other decisions from the logits that were kept, without training.

use crate::{cell::CellSpec, error::BenchError, kept_logits::KeptLogits, record_lines::Records};
use art_core::ConfusionMatrix;
use art_methods::{DecisionRule, Registry};
use std::{collections::BTreeSet, path::Path};

/// What a rule makes of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// Id of the data set.
    pub dataset: String,
    /// The method, without a rule.
    pub method: String,
    /// The seed of the split.
    pub seed: u64,
    /// Which initialisation, from 0.
    pub initialisation: u32,
    /// Id of the rule; none for the largest logit.
    pub rule: Option<&'static str>,
    /// Test rows, truth against decision.
    pub confusion: ConfusionMatrix,
}

/// What the largest logit and each of `rules` make of the cells of `records` that are `wanted` and whose logits were kept in
/// `folder`: what training with that rule would have given. Of cells that differ in their rule alone, the first stands for all.
///
/// # Errors
/// [`BenchError::Format`] for a damaged file, [`BenchError::Method`] for a method that is not known.
pub fn decide(
    folder: &Path,
    records: &Records,
    registry: &Registry,
    rules: &[DecisionRule],
    wanted: &dyn Fn(&CellSpec) -> bool,
) -> Result<Vec<Decided>, BenchError> {
    let (mut decided, mut seen) = (vec![], BTreeSet::new());
    for (id, record) in records {
        let spec = &record.result.spec;
        if !wanted(spec) {
            continue;
        }
        let mut name = registry.parsed(&spec.method)?;
        name.rule = None;
        let plain = CellSpec {
            method: name.to_string(),
            ..spec.clone()
        };
        let Some(kept) = KeptLogits::read(folder, id)? else {
            continue;
        };
        if !seen.insert(plain.id()) {
            continue;
        }
        let made: Vec<_> = rules.iter().map(|rule| (rule.id, (rule.make)())).collect();
        let made = made.iter().map(|(id, rule)| (Some(*id), Some(&**rule)));
        for (rule, post_hoc) in std::iter::once((None, None)).chain(made) {
            decided.push(Decided {
                dataset: plain.dataset.clone(),
                method: plain.method.clone(),
                seed: plain.seed,
                initialisation: plain.initialisation,
                rule,
                confusion: kept.decided_by(post_hoc),
            });
        }
    }
    let key = |of: &Decided| {
        (
            of.dataset.clone(),
            of.method.clone(),
            of.seed,
            of.initialisation,
        )
    };
    decided.sort_by_key(key);
    Ok(decided)
}
