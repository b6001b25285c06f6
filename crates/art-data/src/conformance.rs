//! Checks that any [`Resampler`] can run on itself.
//!
//! ```
//! use art_data::{RandomUnderSampler, conformance::check_resampler};
//! check_resampler(&RandomUnderSampler::new()).unwrap();
//! ```

use crate::{
    dataset::Dataset,
    resample::{Origin, Resampled, Resampler},
    roles::TrainSet,
    synth::GaussianClasses,
};
use art_core::Seed;

/// A rule of [`Resampler`] that a resampler breaks.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("resampler breaks the rule '{rule}' on {data}: {detail}")]
pub struct Violation {
    /// The rule.
    pub rule: &'static str,
    /// Class counts of the set it was broken on.
    pub data: String,
    /// What was seen.
    pub detail: String,
}

/// Runs every check on small generated training sets.
///
/// # Errors
/// The first [`Violation`].
pub fn check_resampler(resampler: &dyn Resampler) -> Result<(), Violation> {
    for (counts, n_features) in [
        (vec![40, 12], 2),
        (vec![60, 25, 9], 5),
        (vec![10, 10], 3),
        (vec![30, 1, 4], 2),
        (vec![25, 0, 8], 2),
    ] {
        let data = GaussianClasses::new(counts.clone(), n_features)
            .generate(Seed::new(5))
            .expect("the counts are valid");
        let check = Check {
            resampler,
            train: TrainSet::new(data),
            counts,
        };
        check.run()?;
    }
    Ok(())
}

struct Check<'a> {
    resampler: &'a dyn Resampler,
    train: TrainSet,
    counts: Vec<usize>,
}

impl Check<'_> {
    fn run(&self) -> Result<(), Violation> {
        let Ok(resampled) = self.resampler.resample(&self.train, Seed::new(7)) else {
            // A typed refusal of a tiny class is an answer; a refusal of ordinary data is not.
            return if self.counts.iter().all(|&n| n > 5) {
                self.fail("ordinary data is accepted", "it was refused".to_owned())
            } else {
                Ok(())
            };
        };
        let again = self.resampler.resample(&self.train, Seed::new(7));
        if again.ok().as_ref() != Some(&resampled) {
            return self.fail(
                "the same seed gives the same rows",
                "the second run differs".into(),
            );
        }
        if resampled.train.natural_counts() != self.train.natural_counts() {
            return self.fail(
                "the natural class counts are kept",
                format!("{:?}", resampled.train.natural_counts().as_slice()),
            );
        }
        if !resampled.train.data().is_resampled() {
            return self.fail(
                "the rows are marked as resampled",
                "they are not; make them by Resampled::kept or TrainSet::with_data".into(),
            );
        }
        self.origins_explain_every_row(&resampled)?;
        self.targets_are_met(&resampled)
    }

    fn fail<T>(&self, rule: &'static str, detail: String) -> Result<T, Violation> {
        Err(Violation {
            rule,
            data: format!("classes of {:?} rows", self.counts),
            detail,
        })
    }

    fn origins_explain_every_row(&self, resampled: &Resampled) -> Result<(), Violation> {
        let (before, after) = (self.train.data(), resampled.train.data());
        if resampled.origins.len() != after.n_rows() {
            let detail = format!(
                "{} origins, {} rows",
                resampled.origins.len(),
                after.n_rows()
            );
            return self.fail("every row has an origin", detail);
        }
        let mut last_original = None;
        let mut made = false;
        for (position, origin) in resampled.origins.iter().enumerate() {
            if let Origin::Original { row } = *origin {
                if made || last_original.is_some_and(|last| last >= row) {
                    let detail = format!("row {row} at position {position}");
                    return self.fail("kept originals come first, ascending", detail);
                }
                last_original = Some(row);
            } else {
                made = true;
            }
            let base = origin.base() as usize;
            if base >= before.n_rows() || before.labels()[base] != after.labels()[position] {
                let detail = format!("position {position} comes from {origin:?}");
                return self.fail("a row keeps the class of its base", detail);
            }
            if let Some(detail) = features_differ(before, after, position, *origin) {
                return self.fail("features are those that the origin says", detail);
            }
        }
        Ok(())
    }

    fn no_class_is_lost(&self, resampled: &Resampled) -> Result<(), Violation> {
        let after = resampled.train.data().class_counts();
        let lost = |class: &usize| self.counts[*class] > 0 && after.as_slice()[*class] == 0;
        match (0..self.counts.len()).find(lost) {
            None => Ok(()),
            Some(class) => self.fail("no class is lost", format!("class {class} has no row left")),
        }
    }

    fn targets_are_met(&self, resampled: &Resampled) -> Result<(), Violation> {
        let targets = match self.resampler.targets(self.train.natural_counts()) {
            Ok(Some(targets)) => targets,
            Ok(None) => return self.no_class_is_lost(resampled),
            Err(error) => {
                return self.fail("targets resolve where resampling does", error.to_string());
            }
        };
        let found = resampled.train.data().class_counts();
        for (class, (&found, &target)) in found.as_slice().iter().zip(&targets).enumerate() {
            let warned = resampled
                .warnings
                .iter()
                .any(|warning| warning.class == class);
            if found != target && !warned {
                let detail = format!("class {class} has {found} rows, target {target}, no warning");
                return self.fail(
                    "class counts equal the targets, or a warning says why",
                    detail,
                );
            }
        }
        Ok(())
    }
}

/// What is wrong with the features of a row, given its origin.
fn features_differ(
    before: &Dataset,
    after: &Dataset,
    position: usize,
    origin: Origin,
) -> Option<String> {
    let found = after.row(position);
    match origin {
        Origin::Original { row } | Origin::Duplicate { row } => {
            let expected = before.row(row as usize);
            let same = found
                .iter()
                .zip(expected)
                .all(|(a, b)| a.to_bits() == b.to_bits());
            (!same).then(|| format!("row {row} changed"))
        }
        Origin::Jittered { .. } => None,
        Origin::Synthetic { base, partner, gap } | Origin::Voted { base, partner, gap } => {
            if !(0.0..=1.0).contains(&gap) || partner as usize >= before.n_rows() {
                return Some(format!("{origin:?} at position {position}"));
            }
            let ends = before
                .row(base as usize)
                .into_iter()
                .zip(before.row(partner as usize));
            let categories = before.categories();
            let is_number = |feature: usize| categories.iter().all(|c| !c.contains(&feature));
            let fields = found.iter().zip(ends).enumerate();
            let off_the_line =
                fields
                    .filter(|(feature, _)| is_number(*feature))
                    .any(|(_, (&x, (&a, &b)))| {
                        let (a, b) = (f64::from(a), f64::from(b));
                        x.to_bits() != ((a + gap * (b - a)) as f32).to_bits()
                    });
            off_the_line.then(|| format!("position {position} is not where {origin:?} puts it"))
        }
        Origin::Boxed { base, partner } => {
            if partner as usize >= before.n_rows() {
                return Some(format!("{origin:?} at position {position}"));
            }
            let ends = before
                .row(base as usize)
                .into_iter()
                .zip(before.row(partner as usize));
            let outside = found
                .iter()
                .zip(ends)
                .any(|(&x, (&a, &b))| x < a.min(b) || x > a.max(b));
            outside.then(|| {
                format!("position {position} lies outside the box of {base} and {partner}")
            })
        }
    }
}
