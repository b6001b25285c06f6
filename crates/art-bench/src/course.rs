//! How a run went, epoch by epoch, or what reports need of that.

use art_core::DrawnShares;
use art_data::sha256_hex;
use serde::{Deserialize, Serialize};

/// Hexadecimal digits of a digest.
pub(crate) const DIGITS: usize = 16;

/// How a run went. A run writes all of it; packing keeps it of the runs that curves are drawn of, and of the others a digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum Course {
    /// Epoch by epoch.
    Whole(Epochs),
    /// What is left of it.
    Digest(CourseDigest),
}

/// What happened in each epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Epochs {
    /// Every refresh of the class distribution.
    pub refreshes: Vec<RefreshAt>,
    /// Validation F1 of each class after each epoch.
    pub validation_f1: Vec<Vec<f32>>,
}

/// A refresh: what classes are drawn from after an epoch. The difficulties and weights behind it are in the records of `art
/// train` alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefreshAt {
    /// The epoch that it followed.
    pub epoch: u32,
    /// Share of each class.
    pub distribution: Vec<f32>,
}

/// What reports need of a course, and what tells whether another run went the same way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourseDigest {
    /// The first sixteen hexadecimal digits of the SHA-256 of the course as it is written.
    pub sha256: String,
    /// The epoch that the first refresh followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_refresh: Option<u32>,
    /// Share of each class in what the kept epoch drew from, where a refresh came before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_shares: Option<Vec<f32>>,
}

/// A course as records hold it.
#[derive(Clone, Serialize, Deserialize)]
struct Fields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refreshes: Option<Vec<RefreshAt>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validation_f1: Option<Vec<Vec<f32>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    course: Option<CourseDigest>,
}

impl TryFrom<Fields> for Course {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        match (fields.refreshes, fields.validation_f1, fields.course) {
            (Some(refreshes), Some(validation_f1), None) => Ok(Self::Whole(Epochs {
                refreshes,
                validation_f1,
            })),
            (None, None, Some(digest)) => Ok(Self::Digest(digest)),
            (None, Some(_), None) => Err("missing field `refreshes`"),
            (Some(_), None, None) => Err("missing field `validation_f1`"),
            (None, None, None) => {
                Err("it has neither `refreshes` and `validation_f1` nor `course`")
            }
            (_, _, Some(_)) => Err("it has `course` and epochs as well"),
        }
    }
}

impl From<Course> for Fields {
    fn from(course: Course) -> Self {
        match course {
            Course::Whole(epochs) => Self {
                refreshes: Some(epochs.refreshes),
                validation_f1: Some(epochs.validation_f1),
                course: None,
            },
            Course::Digest(digest) => Self {
                refreshes: None,
                validation_f1: None,
                course: Some(digest),
            },
        }
    }
}

impl Course {
    /// Epoch by epoch, where that is kept.
    pub fn whole(&self) -> Option<&Epochs> {
        match self {
            Self::Whole(epochs) => Some(epochs),
            Self::Digest(_) => None,
        }
    }

    /// The epoch that the first refresh followed; none where there was none.
    pub fn first_refresh(&self) -> Option<u32> {
        match self {
            Self::Whole(epochs) => epochs.refreshes.first().map(|refresh| refresh.epoch),
            Self::Digest(digest) => digest.first_refresh,
        }
    }

    /// Share of each class in what `epoch`, the kept one, drew from, where a refresh came before it.
    pub(crate) fn kept_shares(&self, epoch: u32) -> Option<&[f32]> {
        match self {
            Self::Whole(Epochs { refreshes, .. }) => {
                let mut latest = refreshes.iter().rev();
                let before = latest.find(|refresh| refresh.epoch < epoch)?;
                Some(&before.distribution[..])
            }
            Self::Digest(digest) => digest.kept_shares.as_deref(),
        }
    }

    /// What is left of the course of a run that kept the weights of `epoch`.
    pub(crate) fn digest(&self, epoch: u32) -> CourseDigest {
        match self {
            Self::Whole(epochs) => {
                let text = serde_json::to_string(epochs).expect("a course is plain data");
                CourseDigest {
                    sha256: sha256_hex(text.as_bytes())[..DIGITS].to_owned(),
                    first_refresh: self.first_refresh(),
                    kept_shares: self.kept_shares(epoch).map(<[f32]>::to_vec),
                }
            }
            Self::Digest(digest) => digest.clone(),
        }
    }
}

impl Epochs {
    /// Share of each class that each epoch drew from, `initial` before the first refresh.
    pub(crate) fn drawn(&self, initial: &[f64]) -> DrawnShares<Vec<f64>> {
        let shares = |at: &RefreshAt| at.distribution.iter().map(|&p| f64::from(p)).collect();
        let refreshes = self.refreshes.iter().map(|at| (at.epoch, shares(at)));
        DrawnShares::new(initial.to_vec(), refreshes)
    }
}

/// Numbers of an epoch, as records keep them.
pub(crate) fn in_single_precision(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|&number| number as f32).collect()
}
