//! Collects the rows that an over-sampler makes.

use super::{Origin, ResampleWarning, Resampled, SeeMade, categories};
use crate::{dataset::Dataset, error::DataError, roles::TrainSet};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// Rows that one thread fills at a time.
const BLOCK: usize = 512;
/// Rows that wait to be shown, where they are not kept.
const WAITING: usize = 16 * BLOCK;

/// Rows made so far, to stand behind the originals.
///
/// What a row is follows from its origin, so rows are filled in at the end, side by side, straight into
/// the table that is handed out.
pub(super) struct MadeRows<'a> {
    train: &'a TrainSet,
    /// The originals, then the rows made so far.
    origins: Vec<Origin>,
    /// The features of each [`Origin::Boxed`] and [`Origin::Voted`], which its origin does not tell.
    untold: Vec<f32>,
    warnings: Vec<ResampleWarning>,
    /// Who is shown the rows, where they are not kept.
    shown: Option<Shown<'a>>,
}

/// Rows that are shown as they are made.
struct Shown<'a> {
    see: SeeMade<'a>,
    /// Why no more are shown.
    refused: Option<DataError>,
}

impl<'a> MadeRows<'a> {
    pub(super) fn new(train: &'a TrainSet) -> Self {
        let originals = 0..train.data().n_rows() as u32;
        Self {
            train,
            origins: originals.map(|row| Origin::Original { row }).collect(),
            untold: vec![],
            warnings: vec![],
            shown: None,
        }
    }

    /// Rows that are shown to `see` as they are made, without the originals, and not kept.
    pub(super) fn shown(train: &'a TrainSet, see: SeeMade<'a>) -> Self {
        Self {
            train,
            origins: vec![],
            untold: vec![],
            warnings: vec![],
            shown: Some(Shown { see, refused: None }),
        }
    }

    fn push(&mut self, origin: Origin) {
        self.origins.push(origin);
        if self.origins.len() >= WAITING {
            self.show();
        }
    }

    /// Shows the rows that wait for it, where rows are shown.
    fn show(&mut self) {
        let Some(Shown { see, refused }) = &mut self.shown else {
            return;
        };
        if refused.is_none() {
            let features = features(self.train.data(), &self.origins, &self.untold);
            let mut rows = self.origins.iter().zip(features.rows());
            *refused = rows
                .try_for_each(|(origin, row)| {
                    see(*origin, row.to_slice().expect("rows of a fresh array"))
                })
                .err();
        }
        self.origins.clear();
        self.untold.clear();
    }

    /// Shows the last rows, and what was noted.
    pub(super) fn finish_shown(mut self) -> Result<Vec<ResampleWarning>, DataError> {
        self.show();
        match self.shown.and_then(|shown| shown.refused) {
            Some(error) => Err(error),
            None => Ok(self.warnings),
        }
    }

    /// Whether features of the rows are categories.
    pub(super) fn has_categories(&self) -> bool {
        !self.data().categories().is_empty()
    }

    fn data(&self) -> &'a Dataset {
        self.train.data()
    }

    /// One more copy of `row`.
    pub(super) fn duplicate(&mut self, row: u32) {
        self.push(Origin::Duplicate { row });
    }

    /// The point `gap` of the way from `base` to `partner`, computed in f64 and rounded once.
    pub(super) fn between(&mut self, base: u32, partner: u32, gap: f64) {
        self.push(Origin::Synthetic { base, partner, gap });
    }

    /// A point in the box that `base` and `partner` span, with a gap of its own for each feature.
    pub(super) fn inside_box(&mut self, base: u32, partner: u32, mut gap: impl FnMut() -> f64) {
        let ends = feature_pairs(self.data(), base, partner);
        let start = self.untold.len();
        self.untold
            .extend(ends.map(|(base, partner)| interpolate(base, partner, gap())));
        let data = self.data();
        copy_categories(&mut self.untold[start..], data, base);
        self.push(Origin::Boxed { base, partner });
    }

    /// A row whose numbers lie between `base` and `partner` and whose categories most `voters` have.
    pub(super) fn voted(&mut self, base: u32, partner: u32, gap: f64, voters: &[u32]) {
        let data = self.data();
        let ends = feature_pairs(data, base, partner);
        let start = self.untold.len();
        self.untold
            .extend(ends.map(|(base, partner)| interpolate(base, partner, gap)));
        let voters: Vec<&[f32]> = voters.iter().map(|&row| data.row_as_slice(row)).collect();
        for category in data.categories() {
            categories::vote(&mut self.untold[start..], category, &voters);
        }
        self.push(Origin::Voted { base, partner, gap });
    }

    /// Of the rows that `make` makes, the `n` that `score` gives the lowest scores, the earlier of equal ones, in the
    /// order they were made.
    pub(super) fn choose(
        &mut self,
        n: usize,
        make: impl FnOnce(&mut Self),
        score: impl FnOnce(ArrayView2<'_, f32>) -> Vec<f64>,
    ) {
        let mut candidates = Self::new(self.train);
        candidates.origins.clear();
        make(&mut candidates);
        let features = features(candidates.data(), &candidates.origins, &candidates.untold);
        let scores = score(features.view());
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
        order.truncate(n);
        order.sort_unstable();
        for place in order {
            let origin = candidates.origins[place];
            if is_untold(&origin) {
                let row = features.row(place);
                self.untold.extend(row);
            }
            self.origins.push(origin);
        }
    }

    /// Notes that `class` could not be treated as asked.
    pub(super) fn warn(&mut self, class: usize, message: String) {
        self.warnings.push(ResampleWarning { class, message });
    }

    /// The originals, then the made rows.
    pub(super) fn finish(self) -> Resampled {
        let data = self.data();
        let label = |origin: &Origin| data.labels()[origin.base() as usize];
        let labels = self.origins.iter().map(label).collect();
        let features = features(data, &self.origins, &self.untold);
        let train = self.train.remade(data.with_rows(features, labels));
        Resampled {
            train,
            origins: self.origins,
            warnings: self.warnings,
        }
    }
}

/// The features of rows of these origins; `untold` are those that an origin does not tell.
fn features(data: &Dataset, origins: &[Origin], untold: &[f32]) -> Array2<f32> {
    let width = data.n_features();
    let mut features = vec![0.0_f32; origins.len() * width];
    features
        .par_chunks_mut(BLOCK * width)
        .zip(origins.par_chunks(BLOCK))
        .for_each(|(slots, origins)| {
            for (slot, origin) in slots.chunks_exact_mut(width).zip(origins) {
                fill(slot, data, *origin);
            }
        });
    let positions = (0..origins.len()).filter(|&p| is_untold(&origins[p]));
    for (position, row) in positions.zip(untold.chunks_exact(width)) {
        features[position * width..][..width].copy_from_slice(row);
    }
    Array2::from_shape_vec((origins.len(), width), features)
        .expect("a row's features for each origin")
}

/// Whether the origin of a row does not tell its features.
fn is_untold(origin: &Origin) -> bool {
    matches!(origin, Origin::Boxed { .. } | Origin::Voted { .. })
}

fn feature_pairs(data: &Dataset, base: u32, partner: u32) -> impl Iterator<Item = (f32, f32)> {
    let (base, partner) = (data.row_as_slice(base), data.row_as_slice(partner));
    base.iter().copied().zip(partner.iter().copied())
}

fn interpolate(base: f32, partner: f32, gap: f64) -> f32 {
    let (base, partner) = (f64::from(base), f64::from(partner));
    (base + gap * (partner - base)) as f32
}

/// Gives a made row the categories of `row`.
fn copy_categories(slot: &mut [f32], data: &Dataset, row: u32) {
    for category in data.categories() {
        slot[category.clone()].copy_from_slice(&data.row_as_slice(row)[category.clone()]);
    }
}

/// Writes the features of a row of this origin, where the origin tells them.
fn fill(slot: &mut [f32], data: &Dataset, origin: Origin) {
    match origin {
        Origin::Synthetic { base, partner, gap } => {
            let ends = feature_pairs(data, base, partner);
            for (slot, (base, partner)) in slot.iter_mut().zip(ends) {
                *slot = interpolate(base, partner, gap);
            }
            copy_categories(slot, data, if gap < 0.5 { base } else { partner });
        }
        Origin::Original { row } | Origin::Duplicate { row } => {
            slot.copy_from_slice(data.row_as_slice(row));
        }
        Origin::Boxed { .. } | Origin::Voted { .. } | Origin::Jittered { .. } => {}
    }
}
