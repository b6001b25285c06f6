//! Which method figures show in color.

use crate::results::{DatasetResults, Verdict};
use art_methods::PLAIN;

/// The method that stands out in figures of many: the recommended one, else plain training on a table of the user's own; ART
/// on other data sets.
pub(super) fn highlighted(dataset: &DatasetResults) -> &str {
    match &dataset.verdict {
        Some(verdict) => Verdict::recommended(verdict).unwrap_or(PLAIN),
        None => "art",
    }
}

/// Its title, where the data set has it.
pub(super) fn highlighted_title(dataset: &DatasetResults) -> Option<&str> {
    let id = highlighted(dataset);
    let mut methods = dataset.methods.iter();
    methods.find(|m| m.id == id).map(|m| &*m.title)
}
