//! The pool's file: its form, read and written.
//!
//! It is a safetensors file with `embeddings` (F16, 15,000 × 384) and `labels` (U8), 0 negative and 1 positive.

use crate::error::EmbedError;
use art_data::{DataError, Dataset, write_atomically};
use half::f16;
use ndarray::Array2;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// Name of the pool's file.
pub const POOL_FILE: &str = "imdb-minilm-pool.safetensors";
const CLASSES: [&str; 2] = ["negative", "positive"];
/// Rows of each class in the pool.
const ROWS: [usize; 2] = [5_000, 10_000];

/// The pool in `folder`: 5,000 negative and 10,000 positive reviews, a row of 384 numbers each. `None` where there is no such
/// file; it never comes with the project, and `cargo xtask data make imdb` makes it.
///
/// Embeddings made on another machine may differ in their last bit, so the file is held to its form and not to a
/// checksum.
///
/// # Errors
/// [`EmbedError::Io`] when it cannot be read, [`EmbedError::Pool`] when it has the wrong form.
///
/// # References
/// Maas, Daly, Pham, Huang, Ng and Potts (2011), "Learning word vectors for sentiment analysis", ACL,
/// 142-150. Reimers and Gurevych (2019), "Sentence-BERT", EMNLP, doi 10.18653/v1/D19-1410.
pub fn read_review_pool(folder: &Path) -> Result<Option<Dataset>, EmbedError> {
    let path = folder.join(POOL_FILE);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(EmbedError::io("read", &path)(error)),
    };
    let problem = |problem: String| EmbedError::pool(&path, problem);
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
    Ok(Some(data))
}

/// Writes a pool of `embeddings`, row after row, to `folder` and returns its path.
///
/// # Errors
/// [`EmbedError::Data`] when there is not one row for each label, [`EmbedError::Io`] when the file cannot be
/// written; an existing file is replaced only by a complete one.
pub fn write_review_pool(
    folder: &Path,
    embeddings: &[f32],
    labels: &[u8],
) -> Result<PathBuf, EmbedError> {
    let columns = embeddings.len() / labels.len().max(1);
    if labels.is_empty() || columns * labels.len() != embeddings.len() {
        return Err(EmbedError::Data(DataError::Length {
            what: "embeddings, a multiple of the labels",
            expected: labels.len(),
            found: embeddings.len(),
        }));
    }
    let path = folder.join(POOL_FILE);
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
    write_atomically(&path, &bytes).map_err(EmbedError::io("write", &path))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_of_the_wrong_form_is_refused_and_a_missing_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read_review_pool(folder.path()).unwrap().is_none());
        let message = || read_review_pool(folder.path()).unwrap_err().to_string();

        write_review_pool(folder.path(), &[0.5; 6], &[0, 1, 1]).unwrap();
        assert!(
            message().contains("expected 15000 rows of F16"),
            "{}",
            message()
        );
        let labels: Vec<u8> = (0..15_000).map(|row| u8::from(row % 2 == 0)).collect();
        write_review_pool(folder.path(), &vec![0.5; 15_000], &labels).unwrap();
        assert!(message().contains("7500 of them 0"), "{}", message());
        fs::write(folder.path().join(POOL_FILE), b"not a pool").unwrap();
        assert!(message().contains(POOL_FILE), "{}", message());
        assert!(write_review_pool(folder.path(), &[0.5; 5], &[0, 1]).is_err());
    }

    #[test]
    fn a_pool_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let labels: Vec<u8> = (0..15_000).map(|row| u8::from(row % 3 != 0)).collect();
        let values: Vec<f32> = (0..30_000_u16)
            .map(|i| f32::from(i % 1024) / 1024.0)
            .collect();
        let path = write_review_pool(folder.path(), &values, &labels).unwrap();
        assert_eq!(path, folder.path().join(POOL_FILE));
        let pool = read_review_pool(folder.path()).unwrap().unwrap();
        assert_eq!(pool.features_as_slice(), values);
        assert!(
            pool.labels()
                .iter()
                .copied()
                .eq(labels.into_iter().map(u32::from))
        );
        assert_eq!(pool.class_names(), CLASSES);
    }
}
