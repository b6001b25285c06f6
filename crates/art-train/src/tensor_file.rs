//! Files of tensors and a JSON state: checkpoints and models.
//!
//! Each is a safetensors file: the tensors by name, the state in the bytes of the tensor `state`, a SHA-256 over
//! all of them and the version in the tensor `sha256`, and the version in the metadata. Equal contents make equal bytes. It is written beside its target and renamed, so that a
//! crash leaves the old file or the new one, never a torn one.

use crate::error::TrainError;
use art_data::{sha256_hex, write_atomically};
use candle_core::{Device, Tensor};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

/// Name of the tensor that holds the digest; in version 1 of checkpoints the metadata key of it.
const DIGEST: &str = "sha256";
/// Name of the tensor that holds the JSON.
const STATE: &str = "state";

/// What a file is.
pub(crate) struct FileKind {
    /// For messages.
    pub(crate) name: &'static str,
    /// Metadata key of the version.
    pub(crate) version_key: &'static str,
    /// Newest version that this crate writes and reads.
    pub(crate) version: u32,
    /// First version whose digest is a tensor; older ones have it among the metadata.
    pub(crate) digest_is_tensor_from: u32,
    /// First version that its digest is over as well, so that no file passes for one of another version.
    pub(crate) digest_has_version_from: u32,
}

impl FileKind {
    /// SHA-256 over the version, where it is one that counts, and the names, shapes and bytes of all tensors, in the order of
    /// their names.
    fn digest<S: AsRef<str> + Ord>(
        &self,
        version: u32,
        mut tensors: Vec<(S, TensorView<'_>)>,
    ) -> String {
        tensors.sort_by(|a, b| a.0.cmp(&b.0));
        let mut bytes = vec![];
        if version >= self.digest_has_version_from {
            bytes.extend_from_slice(format!("version {version};").as_bytes());
        }
        for (name, view) in &tensors {
            bytes.extend_from_slice(format!("{} {:?};", name.as_ref(), view.shape()).as_bytes());
            bytes.extend_from_slice(view.data());
        }
        sha256_hex(&bytes)
    }

    fn error(&self, action: &'static str, path: &Path, reason: String) -> TrainError {
        TrainError::File {
            what: self.name,
            action,
            path: path.to_owned(),
            reason,
        }
    }

    /// What is wrong with a file whose content does not fit together.
    pub(crate) fn damaged(&self, path: &Path, reason: &dyn std::fmt::Display) -> TrainError {
        let reason = format!(
            "it is no {}, or one that is truncated or altered ({reason}); use another one",
            self.name
        );
        self.error("read", path, reason)
    }

    /// Writes `state` and f32 `tensors` to `path`, replacing what is there only once it is complete.
    pub(crate) fn write(
        &self,
        path: &Path,
        state: &impl Serialize,
        tensors: &[(String, &Tensor)],
    ) -> Result<(), TrainError> {
        let bytes = self.pack(path, state, tensors)?;
        write_atomically(path, &bytes).map_err(|error| self.error("write", path, error.to_string()))
    }

    /// What a file with `state` and f32 `tensors` holds; `path` is for messages.
    pub(crate) fn pack(
        &self,
        path: &Path,
        state: &impl Serialize,
        tensors: &[(String, &Tensor)],
    ) -> Result<Vec<u8>, TrainError> {
        let fail = |reason: String| self.error("write", path, reason);
        let state = serde_json::to_vec(state).map_err(|error| fail(error.to_string()))?;
        let mut stored = vec![(STATE, Dtype::U8, vec![state.len()], state)];
        for (name, tensor) in tensors {
            let values = tensor.flatten_all()?.to_vec1::<f32>()?;
            let bytes = values.into_iter().flat_map(f32::to_le_bytes).collect();
            stored.push((name, Dtype::F32, tensor.dims().to_vec(), bytes));
        }
        let views = stored
            .iter()
            .map(|(name, dtype, shape, bytes)| {
                let view = TensorView::new(*dtype, shape.clone(), bytes);
                view.map(|view| (*name, view))
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| fail(error.to_string()))?;
        let digest = self.digest(self.version, views.clone());
        let mut views = views;
        let view = TensorView::new(Dtype::U8, vec![digest.len()], digest.as_bytes());
        views.push((DIGEST, view.map_err(|error| fail(error.to_string()))?));
        // One entry alone: the order of several would change from file to file.
        let metadata = HashMap::from([(self.version_key.to_owned(), self.version.to_string())]);
        safetensors::serialize(views, Some(metadata)).map_err(|error| fail(error.to_string()))
    }

    /// The state and the tensors of a file of this or an older version.
    pub(crate) fn read<S: DeserializeOwned>(
        &self,
        path: &Path,
    ) -> Result<(S, BTreeMap<String, Tensor>), TrainError> {
        let bytes = fs::read(path);
        let bytes = bytes.map_err(|error| self.error("read", path, error.to_string()))?;
        self.unpack(path, &bytes)
    }

    /// The state and the tensors of what a file holds; `path` is for messages.
    pub(crate) fn unpack<S: DeserializeOwned>(
        &self,
        path: &Path,
        bytes: &[u8],
    ) -> Result<(S, BTreeMap<String, Tensor>), TrainError> {
        let fail = |reason: String| self.error("read", path, reason);
        let damaged = |error: &dyn std::fmt::Display| self.damaged(path, error);
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|e| damaged(&e))?;
        let metadata = metadata.metadata().clone().unwrap_or_default();
        let version = metadata.get(self.version_key);
        let version = version
            .and_then(|version| version.parse::<u32>().ok())
            .ok_or_else(|| fail(format!("it is a safetensors file, but no {}", self.name)))?;
        if version > self.version {
            return Err(fail(format!(
                "it has version {version}, this program reads up to {}; use a newer program",
                self.version
            )));
        }
        let file = SafeTensors::deserialize(bytes).map_err(|e| damaged(&e))?;
        let mut stored = file.tensors();
        let has_tensor = stored.iter().any(|(name, _)| name == DIGEST);
        if version == 0 || has_tensor != (version >= self.digest_is_tensor_from) {
            return Err(damaged(&format!("it says that it has version {version}")));
        }
        // The digest is over what the header says, not over its every byte: equal contents make equal bytes, so that
        // any other byte is an alteration. Older versions have several metadata, in any order.
        if has_tensor {
            let header = HashMap::from([(self.version_key.to_owned(), version.to_string())]);
            let again = safetensors::serialize(stored.clone(), Some(header));
            if again.map_err(|e| damaged(&e))? != bytes {
                return Err(damaged(&"its header is not as it was written"));
            }
        }
        let kept = match stored.iter().position(|(name, _)| name == DIGEST) {
            Some(place) => stored.remove(place).1.data().to_vec(),
            None => metadata
                .get(DIGEST)
                .map_or(vec![], |d| d.as_bytes().to_vec()),
        };
        if kept != self.digest(version, stored.clone()).as_bytes() {
            return Err(damaged(&"its SHA-256 differs"));
        }
        let mut tensors = BTreeMap::new();
        let mut state = None;
        for (name, view) in stored {
            if name == STATE {
                state = Some(serde_json::from_slice(view.data()).map_err(|e| damaged(&e))?);
                continue;
            }
            if view.dtype() != Dtype::F32 {
                return Err(damaged(&format!("{name} is {:?}", view.dtype())));
            }
            let chunks = view.data().chunks_exact(4);
            let values = chunks.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            let tensor = Tensor::from_vec(values.collect(), view.shape(), &Device::Cpu)?;
            tensors.insert(name, tensor);
        }
        let state = state.ok_or_else(|| damaged(&"it has no state"))?;
        Ok((state, tensors))
    }
}
