use super::{CleaningScope, Resampled, Resampler};
use crate::{dataset::Dataset, error::DataError, neighbors::NeighborSearch, roles::TrainSet};
use art_core::{ClassCounts, Seed};

/// Tomek links: leaves out rows of pairs that are each other's nearest and of different classes.
///
/// All links are found on the set as it was. Of a link the rows in scope go: by default those of every class but the
/// smallest. Nothing is random and nothing is tuned. A class of which no row would be left keeps its rows, with a
/// warning.
///
/// *Choice.* With several classes a link between two of the larger ones loses both rows, as in imbalanced-learn.
///
/// # References
/// Tomek (1976), "Two modifications of CNN", IEEE Transactions on Systems, Man, and Cybernetics 6, 769-772, doi
/// 10.1109/TSMC.1976.4309452.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct TomekLinks {
    scope: CleaningScope,
}

impl TomekLinks {
    /// All but the smallest class lose rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which classes lose rows; [`CleaningScope::All`] takes both rows of a link.
    pub fn scope(mut self, scope: CleaningScope) -> Self {
        self.scope = scope;
        self
    }

    /// The pairs of rows that are linked, the lower row first, ascending.
    ///
    /// One row of a link is outside the largest class, so only such rows and their nearest are searched for.
    pub fn links(data: &Dataset) -> Vec<(u32, u32)> {
        let labels = data.labels();
        let counts = data.class_counts();
        let counts = counts.as_slice();
        let largest = (0..counts.len()).max_by_key(|&class| counts[class]);
        let is_outside = |&row: &u32| Some(labels[row as usize] as usize) != largest;
        let search = NeighborSearch::new(data.features());
        let mut nearest = vec![None; data.n_rows()];
        let mut find = |rows: &[u32]| {
            let found = search.of_rows(rows, 1);
            for (query, &row) in rows.iter().enumerate() {
                nearest[row as usize] = found.rows(query).first().copied();
            }
            rows.iter()
                .filter_map(|&row| Some((row, nearest[row as usize]?)))
                .filter(|&(row, other)| labels[row as usize] != labels[other as usize])
                .collect::<Vec<_>>()
        };
        let outside: Vec<u32> = (0..data.n_rows() as u32).filter(is_outside).collect();
        let candidates = find(&outside);
        let mut partners: Vec<u32> = candidates.iter().map(|&(_, other)| other).collect();
        partners.retain(|row| !is_outside(row));
        partners.sort_unstable();
        partners.dedup();
        find(&partners);
        let is_mutual = |&&(row, other): &&(u32, u32)| nearest[other as usize] == Some(row);
        let mutual = candidates.iter().filter(is_mutual);
        let mut links: Vec<(u32, u32)> = mutual
            .map(|&(row, other)| (row.min(other), row.max(other)))
            .collect();
        links.sort_unstable();
        links.dedup();
        links
    }

    /// The rows of a resampled set that stay.
    pub(super) fn clean(&self, set: Resampled) -> Result<Resampled, DataError> {
        let data = set.train.data();
        let in_scope = self.scope.classes(&data.class_counts());
        let mut keep = vec![true; data.n_rows()];
        for (one, other) in Self::links(data) {
            for row in [one, other] {
                keep[row as usize] = !in_scope[data.labels()[row as usize] as usize];
            }
        }
        set.retain(&keep)
    }
}

impl Resampler for TomekLinks {
    fn name(&self) -> &'static str {
        "tomek"
    }

    fn targets(&self, _: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        Ok(None)
    }

    fn resample(&self, train: &TrainSet, _: Seed) -> Result<Resampled, DataError> {
        self.clean(Resampled::unchanged(train))
    }
}
