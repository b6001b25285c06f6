//! What data sets are called.

use crate::error::BenchError;
use art_core::ParamError;
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

/// Ids and titles of data sets beyond the paper: tables of other kinds, then draws from populations whose truth
/// is known.
pub(crate) const FURTHER_DATASETS: [(&str, &str); 7] = [
    ("ecoli", "Ecoli"),
    ("glass", "Glass"),
    ("page-blocks", "Page Blocks"),
    ("satimage", "Satimage"),
    ("synth-many", "Many Classes (synthetic)"),
    ("synth-large", "Large (synthetic)"),
    ("synth-opposites", "Opposites (synthetic)"),
];

/// Ids and titles of every data set: those of the paper, then the further ones.
fn known_datasets() -> impl Iterator<Item = (&'static str, &'static str)> {
    DATASETS.into_iter().chain(FURTHER_DATASETS)
}

/// Name of a data set in a cell: one of [`DATASETS`] or a further one, and for two classes an imbalance ratio to
/// bring it to.
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
    /// Rows to leave out.
    pub thinning: Option<Thinning>,
}

/// Brings a data set of two classes to an imbalance ratio by leaving out rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thinning {
    /// Majority over minority.
    pub ratio: f64,
    /// Whether validation and test keep all of their rows. Their scores can then be compared from ratio to
    /// ratio; otherwise rows are left out before the split.
    pub train_only: bool,
}

impl FromStr for DatasetName {
    type Err = BenchError;

    fn from_str(text: &str) -> Result<Self, BenchError> {
        let (base, thinning) = match text.split_once('@') {
            None => (text, None),
            Some((base, thinning)) => {
                let (scope, ratio) = thinning.split_once('=').unwrap_or((thinning, ""));
                let train_only = match scope {
                    "ratio" => false,
                    "train-ratio" => true,
                    other => {
                        let known = ["ratio", "train-ratio"];
                        let what = "part of a data set's name";
                        return Err(UnknownName::new(what, other, known).into());
                    }
                };
                let ratio = ratio.parse().map_err(|_| {
                    ParamError::new("ratio", ratio, "a number, as in pima@ratio=10")
                })?;
                (base, Some(Thinning { ratio, train_only }))
            }
        };
        if !is_own_table(base) && known_datasets().all(|(id, _)| id != base) {
            let ids = known_datasets().map(|(id, _)| id);
            return Err(UnknownName::new("data set", base, ids).into());
        }
        Ok(Self {
            base: base.to_owned(),
            thinning,
        })
    }
}

impl fmt::Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)?;
        match self.thinning {
            None => Ok(()),
            Some(Thinning { ratio, train_only }) => {
                let scope = if train_only { "train-ratio" } else { "ratio" };
                write!(f, "@{scope}={ratio}")
            }
        }
    }
}

/// What the ids of users' own tables start with.
const OWN: &str = "own-";

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
    format!("{OWN}{stem}-{}", &table.digest()[..8])
}

/// Whether an id is one of a user's own table.
pub(crate) fn is_own_table(id: &str) -> bool {
    id.starts_with(OWN)
}

/// Whether an id is that of a population made up for the project, of which every seed has rows of its own.
pub(crate) fn is_synthetic(id: &str) -> bool {
    id.starts_with("synth-")
}

/// The title of a data set; its id where it has none.
pub fn dataset_title(id: &str) -> &str {
    if let Some((stem, _)) = id.strip_prefix(OWN).and_then(|id| id.rsplit_once('-')) {
        return stem;
    }
    let known = known_datasets().find(|(known, _)| *known == id);
    known.map_or(id, |(_, title)| title)
}
