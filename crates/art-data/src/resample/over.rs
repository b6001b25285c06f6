//! What the over-samplers share: the classes to enlarge, a row's neighbors within its class, and what to do where a
//! method has nothing to offer.

use super::{
    ResampleWarning, Resampled, SeeMade, SmallRows, TooFewNeighbors, categories, made::MadeRows,
    rare::duplicate,
};
use crate::gather::gather;
use crate::{
    dataset::Dataset,
    error::DataError,
    neighbors::{NeighborSearch, Neighbors},
    roles::TrainSet,
    strategy::SamplingStrategy,
};
use art_core::{ParamError, Seed, Stream};

/// The settings that every over-sampler with neighbors has; `k` and `strategy` are fields of it.
macro_rules! common_settings {
    () => {
        /// Neighbors of each row, at least 1.
        pub fn k(mut self, k: usize) -> Self {
            self.k = k;
            self
        }

        /// Wished class sizes.
        pub fn strategy(mut self, strategy: SamplingStrategy) -> Self {
            self.strategy = strategy;
            self
        }
    };
}

/// The setting of what becomes of a class for which the method has nothing to offer; `fallback` is a field of it.
macro_rules! fallback_setting {
    () => {
        /// What becomes of a class for which the method has nothing to offer.
        pub fn fallback(mut self, fallback: Fallback) -> Self {
            self.fallback = fallback;
            self
        }
    };
}

pub(super) use {common_settings, fallback_setting};

/// A class that has fewer rows than it should.
pub(super) struct SmallClass<'a> {
    pub(super) class: usize,
    /// Its rows, ascending.
    pub(super) members: &'a [u32],
    /// Rows to make.
    pub(super) n_made: usize,
    /// Random numbers for them.
    pub(super) stream: Stream,
    pub(super) data: &'a Dataset,
}

/// Runs `enlarge_one` on each class that has fewer rows than `strategy` wishes, with the stream (`tag`, class).
pub(super) fn enlarge(
    train: &TrainSet,
    strategy: &SamplingStrategy,
    seed: Seed,
    tag: &str,
    enlarge_one: impl FnMut(&mut MadeRows<'_>, SmallClass<'_>) -> Result<(), DataError>,
) -> Result<Resampled, DataError> {
    let counts = train.data().class_counts();
    let targets = strategy.over(&counts)?;
    let n_made = targets.iter().zip(counts.as_slice());
    let n_made: Vec<usize> = n_made.map(|(target, n)| target - n).collect();
    let mut made = MadeRows::new(train);
    enlarge_each(&mut made, train, &n_made, (seed, tag), enlarge_one)?;
    Ok(made.finish())
}

/// The same for rows that are shown as they are made, of the classes that `rows` says.
pub(super) fn enlarge_shown(
    rows: &SmallRows<'_>,
    seed: Seed,
    tag: &str,
    see: SeeMade<'_>,
    enlarge_one: impl FnMut(&mut MadeRows<'_>, SmallClass<'_>) -> Result<(), DataError>,
) -> Result<Vec<ResampleWarning>, DataError> {
    let mut made = MadeRows::shown(rows.train, see);
    enlarge_each(&mut made, rows.train, rows.n_made, (seed, tag), enlarge_one)?;
    made.finish_shown()
}

/// Runs `enlarge_one` on each class of which so many rows are to be made, with the stream (`tag`, class).
fn enlarge_each(
    made: &mut MadeRows<'_>,
    train: &TrainSet,
    n_made: &[usize],
    (seed, tag): (Seed, &str),
    mut enlarge_one: impl FnMut(&mut MadeRows<'_>, SmallClass<'_>) -> Result<(), DataError>,
) -> Result<(), DataError> {
    let data = train.data();
    let index = data.class_index()?;
    for (class, &n_made) in n_made.iter().enumerate() {
        if n_made > 0 {
            let small = SmallClass {
                class,
                members: index.rows(class),
                n_made,
                stream: seed.stream(tag, class as u64),
                data,
            };
            enlarge_one(made, small)?;
        }
    }
    Ok(())
}

impl<'a> SmallClass<'a> {
    /// The `k` nearest rows of its class of each of its rows; none where there are too few for the policy and rows
    /// were duplicated instead.
    pub(super) fn kin(
        &mut self,
        made: &mut MadeRows<'_>,
        k: usize,
        policy: TooFewNeighbors,
    ) -> Result<Option<Kin<'a>>, DataError> {
        let n = self.members.len();
        let Some(k) = policy.neighbors(k, n, self.class, self.data)? else {
            duplicate(
                made,
                self.class,
                self.members,
                self.n_made,
                &mut self.stream,
            );
            return Ok(None);
        };
        Ok(Some(Kin::new(self.data, self.members, k)))
    }

    /// Of the nearest rows of each of its rows, the number that are of its class.
    pub(super) fn same_among(&self, neighbors: &Neighbors) -> Vec<usize> {
        same_class(neighbors, self.members, self.data.labels())
    }

    /// Does what `fallback` says where a method has nothing to offer, and says why.
    pub(super) fn fall_back(
        mut self,
        made: &mut MadeRows<'_>,
        fallback: Fallback,
        k: usize,
        reason: &str,
    ) -> Result<(), DataError> {
        let (class, n) = (self.class, self.members.len());
        match fallback {
            Fallback::Unchanged => {
                made.warn(class, format!("{reason}; none was added"));
            }
            Fallback::Duplicate => {
                for _ in 0..self.n_made {
                    made.duplicate(self.members[self.stream.below(n)]);
                }
                made.warn(class, format!("{reason}; rows were duplicated"));
            }
            Fallback::Smote => {
                made.warn(class, format!("{reason}; rows were made by SMOTE"));
                if let Some(kin) = self.kin(made, k, TooFewNeighbors::ShrinkK)? {
                    kin.make_any(made, self.n_made, &mut self.stream);
                }
            }
        }
        Ok(())
    }
}

/// Of the k nearest rows of each row of `class`, the number that are of it; and k, as far as there are rows.
pub(super) fn same_of_class(
    train: &TrainSet,
    class: usize,
    k: usize,
) -> Result<(Vec<usize>, usize), DataError> {
    let data = train.data();
    let index = data.class_index()?;
    let members = index.rows(class);
    let neighbors = NeighborSearch::new(data.features()).of_rows(members, k);
    let same = same_class(&neighbors, members, data.labels());
    Ok((same, neighbors.k()))
}

/// Of the nearest rows of each query, the number that have the query's label.
pub(super) fn same_class(neighbors: &Neighbors, queries: &[u32], labels: &[u32]) -> Vec<usize> {
    let count = |(query, &row): (usize, &u32)| {
        let same = |other: &&u32| labels[**other as usize] == labels[row as usize];
        neighbors.rows(query).iter().filter(same).count()
    };
    queries.iter().enumerate().map(count).collect()
}

/// What becomes of a class for which a method has nothing to offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fallback {
    /// It stays as it is, with a warning.
    #[default]
    Unchanged,
    /// Its rows are duplicated, with a warning.
    Duplicate,
    /// New rows are made by SMOTE, with a warning.
    Smote,
}

/// Rows of one class with their nearest rows among themselves.
pub(super) struct Kin<'a> {
    members: &'a [u32],
    neighbors: Neighbors,
}

impl<'a> Kin<'a> {
    /// The `k` nearest other members of each member.
    pub(super) fn new(data: &Dataset, members: &'a [u32], k: usize) -> Self {
        let mut of_class = gather(data.features(), members);
        categories::scale(&mut of_class, data.categories());
        let own: Vec<u32> = (0..members.len() as u32).collect();
        Self {
            members,
            neighbors: NeighborSearch::new(of_class.view()).of_rows(&own, k),
        }
    }

    /// Neighbors of each member.
    pub(super) fn k(&self) -> usize {
        self.neighbors.k()
    }

    /// The members that are nearest to the member in this place, nearest first, by their own places.
    pub(super) fn places(&self, place: usize) -> &[u32] {
        self.neighbors.rows(place)
    }

    /// A row between the member in `place` and its `nth` nearest.
    pub(super) fn make(&self, made: &mut MadeRows<'_>, place: usize, nth: usize, gap: f64) {
        let row = |place: &u32| self.members[*place as usize];
        let nearest = self.neighbors.rows(place);
        let (base, partner) = (self.members[place], row(&nearest[nth]));
        if made.has_categories() {
            let voters: Vec<u32> = nearest.iter().map(row).collect();
            made.voted(base, partner, gap, &voters);
        } else {
            made.between(base, partner, gap);
        }
    }

    /// `n` rows as SMOTE makes them: any base, any of its neighbors, any gap.
    pub(super) fn make_any(&self, made: &mut MadeRows<'_>, n: usize, stream: &mut Stream) {
        for _ in 0..n {
            let pair = stream.below(self.members.len() * self.k());
            self.make(made, pair / self.k(), pair % self.k(), stream.unit());
        }
    }
}

/// Makes sure that a number of neighbors is at least 1.
pub(super) fn check_k(name: &'static str, k: usize) -> Result<(), DataError> {
    if k == 0 {
        return Err(ParamError::new(name, k, "at least 1 neighbor").into());
    }
    Ok(())
}
