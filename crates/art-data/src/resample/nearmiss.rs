use super::{ResampleWarning, Resampled, Resampler, over::check_k};
use crate::gather::gather;
use crate::{
    dataset::Dataset,
    error::DataError,
    neighbors::{NeighborSearch, Neighbors},
    roles::TrainSet,
    strategy::SamplingStrategy,
};
use art_core::{ClassCounts, ClassIndex, Seed};

/// Which rows of a large class are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NearMissRule {
    /// Version 1: the smallest mean distance to the k **nearest** reference rows.
    #[default]
    Nearest,
    /// Version 2: the smallest mean distance to the k **farthest** reference rows.
    Farthest,
    /// Version 3 as imbalanced-learn has it: of the candidates, which are the m nearest rows of each
    /// reference row, the largest mean distance to the k nearest reference rows.
    TwoStage,
    /// Version 3 to the letter: all candidates, however many.
    Literal,
    /// The largest mean distance to the k nearest reference rows.
    MostDistant,
}

/// Which rows distances are measured to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NearMissReference {
    /// The smallest class.
    #[default]
    Minority,
    /// All classes that are not larger than the target.
    Rest,
}

/// `NearMiss`: **keeps** the rows of large classes that a rule on their distance to the minority
/// chooses.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `rule` | version 1 | versions 1, 2, 3 |
/// | `k` | 3 | whole numbers 1 to 10 |
/// | `m` | 3 | whole numbers 1 to 10 (version 3) |
/// | `strategy` | equal classes | ratio 0.25 to 1 |
///
/// Ties go to the lower row. Nothing is random. k and m shrink to the rows there are. A rule that has
/// fewer candidates than the target keeps them all, with a warning. Version 2 looks at every pair of rows
/// but keeps only k distances a row, so memory does not grow with their number.
///
/// *Choice.* The paper describes version 3 (the rows nearest to each minority row) apart from a rule of
/// its own, "most distant"; imbalanced-learn joins the two. Each is offered under its own name. With
/// several classes the reference is the smallest class for all of them, as in imbalanced-learn
/// ([`NearMissReference`]).
///
/// # References
/// Mani and Zhang (2003), "kNN approach to unbalanced data distributions: a case study involving
/// information extraction", ICML workshop on learning from imbalanced data sets.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct NearMiss {
    rule: NearMissRule,
    k: Option<usize>,
    m: Option<usize>,
    strategy: SamplingStrategy,
    reference: NearMissReference,
}

const DEFAULT_NEIGHBORS: usize = 3;

impl NearMiss {
    /// The rule, with k = m = 3, equal classes, and the smallest class as reference.
    pub fn new(rule: NearMissRule) -> Self {
        Self {
            rule,
            ..Self::default()
        }
    }

    /// Reference rows that a mean distance is over, at least 1.
    pub fn k(mut self, k: usize) -> Self {
        self.k = Some(k);
        self
    }

    /// Candidates of each reference row in version 3, at least 1.
    pub fn m(mut self, m: usize) -> Self {
        self.m = Some(m);
        self
    }

    /// Wished class sizes.
    pub fn strategy(mut self, strategy: SamplingStrategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Which rows distances are measured to.
    pub fn reference(mut self, reference: NearMissReference) -> Self {
        self.reference = reference;
        self
    }

    fn reference_rows(&self, index: &ClassIndex, target: usize) -> Vec<u32> {
        let counts = index.counts().as_slice();
        let smallest = (0..counts.len())
            .filter(|&c| counts[c] > 0)
            .min_by_key(|&c| counts[c]);
        let classes: Vec<usize> = match self.reference {
            NearMissReference::Minority => smallest.into_iter().collect(),
            NearMissReference::Rest => (0..counts.len()).filter(|&c| counts[c] <= target).collect(),
        };
        let mut rows: Vec<u32> = classes
            .iter()
            .flat_map(|&c| index.rows(c))
            .copied()
            .collect();
        rows.sort_unstable();
        rows
    }

    /// The kept members of one class, ascending.
    fn keep(&self, data: &Dataset, members: &[u32], reference: &[u32], target: usize) -> Vec<u32> {
        let k = self.k.unwrap_or(DEFAULT_NEIGHBORS);
        let reference = gather(data.features(), reference);
        let search = NeighborSearch::new(reference.view());
        let mut kept = match self.rule {
            NearMissRule::Nearest => {
                let neighbors = search.of_queries(gather(data.features(), members).view(), k);
                lowest(members, &mean_distances(&neighbors, members.len()), target)
            }
            NearMissRule::Farthest => {
                let neighbors =
                    search.farthest_of_queries(gather(data.features(), members).view(), k);
                lowest(members, &mean_distances(&neighbors, members.len()), target)
            }
            NearMissRule::MostDistant => {
                let neighbors = search.of_queries(gather(data.features(), members).view(), k);
                highest(members, &mean_distances(&neighbors, members.len()), target)
            }
            NearMissRule::TwoStage | NearMissRule::Literal => {
                let own = gather(data.features(), members);
                let m = self.m.unwrap_or(DEFAULT_NEIGHBORS);
                let nearest = NeighborSearch::new(own.view()).of_queries(reference.view(), m);
                let candidates = (0..reference.nrows()).flat_map(|row| nearest.rows(row));
                let mut candidates: Vec<u32> = candidates.map(|&i| members[i as usize]).collect();
                candidates.sort_unstable();
                candidates.dedup();
                if self.rule == NearMissRule::Literal {
                    candidates
                } else {
                    let neighbors =
                        search.of_queries(gather(data.features(), &candidates).view(), k);
                    highest(
                        &candidates,
                        &mean_distances(&neighbors, candidates.len()),
                        target,
                    )
                }
            }
        };
        kept.sort_unstable();
        kept
    }
}

fn mean_distances(neighbors: &Neighbors, n: usize) -> Vec<f64> {
    let mean = |query| {
        let squared = neighbors.squared_distances(query).iter();
        squared.map(|squared| squared.sqrt()).sum::<f64>() / neighbors.k() as f64
    };
    (0..n).map(mean).collect()
}

/// The `n` rows with the smallest scores; ties go to the row that comes first.
fn lowest(rows: &[u32], scores: &[f64], n: usize) -> Vec<u32> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    order.into_iter().take(n).map(|i| rows[i]).collect()
}

/// The `n` rows with the largest scores; ties go to the row that comes first.
fn highest(rows: &[u32], scores: &[f64], n: usize) -> Vec<u32> {
    let negated: Vec<f64> = scores.iter().map(|score| -score).collect();
    lowest(rows, &negated, n)
}

impl Resampler for NearMiss {
    fn name(&self) -> &'static str {
        match self.rule {
            NearMissRule::Nearest => "nearmiss-1",
            NearMissRule::Farthest => "nearmiss-2",
            NearMissRule::TwoStage => "nearmiss-3",
            NearMissRule::Literal => "nearmiss-3-literal",
            NearMissRule::MostDistant => "most-distant",
        }
    }

    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        self.strategy.under(counts).map(Some)
    }

    fn resample(&self, train: &TrainSet, _: Seed) -> Result<Resampled, DataError> {
        check_k("k", self.k.unwrap_or(DEFAULT_NEIGHBORS))?;
        check_k("m", self.m.unwrap_or(DEFAULT_NEIGHBORS))?;
        let data = train.data();
        let index = data.class_index()?;
        let mut rows = vec![];
        let mut warnings = vec![];
        for (class, target) in self.strategy.under(index.counts())?.into_iter().enumerate() {
            let members = index.rows(class);
            if members.len() <= target {
                rows.extend_from_slice(members);
                continue;
            }
            let reference = self.reference_rows(&index, target);
            let kept = self.keep(data, members, &reference, target);
            if kept.len() != target {
                let message = format!("{} candidates for a target of {target}", kept.len());
                warnings.push(ResampleWarning { class, message });
            }
            rows.extend(kept);
        }
        Ok(Resampled {
            warnings,
            ..Resampled::kept(train, rows)?
        })
    }
}
