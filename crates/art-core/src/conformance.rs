//! Checks that any [`EpochSampler`] can run on itself.
//!
//! ```
//! use art_core::{ClassCounts, Seed, Shuffle, conformance::check_sampler};
//! let counts = ClassCounts::from_labels(&[0, 0, 1], 2)?;
//! check_sampler(|| Box::new(Shuffle::new(counts.clone(), Seed::new(7)))).unwrap();
//! # Ok::<(), art_core::CoreError>(())
//! ```

use crate::{
    confusion::ConfusionMatrix,
    draw::Shard,
    elementary::ln,
    error::CoreError,
    sampler::{EpochSampler, Feedback, Refresh, RowSignals, SamplerState},
    seed::Seed,
};

/// A rule of [`EpochSampler`] that a sampler breaks.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("sampler breaks the rule '{rule}': {detail}")]
pub struct Violation {
    /// The rule.
    pub rule: &'static str,
    /// What was seen.
    pub detail: String,
}

/// Runs every check on samplers that `make` returns, which must be equal to one another.
///
/// # Errors
/// The first [`Violation`].
pub fn check_sampler(make: impl Fn() -> Box<dyn EpochSampler>) -> Result<(), Violation> {
    distribution_is_over_the_declared_classes(&*make())?;
    wrong_matrices_are_refused(&mut *make())?;
    let mut sampler = make();
    for epoch in 1..=EPOCHS {
        rows_exist(&*sampler, epoch)?;
        draws_are_pure(&*sampler, &*advanced(&make, epoch)?, epoch)?;
        shards_join_to_the_epoch(&*sampler, epoch)?;
        let mut resumed = make();
        let state = sampler.state();
        if let Err(error) = resumed.restore(&state) {
            return fail("a sampler takes up its own state", error.to_string());
        }
        if resumed.state() != state {
            return fail(
                "a restored sampler has the saved state",
                format!("after epoch {epoch}"),
            );
        }
        draws_are_pure(&*sampler, &*resumed, epoch)?;
        observe(&mut *sampler, epoch)?;
        observe(&mut *resumed, epoch)?;
        draws_are_pure(&*sampler, &*resumed, epoch + 1)?;
    }
    epochs_count_once_and_in_order(&make)?;
    foreign_states_are_refused(&*sampler, &mut *make())
}

const EPOCHS: u32 = 8;

fn fail<T>(rule: &'static str, detail: impl Into<String>) -> Result<T, Violation> {
    Err(Violation {
        rule,
        detail: detail.into(),
    })
}

/// A validation result that differs from epoch to epoch and leaves one class out now and then.
fn validation(n_classes: usize, epoch: u32) -> ConfusionMatrix {
    let mut stream = Seed::new(99).stream("conformance", u64::from(epoch));
    let mut matrix = ConfusionMatrix::new(n_classes).expect("a sampler has a class");
    for _ in 0..20 * n_classes {
        let truth = stream.below(n_classes);
        let predicted = if stream.unit() < 0.6 {
            truth
        } else {
            stream.below(n_classes)
        };
        if n_classes == 1 || truth != epoch as usize % (2 * n_classes) {
            matrix
                .record(truth as u32, predicted as u32)
                .expect("both classes are declared");
        }
    }
    matrix
}

fn observe(sampler: &mut dyn EpochSampler, epoch: u32) -> Result<(), Violation> {
    let matrix = validation(sampler.class_counts().n_classes(), epoch);
    match sampler.observe(epoch, &matrix) {
        Ok(_) => {
            if sampler.wants_rows() {
                observe_rows(sampler, epoch)?;
            }
            distribution_is_over_the_declared_classes(sampler)
        }
        Err(error) => fail("a fitting validation matrix is accepted", error.to_string()),
    }
}

/// Shows what a model might make of the training rows, another thing each epoch.
fn observe_rows(sampler: &mut dyn EpochSampler, epoch: u32) -> Result<(), Violation> {
    match show_rows(sampler, epoch, epoch) {
        Ok(_) => Ok(()),
        Err(error) => fail("fitting training rows are accepted", error.to_string()),
    }
}

/// As [`observe_rows`], with what was made of them after epoch `of`.
fn show_rows(
    sampler: &mut dyn EpochSampler,
    epoch: u32,
    of: u32,
) -> Result<Option<Refresh>, CoreError> {
    let mut stream = Seed::new(98).stream("conformance", u64::from(of));
    let losses = (0..sampler.class_counts().n_rows()).map(|_| -ln(stream.unit().max(1e-9)));
    let losses: Vec<f64> = losses.collect();
    let n_classes = sampler.class_counts().n_classes();
    let predicted = losses.iter().map(|_| stream.below(n_classes) as u32);
    let predicted: Vec<u32> = predicted.collect();
    let rows = RowSignals::new(&losses, &predicted).expect("they are losses");
    sampler.learn(epoch, Feedback::Rows(rows))
}

fn advanced(
    make: &impl Fn() -> Box<dyn EpochSampler>,
    epoch: u32,
) -> Result<Box<dyn EpochSampler>, Violation> {
    let mut sampler = make();
    for earlier in 1..epoch {
        observe(&mut *sampler, earlier)?;
    }
    Ok(sampler)
}

fn distribution_is_over_the_declared_classes(sampler: &dyn EpochSampler) -> Result<(), Violation> {
    let rule = "the distribution sums to 1 and gives nothing to classes without rows";
    let (p, counts) = (sampler.distribution().as_slice(), sampler.class_counts());
    let empty_class = p
        .iter()
        .zip(counts.as_slice())
        .any(|(&p, &n)| n == 0 && p > 0.0);
    if p.len() != counts.n_classes() || (p.iter().sum::<f64>() - 1.0).abs() > 1e-12 || empty_class {
        return fail(rule, format!("{p:?} for counts {:?}", counts.as_slice()));
    }
    Ok(())
}

fn rows_exist(sampler: &dyn EpochSampler, epoch: u32) -> Result<(), Violation> {
    let n = sampler.class_counts().n_rows();
    let draw = sampler.draw(epoch);
    match draw.to_vec().into_iter().find(|&row| row as usize >= n) {
        Some(row) => fail("every drawn row exists", format!("row {row} of {n}")),
        None if draw.get(draw.len()).is_some() => fail(
            "no row stands past the end",
            format!("position {}", draw.len()),
        ),
        None => Ok(()),
    }
}

fn draws_are_pure(
    sampler: &dyn EpochSampler,
    twin: &dyn EpochSampler,
    epoch: u32,
) -> Result<(), Violation> {
    let rule = "draws depend on (state, epoch) alone";
    let rows = sampler.draw(epoch).to_vec();
    let _out_of_order = (twin.draw(epoch + 5), twin.draw(1));
    if twin.draw(epoch).to_vec() == rows && sampler.draw(epoch).to_vec() == rows {
        Ok(())
    } else {
        fail(rule, format!("epoch {epoch} differs"))
    }
}

fn shards_join_to_the_epoch(sampler: &dyn EpochSampler, epoch: u32) -> Result<(), Violation> {
    let draw = sampler.draw(epoch);
    let rows = draw.to_vec();
    for count in [1, 2, 3, 7] {
        let mut joined = vec![u32::MAX; rows.len()];
        for index in 0..count {
            let shard = Shard::new(index, count).expect("the index is below the count");
            for (slot, row) in joined
                .iter_mut()
                .skip(index)
                .step_by(count)
                .zip(draw.shard(shard))
            {
                *slot = row;
            }
        }
        if joined != rows {
            return fail(
                "shards join to the epoch",
                format!("{count} shards, epoch {epoch}"),
            );
        }
    }
    Ok(())
}

/// Shows each epoch's result, and before and after it those of epoch 0, the same epoch and an earlier one.
fn epochs_count_once_and_in_order(
    make: &impl Fn() -> Box<dyn EpochSampler>,
) -> Result<(), Violation> {
    let (mut sampler, mut undisturbed) = (make(), make());
    let n_classes = sampler.class_counts().n_classes();
    if sampler.draw(0).to_vec() != sampler.draw(1).to_vec() {
        return fail("the draw of epoch 0 is that of epoch 1", "it is another");
    }
    for last in 0..=EPOCHS {
        if last > 0 {
            observe(&mut *sampler, last)?;
            observe(&mut *undisturbed, last)?;
        }
        let before = sampler.state();
        for epoch in [0, last, last.saturating_sub(1)] {
            // Another result than that of the epoch, which a second look at it would not be stopped by.
            let other = 100 + epoch;
            let mut answers = vec![sampler.observe(epoch, &validation(n_classes, other))];
            if sampler.wants_rows() {
                answers.push(show_rows(&mut *sampler, epoch, other));
            }
            for answer in answers {
                match answer {
                    Err(CoreError::EpochOrder { .. }) => {}
                    Ok(None) if epoch > 0 => {}
                    other => {
                        return fail(
                            "epochs are observed once, in order, from 1",
                            format!("epoch {epoch} after epoch {last}: {other:?}"),
                        );
                    }
                }
            }
        }
        if sampler.state() != before {
            return fail(
                "an epoch that comes twice or late changes nothing",
                format!("after epoch {last} the state changed"),
            );
        }
        draws_are_pure(&*sampler, &*undisturbed, last + 1)?;
    }
    Ok(())
}

fn wrong_matrices_are_refused(sampler: &mut dyn EpochSampler) -> Result<(), Violation> {
    let n_classes = sampler.class_counts().n_classes() + 1;
    match sampler.observe(1, &validation(n_classes, 1)) {
        Err(_) => Ok(()),
        Ok(_) => fail(
            "a matrix with another number of classes is refused",
            format!("{n_classes} classes were accepted"),
        ),
    }
}

fn foreign_states_are_refused(
    sampler: &dyn EpochSampler,
    fresh: &mut dyn EpochSampler,
) -> Result<(), Violation> {
    let before = fresh.state();
    let other_seed = Seed::new(sampler.seed().value().wrapping_add(1));
    let counts = sampler.class_counts().as_slice();
    let saved = sampler.save();
    let foreign = SamplerState::new(&sampler.describe(), other_seed, counts, 0, saved);
    if fresh.restore(&foreign).is_ok() {
        return fail("the state of another seed is refused", "it was accepted");
    }
    if fresh.state() != before {
        return fail("a refused state changes nothing", "the state changed");
    }
    Ok(())
}
