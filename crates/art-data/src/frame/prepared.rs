//! What training takes of a table.

use super::{Encoder, LabelledFrame, Unseen};
use crate::{
    dataset::Dataset,
    error::DataError,
    folds::{FoldedSplit, Folds},
    roles::{Split, TestSet, TrainSet, ValidSet},
    split::SplitRows,
};
use art_core::{ClassIndex, Seed};

/// What training takes of a table, with every number and word encoded as the training rows have them.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Fitted on the training rows.
    pub encoder: Encoder,
    /// The rows to train on.
    pub train: TrainSet,
    /// The rows that steer.
    pub steering: Steering,
}

/// Which rows steer training.
#[derive(Clone, Debug)]
pub enum Steering {
    /// Rows that are not trained on.
    HeldOut(ValidSet),
    /// The training rows, held out in turn.
    InFolds(Folds),
}

impl LabelledFrame {
    /// The features of `rows`, as `encoder` makes them, with their classes; and the number of fields with a
    /// word that the encoder does not know.
    ///
    /// # Errors
    /// As [`Encoder::encode`], [`DataError::Empty`] for no row.
    pub fn encoded(
        &self,
        encoder: &Encoder,
        rows: &[u32],
        unseen: Unseen,
    ) -> Result<(Dataset, usize), DataError> {
        let made = encoder.encode(self.frame(), rows, unseen)?;
        let labels = rows
            .iter()
            .map(|&row| self.labels()[row as usize])
            .collect();
        let names = encoder.feature_names();
        let data = Dataset::new(made.features, labels, names, self.class_names().to_vec())?
            .with_categories(encoder.categories())?;
        Ok((data, made.n_unseen))
    }

    /// What training takes of the table: the parts `rows`, as [`rows`](Self::rows) makes them. A word that no training row has
    /// is none of its column's. Test rows are encoded as well, so that one that cannot be read is known before training, but
    /// not kept.
    ///
    /// # Errors
    /// As [`Encoder::fit`] and [`Encoder::encode`], [`DataError::Empty`] for a part without rows.
    pub fn prepare(&self, rows: &SplitRows) -> Result<Prepared, DataError> {
        let encoder = Encoder::fit(self.frame(), self.features(), &rows.train)?;
        let (train, _) = self.encoded(&encoder, &rows.train, Unseen::Counted)?;
        let (valid, _) = self.encoded(&encoder, &rows.valid, Unseen::Counted)?;
        encoder.encode(self.frame(), &rows.test, Unseen::Counted)?;
        Ok(Prepared {
            train: TrainSet::new(train),
            steering: Steering::HeldOut(ValidSet::new(valid)?),
            encoder,
        })
    }

    /// The same for cross-fitting: training and validation rows are all trained on, in folds; groups stay whole.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare) and [`Folds::of_groups`].
    pub fn prepare_folds(
        &self,
        rows: &SplitRows,
        n_folds: usize,
        seed: Seed,
    ) -> Result<Prepared, DataError> {
        let trained = rows.trained_in_folds();
        let encoder = Encoder::fit(self.frame(), self.features(), &trained)?;
        let (train, _) = self.encoded(&encoder, &trained, Unseen::Counted)?;
        encoder.encode(self.frame(), &rows.test, Unseen::Counted)?;
        Ok(Prepared {
            train: TrainSet::new(train),
            steering: Steering::InFolds(self.folds(&trained, n_folds, seed)?),
            encoder,
        })
    }

    /// The folds of the rows `rows`; rows of one group are in one fold.
    ///
    /// # Errors
    /// As [`Folds::of_groups`].
    pub fn folds(&self, rows: &[u32], n_folds: usize, seed: Seed) -> Result<Folds, DataError> {
        let labels: Vec<u32> = rows
            .iter()
            .map(|&row| self.labels()[row as usize])
            .collect();
        let index = ClassIndex::new(&labels, self.class_names().len())?;
        match self.groups() {
            None => Folds::stratified(&index, n_folds, seed),
            Some(groups) => {
                let groups: Vec<u32> = rows.iter().map(|&row| groups[row as usize]).collect();
                Folds::of_groups(&groups, &index, n_folds, seed)
            }
        }
    }

    /// The same with the test rows, for whoever judges at once.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare).
    pub fn split(&self, rows: &SplitRows) -> Result<Split, DataError> {
        let encoder = Encoder::fit(self.frame(), self.features(), &rows.train)?;
        let part = |rows: &[u32]| self.encoded(&encoder, rows, Unseen::Counted);
        let ((train, _), (valid, _)) = (part(&rows.train)?, part(&rows.valid)?);
        let (test, _) = part(&rows.test)?;
        Ok(Split {
            train: TrainSet::new(train),
            valid: ValidSet::new(valid)?,
            test: TestSet::new(test)?,
        })
    }

    /// The same for cross-fitting ([`prepare_folds`](Self::prepare_folds)).
    ///
    /// # Errors
    /// As there.
    pub fn split_folds(
        &self,
        rows: &SplitRows,
        n_folds: usize,
        seed: Seed,
    ) -> Result<FoldedSplit, DataError> {
        let trained = rows.trained_in_folds();
        let encoder = Encoder::fit(self.frame(), self.features(), &trained)?;
        let part = |rows: &[u32]| self.encoded(&encoder, rows, Unseen::Counted);
        let ((train, _), (test, _)) = (part(&trained)?, part(&rows.test)?);
        Ok(FoldedSplit {
            train: TrainSet::new(train),
            folds: self.folds(&trained, n_folds, seed)?,
            test: TestSet::new(test)?,
        })
    }
}
