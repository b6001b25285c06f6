//! The pool of film reviews as sentence embeddings.

use crate::{
    dataset::Dataset, error::DataError, files::write_atomically, imbalance::Imbalance,
    manifest::DataFolder,
};
use art_core::{ClassIndex, Seed};
use half::f16;
use ndarray::Array2;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::{fs, io::ErrorKind, path::PathBuf};

/// File of the pool inside a data folder.
const POOL: &str = "imdb-minilm-pool.safetensors";
const CLASSES: [&str; 2] = ["negative", "positive"];
/// Rows of each class in the pool.
const ROWS: [usize; 2] = [5_000, 10_000];
/// Majority over minority of the drawn sets.
const RATIO: f64 = 10.0;

/// Embeddings of film reviews with their labels, 0 negative and 1 positive: 5,000 and 10,000 rows of 384
/// numbers.
///
/// The file is a safetensors file with `embeddings` (F16, 15,000 × 384) and `labels` (U8). It is made by
/// `cargo xtask data make imdb` and never comes with the project.
///
/// # References
/// Maas, Daly, Pham, Huang, Ng and Potts (2011), "Learning word vectors for sentiment analysis", ACL,
/// 142-150. Reimers and Gurevych (2019), "Sentence-BERT", EMNLP, doi 10.18653/v1/D19-1410.
#[derive(Clone, Debug)]
pub struct ReviewPool {
    data: Dataset,
}

impl ReviewPool {
    /// The pool in `folder`; `None` where it has no such file.
    ///
    /// Embeddings made on another machine may differ in their last bit, so the file is held to its form and
    /// not to a checksum.
    ///
    /// # Errors
    /// [`DataError::Io`] when it cannot be read, [`DataError::Format`] when it has the wrong form.
    pub fn load(folder: &DataFolder) -> Result<Option<Self>, DataError> {
        let path = folder.path().join(POOL);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(DataError::io("read", &path)(error)),
        };
        let problem = |problem: String| DataError::format(&path, None, problem);
        let file = SafeTensors::deserialize(&bytes).map_err(|error| problem(error.to_string()))?;
        let tensor = |name: &str| {
            let tensor = file.tensor(name);
            tensor.map_err(|error| problem(error.to_string()))
        };
        let (embeddings, labels) = (tensor("embeddings")?, tensor("labels")?);
        let n_rows = ROWS.iter().sum::<usize>();
        let [rows, columns] = *embeddings.shape() else {
            return Err(problem(format!(
                "embeddings have the shape {:?}, expected two dimensions",
                embeddings.shape()
            )));
        };
        if embeddings.dtype() != Dtype::F16 || rows != n_rows || columns == 0 {
            return Err(problem(format!(
                "embeddings are {:?} of {:?}, expected {n_rows} rows of F16",
                embeddings.shape(),
                embeddings.dtype()
            )));
        }
        let labels: Vec<u32> = labels.data().iter().copied().map(u32::from).collect();
        let found = [0, 1].map(|class| labels.iter().filter(|&&label| label == class).count());
        if labels.len() != n_rows || found != ROWS {
            return Err(problem(format!(
                "there are {} labels, {} of them 0 and {} of them 1; expected {} and {}",
                labels.len(),
                found[0],
                found[1],
                ROWS[0],
                ROWS[1]
            )));
        }
        let values = embeddings.data().chunks_exact(2);
        let values = values.map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32());
        let features = Array2::from_shape_vec((rows, columns), values.collect())
            .expect("the file's own length was checked when it was opened");
        let names = (0..columns).map(|column| format!("e{column}")).collect();
        let data = Dataset::new(features, labels, names, CLASSES.map(str::to_owned).to_vec())?;
        Ok(Some(Self { data }))
    }

    /// IMDb-Custom for `seed`: every positive row and a tenth as many negative ones, drawn from the stream
    /// (`imbalance`, 0).
    ///
    /// # Errors
    /// None for a pool that could be loaded.
    pub fn draw(&self, seed: Seed) -> Result<Dataset, DataError> {
        let index: ClassIndex = self.data.class_index()?;
        let rows = Imbalance::BinaryRatio { ratio: RATIO }.rows(&index, seed)?;
        self.data.select(&rows)
    }
}

/// Writes a pool of `embeddings`, row after row, to `folder` and returns its path.
///
/// # Errors
/// [`DataError::Length`] when there is not one row for each label, [`DataError::Io`] when the file cannot be
/// written; an existing file is replaced only by a complete one.
pub fn write_review_pool(
    folder: &std::path::Path,
    embeddings: &[f32],
    labels: &[u8],
) -> Result<PathBuf, DataError> {
    let columns = embeddings.len() / labels.len().max(1);
    if labels.is_empty() || columns * labels.len() != embeddings.len() {
        return Err(DataError::Length {
            what: "embeddings, a multiple of the labels",
            expected: labels.len(),
            found: embeddings.len(),
        });
    }
    let path = folder.join(POOL);
    let halves: Vec<u8> = embeddings
        .iter()
        .flat_map(|&value| f16::from_f32(value).to_le_bytes())
        .collect();
    let view = |dtype, shape, bytes| {
        TensorView::new(dtype, shape, bytes).expect("as many bytes as the shape has values")
    };
    let tensors = [
        (
            "embeddings",
            view(Dtype::F16, vec![labels.len(), columns], &halves),
        ),
        ("labels", view(Dtype::U8, vec![labels.len()], labels)),
    ];
    let bytes = safetensors::serialize(tensors, None).expect("two tensors of different names");
    write_atomically(&path, &bytes).map_err(DataError::io("write", &path))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_of_the_wrong_form_is_refused_and_a_missing_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(folder.path()).unwrap();
        assert!(ReviewPool::load(&data).unwrap().is_none());
        let message = || ReviewPool::load(&data).unwrap_err().to_string();

        write_review_pool(folder.path(), &[0.5; 6], &[0, 1, 1]).unwrap();
        assert!(
            message().contains("expected 15000 rows of F16"),
            "{}",
            message()
        );
        let labels: Vec<u8> = (0..15_000).map(|row| u8::from(row % 2 == 0)).collect();
        write_review_pool(folder.path(), &vec![0.5; 15_000], &labels).unwrap();
        assert!(message().contains("7500 of them 0"), "{}", message());
        fs::write(folder.path().join(POOL), b"not a pool").unwrap();
        assert!(message().contains(POOL), "{}", message());
        assert!(write_review_pool(folder.path(), &[0.5; 5], &[0, 1]).is_err());
    }

    #[test]
    fn a_drawn_set_has_all_positive_rows_and_a_tenth_as_many_negative_ones() {
        let folder = tempfile::tempdir().unwrap();
        let labels: Vec<u8> = (0..15_000).map(|row| u8::from(row % 3 != 0)).collect();
        let values: Vec<f32> = (0..30_000).map(|i| i as f32 / 30_000.0).collect();
        write_review_pool(folder.path(), &values, &labels).unwrap();
        let data = DataFolder::open(folder.path()).unwrap();
        let pool = ReviewPool::load(&data).unwrap().unwrap();
        let [one, other] = [1, 2].map(|seed| pool.draw(Seed::new(seed)).unwrap());
        assert_eq!(one.class_counts().as_slice(), [1_000, 10_000]);
        assert_ne!(one, other);
        assert_eq!(one, pool.draw(Seed::new(1)).unwrap());
    }
}
