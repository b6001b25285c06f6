use super::{Comparison, DatasetResults, Ranking, SUBJECT};
use crate::matrix::Role;

/// How ART stands, in a few numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Title of ART.
    pub title: String,
    /// Titles of the data sets that it has results on.
    pub datasets: Vec<String>,
    /// Titles of those on which its mean macro F1 is the largest of the compared methods.
    pub best_on: Vec<String>,
    /// Against the compared methods, by the corrected t-test after Holm.
    pub corrected: Tally,
    /// Against them by the plain t-test without any adjustment, as the paper counts.
    pub plain: Tally,
    /// Against the controls and additions, by the corrected t-test after Holm.
    pub controls: Tally,
    /// Its average ranks over data sets.
    pub ranks: Vec<RankAmong>,
}

/// An average rank among those of other methods.
#[derive(Clone, Debug, PartialEq)]
pub struct RankAmong {
    /// What it is averaged over.
    pub blocks: String,
    /// Number of methods.
    pub n_methods: usize,
    /// ART's.
    pub own: f64,
    /// Title of the method with the lowest.
    pub best: String,
    /// The lowest.
    pub lowest: f64,
}

/// Comparisons that are below 0.05, by their direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// ART is ahead.
    pub ahead: usize,
    /// ART is behind.
    pub behind: usize,
    /// All comparisons.
    pub all: usize,
}

impl Tally {
    fn count(&mut self, comparison: &Comparison, p: Option<f64>) {
        self.all += 1;
        if p.is_some_and(|p| p < 0.05) {
            if comparison.difference > 0.0 {
                self.ahead += 1;
            } else {
                self.behind += 1;
            }
        }
    }
}

impl Standing {
    /// None where ART has no result. `over_datasets` are the rankings over data sets.
    pub(super) fn of(datasets: &[DatasetResults], over_datasets: &[Ranking]) -> Option<Self> {
        let mut standing: Option<Self> = None;
        for dataset in datasets {
            let art = dataset.methods.iter().find(|m| m.id == SUBJECT);
            let Some(art) = art.filter(|m| m.summaries.is_some()) else {
                continue;
            };
            let standing = standing.get_or_insert_with(|| Self {
                title: art.title.clone(),
                datasets: vec![],
                best_on: vec![],
                corrected: Tally::default(),
                plain: Tally::default(),
                controls: Tally::default(),
                ranks: vec![],
            });
            standing.datasets.push(dataset.title.clone());
            if art.is_best {
                standing.best_on.push(dataset.title.clone());
            }
            for comparison in &dataset.comparisons {
                let plain = comparison.plain_t.map(|test| test.p);
                let holm = comparison.corrected_t.map(|test| test.holm);
                let other = dataset.methods.iter().find(|m| m.id == comparison.other);
                if other.is_some_and(|m| m.role == Role::Compared) {
                    standing.corrected.count(comparison, holm);
                    standing.plain.count(comparison, plain);
                } else {
                    standing.controls.count(comparison, holm);
                }
            }
        }
        let mut standing = standing?;
        let rank = |ranking: &Ranking| {
            let (best, lowest) = ranking.ranks.first()?;
            let own = ranking
                .ranks
                .iter()
                .find(|(title, _)| *title == standing.title)?;
            Some(RankAmong {
                blocks: ranking.blocks.clone(),
                n_methods: ranking.ranks.len(),
                own: own.1,
                best: best.clone(),
                lowest: *lowest,
            })
        };
        standing.ranks = over_datasets.iter().filter_map(rank).collect();
        Some(standing)
    }
}
