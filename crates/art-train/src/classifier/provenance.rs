//! What a classifier was made from: enough to know its rows and its command again.

use super::Classifier;
use crate::error::TrainError;
use art_data::{Encoder, Frame, Unseen};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Most rows that are remembered one by one.
const MOST_ROWS: usize = 4_096;
/// Rows that are encoded at a time.
const ROWS: usize = 16_384;

/// What a classifier was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Equal for equal commands on equal tables.
    pub run: String,
    /// The rows that trained and steered it.
    pub rows: RowSketch,
}

/// A set of rows by their hashes, at most 64 KiB of text however many rows there are.
///
/// Up to 4,096 different rows all are remembered; of more, the 4,096 with the smallest hashes, so that of other rows those
/// below the largest of these can be looked up, and the rest is estimated from them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowSketch {
    /// Hashes in ascending order.
    #[serde(serialize_with = "as_hex", deserialize_with = "from_hex")]
    hashes: Vec<u64>,
    is_whole: bool,
}

/// How many of some rows are in a [`RowSketch`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowsKnown {
    /// Rows that were looked for.
    pub rows: u64,
    /// Those of them that the sketch can answer for.
    answered: u64,
    found: u64,
}

impl RowsKnown {
    /// How many of the rows are in the set; estimated where that [`is_estimated`](Self::is_estimated).
    pub fn known(&self) -> u64 {
        if self.answered == 0 {
            return 0;
        }
        let share = self.found as f64 / self.answered as f64;
        (share * self.rows as f64).round() as u64
    }

    /// Whether only a part of the rows could be looked up.
    pub fn is_estimated(&self) -> bool {
        self.answered < self.rows
    }
}

impl RowSketch {
    /// The set of `rows` of `frame` with these classes, one for each of its rows, as `encoder` sees them: whatever the order of
    /// the columns.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    ///
    /// # Panics
    /// If there is no such row.
    pub fn of(
        encoder: &Encoder,
        frame: &Frame,
        labels: &[u32],
        rows: &[u32],
    ) -> Result<Self, TrainError> {
        let mut hashes = vec![];
        for rows in rows.chunks(ROWS) {
            let classes = rows.iter().map(|&row| Some(labels[row as usize]));
            hashes.extend(row_hashes(encoder, frame, rows, classes)?);
        }
        hashes.sort_unstable();
        hashes.dedup();
        let is_whole = hashes.len() <= MOST_ROWS;
        hashes.truncate(MOST_ROWS);
        Ok(Self { hashes, is_whole })
    }

    /// Looks for all rows of `frame` that have a class, and adds to `known` what is found.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    ///
    /// # Panics
    /// If there is not one entry of `classes` a row.
    pub fn look_for(
        &self,
        encoder: &Encoder,
        frame: &Frame,
        classes: &[Option<u32>],
        known: &mut RowsKnown,
    ) -> Result<(), TrainError> {
        assert_eq!(classes.len(), frame.n_rows(), "classes");
        let rows: Vec<u32> = (0..frame.n_rows() as u32).collect();
        for rows in rows.chunks(ROWS) {
            let classes = rows.iter().map(|&row| classes[row as usize]);
            for hash in row_hashes(encoder, frame, rows, classes)? {
                known.rows += 1;
                let is_answered = self.is_whole || self.hashes.last() >= Some(&hash);
                known.answered += u64::from(is_answered);
                known.found += u64::from(self.hashes.binary_search(&hash).is_ok());
            }
        }
        Ok(())
    }
}

impl Classifier {
    /// What it was made from; none in a file of an older program, and none for one made from arrays: their single precision does
    /// not say how a table writes the numbers, so that its rows could not be known again.
    pub fn provenance(&self) -> Option<&Provenance> {
        self.provenance.as_ref()
    }

    /// Notes what it was made from.
    #[must_use]
    pub fn with_provenance(mut self, provenance: Provenance) -> Self {
        self.provenance = Some(provenance);
        self
    }
}

/// A hash of the features and the class of each row that has one.
fn row_hashes(
    encoder: &Encoder,
    frame: &Frame,
    rows: &[u32],
    classes: impl Iterator<Item = Option<u32>>,
) -> Result<Vec<u64>, TrainError> {
    let features = encoder.encode(frame, rows, Unseen::Counted)?.features;
    let hash = |(row, class): (ndarray::ArrayView1<'_, f32>, Option<u32>)| {
        let class = u64::from(class?);
        let numbers = row
            .iter()
            .map(|&x| if x == 0.0 { 0 } else { u64::from(x.to_bits()) });
        Some(numbers.fold(mixed(class), |hash, bits| mixed(hash ^ bits)))
    };
    Ok(features
        .rows()
        .into_iter()
        .zip(classes)
        .filter_map(hash)
        .collect())
}

/// A step of SplitMix64: as files keep it, it stays what it is.
fn mixed(bits: u64) -> u64 {
    let mut z = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn as_hex<S: Serializer>(hashes: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
    let text: Vec<String> = hashes.iter().map(|hash| format!("{hash:016x}")).collect();
    serializer.serialize_str(&text.concat())
}

fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let hashes: Result<Vec<u64>, _> = text
        .as_bytes()
        .chunks(16)
        .map(|digits| {
            let digits = std::str::from_utf8(digits).map_err(D::Error::custom)?;
            u64::from_str_radix(digits, 16).map_err(D::Error::custom)
        })
        .collect();
    let hashes = hashes?;
    if hashes.len() > MOST_ROWS || !hashes.is_sorted() {
        return Err(D::Error::custom(
            "hashes of rows that are too many or not in order",
        ));
    }
    Ok(hashes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn frame(n_rows: usize, first: usize) -> (Frame, Vec<u32>) {
        let names = ["a".to_owned(), "b".to_owned()];
        let numbers = Array2::from_shape_fn((n_rows, 2), |(row, column)| {
            ((row + first) * (column + 3)) as f32 / 7.0
        });
        let labels = (0..n_rows)
            .map(|row| u32::from((row + first).is_multiple_of(3)))
            .collect();
        (Frame::of_numbers(numbers.view(), &names), labels)
    }

    fn sketch(n_rows: usize) -> (Encoder, RowSketch) {
        let (frame, labels) = frame(n_rows, 0);
        let rows: Vec<u32> = (0..n_rows as u32).collect();
        let encoder = Encoder::fit(&frame, &["a".into(), "b".into()], &rows).unwrap();
        let sketch = RowSketch::of(&encoder, &frame, &labels, &rows).unwrap();
        (encoder, sketch)
    }

    fn known(encoder: &Encoder, sketch: &RowSketch, first: usize, flip: bool) -> RowsKnown {
        let (frame, labels) = frame(3_000, first);
        let classes: Vec<_> = labels.iter().map(|l| Some(l ^ u32::from(flip))).collect();
        let mut known = RowsKnown::default();
        sketch
            .look_for(encoder, &frame, &classes, &mut known)
            .unwrap();
        known
    }

    #[test]
    fn rows_of_a_small_table_are_counted_exactly() {
        let (encoder, sketch) = sketch(4_000);
        let count = |first, flip| {
            let known = known(&encoder, &sketch, first, flip);
            (known.known(), known.is_estimated())
        };
        assert_eq!(count(0, false), (3_000, false));
        assert_eq!(count(2_000, false), (2_000, false));
        assert_eq!(count(4_000, false), (0, false));
        assert_eq!(count(0, true), (0, false), "a row has its class");
    }

    #[test]
    fn rows_of_a_large_table_are_estimated_and_stay_within_64_kib() {
        let (encoder, sketch) = sketch(40_000);
        let count = |first| known(&encoder, &sketch, first, false);
        assert!(count(0).is_estimated());
        assert_eq!(count(0).known(), 3_000);
        assert_eq!(count(40_000).known(), 0);
        let half = count(38_500).known();
        assert!((1_200..1_800).contains(&half), "{half}");
        let text = serde_json::to_string(&sketch).unwrap();
        assert!(text.len() < 65_600, "{}", text.len());
        assert_eq!(serde_json::from_str::<RowSketch>(&text).unwrap(), sketch);
        let bad = text.replacen("\"hashes\":\"", "\"hashes\":\"ffffffffffffffff", 1);
        serde_json::from_str::<RowSketch>(&bad).unwrap_err();
    }

    #[test]
    fn hashes_of_rows_are_those_of_older_files() {
        assert_eq!(mixed(0), 0xe220_a839_7b1d_cdaf, "SplitMix64 from 0");
    }
}
