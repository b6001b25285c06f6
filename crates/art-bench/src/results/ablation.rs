//! The numbers of what a matrix varies.

use super::{Comparison, Found, Run, SUBJECT, divisions::FirstSeeds};
use crate::{
    cell::CellSpec,
    error::BenchError,
    matrix::{Ablation, AblationPoint},
    metric::Metric,
    record_lines::Records,
};
use art_methods::{PLAIN, Registry, Value};
use art_stats::Summary;

/// The numbers of an ablation.
#[derive(Clone, Debug)]
pub struct AblationResults {
    /// What was varied.
    pub ablation: Ablation,
    /// One entry a point, in the order of the matrix.
    pub points: Vec<PointResults>,
    /// How ART stands by each value of what is varied last, where every method knows that.
    pub standings: Vec<StandingAt>,
}

/// How ART stands among the methods of an ablation where one value of what is varied last holds.
#[derive(Clone, Debug)]
pub struct StandingAt {
    /// The value.
    pub value: Value,
    /// ART's macro F1.
    pub own: Summary,
    /// Its rank by the mean, 1 for the largest.
    pub rank: usize,
    /// Methods with a result.
    pub of: usize,
    /// Title of the method with the largest mean.
    pub best: String,
    /// That mean.
    pub largest: f64,
    /// ART against plain training, by itself; none where that has no result.
    pub against_plain: Option<Comparison>,
}

/// The numbers of a point of an ablation.
#[derive(Clone, Debug)]
pub struct PointResults {
    /// Id of the method.
    pub method: String,
    /// Its title.
    pub title: String,
    /// Values of what was varied; `None` where the method does not know it.
    pub values: Vec<Option<Value>>,
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
        planned: Vec<(AblationPoint, Option<Vec<CellSpec>>)>,
        registry: &Registry,
        records: &Records,
        first_seeds: &FirstSeeds<'_>,
    ) -> Result<Self, BenchError> {
        let mut points = vec![];
        let mut all: Vec<(AblationPoint, Vec<Run<'_>>)> = vec![];
        for (point, cells) in planned {
            let cells = cells.unwrap_or_default();
            let Found { runs, failed, .. } = Found::of(&cells, records, first_seeds);
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
                method: point.method.clone(),
                title: registry.get(&point.method)?.title().to_owned(),
                values: point.values.clone(),
                planned: point.cells.len(),
                macro_f1: (!scores.is_empty())
                    .then(|| Summary::of(&scores))
                    .transpose()?,
                fewest_test_rows: runs.iter().filter_map(smallest).min(),
                failures,
            });
            all.push((point, runs));
        }
        let mut results = Self {
            ablation: ablation.clone(),
            points,
            standings: vec![],
        };
        if results.grid().is_some() && ablation.methods.iter().any(|id| id == SUBJECT) {
            let values = ablation
                .vary
                .last()
                .map_or(&[][..], |vary| &vary.values[..]);
            for value in values {
                let at = all.iter().enumerate();
                let at =
                    at.filter(|(_, (point, _))| point.values.last() == Some(&Some(value.clone())));
                let at =
                    at.map(|(place, (point, runs))| (&results.points[place], point, &runs[..]));
                results
                    .standings
                    .extend(StandingAt::of(value, &at.collect::<Vec<_>>())?);
            }
        }
        Ok(results)
    }

    /// A row for each method and for all that is varied but the last, a column for each value of the last; none where a method
    /// does not know it.
    pub fn grid(&self) -> Option<Grid<'_>> {
        let vary = self.ablation.vary.last()?;
        let mut rows: Vec<GridRow<'_>> = vec![];
        for point in &self.points {
            let (last, others) = point.values.split_last()?;
            let column = vary
                .values
                .iter()
                .position(|value| Some(value) == last.as_ref())?;
            let is_of = |row: &GridRow<'_>| row.title == point.title && row.others == others;
            let place = rows.iter().position(is_of).unwrap_or_else(|| {
                rows.push(GridRow {
                    title: &point.title,
                    others,
                    points: vec![None; vary.values.len()],
                });
                rows.len() - 1
            });
            rows[place].points[column] = Some(point);
        }
        let mean = |row: &GridRow<'_>, column: usize| Some(row.points[column]?.macro_f1?.mean);
        let best = |column: usize| {
            let means = rows.iter().filter_map(|row| mean(row, column));
            means.max_by(f64::total_cmp)
        };
        let best = (0..vary.values.len()).map(best).collect();
        Some(Grid { best, rows })
    }
}

impl StandingAt {
    fn of(
        value: &Value,
        points: &[(&PointResults, &AblationPoint, &[Run<'_>])],
    ) -> Result<Option<Self>, BenchError> {
        let of_method = |id: &str| points.iter().find(|(_, point, _)| point.method == id);
        let Some((Some(own), _, runs)) =
            of_method(SUBJECT).map(|(results, point, runs)| (results.macro_f1, point, runs))
        else {
            return Ok(None);
        };
        let scored = points
            .iter()
            .filter_map(|(results, ..)| Some((results.macro_f1?.mean, &results.title)));
        let scored: Vec<(f64, &String)> = scored.collect();
        let best = scored.iter().max_by(|a, b| a.0.total_cmp(&b.0));
        let (largest, best) = best.map_or((own.mean, String::new()), |(mean, title)| {
            (*mean, (*title).clone())
        });
        let plain = of_method(PLAIN);
        let against_plain = plain.map(|(results, _, plain)| {
            Comparison::of(PLAIN, results.title.clone(), runs, plain, Metric::MacroF1)
        });
        Ok(Some(Self {
            value: value.clone(),
            own,
            rank: 1 + scored.iter().filter(|(mean, _)| *mean > own.mean).count(),
            of: scored.len(),
            best,
            largest,
            against_plain: against_plain.transpose()?.flatten(),
        }))
    }
}

/// Points of an ablation by what is varied last.
#[derive(Clone, Debug)]
pub struct Grid<'a> {
    /// The largest mean of each column.
    pub best: Vec<Option<f64>>,
    /// Its rows, in the order of the matrix.
    pub rows: Vec<GridRow<'a>>,
}

/// A row of a [`Grid`].
#[derive(Clone, Debug)]
pub struct GridRow<'a> {
    /// Title of the method.
    pub title: &'a str,
    /// Values of what is varied but the last.
    pub others: &'a [Option<Value>],
    /// One a column.
    pub points: Vec<Option<&'a PointResults>>,
}
