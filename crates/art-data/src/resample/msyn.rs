use super::{
    RareClass, Resampled, Resampler,
    over::{check_k, common_settings, enlarge},
};
use crate::gather::gather;
use crate::{DataError, NeighborSearch, SamplingStrategy, TrainSet, distances::SideBySide};
use art_core::{ClassCounts, ParamError, Seed};
use rayon::prelude::*;

/// MSYN: of several times as many SMOTE rows as are needed, those that cost the other classes least margin.
///
/// For the class against all others, a row's margin is half of the distance to the nearest row of the other side less
/// that to the nearest of its own. A candidate t widens margins of the class, by Δ⁺(t) in all, and narrows those of the
/// others, by Δ⁻(t). Of `proposals` times the rows to make, those with the least `Δ⁻ / (Δ⁺ + 0.01)` are kept, the
/// earlier of equal ones. Candidates are drawn as in [`Smote`](super::Smote), stream (`msyn`, c).
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `k` | 5 | whole numbers 1 to 15 |
/// | `proposals` | 3 | whole numbers 2 to 5 |
/// | `strategy` | equal classes | ratio 0.25 to 1 |
///
/// A single row is duplicated. A set of one class stays as it is. Every candidate is measured to every row.
///
/// # References
/// Fan, Tang and Weise (2011), "Margin-based over-sampling method for learning from imbalanced datasets", PAKDD,
/// 309-320, doi `10.1007/978-3-642-20847-8_26`.
#[derive(Clone, Debug)]
#[must_use]
pub struct Msyn {
    k: usize,
    proposals: usize,
    strategy: SamplingStrategy,
}

impl Default for Msyn {
    fn default() -> Self {
        Self::new()
    }
}

impl Msyn {
    /// k = 5, three candidates a row, equal classes.
    pub fn new() -> Self {
        Self {
            k: 5,
            proposals: 3,
            strategy: SamplingStrategy::default(),
        }
    }

    common_settings!();

    /// Candidates for each row to make, at least 1.
    pub fn proposals(mut self, proposals: usize) -> Self {
        self.proposals = proposals;
        self
    }
}

/// The margins of all rows, for one class against the others.
struct Margins<'a> {
    train: &'a TrainSet,
    class: usize,
    /// Distance of each row to the nearest one of its own side; to the other side where it is alone.
    own: Vec<f64>,
    /// Distance of each row to the nearest one of the other side.
    other: Vec<f64>,
    rows: SideBySide,
}

impl<'a> Margins<'a> {
    /// None for a set of one class.
    fn new(train: &'a TrainSet, class: usize) -> Option<Self> {
        let data = train.data();
        let is_in = |row: &u32| data.labels()[*row as usize] as usize == class;
        let all = 0..data.n_rows() as u32;
        let (inside, outside): (Vec<u32>, Vec<u32>) = all.partition(is_in);
        if inside.is_empty() || outside.is_empty() {
            return None;
        }
        let (mut own, mut other) = (vec![0.0; data.n_rows()], vec![0.0; data.n_rows()]);
        for (rows, others) in [(&inside, &outside), (&outside, &inside)] {
            let [side, opposite] = [rows, others].map(|rows| gather(data.features(), rows));
            let places: Vec<u32> = (0..rows.len() as u32).collect();
            let nearest_own = NeighborSearch::new(side.view()).of_rows(&places, 1);
            let nearest_other = NeighborSearch::new(opposite.view()).of_queries(side.view(), 1);
            for (place, &row) in rows.iter().enumerate() {
                let to_other = nearest_other.squared_distances(place)[0].sqrt();
                let to_own = nearest_own.squared_distances(place).first();
                other[row as usize] = to_other;
                own[row as usize] = to_own.map_or(to_other, |squared| squared.sqrt());
            }
        }
        Some(Self {
            train,
            class,
            own,
            other,
            rows: SideBySide::new(
                data.features_as_slice().chunks_exact(data.n_features()),
                data.n_features(),
            ),
        })
    }

    /// The score of a candidate: the margin that it costs the others over that which it gives the class. `squared` is
    /// room for its distance from each row.
    fn score(&self, candidate: &[f32], squared: &mut Vec<f64>) -> f64 {
        let labels = self.train.data().labels();
        squared.resize(labels.len(), 0.0);
        self.rows.squared_distances(candidate, squared);
        let (mut gained, mut lost) = (0.0, 0.0);
        for (row, (&label, squared)) in labels.iter().zip(&*squared).enumerate() {
            let distance = squared.sqrt();
            let nearer = |known: f64| (known - known.min(distance)) / 2.0;
            if label as usize == self.class {
                gained += nearer(self.own[row]);
            } else {
                lost += nearer(self.other[row]);
            }
        }
        lost / (gained + 0.01)
    }
}

impl Resampler for Msyn {
    fn name(&self) -> &'static str {
        "msyn"
    }

    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        self.strategy.over(counts).map(Some)
    }

    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError> {
        check_k("k", self.k)?;
        if self.proposals == 0 {
            return Err(ParamError::new("proposals", 0, "at least 1").into());
        }
        let targets = self.strategy.over(&train.data().class_counts())?;
        enlarge(train, &targets, seed, "msyn", |made, mut small| {
            let Some(kin) = small.kin(made, self.k, RareClass::ShrinkK)? else {
                return Ok(());
            };
            let Some(margins) = Margins::new(train, small.class) else {
                made.warn(
                    small.class,
                    "there is no other class; none was added".into(),
                );
                return Ok(());
            };
            let n = self.proposals * small.n_made;
            made.choose(
                small.n_made,
                |candidates| {
                    kin.make_any(candidates, n, &mut small.stream);
                },
                |features| {
                    let values = features.to_slice().expect("rows stand one after the other");
                    let rows = values.par_chunks_exact(features.ncols());
                    let scores = rows.map_init(Vec::new, |room, row| margins.score(row, room));
                    scores.collect()
                },
            );
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dataset;
    use ndarray::Array2;

    /// The one-dimensional fixture of the specification.
    #[test]
    fn scores_are_those_of_the_specification() {
        let x = [0.0, 1.0, 2.1, 3.3, 4.6, 9.0, 2.5, 5.0, 5.7, 6.2];
        let features = Array2::from_shape_vec((10, 1), x.to_vec()).unwrap();
        let labels = (0..10).map(|row| u32::from(row >= 6)).collect();
        let names = |n: usize| (0..n).map(|i| i.to_string()).collect();
        let train = TrainSet::new(Dataset::new(features, labels, names(1), names(2)).unwrap());
        let margins = Margins::new(&train, 1).unwrap();
        let score = |t: f32| margins.score(&[t], &mut vec![]);
        assert!((score(3.75) - 0.175 / 0.635).abs() < 1e-6);
        assert_eq!(score(5.35), 0.0);
    }
}
