use super::{
    Resampled, Resampler, TooFewNeighbors,
    over::{check_k, common_settings, enlarge},
};
use crate::gather::gather;
use crate::{
    error::DataError,
    neighbors::{NeighborAlgorithm, NeighborSearch, Neighbors},
    roles::TrainSet,
    strategy::SamplingStrategy,
};
use art_core::{ClassCounts, ParamError, Seed};
use ndarray::ArrayView2;

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
/// A single row is duplicated. A set of one class stays as it is. Every candidate is held against every row; only those that
/// come nearer than the row's nearest are measured.
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
    /// Squared distance of each row to the nearest one of its side: that which a candidate of the class may become nearer
    /// than. For rows of the class it is their own side, or the other one where they are alone; for the others, the class.
    nearest: Vec<f64>,
    search: NeighborSearch<'a>,
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
        let [class_rows, others] = [&inside, &outside].map(|rows| gather(data.features(), rows));
        let mut nearest = vec![0.0; data.n_rows()];
        let mut note = |rows: &[u32], found: Neighbors| {
            for (place, &row) in rows.iter().enumerate() {
                nearest[row as usize] = found.squared_distances(place)[0];
            }
        };
        let of_class = NeighborSearch::new(class_rows.view());
        note(&outside, of_class.of_queries(others.view(), 1));
        note(
            &inside,
            if inside.len() > 1 {
                let places: Vec<u32> = (0..inside.len() as u32).collect();
                of_class.of_rows(&places, 1)
            } else {
                NeighborSearch::new(others.view()).of_queries(class_rows.view(), 1)
            },
        );
        Some(Self {
            train,
            class,
            nearest,
            search: NeighborSearch::with_algorithm(data.features(), NeighborAlgorithm::Tiles),
        })
    }

    /// The score of each candidate: the margin that it costs the others over that which it gives the class.
    fn scores(&self, candidates: ArrayView2<'_, f32>) -> Vec<f64> {
        let labels = self.train.data().labels();
        self.search.map_within(candidates, &self.nearest, |near| {
            let (mut gained, mut lost) = (0.0, 0.0);
            for &(row, squared) in near {
                let narrowed = (self.nearest[row as usize].sqrt() - squared.sqrt()) / 2.0;
                if labels[row as usize] as usize == self.class {
                    gained += narrowed;
                } else {
                    lost += narrowed;
                }
            }
            lost / (gained + 0.01)
        })
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
        enlarge(train, &self.strategy, seed, "msyn", |made, mut small| {
            let Some(kin) = small.kin(made, self.k, TooFewNeighbors::ShrinkK)? else {
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
                |features| margins.scores(features),
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
        let scores = margins.scores(ndarray::array![[3.75], [5.35]].view());
        assert!((scores[0] - 0.175 / 0.635).abs() < 1e-6);
        assert_eq!(scores[1], 0.0);
    }
}
