//! Collects the rows that an over-sampler makes.

use super::{Origin, ResampleWarning, Resampled};
use crate::{Dataset, TrainSet};
use ndarray::{Array2, concatenate};

/// Rows made so far, to stand behind the originals.
pub(super) struct MadeRows<'a> {
    train: &'a TrainSet,
    features: Vec<f32>,
    labels: Vec<u32>,
    origins: Vec<Origin>,
    warnings: Vec<ResampleWarning>,
}

impl<'a> MadeRows<'a> {
    pub(super) fn new(train: &'a TrainSet) -> Self {
        Self {
            train,
            features: vec![],
            labels: vec![],
            origins: vec![],
            warnings: vec![],
        }
    }

    fn data(&self) -> &'a Dataset {
        self.train.data()
    }

    /// One more copy of `row`.
    pub(super) fn duplicate(&mut self, row: u32) {
        self.features.extend(self.data().row(row as usize));
        self.push(Origin::Duplicate { row });
    }

    /// The point `gap` of the way from `base` to `partner`, computed in f64 and rounded once.
    pub(super) fn between(&mut self, base: u32, partner: u32, gap: f64) {
        self.interpolate(base, partner, || gap);
        self.push(Origin::Synthetic { base, partner, gap });
    }

    /// A point in the box that `base` and `partner` span, with a gap of its own for each feature.
    pub(super) fn inside_box(&mut self, base: u32, partner: u32, gap: impl FnMut() -> f64) {
        self.interpolate(base, partner, gap);
        self.push(Origin::Boxed { base, partner });
    }

    fn interpolate(&mut self, base: u32, partner: u32, mut gap: impl FnMut() -> f64) {
        let data = self.data();
        let ends = data
            .row(base as usize)
            .into_iter()
            .zip(data.row(partner as usize));
        self.features.extend(ends.map(|(&base, &partner)| {
            let (base, partner) = (f64::from(base), f64::from(partner));
            (base + gap() * (partner - base)) as f32
        }));
    }

    fn push(&mut self, origin: Origin) {
        self.labels
            .push(self.data().labels()[origin.base() as usize]);
        self.origins.push(origin);
    }

    /// Notes that `class` could not be treated as asked.
    pub(super) fn warn(&mut self, class: usize, message: String) {
        self.warnings.push(ResampleWarning { class, message });
    }

    /// The originals, then the made rows.
    pub(super) fn finish(self) -> Resampled {
        let data = self.data();
        let originals = (0..data.n_rows() as u32).map(|row| Origin::Original { row });
        let shape = (self.labels.len(), data.n_features());
        let made = Array2::from_shape_vec(shape, self.features).expect("a row's features each");
        let features = concatenate(ndarray::Axis(0), &[data.features(), made.view()])
            .expect("made rows have the columns of the originals");
        let labels = [data.labels(), &self.labels].concat();
        Resampled {
            origins: originals.chain(self.origins).collect(),
            train: self.train.with_data(data.with_rows(features, labels)),
            warnings: self.warnings,
        }
    }
}
