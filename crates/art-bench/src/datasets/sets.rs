//! The data sets of a run: read once, drawn and split for each seed.

use super::{
    folder::DataFolder,
    mnist::MnistPool,
    name::{DatasetName, known_datasets, own_table_id},
    reviews::ReviewPool,
    synth::SyntheticFamily,
    tables::BundledTable,
    variant::{Thinning, Variant},
};
use crate::error::BenchError;
use art_core::{ParamError, Seed};
use art_data::{
    DataError, Dataset, FoldedSplit, Imbalance, LabelledFrame, Population, Split, SplitConfig,
    SplitParams, SplitRows, Standardizer, TrainSet, UnsplittableClass,
};
use art_embed::POOL_FILE;
use art_methods::UnknownName;
use std::{borrow::Cow, collections::BTreeMap};

/// The data sets of a run, each read and verified once.
#[derive(Debug, Default)]
pub struct DataSets {
    loaded: BTreeMap<String, Source>,
    unavailable: BTreeMap<String, String>,
}

/// What a data set is drawn from.
#[derive(Debug)]
enum Source {
    /// The same rows for every seed.
    Table(Dataset),
    Digits(MnistPool),
    Reviews(ReviewPool),
    /// Other rows for every seed, on no scale of its own.
    Synthetic(Population),
    /// A table of the user's own: numbers and words, encoded by the training rows of each split.
    Own(LabelledFrame),
}

impl DataSets {
    /// Reads the data sets called `ids` from `folder`. One that does not come with the project and is not
    /// there is [unavailable](Self::unavailable), which is no error.
    ///
    /// # Errors
    /// [`BenchError::Unknown`] for an id that no data set has, or whatever is wrong with a file. A further table
    /// that an older folder lacks is wrong only for who asks for it.
    pub fn load(ids: &[String], folder: &DataFolder) -> Result<Self, BenchError> {
        let mut sets = Self::default();
        for id in ids {
            let name: DatasetName = id.parse()?;
            if sets.loaded.contains_key(&name.base) {
                continue;
            }
            let source = match &*name.base {
                "pima" => Source::Table(BundledTable::Pima.load(folder)?),
                "yeast" => Source::Table(BundledTable::Yeast.load(folder)?),
                "wine" => Source::Table(BundledTable::WineRed.load(folder)?),
                "ecoli" => Source::Table(BundledTable::Ecoli.load(folder)?),
                "glass" => Source::Table(BundledTable::Glass.load(folder)?),
                "page-blocks" => Source::Table(BundledTable::PageBlocks.load(folder)?),
                "satimage" => Source::Table(BundledTable::Satimage.load(folder)?),
                "synth-many" => Source::Synthetic(SyntheticFamily::ManyClasses.population()),
                "synth-large" => Source::Synthetic(SyntheticFamily::Large.population()),
                "synth-opposites" => Source::Synthetic(SyntheticFamily::Opposites.population()),
                "mnist-lt" => Source::Digits(MnistPool::load(folder)?),
                "imdb" => {
                    let Some(pool) = ReviewPool::load(folder.path())? else {
                        let reason =
                            format!("there is no {POOL_FILE} in {}", folder.path().display());
                        sets.unavailable.insert(name.base, reason);
                        continue;
                    };
                    Source::Reviews(pool)
                }
                other => {
                    let known = known_datasets().map(|(id, _)| id);
                    return Err(UnknownName::new("data set", other, known).into());
                }
            };
            sets.loaded.insert(name.base, source);
        }
        Ok(sets)
    }

    /// A table of the user's own, under the id that [`own_table_id`] gives it.
    pub fn of_own_table(table: LabelledFrame) -> Self {
        Self {
            loaded: [(own_table_id(&table), Source::Own(table))].into(),
            unavailable: BTreeMap::new(),
        }
    }

    /// Data sets that were asked for and cannot be had, with the reason and the remedy.
    pub fn unavailable(&self) -> &BTreeMap<String, String> {
        &self.unavailable
    }

    /// Names of the classes of each data set.
    ///
    /// # Errors
    /// None for data sets that could be loaded.
    pub fn class_names(&self) -> Result<BTreeMap<String, Vec<String>>, BenchError> {
        let names = |(id, source): (&String, &Source)| {
            let names = match source {
                Source::Own(table) => table.class_names().to_vec(),
                _ => self.draw(id, Seed::new(0))?.class_names().to_vec(),
            };
            Ok((id.clone(), names))
        };
        self.loaded.iter().map(names).collect()
    }

    /// The rows of a data set for `seed`, before the split.
    fn draw(&self, base: &str, seed: Seed) -> Result<Cow<'_, Dataset>, BenchError> {
        let known = || self.loaded.keys().map(String::as_str);
        Ok(match self.loaded.get(base) {
            Some(Source::Table(table)) => Cow::Borrowed(table),
            Some(Source::Digits(pool)) => Cow::Owned(pool.draw_long_tailed(seed)?),
            Some(Source::Reviews(pool)) => Cow::Owned(pool.draw(seed)?),
            Some(Source::Synthetic(population)) => Cow::Owned(population.generate(seed)?),
            Some(Source::Own(_)) | None => {
                return Err(UnknownName::new("data set", base, known()).into());
            }
        })
    }

    /// The data set called `name` for `seed`: drawn, thinned out, split 70/15/15 and, for a table or a synthetic
    /// draw, scaled by its training rows. Pictures lie between 0 and 1 and embeddings have unit length already.
    ///
    /// Classes of two rows, which only Ecoli has, train with one and are tested with the other; no validation row
    /// is theirs.
    ///
    /// # Errors
    /// [`BenchError::Unknown`] when it was not loaded, [`BenchError::Data`] when it cannot be thinned out.
    pub fn split(&self, name: &str, seed: Seed) -> Result<Split, BenchError> {
        let name: DatasetName = name.parse()?;
        if let Some(Source::Own(table)) = self.loaded.get(&name.base) {
            let rows = table.rows(&SplitConfig::default(), seed)?;
            return Ok(table.split(&rows)?);
        }
        let (data, rows) = self.divided(&name, seed)?;
        let mut split = Split::from_rows(&data, &rows)?;
        if let Some(thin) = thinned_afterwards(&name) {
            split.train = thin(&split.train, seed)?;
        }
        Ok(if self.is_scaled(&name) {
            Standardizer::split(&split)?
        } else {
            split
        })
    }

    /// The same for cross-fitting: what trains and what steers, together in `n_folds` folds, and the same test rows.
    ///
    /// # Errors
    /// As [`split`](Self::split); [`BenchError::Data`] where there are no two folds, where only the training rows are thinned
    /// out, and where equal rows are kept together.
    pub fn split_folds(
        &self,
        name: &str,
        n_folds: usize,
        seed: Seed,
    ) -> Result<FoldedSplit, BenchError> {
        let name: DatasetName = name.parse()?;
        if let Some(Source::Own(table)) = self.loaded.get(&name.base) {
            let rows = table.rows(&SplitConfig::default(), seed)?;
            return Ok(table.split_folds(&rows, n_folds, seed)?);
        }
        if thinned_afterwards(&name).is_some() || name.variant == Some(Variant::EqualRowsTogether) {
            let expected =
                "1 where training rows alone are thinned out, or equal rows kept together";
            return Err(DataError::from(ParamError::new("folds", n_folds, expected)).into());
        }
        let (data, rows) = self.divided(&name, seed)?;
        let split = FoldedSplit::from_rows(&data, &rows, n_folds, seed)?;
        Ok(if self.is_scaled(&name) {
            split.standardized()?
        } else {
            split
        })
    }

    /// The rows of a data set for `seed`, thinned out where all parts are, and which part each is in.
    fn divided(
        &self,
        name: &DatasetName,
        seed: Seed,
    ) -> Result<(Cow<'_, Dataset>, SplitRows), BenchError> {
        let drawn_by = match name.variant {
            Some(Variant::OneDraw(draw)) => Seed::new(draw),
            _ => seed,
        };
        let mut data = self.draw(&name.base, drawn_by)?;
        if let Some(Variant::Thinned(Thinning {
            ratio,
            train_only: false,
        })) = name.variant
        {
            let rows = Imbalance::BinaryRatio { ratio }.rows(&data.class_index()?, seed)?;
            data = Cow::Owned(data.select(&rows)?);
        }
        let shares = SplitParams::new()
            .rare_classes(UnsplittableClass::Allow)
            .check()?;
        let rows = if name.variant == Some(Variant::EqualRowsTogether) {
            shares.rows_of_groups(&data.groups_of_equal_rows(), &data.class_index()?, seed)
        } else {
            shares.rows(&data, seed)?
        };
        Ok((data, rows))
    }

    /// Whether features are to be scaled by the training rows.
    fn is_scaled(&self, name: &DatasetName) -> bool {
        let source = self.loaded.get(&name.base);
        matches!(source, Some(Source::Table(_) | Source::Synthetic(_)))
    }
}

/// What thins out the training rows of a split, where they alone are to be.
fn thinned_afterwards(
    name: &DatasetName,
) -> Option<impl Fn(&TrainSet, Seed) -> Result<TrainSet, BenchError>> {
    let thinning = match name.variant {
        Some(Variant::Thinned(thinning)) if thinning.train_only => thinning,
        _ => return None,
    };
    Some(move |train: &TrainSet, seed| {
        let imbalance = Imbalance::BinaryRatio {
            ratio: thinning.ratio,
        };
        let rows = imbalance.rows(&train.data().class_index()?, seed)?;
        Ok(TrainSet::new(train.data().select(&rows)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_synthetic_data_set_is_drawn_anew_for_each_seed_and_a_table_is_not() {
        let empty = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(empty.path()).unwrap();
        let mut sets = DataSets::load(&["synth-many".into()], &folder).unwrap();
        let table = sets.draw("synth-many", Seed::new(0)).unwrap().into_owned();
        sets.loaded.insert("glass".into(), Source::Table(table));
        let draw = |id: &str, seed| sets.draw(id, Seed::new(seed)).unwrap().into_owned();
        assert_eq!(draw("synth-many", 1), draw("synth-many", 1));
        assert_ne!(draw("synth-many", 1), draw("synth-many", 2));
        assert_eq!(draw("glass", 1), draw("glass", 2));
        let counts = |seed| draw("synth-many", seed).class_counts();
        assert_eq!(counts(1), counts(2));
    }
}
