use super::{DatasetResults, Divisions, MethodResults};
use crate::{counted::counted, datasets::DatasetKind, error::BenchError, matrix::Role};
use art_stats::{FriedmanOutcome, ScoreTable, friedman_test, nemenyi_critical_difference};

/// Average ranks of methods by macro F1, 1 the best, and whether they differ at all.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// What a block is and which blocks there are.
    pub blocks: String,
    /// Titles of the methods with their average ranks, the best first.
    pub ranks: Vec<(String, f64)>,
    /// Friedman's test.
    pub friedman: FriedmanOutcome,
    /// Nemenyi's critical difference at 0.05: ranks that differ by less cannot be told apart.
    pub critical_difference: f64,
}

impl Ranking {
    /// The ranking of methods by their scores, one list of scores a block; none for fewer than two methods
    /// or blocks.
    fn of(
        blocks: String,
        titles: &[String],
        scores: Vec<Vec<f64>>,
    ) -> Result<Option<Self>, BenchError> {
        if titles.len() < 2 || scores.len() < 2 {
            return Ok(None);
        }
        Self::of_scores(blocks, &ScoreTable::new(titles.to_vec(), scores)?).map(Some)
    }

    /// The ranking of the methods of a table of scores, higher is better; `blocks` says what its rows are.
    ///
    /// # Errors
    /// [`BenchError::Stats`] for fewer than two methods or rows.
    pub fn of_scores(blocks: String, scores: &ScoreTable) -> Result<Self, BenchError> {
        let friedman = friedman_test(scores)?;
        let titles = scores.methods().iter().cloned();
        let mut ranks: Vec<(String, f64)> =
            titles.zip(friedman.mean_ranks.iter().copied()).collect();
        ranks.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (n_methods, n_rows) = (scores.methods().len(), scores.rows().len());
        Ok(Self {
            blocks,
            ranks,
            critical_difference: nemenyi_critical_difference(n_methods, n_rows, 0.05)?,
            friedman,
        })
    }

    /// The longest runs of methods whose ranks lie within the critical difference, as first and last
    /// position; runs of one are left out.
    pub fn alike(&self) -> Vec<(usize, usize)> {
        let mut runs: Vec<(usize, usize)> = vec![];
        for first in 0..self.ranks.len() {
            let within =
                |other: &&(String, f64)| other.1 - self.ranks[first].1 <= self.critical_difference;
            let last = first + self.ranks[first..].iter().take_while(within).count() - 1;
            if last > first && runs.last().is_none_or(|run| last > run.1) {
                runs.push((first, last));
            }
        }
        runs
    }
}

/// Rankings of the compared methods over the seeds of each data set.
pub(super) fn over_seeds(datasets: &[DatasetResults]) -> Result<Vec<Ranking>, BenchError> {
    let mut rankings = vec![];
    for dataset in datasets {
        let methods = dataset.methods.iter().filter(|m| m.role == Role::Compared);
        let complete: Vec<_> = methods.filter(|m| m.is_complete()).collect();
        let titles: Vec<String> = complete.iter().map(|m| m.title.clone()).collect();
        let Divisions { seeds, different } = dataset.divisions;
        // Seeds that share a division are no blocks of their own.
        if different < seeds {
            continue;
        }
        let n_seeds = complete.first().map_or(0, |m| m.scores.len());
        let of_seed = |seed: usize| complete.iter().map(|m| m.scores[seed].1).collect();
        let blocks = format!("{n_seeds} seeds of {}", dataset.title);
        rankings.extend(Ranking::of(
            blocks,
            &titles,
            (0..n_seeds).map(of_seed).collect(),
        )?);
    }
    Ok(rankings)
}

/// Rankings over data sets by their means: over all of them with the methods that every one has, and over
/// those that have every method where that is another selection. Populations made up for a matrix are left out.
pub(super) fn over_datasets(datasets: &[DatasetResults]) -> Result<Vec<Ranking>, BenchError> {
    let mut rankings = vec![];
    let measured: Vec<&DatasetResults> = datasets
        .iter()
        .filter(|d| {
            d.kind() != DatasetKind::Synthetic && d.methods.iter().any(|m| m.summaries.is_some())
        })
        .collect();
    let has = |dataset: &DatasetResults, id: &str| {
        let method = dataset.methods.iter().find(|m| m.id == id);
        method.is_some_and(MethodResults::is_complete)
    };
    let compared: Vec<&str> = datasets
        .first()
        .into_iter()
        .flat_map(|d| &d.methods)
        .filter(|m| m.role == Role::Compared)
        .map(|m| &*m.id)
        .collect();
    let everywhere: Vec<&str> = compared
        .iter()
        .copied()
        .filter(|id| measured.iter().all(|d| has(d, id)))
        .collect();
    let of_all: Vec<&DatasetResults> = measured
        .iter()
        .copied()
        .filter(|d| compared.iter().all(|id| has(d, id)))
        .collect();
    let mut selections = vec![(everywhere.clone(), measured.clone())];
    if everywhere.len() < compared.len() {
        selections.push((compared, of_all));
    }
    for (methods, datasets) in selections {
        let named: Vec<&str> = datasets.iter().map(|d| &*d.title).collect();
        let mut titles = vec![];
        let mut scores = vec![];
        for dataset in &datasets {
            let of = |id: &&str| dataset.methods.iter().find(|m| m.id == **id);
            let found: Vec<_> = methods.iter().filter_map(of).collect();
            titles = found.iter().map(|m| m.title.clone()).collect();
            let means = found.iter().filter_map(|m| m.summaries.as_ref());
            scores.push(means.map(|s| s.macro_f1.mean).collect());
        }
        let blocks = format!(
            "{} ({})",
            counted(named.len(), "data set"),
            named.join(", ")
        );
        rankings.extend(Ranking::of(blocks, &titles, scores)?);
    }
    Ok(rankings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_methods_that_are_alike_are_as_long_as_can_be() {
        let titles: Vec<String> = ["a", "b", "c", "d"].map(String::from).to_vec();
        let scores = (0..40).map(|block| {
            let bit = f64::from(block % 2);
            vec![4.0 + bit, 5.0 - bit, 2.0, 1.0]
        });
        let ranking = Ranking::of("40 blocks".into(), &titles, scores.collect())
            .unwrap()
            .unwrap();
        let ranks: Vec<f64> = ranking.ranks.iter().map(|(_, rank)| *rank).collect();
        assert_eq!(ranks, [1.5, 1.5, 3.0, 4.0]);
        // q(4) √(4 · 5 / (6 · 40)) with q of 0.05.
        assert!((ranking.critical_difference - 2.569 * (20.0_f64 / 240.0).sqrt()).abs() < 1e-3);
        assert_eq!(ranking.alike(), [(0, 1)]);
    }
}
