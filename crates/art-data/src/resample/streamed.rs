//! What a method needs of a table that is not in memory: the rows that it makes others of, and the nearest rows of those.

use super::{Origin, ResampleWarning};
use crate::{error::DataError, neighbors::Neighbors, roles::TrainSet};
use art_core::Seed;

/// Is shown a row that was made: where it comes from, by the places of [`SmallRows`], and its features.
pub type SeeMade<'a> = &'a mut dyn FnMut(Origin, &[f32]) -> Result<(), DataError>;

/// How a method goes about a table that is not in memory.
#[derive(Clone, Copy)]
pub enum Streamed<'a> {
    /// Which rows stay, and which are copied, follows from the classes of the rows alone.
    Selects,
    /// All rows stay, and others are made of those of the classes that it enlarges.
    Makes(&'a dyn MakesRows),
}

/// A method that makes rows of the classes that it enlarges, of their rows alone or of rows near them.
///
/// The rows and their order are those of [`Resampler::resample`](super::Resampler::resample) of the whole table. Each
/// class has one stream of random numbers, which is drawn from in the order of the rows.
pub trait MakesRows {
    /// Makes sure that the settings are valid.
    ///
    /// # Errors
    /// [`DataError::Param`] for one that is not.
    fn check(&self) -> Result<(), DataError>;

    /// Nearest rows among all that it wants to know of each row of a class to be enlarged; 0 for none.
    fn n_nearest(&self) -> usize {
        0
    }

    /// Rows of the table, besides those of the classes to be enlarged, that it may make rows of; in any order, and more
    /// than once perhaps.
    fn partners(&self, nearest: &NearestOfAll<'_>) -> Vec<u32> {
        let _ = nearest;
        vec![]
    }

    /// Makes the rows and shows each; returns the classes that could not be treated as asked.
    ///
    /// # Errors
    /// What the method needs from its rows, and whatever `see` refuses.
    fn make(
        &self,
        rows: &SmallRows<'_>,
        seed: Seed,
        see: SeeMade<'_>,
    ) -> Result<Vec<ResampleWarning>, DataError>;
}

/// The rows that others are made of.
pub struct SmallRows<'a> {
    /// All rows of the classes to be enlarged and those that the method named as partners, in the order of the table.
    pub train: &'a TrainSet,
    /// The number of each of them in the table, from 0.
    pub numbers: &'a [u32],
    /// Rows to make of each class.
    pub n_made: &'a [usize],
    /// The nearest rows of those of the classes to be enlarged, where the method wants to know them.
    pub nearest: Option<&'a NearestOfAll<'a>>,
}

impl SmallRows<'_> {
    /// The nearest rows.
    ///
    /// # Panics
    /// If there are none.
    pub(super) fn nearest_of_all(&self) -> &NearestOfAll<'_> {
        self.nearest.expect("the method has asked for them")
    }

    /// The query that a row of a class to be enlarged was.
    pub(super) fn query(&self, place: u32) -> usize {
        let number = self.numbers[place as usize];
        let queries = self.nearest_of_all().queries;
        let query = queries.binary_search(&number);
        query.expect("rows of classes to be enlarged are queries")
    }

    /// Where the row of this number in the table stands here.
    pub(super) fn place(&self, number: u32) -> u32 {
        let place = self.numbers.binary_search(&number);
        place.expect("partners were named before") as u32
    }
}

/// The nearest rows among all rows of a table of each row of the classes to be enlarged.
pub struct NearestOfAll<'a> {
    /// The numbers of those rows in the table, ascending.
    pub(crate) queries: &'a [u32],
    /// Their nearest rows, by their numbers.
    pub(crate) neighbors: Neighbors,
    /// The class of each row of the table.
    pub(crate) labels: &'a [u32],
}

impl NearestOfAll<'_> {
    /// `k`, as far as there are rows.
    pub fn k(&self, k: usize) -> usize {
        k.min(self.neighbors.k())
    }

    /// The `k` nearest rows of a query, nearest first, as far as they were asked for.
    ///
    /// # Panics
    /// If there is no such query.
    pub fn rows(&self, query: usize, k: usize) -> &[u32] {
        &self.neighbors.rows(query)[..self.k(k)]
    }

    /// Of the `m` nearest rows of each query, the number that are of its class.
    pub fn same_among(&self, m: usize) -> Vec<usize> {
        let count = |(query, &row): (usize, &u32)| {
            let own = self.labels[row as usize];
            let same = |other: &&u32| self.labels[**other as usize] == own;
            self.rows(query, m).iter().filter(same).count()
        };
        self.queries.iter().enumerate().map(count).collect()
    }
}
