//! Tuning: which settings to try next, given what was tried.
//!
//! A proposal is a pure function of (space, finished trials, seed), so a tuning run resumes from its stored
//! trials. Trials of one run follow one another; several runs go side by side.

mod pairs;
mod random;
mod run;
mod tpe;

pub(crate) use pairs::{PairCells, pair_cells, point_cells};
pub use random::RandomSearch;
pub(crate) use run::{Proposals, TrialRecords, TuningRun};
pub use tpe::Tpe;

use art_core::Seed;
use art_methods::{Setting, Settings, Value};
use serde::{Deserialize, Serialize};

/// What became of a proposal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The settings that were tried.
    pub settings: Settings,
    /// Their score, higher is better; `None` when the trial failed.
    pub score: Option<f64>,
}

/// Proposes settings.
pub trait Tuner: Send + Sync {
    /// A short name for records and reports.
    fn name(&self) -> &str;

    /// Settings for the trial after `finished`, one value for each of `space`.
    ///
    /// A setting whose condition does not hold keeps its default. Failed trials count for the number of the
    /// trial and for nothing else.
    fn propose(&self, space: &[Setting], finished: &[Trial], seed: Seed) -> Settings;
}

/// The finished trial with the highest score; ties go to the first.
pub fn best_trial(trials: &[Trial]) -> Option<&Trial> {
    let scored = trials
        .iter()
        .filter(|trial| trial.score.is_some_and(|score| !score.is_nan()));
    scored.reduce(|best, trial| {
        if trial.score > best.score {
            trial
        } else {
            best
        }
    })
}

/// Goes through `space` in order and asks `value` for each setting whose condition holds; the others keep
/// their defaults.
fn fill(space: &[Setting], mut value: impl FnMut(&Setting) -> Value) -> Settings {
    let mut settings = Settings::default();
    for setting in space {
        let chosen = if is_active(setting, &settings) {
            value(setting)
        } else {
            setting.default().clone()
        };
        settings.insert(setting.key(), chosen);
    }
    settings
}

/// Whether the condition of a setting holds for the settings before it.
fn is_active(setting: &Setting, settings: &Settings) -> bool {
    let holds = |(name, value)| settings.get(name) == Some(value);
    setting.condition().is_none_or(holds)
}
