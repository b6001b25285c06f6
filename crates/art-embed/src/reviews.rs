//! Which reviews of the published folder the pool is made of, in which order.

use crate::error::EmbedError;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Reviews taken of each part and label at the same remainder of the id.
const PER_PART: u32 = 2_500;
/// Neighboring ids are often the same film, so every fifth is taken.
const STEP: u32 = 5;
/// Remainder of the ids of the further positive reviews.
const FURTHER: u32 = 2;
const PARTS: [&str; 2] = ["train", "test"];
const LABELS: [&str; 2] = ["neg", "pos"];

/// A review of the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Its file.
    pub path: PathBuf,
    /// 0 negative, 1 positive.
    pub label: u8,
}

impl Review {
    /// The text of the file, as it is.
    ///
    /// # Errors
    /// [`EmbedError::Review`] when the file is gone or is not UTF-8, [`EmbedError::Io`] when it cannot be read.
    pub fn text(&self) -> Result<String, EmbedError> {
        let bytes = fs::read(&self.path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => EmbedError::review(self.path.clone(), "is missing"),
            _ => EmbedError::io("read", &self.path)(error),
        })?;
        String::from_utf8(bytes).map_err(|error| {
            let problem = format!(
                "is not UTF-8 from byte {}",
                error.utf8_error().valid_up_to()
            );
            EmbedError::review(self.path.clone(), problem)
        })
    }
}

/// A place in the published folder, without the rating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    part: usize,
    label: u8,
    id: u32,
}

impl Place {
    fn folder(self) -> PathBuf {
        Path::new(PARTS[self.part]).join(LABELS[usize::from(self.label)])
    }
}

/// The pool's rows: the ids 0, 5, 10, ... of the training and then of the test reviews, negative and positive in
/// turn, then the ids 2, 7, 12, ... of the positive ones.
fn pool_places() -> impl Iterator<Item = Place> {
    let ids = |offset| {
        (0..PARTS.len()).flat_map(move |part| (0..PER_PART).map(move |k| (part, STEP * k + offset)))
    };
    let both = ids(0).flat_map(|(part, id)| [0, 1].map(|label| Place { part, label, id }));
    let further = ids(FURTHER).map(|(part, id)| Place { part, label: 1, id });
    both.chain(further)
}

/// The 15,000 reviews of the pool in the folder `aclImdb`, in the order of the pool's rows.
///
/// Rows 0 to 9,999 are negative and positive in turn, rows 10,000 to 14,999 positive. A review's file is
/// `part/label/ID_RATING.txt`, with `part` train or test and `label` neg or pos.
///
/// # Errors
/// [`EmbedError::Review`] when a review is missing or is there twice, [`EmbedError::Io`] when a folder cannot
/// be listed.
///
/// # References
/// Maas, Daly, Pham, Huang, Ng and Potts (2011), "Learning word vectors for sentiment analysis", ACL, 142-150.
pub fn pool_reviews(folder: &Path) -> Result<Vec<Review>, EmbedError> {
    let mut listed: BTreeMap<(usize, u8), BTreeMap<u32, PathBuf>> = BTreeMap::new();
    for (part, _) in PARTS.iter().enumerate() {
        for label in [0, 1] {
            let place = Place { part, label, id: 0 };
            listed.insert((part, label), list(&folder.join(place.folder()))?);
        }
    }
    let found = |place: Place| {
        let files = listed.get(&(place.part, place.label));
        let Some(path) = files.and_then(|files| files.get(&place.id)) else {
            let name = format!("{}_*.txt", place.id);
            let path = folder.join(place.folder()).join(name);
            return Err(EmbedError::review(path, "is missing"));
        };
        Ok(Review {
            path: path.clone(),
            label: place.label,
        })
    };
    pool_places().map(found).collect()
}

/// The reviews of a folder by their id.
fn list(folder: &Path) -> Result<BTreeMap<u32, PathBuf>, EmbedError> {
    let mut files = BTreeMap::new();
    let entries = fs::read_dir(folder).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => EmbedError::review(folder.to_owned(), "is missing"),
        _ => EmbedError::io("list", folder)(error),
    })?;
    for entry in entries {
        let path = entry.map_err(EmbedError::io("list", folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(stem) = name.and_then(|name| name.strip_suffix(".txt")) else {
            continue;
        };
        let Some(id) = stem.split_once('_').and_then(|(id, _)| id.parse().ok()) else {
            continue;
        };
        if let Some(other) = files.insert(id, path.clone()) {
            let problem = format!("has the id of {} too", other.display());
            return Err(EmbedError::review(path, problem));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stored pool's index as lines `row,label,part/label/ID`, without the ratings.
    const STORED: &str = "d5f2f63c5959f462a5517ebf41b0dce9c5606e6832b6d797dd58e8adf170768e";

    #[test]
    fn the_rows_are_those_of_the_stored_pool() {
        let line = |(row, place): (usize, Place)| {
            let folder = format!("{}/{}", PARTS[place.part], LABELS[usize::from(place.label)]);
            format!("{row},{},{folder}/{}\n", place.label, place.id)
        };
        let lines: Vec<String> = pool_places().enumerate().map(line).collect();
        assert_eq!(lines.len(), 15_000);
        assert_eq!(lines[3], "3,1,train/pos/5\n");
        assert_eq!(lines[14_999], "14999,1,test/pos/12497\n");
        assert_eq!(art_data::sha256_hex(lines.concat().as_bytes()), STORED);
    }

    #[test]
    fn a_missing_folder_or_review_and_a_double_id_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let message = || pool_reviews(folder.path()).unwrap_err().to_string();
        assert!(message().contains("neg: is missing"), "{}", message());
        for part in PARTS {
            for label in LABELS {
                fs::create_dir_all(folder.path().join(part).join(label)).unwrap();
            }
        }
        assert!(message().contains("0_*.txt: is missing"), "{}", message());
        for place in pool_places() {
            let name = format!("{}_7.txt", place.id);
            fs::write(folder.path().join(place.folder()).join(name), "").unwrap();
        }
        let reviews = pool_reviews(folder.path()).unwrap();
        assert_eq!(reviews.len(), 15_000);
        assert_eq!(reviews[3].path, folder.path().join("train/pos/5_7.txt"));
        fs::write(folder.path().join("test/pos/12497_9.txt"), "").unwrap();
        assert!(message().contains("has the id of"), "{}", message());
        fs::remove_file(folder.path().join("test/pos/12497_9.txt")).unwrap();
        fs::remove_file(folder.path().join("test/pos/12497_7.txt")).unwrap();
        assert!(
            message().contains("12497_*.txt: is missing"),
            "{}",
            message()
        );
    }

    #[test]
    fn a_text_that_is_gone_or_no_utf_8_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("3_9.txt");
        let review = Review { path, label: 1 };
        let message = || review.text().unwrap_err().to_string();
        assert!(message().contains("3_9.txt: is missing"), "{}", message());
        fs::write(&review.path, b"caf\xe9").unwrap();
        assert!(
            message().contains("3_9.txt: is not UTF-8 from byte 3"),
            "{}",
            message()
        );
        fs::write(&review.path, "caf\u{e9}<br />").unwrap();
        assert_eq!(review.text().unwrap(), "caf\u{e9}<br />");
    }
}
