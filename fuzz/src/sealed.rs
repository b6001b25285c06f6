//! Files of tensors whose digest is right whatever their state says, so that a fuzzer comes past it.

use art_data::sha256_hex;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::collections::HashMap;

/// The file `base` with the bytes `state` for its JSON, and the digest of that.
///
/// A file has its tensors, the state as a tensor of bytes, and SHA-256 over the version and the names, shapes and bytes of them all.
pub(crate) fn sealed(base: &[u8], state: &[u8]) -> Vec<u8> {
    let (_, header) = SafeTensors::read_metadata(base).expect("the base is whole");
    let metadata: HashMap<String, String> = header.metadata().clone().expect("it has a version");
    let version = metadata.values().next().expect("it has a version");
    let file = SafeTensors::deserialize(base).expect("the base is whole");
    let mut tensors = file.tensors();
    tensors.retain(|(name, _)| name != "sha256" && name != "state");
    let of_bytes = |bytes| TensorView::new(Dtype::U8, vec![<[u8]>::len(bytes)], bytes);
    tensors.push(("state".to_owned(), of_bytes(state).expect("a list")));
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    let mut bytes = format!("version {version};").into_bytes();
    for (name, view) in &tensors {
        bytes.extend_from_slice(format!("{name} {:?};", view.shape()).as_bytes());
        bytes.extend_from_slice(view.data());
    }
    let digest = sha256_hex(&bytes);
    tensors.push((
        "sha256".to_owned(),
        of_bytes(digest.as_bytes()).expect("a list"),
    ));
    safetensors::serialize(tensors, Some(metadata)).expect("views are whole")
}

/// The JSON of a file.
pub(crate) fn state(base: &[u8]) -> Vec<u8> {
    let file = SafeTensors::deserialize(base).expect("the base is whole");
    file.tensor("state")
        .expect("it has a state")
        .data()
        .to_vec()
}
