//! A split in files that both sides read.

use anyhow::{Context, Result, ensure};
use art_core::Seed;
use art_data::{Dataset, Folds, RowShape, Split, TestSet, TrainSet, ValidSet};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
};

/// Says that a split is written in full: it comes last.
const HEADER: &str = "split.json";
/// Rows of the training, validation and test part, one after the other: f32, little-endian.
const FEATURES: &str = "features.f32";
/// Their classes: u32, little-endian.
const LABELS: &str = "labels.u32";
/// The fold in which each row of the first two parts is held out: u32, little-endian.
const FOLDS: &str = "folds.u32";
/// The fold of a row that no fold holds out.
pub(crate) const NEVER: u32 = u32::MAX;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) table: String,
    pub(crate) seed: u64,
    pub(crate) n_train: usize,
    pub(crate) n_valid: usize,
    pub(crate) n_test: usize,
    pub(crate) n_features: usize,
    pub(crate) n_classes: usize,
    pub(crate) n_folds: usize,
    /// Height and width where rows are pictures.
    image: Option<(usize, usize)>,
    /// Columns that are one word together.
    categories: Vec<Range<usize>>,
}

/// A split in a folder of its own, `TABLE/SEED`.
pub(crate) struct SplitFiles {
    pub(crate) folder: PathBuf,
    pub(crate) header: Header,
    labels: Vec<u32>,
}

impl SplitFiles {
    pub(crate) fn are_in(folder: &Path) -> bool {
        folder.join(HEADER).exists()
    }

    pub(crate) fn write(
        folder: &Path,
        (table, seed): (&str, u64),
        split: &Split,
        folds: &Folds,
    ) -> Result<()> {
        fs::create_dir_all(folder)?;
        let parts = [split.train.data(), split.valid.data(), split.test.data()];
        let features = parts.iter().flat_map(|part| part.features_as_slice());
        let labels = parts.iter().flat_map(|part| part.labels());
        let mut of_row = vec![NEVER; folds.n_rows()];
        for fold in 0..folds.n_folds() {
            for row in folds.held_out(fold) {
                of_row[row as usize] = fold as u32;
            }
        }
        let write = |name, bytes: Vec<u8>| fs::write(folder.join(name), bytes);
        write(FEATURES, features.flat_map(|x| x.to_le_bytes()).collect())?;
        write(LABELS, labels.flat_map(|y| y.to_le_bytes()).collect())?;
        write(FOLDS, of_row.iter().flat_map(|f| f.to_le_bytes()).collect())?;
        let train = parts[0];
        let header = Header {
            table: table.to_owned(),
            seed,
            n_train: train.n_rows(),
            n_valid: parts[1].n_rows(),
            n_test: parts[2].n_rows(),
            n_features: train.n_features(),
            n_classes: train.n_classes(),
            n_folds: folds.n_folds(),
            image: match train.shape() {
                RowShape::Vector => None,
                RowShape::Image { height, width } => Some((height, width)),
            },
            categories: train.categories().to_vec(),
        };
        fs::write(folder.join(HEADER), serde_json::to_string(&header)?)?;
        Ok(())
    }

    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let text = fs::read_to_string(folder.join(HEADER))?;
        let header: Header = serde_json::from_str(&text)?;
        let labels = read_u32(&folder.join(LABELS))?;
        let n_rows = header.n_train + header.n_valid + header.n_test;
        ensure!(labels.len() == n_rows, "{}: labels", folder.display());
        Ok(Self {
            folder: folder.to_owned(),
            header,
            labels,
        })
    }

    /// All splits below `work`, by table and seed.
    pub(crate) fn all(work: &Path) -> Result<Vec<Self>> {
        let mut all = vec![];
        for table in folders(work)? {
            for folder in folders(&table)? {
                if Self::are_in(&folder) {
                    all.push(Self::read(&folder)?);
                }
            }
        }
        all.sort_by(|a, b| (&a.header.table, a.header.seed).cmp(&(&b.header.table, b.header.seed)));
        Ok(all)
    }

    pub(crate) fn train_labels(&self) -> &[u32] {
        &self.labels[..self.header.n_train]
    }

    pub(crate) fn valid_labels(&self) -> &[u32] {
        &self.labels[self.header.n_train..][..self.header.n_valid]
    }

    /// Of the training rows and the validation rows behind them.
    pub(crate) fn labelled(&self) -> &[u32] {
        &self.labels[..self.header.n_train + self.header.n_valid]
    }

    pub(crate) fn test_labels(&self) -> &[u32] {
        &self.labels[self.header.n_train + self.header.n_valid..]
    }

    /// The fold of each of the [labelled](Self::labelled) rows, or [`NEVER`].
    pub(crate) fn folds(&self) -> Result<Vec<u32>> {
        read_u32(&self.folder.join(FOLDS))
    }

    /// The training rows and the validation rows behind them, in the folds of the other side.
    pub(crate) fn in_folds(&self, n_folds: usize) -> Result<(TrainSet, Folds)> {
        let header = &self.header;
        let Split { train, valid, .. } = self.split()?;
        let (train, valid) = (train.data(), valid.data());
        let mut features = train.features_as_slice().to_vec();
        features.extend_from_slice(valid.features_as_slice());
        let shape = (header.n_train + header.n_valid, header.n_features);
        let all = Dataset::new(
            Array2::from_shape_vec(shape, features)?,
            self.labelled().to_vec(),
            train.feature_names().to_vec(),
            train.class_names().to_vec(),
        )?;
        let all = self.shaped(all)?;
        let folds = Folds::stratified(&all.class_index()?, n_folds, Seed::new(header.seed))?;
        let known = self.folds()?;
        let is_same = |fold: usize| {
            let held_out = folds.held_out(fold);
            held_out
                .iter()
                .all(|&row| known[row as usize] == fold as u32)
        };
        ensure!(
            n_folds != header.n_folds || (0..n_folds).all(is_same),
            "{}: other folds",
            self.folder.display()
        );
        Ok((TrainSet::new(all), folds))
    }

    /// The same rows, with what the header says of their columns.
    fn shaped(&self, data: Dataset) -> Result<Dataset> {
        let data = data.with_categories(self.header.categories.clone())?;
        Ok(match self.header.image {
            Some((height, width)) => data.with_image_shape(height, width)?,
            None => data,
        })
    }

    /// The rows, to train on.
    pub(crate) fn split(&self) -> Result<Split> {
        let features = read_f32(&self.folder.join(FEATURES))?;
        let n_features = self.header.n_features;
        let mut rest = &features[..];
        let mut part = |labels: &[u32]| -> Result<Dataset> {
            let own = rest.split_off(..labels.len() * n_features);
            let own = own.context("features are missing")?.to_vec();
            let names = |n: usize| (0..n).map(|i| i.to_string()).collect();
            let data = Dataset::new(
                Array2::from_shape_vec((labels.len(), n_features), own)?,
                labels.to_vec(),
                names(n_features),
                names(self.header.n_classes),
            )?;
            self.shaped(data)
        };
        Ok(Split {
            train: TrainSet::new(part(self.train_labels())?),
            valid: ValidSet::new(part(self.valid_labels())?)?,
            test: TestSet::new(part(self.test_labels())?)?,
        })
    }
}

fn folders(of: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(of).with_context(|| of.display().to_string())?;
    let paths = entries.map(|entry| Ok(entry?.path()));
    let paths = paths.filter(|path| path.as_ref().map_or(true, |path| path.is_dir()));
    paths.collect()
}

fn read_u32(path: &Path) -> Result<Vec<u32>> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let (words, _) = bytes.as_chunks::<4>();
    Ok(words.iter().map(|&word| u32::from_le_bytes(word)).collect())
}

pub(crate) fn read_f32(path: &Path) -> Result<Vec<f32>> {
    Ok(read_u32(path)?.into_iter().map(f32::from_bits).collect())
}
