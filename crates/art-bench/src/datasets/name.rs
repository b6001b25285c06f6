//! What data sets are called.

use super::variant::Variant;
use crate::error::BenchError;
use art_data::LabelledFrame;
use art_methods::UnknownName;
use std::{fmt, str::FromStr};

/// Ids and titles of the data sets, in the order of the paper.
pub const DATASETS: [(&str, &str); 5] = [
    ("pima", "Pima"),
    ("yeast", "Yeast"),
    ("wine", "Red Wine"),
    ("mnist-lt", "MNIST-LT"),
    ("imdb", "IMDb-Custom"),
];

/// Ids and titles of tables beyond the paper.
pub(super) const FURTHER_TABLES: [(&str, &str); 4] = [
    ("ecoli", "Ecoli"),
    ("glass", "Glass"),
    ("page-blocks", "Page Blocks"),
    ("satimage", "Satimage"),
];

/// Ids and titles of draws from populations whose truth is known.
pub(super) const SYNTHETIC: [(&str, &str); 3] = [
    ("synth-many", "Many Classes (synthetic)"),
    ("synth-large", "Large (synthetic)"),
    ("synth-opposites", "Opposites (synthetic)"),
];

/// Ids and titles of every data set: those of the paper, then the further ones.
pub(super) fn known_datasets() -> impl Iterator<Item = (&'static str, &'static str)> {
    DATASETS.into_iter().chain(FURTHER_TABLES).chain(SYNTHETIC)
}

/// What the ids of users' own tables start with.
const OWN_PREFIX: &str = "own-";
/// What the ids of synthetic data sets start with.
const SYNTHETIC_PREFIX: &str = "synth-";
/// What stands before the variant in a name.
const VARIED: char = '@';

/// What a data set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatasetKind {
    /// One of the paper.
    Paper,
    /// A table beyond the paper, or a data set that only another program knows.
    Further,
    /// Draws from a population made up for the project: every seed has rows of its own.
    Synthetic,
    /// A table of the user's own.
    Own,
}

impl DatasetKind {
    /// The kind of the data set called `name`, be it known here or not.
    ///
    /// ```
    /// use art_bench::DatasetKind;
    /// assert_eq!(DatasetKind::of("pima@train-ratio=10"), DatasetKind::Paper);
    /// assert_eq!(DatasetKind::of("own-people-0a1b2c3d"), DatasetKind::Own);
    /// ```
    pub fn of(name: &str) -> Self {
        let id = DatasetName::id_of(name);
        if id.starts_with(OWN_PREFIX) {
            Self::Own
        } else if id.starts_with(SYNTHETIC_PREFIX) {
            Self::Synthetic
        } else if DATASETS.iter().any(|(known, _)| *known == id) {
            Self::Paper
        } else {
            Self::Further
        }
    }
}

/// Name of a data set in a cell: one of [`DATASETS`] or a further one, and what is done to it.
///
/// ```
/// use art_bench::DatasetName;
/// let name: DatasetName = "pima@ratio=10".parse()?;
/// assert_eq!((name.base.as_str(), name.to_string().as_str()), ("pima", "pima@ratio=10"));
/// assert!("pina".parse::<DatasetName>().is_err());
/// # Ok::<(), art_bench::BenchError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetName {
    /// Id of the data set.
    pub base: String,
    /// What is done to it; nothing where it is taken as it is.
    pub variant: Option<Variant>,
}

impl DatasetName {
    /// What the data set is.
    pub fn kind(&self) -> DatasetKind {
        DatasetKind::of(&self.base)
    }

    /// The id of the data set called `name`, be it known here or not.
    pub fn id_of(name: &str) -> &str {
        name.split_once(VARIED).map_or(name, |(id, _)| id)
    }
}

impl FromStr for DatasetName {
    type Err = BenchError;

    fn from_str(text: &str) -> Result<Self, BenchError> {
        let (base, variant) = match text.split_once(VARIED) {
            None => (text, None),
            Some((base, variant)) => (base, Some(variant.parse()?)),
        };
        let is_known = known_datasets().any(|(id, _)| id == base);
        if !is_known && DatasetKind::of(base) != DatasetKind::Own {
            let ids = known_datasets().map(|(id, _)| id);
            return Err(UnknownName::new("data set", base, ids).into());
        }
        Ok(Self {
            base: base.to_owned(),
            variant,
        })
    }
}

impl fmt::Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)?;
        match self.variant {
            None => Ok(()),
            Some(variant) => write!(f, "{VARIED}{variant}"),
        }
    }
}

/// The id of a table of the user's own: the name of its file and a digest of its content, so that results of
/// another table are never taken for its own.
pub fn own_table_id(table: &LabelledFrame) -> String {
    let stem = table.frame().path().file_stem().unwrap_or_default();
    let stem = stem.to_string_lossy();
    let plain = |c: char| {
        if c.is_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let stem: String = stem.chars().map(plain).collect();
    format!("{OWN_PREFIX}{stem}-{}", &table.digest()[..8])
}

/// The title of a data set; its id where it has none.
pub fn dataset_title(id: &str) -> &str {
    if let Some((stem, _)) = id
        .strip_prefix(OWN_PREFIX)
        .and_then(|id| id.rsplit_once('-'))
    {
        return stem;
    }
    let known = known_datasets().find(|(known, _)| *known == id);
    known.map_or(id, |(_, title)| title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_as_it_was_read() {
        for name in [
            "pima",
            "pima@ratio=10",
            "pima@train-ratio=2.5",
            "wine@equal-rows=together",
            "mnist-lt@draw=1",
            "own-t-0a1b2c3d",
        ] {
            let parsed: DatasetName = name.parse().unwrap();
            assert_eq!(parsed.to_string(), name);
            assert_eq!(parsed.base, DatasetName::id_of(name));
        }
    }

    #[test]
    fn every_name_has_a_kind() {
        let kinds = [
            (DatasetKind::Paper, &DATASETS[..]),
            (DatasetKind::Further, &FURTHER_TABLES),
            (DatasetKind::Synthetic, &SYNTHETIC),
            (DatasetKind::Own, &[("own-t-0a1b2c3d", "t")]),
            (
                DatasetKind::Further,
                &[("of-a-newer-program", "of-a-newer-program")],
            ),
        ];
        for (kind, datasets) in kinds {
            for (id, title) in datasets {
                assert_eq!(DatasetKind::of(id), kind, "{id}");
                assert_eq!(DatasetKind::of(&format!("{id}@ratio=3")), kind, "{id}");
                assert_eq!(dataset_title(id), *title);
            }
        }
    }
}
