//! IDX files of images and labels, whose digests the manifest of their folder gives.

use crate::seed::Seed;
use art_bench::{DataFolder, MANIFEST, MnistPool};
use art_data::sha256_hex;
use flate2::{Compression, write::GzEncoder};
use std::{fs, io::Write as _};
use tempfile::TempDir;

const IMAGES: &str = "mnist-pool-images-idx3-ubyte.gz";
const LABELS: &str = "mnist-pool-labels-idx1-ubyte.gz";

thread_local! {
    static FOLDER: TempDir = tempfile::tempdir().expect("a folder can be made");
}

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
    FOLDER.with(|folder| {
        let folder = folder.path();
        let entries = files.map(|(name, bytes)| {
            fs::write(folder.join(name), &bytes).expect("a file can be written");
            let (n_bytes, digest) = (bytes.len(), sha256_hex(&bytes));
            format!(
                "[[file]]\nname = {name:?}\nbytes = {n_bytes}\nsha256 = {digest:?}\norigin = \"\"\nlicence = \"\"\n"
            )
        });
        fs::write(folder.join(MANIFEST), entries.concat()).expect("a file can be written");
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
    });
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(vec![], Compression::none());
    packer.write_all(bytes).expect("memory takes it");
    packer.finish().expect("memory takes it")
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
