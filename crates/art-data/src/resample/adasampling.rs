use super::Resampled;
use crate::{error::DataError, roles::TrainSet};
use art_core::{ParamError, Seed};

/// `AdaSampling`: keeps rows whose labels classifiers, trained on such rows, are sure of.
///
/// Each row has a weight, 1 at first. In each round as many rows as `share` times the smallest class are drawn of each
/// class, with replacement and in proportion to their weights. The different ones among them are kept, and a classifier
/// is trained on these. The probability that it gives a row's own label is the row's next weight. Rows with wrong
/// labels lose weight from round to round. After the last round rows are drawn once more. The streams are (`adasampling`,
/// round · K + class), rounds from 0.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `share` | 1 | 0.5 to 2 |
/// | `rounds` | 5 | |
///
/// *Choice.* The originals are for two classes; with more of them the rule is the same. One sample and one model at the
/// end, where the article may average several.
///
/// # References
/// Yang, Liu and Yang (2017), "`AdaSampling` for positive-unlabeled and label noise learning with bioinformatics
/// applications", IJCAI, 3273-3279, and (2019) IEEE Transactions on Cybernetics 49, 1932-1943.
#[derive(Clone, Debug)]
#[must_use]
pub struct AdaSampling {
    share: f64,
    rounds: usize,
}

/// Largest share.
const MOST: f64 = 1_000.0;

impl Default for AdaSampling {
    fn default() -> Self {
        Self::new()
    }
}

impl AdaSampling {
    /// As many rows of each class as the smallest has, five rounds.
    pub fn new() -> Self {
        Self {
            share: 1.0,
            rounds: 5,
        }
    }

    /// Rows drawn of each class over those of the smallest one, above 0 and at most 1000.
    pub fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// Rounds before the last draw.
    pub fn rounds(mut self, rounds: usize) -> Self {
        self.rounds = rounds;
        self
    }

    /// The rows that are kept. `confidence` trains a classifier on the rows it is given and returns the probability of
    /// its own label for each row of `train`.
    ///
    /// # Errors
    /// [`DataError`] for a share out of range or another number of probabilities than rows, as `E`, and whatever
    /// `confidence` refuses.
    pub fn run<E: From<DataError>>(
        &self,
        train: &TrainSet,
        seed: Seed,
        mut confidence: impl FnMut(&TrainSet) -> Result<Vec<f64>, E>,
    ) -> Result<Resampled, E> {
        if !(self.share > 0.0 && self.share <= MOST) {
            let expected = "a number above 0 and at most 1000";
            let error = ParamError::new("share", self.share, expected);
            return Err(DataError::from(error).into());
        }
        let n_rows = train.data().n_rows();
        let mut weights = vec![1.0; n_rows];
        for round in 0..self.rounds {
            let sample = self.sample(train, seed, round, &weights)?;
            weights = confidence(&sample.train)?;
            if weights.len() != n_rows {
                let error = DataError::Length {
                    what: "probabilities",
                    expected: n_rows,
                    found: weights.len(),
                };
                return Err(error.into());
            }
        }
        Ok(self.sample(train, seed, self.rounds, &weights)?)
    }

    fn sample(
        &self,
        train: &TrainSet,
        seed: Seed,
        round: usize,
        weights: &[f64],
    ) -> Result<Resampled, DataError> {
        let index = train.data().class_index()?;
        let wanted = self.share * index.counts().smallest() as f64;
        let n = (wanted.round_ties_even() as usize).max(1);
        let mut kept = vec![];
        for class in 0..index.n_classes() {
            let members = index.rows(class);
            if members.is_empty() {
                continue;
            }
            let number = (round * index.n_classes() + class) as u64;
            let mut stream = seed.stream("adasampling", number);
            let own = members.iter().map(|&row| weights[row as usize].max(0.0));
            let own: Vec<f64> = own.collect();
            for _ in 0..n {
                // Without any weight every row is as good as another.
                let place = stream.categorical(&own);
                let place = place.unwrap_or_else(|| stream.below(members.len()));
                kept.push(members[place]);
            }
        }
        kept.sort_unstable();
        kept.dedup();
        Resampled::kept(train, kept)
    }
}
