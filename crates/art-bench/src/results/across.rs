//! Two methods over several data sets, and plain training against itself.

use super::{Comparison, DatasetResults, MethodResults, Run, SUBJECT};
use crate::metric::Metric;
use crate::{datasets::DatasetKind, error::BenchError};
use art_methods::PLAIN;
use art_stats::{
    AcrossSets, PairedSet, Summary, detectable_difference, difference_across, mean_interval,
};

/// A loss of up to this much macro F1 counts as none: half a point.
pub(super) const MARGIN: f64 = 0.005;

/// Every method against one of them over the data sets of a matrix that are no populations made up for it.
#[derive(Clone, Debug)]
pub struct Across {
    /// Id of the method that the others are held against.
    pub reference: String,
    /// Its title.
    pub title: String,
    /// One entry a method, in matrix order.
    pub rows: Vec<AcrossRow>,
}

/// A method against another one over data sets.
#[derive(Clone, Debug)]
pub struct AcrossRow {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Macro F1, the method's less the other's.
    pub difference: AcrossSets,
    /// The p-value of the claim that it is worse by less than half a point on data sets like these; none for one data set, or
    /// where the differences of the sets do not vary.
    pub non_inferior: Option<f64>,
}

/// Plain training against itself in another initialisation, on the same splits: what chance alone does.
#[derive(Clone, Debug)]
pub struct SelfComparison {
    /// First less second initialisation.
    pub comparison: Comparison,
    /// The difference of macro F1 that four of five experiments of as many seeds would find beyond chance at 0.05, if ART and
    /// plain training differed by it: by the plain and by the corrected t-test. None without ART, or where their differences
    /// do not vary.
    pub detectable: Option<[f64; 2]>,
}

impl Across {
    /// Against plain training and against ART, as far as they have results on two data sets.
    pub(super) fn of(datasets: &[DatasetResults]) -> Result<Vec<Self>, BenchError> {
        let is_real = |d: &&DatasetResults| d.kind() != DatasetKind::Synthetic;
        let real: Vec<&DatasetResults> = datasets.iter().filter(is_real).collect();
        let mut all = vec![];
        for reference in [PLAIN, SUBJECT] {
            let of_reference = real.iter().find_map(|d| method(d, reference));
            let Some(title) = of_reference.map(|m| m.title.clone()) else {
                continue;
            };
            let mut rows = vec![];
            let listed = real.first().into_iter().flat_map(|d| &d.methods);
            for other in listed.filter(|m| m.id != reference) {
                let mut sets = vec![];
                for dataset in &real {
                    sets.extend(paired(dataset, &other.id, reference)?);
                }
                if sets.len() < 2 {
                    continue;
                }
                let difference = difference_across(&sets, 0.95)?;
                let like_these = difference.like_these;
                rows.push(AcrossRow {
                    id: other.id.clone(),
                    title: other.title.clone(),
                    difference,
                    non_inferior: match like_these {
                        Some(outcome) => outcome.non_inferiority(MARGIN)?,
                        None => None,
                    },
                });
            }
            if !rows.is_empty() {
                all.push(Self {
                    reference: reference.to_owned(),
                    title,
                    rows,
                });
            }
        }
        Ok(all)
    }
}

fn method<'d>(dataset: &'d DatasetResults, id: &str) -> Option<&'d MethodResults> {
    dataset.methods.iter().find(|m| m.id == id)
}

/// The scores of two methods on all seeds; none for fewer than two, and none where one of them lacks runs: a data set that
/// is not done would count as much as the others.
fn paired(
    dataset: &DatasetResults,
    one: &str,
    other: &str,
) -> Result<Option<PairedSet>, BenchError> {
    let (Some(one), Some(other)) = (method(dataset, one), method(dataset, other)) else {
        return Ok(None);
    };
    if !(one.is_complete() && other.is_complete()) {
        return Ok(None);
    }
    let of_seed = |seed: u64| other.scores.iter().find(|(s, _)| *s == seed);
    let pairs = one.scores.iter();
    let pairs = pairs.filter_map(|&(seed, score)| Some((score, of_seed(seed)?.1)));
    let (ours, theirs): (Vec<f64>, Vec<f64>) = pairs.unzip();
    if ours.len() < 2 {
        return Ok(None);
    }
    Ok(Some(PairedSet::new(&ours, &theirs, one.test_over_train)?))
}

impl SelfComparison {
    /// None where plain training has no second initialisation on two seeds. `subject` and `plain` are all runs of ART and of
    /// plain training that the comparison has.
    pub(super) fn of(
        [first, second]: [&[Run<'_>]; 2],
        subject: &[Run<'_>],
        plain: &[Run<'_>],
    ) -> Result<Option<Self>, BenchError> {
        let title = "A/A: plain training again".to_owned();
        let comparison = Comparison::of(PLAIN, title, first, second, Metric::MacroF1)?;
        let Some(comparison) = comparison else {
            return Ok(None);
        };
        let pairs = Comparison::pairs(subject, plain, Metric::MacroF1);
        let differences: Vec<f64> = pairs.iter().map(|(a, b)| a - b).collect();
        let varied = if pairs.len() < 2 {
            None
        } else {
            let (ours, theirs): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let varied = mean_interval(&ours, &theirs, 0.0, 0.95)?;
            varied.map(|_| Summary::of(&differences)).transpose()?
        };
        let detectable = if let Some(Summary { n, sd, .. }) = varied {
            let overlap = first.first().map_or(0.0, |r| r.evaluation.test_over_train);
            let of = |overlap| detectable_difference(sd, n, overlap, 0.05, 0.8);
            Some([of(0.0)?, of(overlap)?])
        } else {
            None
        };
        Ok(Some(Self {
            comparison,
            detectable,
        }))
    }
}
