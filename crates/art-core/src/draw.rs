//! Which row stands at which position of an epoch.
//!
//! A [`RowList`] is the training set of one refresh: N rows in a fixed order, described by one
//! quota a class instead of N numbers wherever the draw mode allows. An [`EpochDraw`] is that list
//! in the order of one epoch. Both answer for any single position, so a worker computes its own
//! part of an epoch from O(K) state.

use crate::{
    apportion,
    classes::{ClassCounts, ClassIndex},
    distribution::ClassDistribution,
    error::{CoreError, ParamError},
    label::Label,
    permutation::Permutation,
    seed::Seed,
};
use std::sync::Arc;

/// The stream that a refresh draws from, indexed by the refresh's number.
const REFRESH_STREAM: &str = "art.refresh";
/// The stream that orders an epoch's rows, indexed by the epoch.
const EPOCH_STREAM: &str = "epoch";
/// The stream of one class's remainder within a refresh.
const CLASS_STREAM: &str = "class";

/// How a class distribution becomes N rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DrawMode {
    /// Largest-remainder quotas of `N·p`; inside a class whole copies, then a remainder without
    /// replacement. Lowest variance; each row's copies differ by at most 1 inside its class.
    #[default]
    Exact,
    /// As `Exact`, but the quotas are drawn so that their expectation is `N·p` exactly.
    Systematic,
    /// N independent draws: a class from `p`, then a row of it. Closest to the paper's wording.
    Iid,
    /// `rint(c·N)` rows uniformly without replacement, the rest by exact quotas of `w` with
    /// replacement.
    TwoPart,
    /// The rule of the authors' package art-resampling 0.1.2: as `TwoPart`, but each class's share
    /// is rounded on its own, so the total may miss N by a few rows.
    Package,
}

/// A part of an epoch: every `count`-th position, starting at `index`.
///
/// The shards of an epoch are disjoint, need no padding, and together are the epoch. At each step
/// the shards' batches together are the batch that one worker would have had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// Shard `index` of `count`.
    ///
    /// # Errors
    /// [`ParamError`] when `index` is not below `count`.
    pub fn new(index: usize, count: usize) -> Result<Self, ParamError> {
        if index < count {
            Ok(Self { index, count })
        } else {
            Err(ParamError::new(
                "shard",
                format!("{index}/{count}"),
                "index/count with index from 0 to count - 1",
            ))
        }
    }

    /// The whole epoch as one shard.
    pub const WHOLE: Self = Self { index: 0, count: 1 };
}

/// The rows of one refresh, in list order: ascending class, whole copies, then the remainder.
#[derive(Clone, Debug)]
pub struct RowList {
    rows: Rows,
}

#[derive(Clone, Debug)]
enum Rows {
    /// Every row once, in order.
    All(u32),
    Quotas(Quotas),
    Listed(Vec<u32>),
}

#[derive(Clone, Debug)]
struct Quotas {
    index: Arc<ClassIndex>,
    /// First position of each class, and the total.
    starts: Vec<usize>,
    /// Which rows of a class fill its remainder.
    remainders: Vec<Permutation>,
}

impl Quotas {
    fn new(index: Arc<ClassIndex>, quotas: &[usize], refresh: Seed) -> Self {
        let mut starts = Vec::with_capacity(quotas.len() + 1);
        let mut total = 0;
        starts.push(0);
        for quota in quotas {
            total += quota;
            starts.push(total);
        }
        let remainders = index.counts().as_slice().iter().zip(0..);
        let remainders = remainders
            .map(|(&n, class)| Permutation::new(n as u32, &mut refresh.stream(CLASS_STREAM, class)))
            .collect();
        Self {
            index,
            starts,
            remainders,
        }
    }

    fn get(&self, position: usize) -> u32 {
        let class = self.starts.partition_point(|&start| start <= position) - 1;
        let rows = self.index.rows(class);
        let offset = position - self.starts[class];
        let quota = self.starts[class + 1] - self.starts[class];
        let copied = quota - quota % rows.len();
        if offset < copied {
            rows[offset % rows.len()]
        } else {
            rows[self.remainders[class].get((offset - copied) as u32) as usize]
        }
    }

    fn append_to(&self, out: &mut Vec<u32>) {
        for (class, remainder) in self.remainders.iter().enumerate() {
            let quota = self.starts[class + 1] - self.starts[class];
            if quota == 0 {
                continue;
            }
            let rows = self.index.rows(class);
            for _ in 0..quota / rows.len() {
                out.extend_from_slice(rows);
            }
            remainder.for_each_of_first((quota % rows.len()) as u32, |member| {
                out.push(rows[member as usize]);
            });
        }
    }
}

impl RowList {
    /// Every one of `n_rows` rows once.
    pub(crate) fn all(n_rows: u32) -> Self {
        Self {
            rows: Rows::All(n_rows),
        }
    }

    /// These rows, for a sampler that finds them itself.
    pub fn listed(rows: Vec<u32>) -> Self {
        Self {
            rows: Rows::Listed(rows),
        }
    }

    /// N rows with exactly these shares, which leave out empty classes, from the stream of a refresh.
    pub(crate) fn of_shares(
        index: &Arc<ClassIndex>,
        shares: &ClassDistribution,
        seed: Seed,
        refresh: u64,
    ) -> Self {
        let target = Target {
            distribution: shares,
            weights: shares,
            blend: 0.0,
        };
        Self::draw(index, DrawMode::Exact, &target, seed, refresh)
            .expect("a distribution over classes with rows apportions exactly")
    }

    /// N rows drawn by `mode`, where `weights` and `distribution` already leave out empty classes.
    pub(crate) fn draw(
        index: &Arc<ClassIndex>,
        mode: DrawMode,
        target: &Target<'_>,
        seed: Seed,
        refresh: u64,
    ) -> Result<Self, CoreError> {
        let n = index.n_rows();
        let seed = seed.derive(REFRESH_STREAM, refresh);
        let mut stream = seed.generator();
        let p = target.distribution;
        let rows = match mode {
            DrawMode::Exact => {
                let quotas = apportion::largest_remainder(&p.expected_rows(n))?;
                Rows::Quotas(Quotas::new(Arc::clone(index), &quotas, seed))
            }
            DrawMode::Systematic => {
                let quotas = apportion::systematic(&p.expected_rows(n), stream.unit())?;
                Rows::Quotas(Quotas::new(Arc::clone(index), &quotas, seed))
            }
            DrawMode::Iid => {
                let mut rows = Vec::with_capacity(n);
                for _ in 0..n {
                    let class = stream
                        .categorical(p.as_slice())
                        .expect("a distribution has a positive entry");
                    let members = index.rows(class);
                    rows.push(members[stream.below(members.len())]);
                }
                Rows::Listed(rows)
            }
            DrawMode::TwoPart | DrawMode::Package => {
                let (uniform, quotas) = two_part_quotas(mode, n, target)?;
                let mut all: Vec<u32> = (0..n as u32).collect();
                let mut rows = stream.choose_distinct(&mut all, uniform).to_vec();
                rows.sort_unstable();
                for (class, quota) in quotas.into_iter().enumerate() {
                    let members = index.rows(class);
                    rows.extend((0..quota).map(|_| members[stream.below(members.len())]));
                }
                Rows::Listed(rows)
            }
        };
        let list = Self { rows };
        let (rows, max) = (list.len(), u32::MAX as usize);
        if rows > max {
            return Err(CoreError::TooManyRows { rows, max });
        }
        Ok(list)
    }

    /// Number of rows; N for every mode but [`DrawMode::Package`].
    pub fn len(&self) -> usize {
        match &self.rows {
            Rows::All(n) => *n as usize,
            Rows::Quotas(quotas) => quotas.starts.last().copied().unwrap_or(0),
            Rows::Listed(rows) => rows.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The training row at `position` of the list; `None` past its end.
    pub fn get(&self, position: usize) -> Option<u32> {
        (position < self.len()).then(|| match &self.rows {
            Rows::All(_) => position as u32,
            Rows::Quotas(quotas) => quotas.get(position),
            Rows::Listed(rows) => rows[position],
        })
    }

    /// The whole list, four bytes a row.
    pub fn to_vec(&self) -> Vec<u32> {
        match &self.rows {
            Rows::All(n) => (0..*n).collect(),
            Rows::Quotas(quotas) => {
                let mut rows = Vec::with_capacity(self.len());
                quotas.append_to(&mut rows);
                rows
            }
            Rows::Listed(rows) => rows.clone(),
        }
    }
}

/// What a refresh aims at.
pub(crate) struct Target<'a> {
    /// p, the distribution to draw from.
    pub(crate) distribution: &'a ClassDistribution,
    /// w, its part that does not come from the prior.
    pub(crate) weights: &'a ClassDistribution,
    /// c, the share of the prior in p.
    pub(crate) blend: f64,
}

/// Rows of the uniform part and of each class's own part.
fn two_part_quotas(
    mode: DrawMode,
    n: usize,
    target: &Target<'_>,
) -> Result<(usize, Vec<usize>), CoreError> {
    let uniform = (target.blend * n as f64).round_ties_even() as usize;
    let own = target.weights.expected_rows(n - uniform);
    let quotas = if mode == DrawMode::Package {
        package_quotas(&own)
    } else {
        apportion::largest_remainder(&own)?
    };
    Ok((uniform, quotas))
}

/// Each class rounded on its own, half to even.
fn package_quotas(own: &[f64]) -> Vec<usize> {
    own.iter().map(|t| t.round_ties_even() as usize).collect()
}

/// Rows that [`DrawMode::Package`] takes: the size of its uniform part and of each class's part.
///
/// For comparison with art-resampling 0.1.2, whose total is their sum.
pub fn package_sizes(
    n: usize,
    blend: crate::distribution::BlendConstant,
    weights: &ClassDistribution,
) -> (usize, Vec<usize>) {
    let uniform = (blend.get() * n as f64).round_ties_even() as usize;
    (uniform, package_quotas(&weights.expected_rows(n - uniform)))
}

/// The rows of one epoch, in training order.
///
/// Cheap to clone and to send to workers: the list is shared, the order is a few keys.
#[derive(Clone, Debug)]
pub struct EpochDraw {
    list: Arc<RowList>,
    order: Permutation,
}

impl EpochDraw {
    /// The rows of `list` in the order that the stream (`epoch`, `epoch`) of `seed` gives them. Epochs are counted from 1; for
    /// 0 the order is that of epoch 1.
    pub fn new(list: Arc<RowList>, seed: Seed, epoch: u32) -> Self {
        let mut stream = seed.stream(EPOCH_STREAM, u64::from(epoch.max(1)));
        let order = Permutation::new(list.len() as u32, &mut stream);
        Self { list, order }
    }

    /// The rows before shuffling.
    pub fn list(&self) -> &RowList {
        &self.list
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The training row at `position` of the epoch; `None` past its end.
    pub fn get(&self, position: usize) -> Option<u32> {
        (position < self.len())
            .then(|| self.list.get(self.order.get(position as u32) as usize))
            .flatten()
    }

    /// The rows of one shard, in order.
    pub fn shard(&self, shard: Shard) -> impl Iterator<Item = u32> + '_ {
        (shard.index..self.len())
            .step_by(shard.count)
            .filter_map(|position| self.get(position))
    }

    /// The rows in order, one after the other; [`to_vec`](Self::to_vec) is faster for a whole epoch.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        (0..self.len()).map(|position| self.get(position).expect("it is within the epoch"))
    }

    /// The rows in order, `batch_size` at a time; the last batch has what is left.
    ///
    /// ```
    /// use art_core::{ClassCounts, EpochSampler, Seed, Shuffle};
    /// let sampler = Shuffle::new(ClassCounts::new(vec![7, 3])?, Seed::new(1));
    /// let sizes: Vec<usize> = sampler.draw(1).batches(4).map(|batch| batch.len()).collect();
    /// assert_eq!(sizes, [4, 4, 2]);
    /// # Ok::<(), art_core::CoreError>(())
    /// ```
    ///
    /// # Panics
    /// If `batch_size` is 0.
    pub fn batches(&self, batch_size: usize) -> impl Iterator<Item = Vec<u32>> + use<> {
        assert!(batch_size > 0, "a batch has a row");
        let mut rows = self.to_vec().into_iter();
        std::iter::from_fn(move || {
            let batch: Vec<u32> = rows.by_ref().take(batch_size).collect();
            (!batch.is_empty()).then_some(batch)
        })
    }

    /// The whole epoch, four bytes a row: faster than asking for each position.
    pub fn to_vec(&self) -> Vec<u32> {
        let n = self.len() as u32;
        let mut rows = Vec::with_capacity(n as usize);
        if let Rows::All(_) = self.list.rows {
            self.order.for_each_of_first(n, |row| rows.push(row));
        } else {
            let list = self.list.to_vec();
            self.order
                .for_each_of_first(n, |slot| rows.push(list[slot as usize]));
        }
        rows
    }

    /// How often each class appears, given each row's label.
    ///
    /// # Errors
    /// [`CoreError::LabelOutOfRange`], whose `row` is a position in the draw; [`CoreError::Length`] where a drawn row has no label.
    pub fn class_counts<L: Label>(
        &self,
        labels: &[L],
        n_classes: usize,
    ) -> Result<ClassCounts, CoreError> {
        let rows = self.list.to_vec();
        let n_needed = rows.iter().max().map_or(0, |&row| row as usize + 1);
        if labels.len() < n_needed {
            return Err(CoreError::Length {
                what: "list of labels, of which rows were drawn",
                expected: n_needed,
                found: labels.len(),
            });
        }
        let drawn: Vec<L> = rows.iter().map(|&row| labels[row as usize]).collect();
        ClassCounts::from_labels(&drawn, n_classes)
    }
}

/// The rows in training order.
impl IntoIterator for EpochDraw {
    type Item = u32;
    type IntoIter = std::vec::IntoIter<u32>;

    fn into_iter(self) -> Self::IntoIter {
        self.to_vec().into_iter()
    }
}
