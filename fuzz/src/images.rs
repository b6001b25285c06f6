//! IDX files of images and labels, whose digests the manifest of their folder gives.

use crate::{
    scratch::{gzip, with_files},
    seed::Seed,
};
use art_bench::{DataFolder, MANIFEST, MnistPool};
use art_data::sha256_hex;
use std::path::Path;

const IMAGES: &str = "mnist-pool-images-idx3-ubyte.gz";
const LABELS: &str = "mnist-pool-labels-idx1-ubyte.gz";

/// The first byte says which file the rest is, and whether it is packed as it stands; the other file has two images or labels.
pub(crate) fn run(bytes: &[u8]) {
    let Some((&first, file)) = bytes.split_first() else {
        return;
    };
    let file = if first & 2 == 0 {
        gzip(file)
    } else {
        file.to_vec()
    };
    let files = if first & 1 == 0 {
        [(IMAGES, file), (LABELS, gzip(&labels()))]
    } else {
        [(IMAGES, gzip(&images())), (LABELS, file)]
    };
    let entry = |(name, bytes): &(&str, Vec<u8>)| {
        let (n_bytes, digest) = (bytes.len(), sha256_hex(bytes));
        format!(
            "[[file]]\nname = {name:?}\nbytes = {n_bytes}\nsha256 = {digest:?}\norigin = \"\"\nlicence = \"\"\n"
        )
    };
    let manifest: String = files.iter().map(entry).collect();
    let [(first, a), (second, b)] = &files;
    with_files(
        &[(first, a), (second, b), (MANIFEST, manifest.as_bytes())],
        look,
    );
}

fn look(folder: &Path) {
    let folder = DataFolder::open(folder).expect("it has a manifest");
    match MnistPool::load(&folder) {
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains("mnist-pool"), "{text}");
        }
        Ok(pool) => {
            let rows: Vec<u32> = (0..pool.labels().len() as u32).collect();
            let _ = pool.select(&rows);
            let _ = pool.draw_long_tailed(art_core::Seed::new(1));
        }
    }
}

fn images() -> Vec<u8> {
    let header = [0x0803_u32, 2, 28, 28].map(u32::to_be_bytes).concat();
    [header, (0..2 * 28 * 28).map(|pixel| pixel as u8).collect()].concat()
}

fn labels() -> Vec<u8> {
    let header = [0x0801_u32, 2].map(u32::to_be_bytes).concat();
    [header, vec![3, 9]].concat()
}

pub(crate) fn seeds() -> Vec<Seed> {
    let seed = |name: &str, first: u8, bytes: &[u8]| Seed::new(name, [&[first], bytes].concat());
    vec![
        seed("images", 0, &images()),
        seed("labels", 1, &labels()),
        seed("packed images", 2, &gzip(&images())),
        seed("packed labels", 3, &gzip(&labels())),
    ]
}
