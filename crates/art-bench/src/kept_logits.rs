//! The logits of a cell, kept beside its record, so that other decisions need no training.
//!
//! One safetensors file a cell, `logits/ID.safetensors` in the results folder: f32 tensors `validation.logits` and
//! `test.logits` `(rows, classes)`, u32 tensors `validation.labels` and `test.labels`, f64 tensors `prior` and `natural`.

use crate::{cell::CellId, error::BenchError};
use art_core::{ClassDistribution, ConfusionMatrix};
use art_data::write_atomically;
use art_train::{LogitPrior, PostHoc, Predictions};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

const VERSION_KEY: &str = "art-logits-version";
const VERSION: &str = "1";
const FOLDER: &str = "logits";

/// What a trained cell says of its rows, before any decision.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptLogits {
    /// The rows that decisions are chosen on: validation rows, or all training rows out of their fold.
    pub validation: Predictions,
    /// The test rows.
    pub test: Predictions,
    /// The class prior of the logits, which are those of probabilities.
    pub prior: LogitPrior,
    /// The class shares of the training rows before any resampling.
    pub natural: ClassDistribution,
}

impl KeptLogits {
    /// Test rows, truth against the decision of `rule`; by the largest logit where there is none.
    pub fn decided_by(&self, rule: Option<&dyn PostHoc>) -> ConfusionMatrix {
        let Some(rule) = rule else {
            return self.test.confusion();
        };
        let moved = rule.adjust(&self.validation, &self.prior, &self.natural);
        self.test.confusion_by(&moved)
    }

    /// Where the logits of the cell `id` are kept in the results folder `folder`.
    pub fn path(folder: &Path, id: &CellId) -> PathBuf {
        folder.join(FOLDER).join(format!("{id}.safetensors"))
    }

    /// Writes them, once complete.
    ///
    /// # Errors
    /// [`BenchError::Io`]; an existing file is then unchanged.
    pub fn write(&self, folder: &Path, id: &CellId) -> Result<(), BenchError> {
        let path = Self::path(folder, id);
        let parent = folder.join(FOLDER);
        std::fs::create_dir_all(&parent).map_err(BenchError::io("make the folder", &parent))?;
        let n_classes = self.test.n_classes();
        let mut stored: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = vec![];
        for (part, rows) in [("validation", &self.validation), ("test", &self.test)] {
            let logits = rows.logits().iter().flat_map(|z| z.to_le_bytes()).collect();
            let labels = rows.labels().iter().flat_map(|c| c.to_le_bytes()).collect();
            let shape = vec![rows.n_rows(), n_classes];
            stored.push((format!("{part}.logits"), Dtype::F32, shape, logits));
            let shape = vec![rows.n_rows()];
            stored.push((format!("{part}.labels"), Dtype::U32, shape, labels));
        }
        for (name, shares) in [
            ("prior", self.prior.shares()),
            ("natural", self.natural.as_slice()),
        ] {
            let bytes = shares.iter().flat_map(|p| p.to_le_bytes()).collect();
            stored.push((name.to_owned(), Dtype::F64, vec![n_classes], bytes));
        }
        let views = stored.iter().map(|(name, dtype, shape, bytes)| {
            let view = TensorView::new(*dtype, shape.clone(), bytes);
            (name, view.expect("as many bytes as the shape says"))
        });
        let version = HashMap::from([(VERSION_KEY.to_owned(), VERSION.to_owned())]);
        let bytes = safetensors::serialize(views, Some(version)).expect("names are apart");
        write_atomically(&path, &bytes).map_err(BenchError::io("write", &path))
    }

    /// Those of the cell `id`; none where they were not kept.
    ///
    /// # Errors
    /// [`BenchError::Io`] when the file cannot be read; [`BenchError::Format`] when it is damaged or of a newer version.
    pub fn read(folder: &Path, id: &CellId) -> Result<Option<Self>, BenchError> {
        let path = Self::path(folder, id);
        let bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(BenchError::io("read", &path))?,
        };
        let kept = Self::of_bytes(&bytes);
        kept.map(Some).map_err(|problem| {
            BenchError::form(
                &path,
                format!("{problem}; delete it and run its cell again"),
            )
        })
    }

    fn of_bytes(bytes: &[u8]) -> Result<Self, String> {
        let text = |error: safetensors::SafeTensorError| format!("it is damaged ({error})");
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(text)?;
        let version = header.metadata().as_ref().and_then(|m| m.get(VERSION_KEY));
        if version.map(String::as_str) != Some(VERSION) {
            return Err("it is not of a version that this program reads".into());
        }
        let file = SafeTensors::deserialize(bytes).map_err(text)?;
        let tensor = |name: &str, dtype: Dtype| {
            let view = file.tensor(name).map_err(text)?;
            if view.dtype() == dtype {
                Ok(view)
            } else {
                Err(format!("{name} is of another type"))
            }
        };
        let shares = |name: &str| {
            let view = tensor(name, Dtype::F64)?;
            let shares = view.data().as_chunks().0.iter();
            let shares = shares.map(|bytes| f64::from_le_bytes(*bytes)).collect();
            ClassDistribution::new(shares).map_err(|error| format!("{name}: {error}"))
        };
        let natural = shares("natural")?;
        let n_classes = natural.n_classes();
        let part = |part: &str| {
            let logits = tensor(&format!("{part}.logits"), Dtype::F32)?;
            let labels = tensor(&format!("{part}.labels"), Dtype::U32)?;
            let logits = logits.data().as_chunks().0.iter();
            let logits: Vec<f32> = logits.map(|bytes| f32::from_le_bytes(*bytes)).collect();
            let labels = labels.data().as_chunks().0.iter();
            let labels: Vec<u32> = labels.map(|bytes| u32::from_le_bytes(*bytes)).collect();
            let are_classes = labels.iter().all(|&label| (label as usize) < n_classes);
            if logits.len() != labels.len() * n_classes || !are_classes {
                return Err(format!("the {part} rows do not fit together"));
            }
            Ok(Predictions::from_logits(n_classes, logits, labels))
        };
        let prior = shares("prior")?;
        if prior.n_classes() != n_classes {
            return Err("its priors do not fit together".into());
        }
        Ok(Self {
            validation: part("validation")?,
            test: part("test")?,
            prior: prior.into(),
            natural,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::CellSpec;
    use art_methods::Settings;
    use art_train::Training;

    fn kept() -> KeptLogits {
        let natural = ClassDistribution::new(vec![0.75, 0.25]).unwrap();
        KeptLogits {
            validation: Predictions::from_logits(2, vec![1.0, 0.5, -0.25, 3.0], vec![0, 1]),
            test: Predictions::from_logits(2, vec![0.0, 0.5], vec![1]),
            prior: ClassDistribution::uniform(2).unwrap().into(),
            natural,
        }
    }

    fn id() -> CellId {
        let spec = CellSpec {
            dataset: "pima".into(),
            method: "baseline".into(),
            seed: 1,
            initialisation: 0,
            settings: Settings::default(),
            training: Training::default(),
            trial: None,
        };
        spec.id()
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(KeptLogits::read(folder.path(), &id()).unwrap(), None);
        kept().write(folder.path(), &id()).unwrap();
        let again = KeptLogits::read(folder.path(), &id()).unwrap();
        assert_eq!(again, Some(kept()));
    }

    #[test]
    fn damage_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        kept().write(folder.path(), &id()).unwrap();
        let path = KeptLogits::path(folder.path(), &id());
        let whole = std::fs::read(&path).unwrap();
        for (bytes, says) in [
            (whole[..whole.len() - 3].to_vec(), "damaged"),
            (vec![], "damaged"),
            (
                String::from_utf8_lossy(&whole)
                    .replace("version\":\"1", "version\":\"2")
                    .into_bytes(),
                "version",
            ),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let error = KeptLogits::read(folder.path(), &id())
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(says) && error.contains("delete it"),
                "{error}"
            );
        }
    }
}
