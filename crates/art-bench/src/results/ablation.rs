use super::{Found, Run, divisions::FirstSeeds};
use crate::metric::Metric;
use crate::{
    error::BenchError,
    matrix::{Ablation, AblationPoint},
    record_lines::Records,
};
use art_methods::Registry;
use art_stats::Summary;

/// The numbers of an ablation.
#[derive(Clone, Debug)]
pub struct AblationResults {
    /// What was varied.
    pub ablation: Ablation,
    /// One entry a point, in the order of the matrix.
    pub points: Vec<PointResults>,
}

/// The numbers of a point of an ablation.
#[derive(Clone, Debug)]
pub struct PointResults {
    /// Title of the method.
    pub title: String,
    /// Values of what was varied; `None` where the method does not know it.
    pub values: Vec<Option<f64>>,
    /// Runs that were planned.
    pub planned: usize,
    /// Macro F1 over the seeds that were evaluated.
    pub macro_f1: Option<Summary>,
    /// Least number of test rows of the smallest class over the seeds; with very few, one row moves the
    /// score by many points.
    pub fewest_test_rows: Option<u64>,
    /// Why runs failed, with their number.
    pub failures: Vec<(String, usize)>,
}

impl AblationResults {
    pub(super) fn of(
        ablation: &Ablation,
        planned: Vec<AblationPoint>,
        registry: &Registry,
        records: &Records,
        first_seeds: &FirstSeeds<'_>,
    ) -> Result<Self, BenchError> {
        let mut points = vec![];
        for point in planned {
            let Found { runs, failed, .. } = Found::of(&point.cells, records, first_seeds);
            let mut failures: Vec<(String, usize)> = vec![];
            for (_, error) in failed {
                match failures.iter_mut().find(|(known, _)| known == error) {
                    Some((_, n)) => *n += 1,
                    None => failures.push((error.to_owned(), 1)),
                }
            }
            let scores: Vec<f64> = runs.iter().map(|run| run.score(Metric::MacroF1)).collect();
            let smallest = |run: &Run<'_>| {
                let confusion = &run.evaluation.confusion;
                (0..confusion.n_classes())
                    .map(|c| confusion.support(c))
                    .min()
            };
            points.push(PointResults {
                title: registry.get(&point.method)?.title().to_owned(),
                values: point.values,
                planned: point.cells.len(),
                macro_f1: (!scores.is_empty())
                    .then(|| Summary::of(&scores))
                    .transpose()?,
                fewest_test_rows: runs.iter().filter_map(smallest).min(),
                failures,
            });
        }
        Ok(Self {
            ablation: ablation.clone(),
            points,
        })
    }
}
