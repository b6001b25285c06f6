//! What the splits of a table of the user's own are like: which are the same, and what they lack.

use art_core::Seed;
use art_data::{DataError, LabelledFrame, SplitConfig, SplitRows};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How rows come into training, validation and test parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Division {
    /// By a stratified split for each seed.
    #[default]
    Stratified,
    /// By a split for each seed that keeps groups whole.
    Grouped,
    /// As a column of the table says, for every seed.
    Given,
}

impl Division {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    pub(crate) fn is_stratified(&self) -> bool {
        *self == Self::Stratified
    }
}

/// Above so many rows two stratified splits of different seeds are never the same.
const MOST_ROWS: usize = 2_000;

/// What is to be known of the splits of a table before their results are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitFacts {
    /// Seeds whose test rows are those of an earlier seed, with the first such seed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub repeats: BTreeMap<u64, u64>,
    /// Classes that a part has no row of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<AbsentClass>,
}

/// A class without a row in a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbsentClass {
    /// Its name.
    pub class: String,
    /// The part.
    pub part: Part,
    /// The seeds in whose splits it has none there.
    pub seeds: Vec<u64>,
}

/// A part that need not have a row of every class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The rows that steer.
    Validation,
    /// The rows that judge.
    Test,
}

impl Part {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

impl SplitFacts {
    /// Those of the splits of `table` by these seeds; none where `division` leaves nothing to be said.
    ///
    /// # Errors
    /// As [`LabelledFrame::rows`].
    pub fn of(
        table: &LabelledFrame,
        seeds: &[u64],
        division: Division,
    ) -> Result<Option<Self>, DataError> {
        let config = SplitConfig::default();
        let is_stratified = division == Division::Stratified;
        if is_stratified && table.labels().len() > MOST_ROWS {
            return Ok(None);
        }
        let mut facts = Self::default();
        let mut known: BTreeMap<Vec<u32>, u64> = BTreeMap::new();
        let mut absent: BTreeMap<(Part, usize), Vec<u64>> = BTreeMap::new();
        // A given split is the same for every seed.
        let looked_at = if division == Division::Given {
            1
        } else {
            seeds.len()
        };
        for &seed in seeds.iter().take(looked_at) {
            let rows = table.rows(&config, Seed::new(seed))?;
            for key in absences(table, &rows) {
                absent.entry(key).or_default().push(seed);
            }
            let first = *known.entry(rows.test).or_insert(seed);
            if first != seed {
                facts.repeats.insert(seed, first);
            }
        }
        if let (Division::Given, [first, others @ ..]) = (division, seeds) {
            facts.repeats = others.iter().map(|&seed| (seed, *first)).collect();
            for at in absent.values_mut() {
                *at = seeds.to_vec();
            }
        }
        let absent = absent.into_iter();
        facts.absent = absent
            .map(|((part, class), seeds)| AbsentClass {
                class: table.class_names()[class].clone(),
                part,
                seeds,
            })
            .collect();
        let is_nothing = facts == Self::default();
        Ok((!(is_stratified && is_nothing)).then_some(facts))
    }
}

/// The classes without a row in the validation and the test part.
fn absences(table: &LabelledFrame, rows: &SplitRows) -> Vec<(Part, usize)> {
    let mut all = vec![];
    for (part, rows) in [(Part::Validation, &rows.valid), (Part::Test, &rows.test)] {
        let mut is_there = vec![false; table.class_names().len()];
        for &row in rows {
            is_there[table.labels()[row as usize] as usize] = true;
        }
        let places = is_there.iter().enumerate();
        all.extend(
            places
                .filter(|(_, is)| !**is)
                .map(|(class, _)| (part, class)),
        );
    }
    all
}
